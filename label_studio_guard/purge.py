"""What the guard does so that notes leave Label Studio for good."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.utils.common import temporary_disconnect_all_signals
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from projects.models import Project
from tasks.models import Task

from label_studio_guard.free_pages import DatabaseBusyError, clean
from label_studio_guard.typed_settings import settings
from label_studio_guard.views import our_site_alone, with_secret

AT_ONCE = 500


@with_secret
def forget(data: dict[str, Any]) -> dict[str, Any]:
    """Delete projects, their files, and every task that has one of the texts, wherever it is.

    {projects, texts, keep} -> {projects, tasks, files}: how many were there. `texts` are SHA-256;
    `keep` are ids of projects that are left alone, for other studies have the same text.
    """
    projects = {int(project) for project in data["projects"]}
    texts = set(data["texts"])
    copies, elsewhere = _copies(texts, projects | {int(project) for project in data["keep"]})
    for start in range(0, len(copies), AT_ONCE):
        some = copies[start : start + AT_ONCE]
        Task.delete_tasks_without_signals(Task.objects.filter(pk__in=some))
    left = Project.objects.filter(pk__in=projects)
    found = left.count()
    with temporary_disconnect_all_signals():  # as Label Studio itself does
        for project in left:
            project.delete()
    files = _files_delete(projects | elsewhere)
    return {"projects": found, "tasks": len(copies), "files": files}


def _copies(texts: set[str], but_for: set[int]) -> tuple[list[int], set[int]]:
    """The tasks that have one of the texts and are not in these projects; and their projects."""
    tasks = []
    projects = set()
    rows = Task.objects.exclude(project__in=but_for).order_by("pk")
    for pk, project, data in rows.values_list("pk", "project", "data").iterator(AT_ONCE):
        if any(_sha256(value) in texts for value in _strings(data)):
            tasks.append(pk)
            projects.add(project)
    return tasks, projects


def _strings(data: object) -> Iterable[str]:
    """The texts among a task's fields."""
    if isinstance(data, str):
        data = json.loads(data)
    if isinstance(data, dict):
        for value in data.values():
            if isinstance(value, str):
                yield value


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _files_delete(projects: set[int]) -> int:
    """Delete what admins uploaded to these projects, or exported from them, through the pages.

    Returns how many files there were.
    """
    media = Path(settings.MEDIA_ROOT)
    found = 0
    for project in projects:
        folders = [
            media / settings.UPLOAD_DIR / str(project),
            media / settings.DELAYED_EXPORT_DIR / str(project),
        ]
        for folder in folders:
            found += sum(path.is_file() for path in folder.rglob("*"))
            shutil.rmtree(folder, ignore_errors=True)
        for path in Path(settings.EXPORT_DIR).glob(f"project-{project}-at-*"):
            path.unlink(missing_ok=True)
            found += 1
    return found


@require_POST
def clean_pages(request: HttpRequest) -> HttpResponse:
    """Write Label Studio's database anew: {} -> {busy, beyond}.

    `busy` says why it could not be, or is empty; `beyond` what could not be reached. It is done in
    no transaction, unlike the guard's other pages.
    """
    return our_site_alone(request, _clean)


def _clean(data: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"busy": "", "beyond": clean(connection)}
    except DatabaseBusyError as error:
        return {"busy": str(error), "beyond": []}
