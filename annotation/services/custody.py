"""The record of who opened which note. It is written before the text goes out.

Where it cannot be written the text does not go out: custody with gaps that nobody sees is none. The
record is in the database that the text is in, so this costs no reading that would have been
possible otherwise, but on a full disk.
"""

from __future__ import annotations

import getpass
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from annotation.label_studio.client import LabelStudio
from annotation.label_studio.openings import OpenedThere
from annotation.models import Note, NoteOpening, Study, User
from annotation.services.events import event_record
from annotation.services.workstation import workstation

logger = logging.getLogger(__name__)
SLOT_SECONDS = 600
"""What is opened again within so many seconds, by the clock's tens of minutes, is one opening."""
SLOTS: dict[str, int] = {NoteOpening.Way.LISTED: 86_400}
"""The same of a way that has another: a list in Label Studio is loaded with every note."""
EXPIRED = "openings.expired"
AN_ADMIN = "an admin in Label Studio"
"""Who came in by a ticket that named nobody, before there was a record."""


class NotRecordedError(Exception):
    """An opening could not be written down, so the note is not shown."""


def opening_record(*, user: User, note: Note, way: NoteOpening.Way) -> None:
    """Record that a person opens a note. Raises NotRecordedError; then do not show it."""
    openings_record(user=user, notes=[(note.pk, note.external_id)], way=way)


def openings_record(
    *, user: User | None, notes: Iterable[tuple[int, str]], way: NoteOpening.Way
) -> None:
    """Record it of several notes, (id, external id) each.

    Without a user it was a command; the account that ran it is kept. Raises NotRecordedError.
    """
    now = timezone.now()
    account = "" if user else _account_of_command()
    rows = []
    for note, external_id in notes:
        rows.append(_opening(now, user, account, note, external_id, way))
    _store(rows)


def export_opened(*, user: User | None, study: Study) -> None:
    """Record that a person takes the text of all notes of a study. Raises NotRecordedError."""
    notes = study.notes.order_by("pk").values_list("pk", "external_id")
    openings_record(user=user, notes=notes, way=NoteOpening.Way.EXPORT)


def workstation_openings_pull(client: LabelStudio | None = None) -> int:
    """Bring in what was opened in Label Studio, which keeps it until it is stored here.

    Returns how many arrived. The same opening twice is one row.
    """
    client = client or workstation()
    arrived = 0
    taken: list[str] = []
    while True:
        opened = client.openings(taken)
        if not opened:
            return arrived
        _store(_from_there(opened))
        taken = [each.name for each in opened]
        arrived += len(opened)


def openings_expire() -> int:
    """Delete openings older than CODERBENCH_OPENINGS_DAYS. Returns how many; 0 days keeps all."""
    if not settings.OPENINGS_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.OPENINGS_DAYS)
    deleted, _ = NoteOpening.objects.filter(at__lt=before).delete()
    if deleted:
        event_record(actor=None, verb=EXPIRED, object="site", rows=deleted, before=str(before))
    return deleted


def _opening(
    at: datetime,
    user: User | None,
    account: str,
    note: int,
    external_id: str,
    way: str,
    source: str | None = None,
) -> NoteOpening:
    return NoteOpening(
        at=at,
        user=user,
        account=account[:80],
        note=note,
        external_id=external_id,
        way=way,
        slot=int(at.timestamp()) // SLOTS.get(way, SLOT_SECONDS),
        source=source,
    )


def _store(rows: list[NoteOpening]) -> None:
    """Write them; one that is there already stays as it is. Raises NotRecordedError."""
    try:
        NoteOpening.objects.bulk_create(rows, ignore_conflicts=True)
    except DatabaseError as error:
        logger.error("openings of notes not recorded: %s", type(error).__name__)
        raise NotRecordedError from error


def _from_there(opened: list[OpenedThere]) -> list[NoteOpening]:
    """What Label Studio tells, as rows. A person or a note that is unknown here is kept as told."""
    emails = {each.email.lower() for each in opened}
    by_email = {user.email.lower(): user for user in User.objects.filter(email__in=emails)}
    by_id = User.objects.in_bulk({each.user for each in opened})
    numbers = {each.name: _number(each.note) for each in opened}
    notes = Note.objects.filter(pk__in=set(numbers.values()))
    external = dict(notes.values_list("pk", "external_id"))
    rows = []
    for each in opened:
        user = by_id.get(each.user) or by_email.get(each.email.lower())
        account = "" if user else each.email or AN_ADMIN
        note = numbers[each.name]
        external_id = external.get(note, "")
        if not note:
            external_id = each.note
        rows.append(_opening(each.at, user, account, note, external_id, each.way, each.name))
    return rows


def _number(text: str) -> int:
    """The note's number here; 0 for a task that is none of ours."""
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    return 0


def _account_of_command() -> str:
    """The operating system's account that runs a command."""
    try:
        return f"{getpass.getuser()} (command)"
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "command"
