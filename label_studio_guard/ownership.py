"""Whose is it: from an object of Label Studio to its project, and from a project to the coder it names."""

from __future__ import annotations

from typing import Any

from projects.models import Project, ProjectMember
from tasks.models import Annotation, AnnotationDraft, Task
from users.models import User


def owner_project(kind: str, number: int, user: Any) -> int | None:
    """Id of the project that a project, task, annotation or draft is in; None if there is none, or another made it."""
    if kind == "project":
        found = Project.objects.filter(pk=number).values_list("pk", flat=True)
    elif kind == "task":
        found = Task.objects.filter(pk=number).values_list("project_id", flat=True)
    elif kind == "annotation":
        found = Annotation.objects.filter(pk=number, completed_by=user).values_list("project_id", flat=True)
    else:
        found = AnnotationDraft.objects.filter(pk=number, user=user).values_list("task__project_id", flat=True)
    owner: int | None = found.first()
    return owner


def project_access(project: int | None, user: Any) -> bool | None:
    """True: he may answer; False: he may look, the study is closed; None: it does not name him."""
    named = ProjectMember.objects.filter(project_id=project, user=user).values_list("enabled", flat=True)
    is_open: bool | None = named.first()
    return is_open


def name_coder(project: Project, user: Any, is_open: bool) -> None:
    """Make `user` the one coder whom the project names."""
    ProjectMember.objects.filter(project=project).exclude(user=user).delete()
    ProjectMember.objects.update_or_create(project=project, user=user, defaults={"enabled": is_open})


def people(user: Any) -> list[dict[str, Any]]:
    """All that a coder's page may know of the others: himself by name, and that there are administrators."""
    admins = User.objects.filter(is_superuser=True).order_by("pk").values_list("pk", flat=True)
    return [_person(user.pk, user.get_full_name(), user.email)] + [_person(pk, "Administrator", "") for pk in admins]


def _person(number: int, name: str, email: str) -> dict[str, Any]:
    return {
        "id": number,
        "first_name": name,
        "last_name": "",
        "username": name,
        "email": email,
        "initials": name[:2],
        "avatar": None,
        "phone": "",
    }
