"""Custody: who had which note's text, read off the answers that Label Studio gives.

The answer is looked at, not the address, so a route that a new release adds is recorded too. What
is recorded waits in the table `Opening` until our site takes it.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from projects.models import Project
from tasks.models import Task
from users.models import User

from label_studio_guard.models import Opening

log = logging.getLogger(__name__)
PERSON = "coderbench_person"
"""The key of an admin's session that has the person's id on our site."""
OPENED, LISTED, EXPORTED = "ls", "ls-list", "ls-export"
"""The ways: one note, a list of notes, a file. Our site's NoteOpening.Way names them so."""
SLOT_SECONDS = {OPENED: 600, LISTED: 86_400, EXPORTED: 600}
"""What is opened again within such a time, by the clock, is one opening."""
CONFIGS = ("label_config", "parsed_label_config", "config")
"""Keys that hold thousands of codes, and no note."""
ONE = re.compile(r"/(api/(tasks|annotations|drafts)|admin/tasks/task)/(\d+)\b.*", re.DOTALL)
FILE = re.compile(r"/api/projects/(\d+)/exports?\b.*", re.DOTALL)
AT_ONCE = 500
"""Openings that our site is told at a time."""


def openings_recorded(request: Any, response: HttpResponse, user: Any) -> bool:
    """Whether those notes are recorded whose texts an answer has: True where it has none.

    Where they cannot be recorded the answer must not go out.
    """
    notes = _notes_of(request.path_info, response)
    if not notes:
        return True
    way = OPENED
    if FILE.fullmatch(request.path_info):
        way = EXPORTED
    elif not ONE.fullmatch(request.path_info):
        way = LISTED
    person = request.session.get(PERSON, 0) if user.is_superuser else 0
    try:
        _store(user.pk, person, notes, way)
    except DatabaseError as error:
        log.error("openings of notes not recorded: %s", type(error).__name__)
        return False
    return True


def openings(data: dict[str, Any]) -> dict[str, Any]:
    """Forget what our site has taken, and tell what it has not: {taken} -> {openings}."""
    Opening.objects.filter(name__in=[str(name) for name in data["taken"]]).delete()
    waiting = list(Opening.objects.order_by("pk")[:AT_ONCE])
    # The account that admins share is nobody's: its address may be a person's on our site.
    accounts = User.objects.filter(pk__in={row.account for row in waiting}, is_superuser=False)
    emails = dict(accounts.values_list("pk", "email"))
    told = []
    for row in waiting:
        told.append(
            {
                "name": row.name,
                "at": row.at.isoformat(),
                "email": emails.get(row.account, ""),
                "user": row.person,
                "note": row.note,
                "way": row.way,
            }
        )
    return {"openings": told}


def notes_in(data: object) -> set[str]:
    """The notes whose texts are in the data of an answer, as their tasks call them."""
    found: set[str] = set()
    left: list[object] = [data]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            if "note_id" in value and "text" in value:
                found.add(str(value["note_id"]))
            left.extend(value[key] for key in value if key not in CONFIGS)
        elif isinstance(value, list | tuple):
            left.extend(value)
    return found


def _notes_of(path: str, response: HttpResponse) -> set[str]:
    """The notes whose texts are in an answer."""
    if response.status_code >= 300:
        return set()
    data = getattr(response, "data", None)  # of the API, before it became JSON
    if data is not None:
        return notes_in(data)
    file = FILE.fullmatch(path)
    if file:
        project = Project.objects.filter(pk=file[1])
        return _notes_of_tasks(Task.objects.filter(project__in=project))
    page = ONE.fullmatch(path)
    if page and path.startswith("/admin/"):
        return _notes_of_tasks(Task.objects.filter(pk=page[3]))
    return set()


def _notes_of_tasks(tasks: Any) -> set[str]:
    return {str(data["note_id"]) for data in tasks.values_list("data", flat=True)}


def _store(account: int, person: int, notes: Iterable[str], way: str) -> None:
    """Write them down; what is there already stays as it is."""
    now = datetime.now(UTC)
    rows = []
    for note in sorted(notes):
        rows.append(
            Opening(
                name=uuid.uuid4().hex,
                at=now,
                account=account,
                person=person,
                note=note[:64],
                way=way,
                slot=int(now.timestamp()) // SLOT_SECONDS[way],
            )
        )
    Opening.objects.bulk_create(rows, ignore_conflicts=True)
