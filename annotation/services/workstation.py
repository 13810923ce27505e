"""The Label Studio that this installation is set up with."""

from __future__ import annotations

from django.conf import settings

from annotation.label_studio.client import SECONDS, LabelStudio, LabelStudioError
from annotation.models import Assignment, User
from annotation.services.events import event_record

COMES_UP_IN = 5.0
"""Seconds in which Label Studio must say that it is there, where a coder waits to go on."""


def workstation(seconds: float = SECONDS) -> LabelStudio:
    """Label Studio as our workers reach it.

    `seconds`: how long one answer may take; few where a person waits and it can be done later.
    """
    return LabelStudio(
        settings.LABEL_STUDIO_URL, settings.LABEL_STUDIO_TOKEN, settings.GUARD_SECRET, seconds
    )


def sign_in_url(assignment: Assignment) -> str:
    """The address that opens a note for its coder in Label Studio; it works once, for a minute."""
    workspace = assignment.study.workspaces.get(rater=assignment.rater, arm=assignment.arm)
    project = workspace.project_id
    task = assignment.task_id
    user = assignment.rater.user
    if project is None or task is None or user is None:
        raise LabelStudioError(
            "this note is not in Label Studio yet; ask a researcher to open the study again"
        )
    return _browser_side().login_url(user.email, project, task)


def admin_sign_in_url(user: User) -> str:
    """The address that lets an admin into Label Studio; it works once, for a minute.

    Who asked for it is recorded.
    """
    event_record(actor=user, verb="label-studio.entered", object=f"user:{user.pk}")
    return _browser_side().admin_login_url(user.pk)


def leave_url(user: User) -> str:
    """The address that a coder's log-out passes through; it works once, for a minute."""
    return _browser_side().leave_url(user.email)


def _browser_side() -> LabelStudio:
    """Label Studio at the address that browsers reach it by."""
    return LabelStudio(
        settings.LABEL_STUDIO_PUBLIC_URL, settings.LABEL_STUDIO_TOKEN, settings.GUARD_SECRET
    )
