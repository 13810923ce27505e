"""Copying what was coded on our page into the coder's project in Label Studio.

Label Studio holds every project, so it is to hold these answers as well: under the coder's own
account, one answer a note. Ours is the record. A copy that could not be made is tried again until
it is; it never overwrites an answer that was given in Label Studio and is not stored here yet.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from annotation.label_studio.answers import Answer
from annotation.label_studio.client import LabelStudio, LabelStudioDown, LabelStudioError
from annotation.models import Assignment, Coding, Mirror, Study, User, Workspace
from annotation.selectors.desk import newest_coding
from annotation.services.sync import is_copy, is_known, source_key, workspace_pull
from annotation.services.workstation import workstation
from annotation.work_queue import kind

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)
"""Between two tries of a copy that Label Studio refuses; each pause is twice the last."""


def assignment_mirror(*, assignment: Assignment) -> bool:
    """Copy a note's newest answer to Label Studio, where that is left to do.

    Returns whether Label Studio now holds it. A refusal is stored with the mirror and tried again
    by the sweep. Raises LabelStudioDown.
    """
    waiting = Mirror.objects.filter(assignment=assignment, done_at=None).last()
    if waiting is None:
        return True
    began = timezone.now()
    taken = Mirror.objects.filter(pk=waiting.pk, tries=waiting.tries, done_at=None)
    if not taken.update(tries=waiting.tries + 1, tried_at=began):
        return False  # another worker is at it
    try:
        _copy(assignment)
    except LabelStudioError as error:
        _failed(waiting, str(error))
        if isinstance(error, LabelStudioDown):
            raise
        return False
    except Exception as error:  # no words of it: they may hold text
        _failed(waiting, kind(error))
        return False
    left: bool = Mirror.objects.filter(assignment=assignment, done_at=None).exists()
    return not left


def _failed(mirror: Mirror, words: str) -> None:
    """Note why a copy could not be made."""
    Mirror.objects.filter(pk=mirror.pk).update(error=words[:300])
    logger.warning("assignment %s not copied to Label Studio: %s", mirror.assignment_id, words)


def mirrors_sweep(*, study: Study | None = None, at_once: bool = False) -> int:
    """Make the copies that are left to do. Returns how many assignments were done.

    `at_once` does not wait for those that were refused a moment ago. Raises LabelStudioDown.
    """
    waiting = Mirror.objects.filter(done_at=None)
    if study:
        waiting = waiting.filter(coding__study=study)
    done = 0
    for pk in dict.fromkeys(waiting.order_by("pk").values_list("assignment", flat=True)):
        rows = Assignment.objects.select_related("study", "rater__user")
        assignment = rows.filter(pk=pk).first()
        if assignment and (at_once or _is_due(assignment)):
            done += assignment_mirror(assignment=assignment)
    return done


def _is_due(assignment: Assignment) -> bool:
    """Whether it is time to try again."""
    mirror = Mirror.objects.filter(assignment=assignment, done_at=None).last()
    if mirror is None or mirror.tried_at is None:
        return True
    pause = min(FIRST_PAUSE * (1 << min(mirror.tries - 1, 10)), LONGEST_PAUSE)
    return timezone.now() - mirror.tried_at >= pause


def _copy(assignment: Assignment) -> None:
    """Bring one note's answer in Label Studio up to date. Raises LabelStudioError."""
    workspace = Workspace.objects.select_related("study", "rater__user").get(
        study=assignment.study_id, rater=assignment.rater_id, arm=assignment.arm
    )
    project = workspace.project_id
    task = assignment.task_id
    if project is None or task is None:
        raise LabelStudioError("this note is not in Label Studio")
    client = workstation()
    with _open_for_answers(client, workspace):
        there = client.answer_on(project, task)
        if there and not is_known(workspace, there):
            workspace_pull(workspace=workspace)  # somebody answered there: that comes in first
        coding = newest_coding(assignment)
        assert coding is not None  # a mirror stands for one
        mirror = Mirror.objects.filter(coding=coding).first()
        if mirror and not mirror.source_key:
            written = _write(client, workspace, task, coding, there)
            Mirror.objects.filter(pk=mirror.pk).update(source_key=source_key(written))
    # Of earlier answers Label Studio holds none any more.
    left = Mirror.objects.filter(assignment=assignment, done_at=None)
    left.filter(coding__submitted_at__lte=coding.submitted_at).update(
        done_at=timezone.now(), error=""
    )


def _write(
    client: LabelStudio, workspace: Workspace, task: int, coding: Coding, there: Answer | None
) -> Answer:
    """Write the answer under the coder's account: a new one, or over the one that is there."""
    user = workspace.rater.user
    assert user is not None  # who codes on our page is a person
    codes = list(coding.items.order_by("pk").values_list("code__code", flat=True))
    token = client.ensure_account(user.email, user.first_name).token
    # Label Studio's own clock has not run: the coder worked elsewhere.
    given = (codes, 0.0, coding.unlisted, coding.active_seconds)
    if there is None:
        client.submit(token, task, *given)
    else:
        client.resubmit(token, there, *given)
    assert workspace.project_id is not None
    written = client.answer_on(workspace.project_id, task)
    if written is None:
        raise LabelStudioError("Label Studio took the answer and does not have it")
    if not is_copy(coding, written):
        raise LabelStudioError("the answer was changed there in the moment that it was copied")
    return written


@contextmanager
def _open_for_answers(client: LabelStudio, workspace: Workspace) -> Iterator[None]:
    """A closed account, and a closed study's project, take answers for this moment alone.

    What its coder might answer there meanwhile is quarantined, as any answer to a closed study.
    """
    user = workspace.rater.user
    project = workspace.project_id
    assert user is not None and project is not None  # `_copy` has looked
    account_closed = not user.is_active
    study_closed = not _is_open(workspace)
    try:
        if account_closed:
            client.set_session(user.email, active=True)
        if study_closed:
            client.name_coder(project, user.email, is_open=True)
        yield
    finally:
        # Either may have been opened for good meanwhile.
        if study_closed and not _is_open(workspace):
            client.name_coder(project, user.email, is_open=False)
        if account_closed and not User.objects.filter(pk=user.pk, is_active=True).exists():
            client.set_session(user.email, active=False)


def _is_open(workspace: Workspace) -> bool:
    return Study.objects.filter(pk=workspace.study_id, status=Study.Status.OPEN).exists()
