"""Whose an object of Label Studio is: it belongs to a project, and a project names its coder."""

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
    """How the owner of one kind of object is found."""

    model: Any
    parents: Mapping[str, str]
    """What such an object belongs to: kind of the parent -> field that has its id."""
    maker: str | None = None
    """The field that must name the coder, where there is one."""


OF_ANSWERS = {"task": "task_id", "project": "task__project_id"}
KINDS = {
    "project": Kind(Project, {"project": "pk"}),
    "view": Kind(View, {"project": "project_id"}),
    "task": Kind(Task, {"project": "project_id"}),
    "annotation": Kind(Annotation, OF_ANSWERS, maker="completed_by"),
    "draft": Kind(AnnotationDraft, {"annotation": "annotation_id", **OF_ANSWERS}, maker="user"),
}


def with_parents(named: Mapping[str, int], user: Any) -> dict[str, int] | None:
    """The objects that a request names, with those that they belong to, by kind.

    Draft 4 gives draft 4, task 7, project 3. None where one of them is not there or is somebody
    else's; and where they do not belong together, as a draft of one note and another note.
    """
    together: dict[str, int] = {}
    for kind, number in named.items():
        one = _with_parents(kind, number, user)
        if one is None:
            return None
        merged = merge(together, one)
        if merged is None:
            return None
        together = merged
    return together


def _with_parents(kind: str, number: int, user: Any) -> dict[str, int] | None:
    """One object and those that it belongs to.

    None where it is not there, is somebody else's, or belongs to no project.
    """
    how = KINDS[kind]
    rows = how.model.objects.filter(pk=number)
    if how.maker:
        rows = rows.filter(**{how.maker: user})
    found = rows.values(*how.parents.values()).first()
    if found is None or found[how.parents["project"]] is None:
        return None
    objects = {kind: number}
    for name, field in how.parents.items():
        if found[field] is not None:
            objects[name] = found[field]
    return objects


def project_access(project: int | None, user: Any) -> bool | None:
    """What a coder may do in a project.

    True: answer; False: look, for the study is closed; None: nothing, it does not name the coder.
    """
    named = ProjectMember.objects.filter(project_id=project, user=user)
    is_open: bool | None = named.values_list("enabled", flat=True).first()
    return is_open


def name_coder(project: Project, user: Any, is_open: bool) -> None:
    """Make `user` the one coder of the project; with is_open=False to look, not to answer."""
    ProjectMember.objects.filter(project=project).exclude(user=user).delete()
    ProjectMember.objects.update_or_create(
        project=project, user=user, defaults={"enabled": is_open}
    )


def people(user: Any) -> list[dict[str, Any]]:
    """The people that a coder's page may know of: the coder, and administrators without names."""
    known = [_person(user.pk, user.get_full_name(), user.email)]
    admins = User.objects.filter(is_superuser=True).order_by("pk")
    for pk in admins.values_list("pk", flat=True):
        known.append(_person(pk, "Administrator", ""))
    return known


def _person(number: int, name: str, email: str) -> dict[str, Any]:
    """A person as Label Studio's API writes one."""
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
