"""Whose is it: from an object of Label Studio to its project, and from a project to the coder it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_manager.models import View
from projects.models import Project, ProjectMember
from tasks.models import Annotation, AnnotationDraft, Task
from users.models import User

from label_studio_guard.walls import merge


@dataclass(frozen=True)
class Kind:
    """model: where objects of a kind are kept; above: what each hangs on, and the field that says so;
    maker: the field that must name the coder."""

    model: Any
    above: Mapping[str, str]
    maker: str | None = None


ABOVE_ANSWER = {"task": "task_id", "project": "task__project_id"}
KINDS = {
    "project": Kind(Project, {"project": "pk"}),
    "view": Kind(View, {"project": "project_id"}),
    "task": Kind(Task, {"project": "project_id"}),
    "annotation": Kind(Annotation, ABOVE_ANSWER, maker="completed_by"),
    "draft": Kind(AnnotationDraft, {"annotation": "annotation_id", **ABOVE_ANSWER}, maker="user"),
}


def whole_line(named: Mapping[str, int], user: Any) -> dict[str, int] | None:
    """What a request names, and what that hangs on: draft 4 -> draft 4, task 7, project 3.

    None when one of them is not there or is another's, or when they do not lie on one line, as the
    draft of one note beside the address of another does not.
    """
    together: dict[str, int] | None = {}
    for kind, number in named.items():
        line = _line(kind, number, user)
        if line is None or together is None:
            return None
        together = merge(together, line)
    return together


def _line(kind: str, number: int, user: Any) -> dict[str, int] | None:
    """One object and what it hangs on; None when it is not there, is another's, or hangs in the air."""
    place = KINDS[kind]
    rows = place.model.objects.filter(pk=number)
    if place.maker:
        rows = rows.filter(**{place.maker: user})
    found = rows.values(*place.above.values()).first()
    if found is None or found[place.above["project"]] is None:
        return None
    line = {kind: number}
    for name, field in place.above.items():
        if found[field] is not None:
            line[name] = found[field]
    return line


def project_access(project: int | None, user: Any) -> bool | None:
    """True: he may answer; False: he may look, the study is closed; None: it does not name him."""
    named = ProjectMember.objects.filter(project_id=project, user=user).values_list(
        "enabled", flat=True
    )
    is_open: bool | None = named.first()
    return is_open


def name_coder(project: Project, user: Any, is_open: bool) -> None:
    """Make `user` the one coder whom the project names."""
    ProjectMember.objects.filter(project=project).exclude(user=user).delete()
    ProjectMember.objects.update_or_create(
        project=project, user=user, defaults={"enabled": is_open}
    )


def people(user: Any) -> list[dict[str, Any]]:
    """All that a coder's page may know of the others: himself by name, and that there are administrators."""
    admins = User.objects.filter(is_superuser=True).order_by("pk").values_list("pk", flat=True)
    return [_person(user.pk, user.get_full_name(), user.email)] + [
        _person(pk, "Administrator", "") for pk in admins
    ]


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
