"""Celery tasks of the annotation side. Arguments are ids; the work is in services."""

from __future__ import annotations

import logging
from contextlib import suppress

from celery import shared_task
from django.db.models import QuerySet

from annotation.label_studio.client import LabelStudioDown, LabelStudioError
from annotation.models import Assignment, Mirror, Study, Upload, Workspace
from annotation.selectors.asked import who_asked
from annotation.services.custody import openings_expire, workstation_openings_pull
from annotation.services.mirror import assignment_mirror, mirrors_sweep
from annotation.services.notes_in import (
    batch_forget_unfinished,
    upload_check_notes,
    upload_store_notes,
    upload_work_on,
)
from annotation.services.people import workstation_leave_owed
from annotation.services.studies import openings_sweep, study_open_try
from annotation.services.sync import workspace_pull
from annotation.services.uploads import uploads_sweep
from annotation.services.workstation import workstation
from annotation.work_queue import (
    AWAY,
    kind,
    quick_connection,
    redis_client,
    send,
)

logger = logging.getLogger(__name__)


POKED_SECONDS = 30
PULLED_IF_THERE_IN = 10.0
"""Label Studio must say within so many seconds that it is there; else nothing is pulled."""


def poke(project_id: int) -> None:
    """Ask a worker to pull one project in a second, once however often that is asked meanwhile.

    Where Redis does not answer nothing is asked: the poll finds what changed.
    """
    try:
        with quick_connection() as connection:
            fresh = redis_client(connection).set(_poked(project_id), 1, nx=True, ex=POKED_SECONDS)
    except AWAY as error:
        logger.warning(
            "project %s waits for the poll, the queue does not answer: %s", project_id, kind(error)
        )
        return
    if fresh:
        send(pull_project, project_id, countdown=1)


def _poked(project_id: int) -> str:
    return f"coderbench:poked:{project_id}"


@shared_task
def pull_project(project_id: int) -> None:
    """Pull one coder's changed answers: what a webhook asks for."""
    try:
        with quick_connection() as connection:
            redis_client(connection).delete(_poked(project_id))
    except AWAY as error:
        logger.warning(
            "project %s is pulled while the queue does not answer: %s", project_id, kind(error)
        )
    _pull(Workspace.objects.filter(project_id=project_id), reconcile=False)


@shared_task
def pull_all() -> None:
    """Pull every open study. This is the poll: it finds what a lost webhook did not tell."""
    _pull(Workspace.objects.filter(study__status=Study.Status.OPEN), reconcile=False)


@shared_task
def reconcile_all() -> None:
    """Pull, and record answers that were deleted in Label Studio. Rare: it reads all of them."""
    _pull(Workspace.objects.filter(study__status=Study.Status.OPEN), reconcile=True)


def queue_opening(study_id: int, user_id: int | None) -> None:
    """Ask a worker to open a study. Where Redis does not answer a sweep opens it later."""
    send(open_study, study_id, user_id)


@shared_task
def open_study(study_id: int, user_id: int | None) -> None:
    """Load a draft into Label Studio; after a failure the page asks to press the button again."""
    study = Study.objects.get(pk=study_id)
    if study.status == Study.Status.DRAFT:  # else a sweep was here first
        study_open_try(study=study, actor=who_asked(user_id))


@shared_task
def sweep_openings() -> None:
    """Open the studies that were asked for while no worker could be told.

    It runs in the worker that also takes `open_study`, so that the two never overlap.
    """
    openings_sweep()


def queue_mirror(assignment_id: int) -> None:
    """Ask a worker to copy an answer of our page to Label Studio. A sweep does it otherwise."""
    send(mirror_assignment, assignment_id)


@shared_task
def mirror_assignment(assignment_id: int) -> None:
    """Copy what was coded on our page to Label Studio."""
    rows = Assignment.objects.select_related("study", "rater__user")
    assignment = rows.filter(pk=assignment_id).first()
    if assignment is None:
        return
    with suppress(LabelStudioDown):  # the sweep tries again
        assignment_mirror(assignment=assignment)


@shared_task
def sweep_mirrors() -> None:
    """Make the copies in Label Studio that are left to do; where it does not answer, later."""
    if not Mirror.objects.filter(done_at=None).exists():
        return
    try:
        workstation(PULLED_IF_THERE_IN).health()
        mirrors_sweep()
    except LabelStudioDown as error:
        logger.warning("answers not copied, the next sweep will try again: %s", error)


def queue_upload(upload_id: int) -> bool:
    """Ask a worker to check or to store an upload of notes, whichever is asked for.

    False where Redis does not answer: the page offers to do it right there.
    """
    return send(work_on_upload, upload_id)


@shared_task
def work_on_upload(upload_id: int) -> None:
    """Check an upload of notes, or store it where it was confirmed."""
    upload_work_on(upload_id)


@shared_task
def sweep_uploads() -> None:
    """Do what no worker was told of; remove files that nobody confirmed, and what is left of
    batches whose storing died."""
    batch_forget_unfinished()
    uploads_sweep(Upload.Kind.NOTES, upload_check_notes, upload_store_notes)


@shared_task
def sweep_sessions() -> None:
    """End the sessions in Label Studio that a log-out could not end."""
    workstation_leave_owed()


@shared_task
def pull_openings() -> None:
    """Bring in who opened which note in Label Studio; it keeps that where it cannot be reached."""
    try:
        workstation(PULLED_IF_THERE_IN).health()
        workstation_openings_pull()
    except LabelStudioError as error:
        logger.warning("openings not brought in, the next poll will try again: %s", error)


@shared_task
def expire_openings() -> None:
    """Delete the record of openings that is older than its retention."""
    openings_expire()


def _pull(workspaces: QuerySet[Workspace], *, reconcile: bool) -> None:
    """Pull one project after the other.

    A Label Studio that hangs must not hold this worker, which has sweeps to do. So it is asked
    first whether it is there, and after one pull without an answer the others wait for the next
    poll.
    """
    if not workspaces.exists():
        return
    try:
        workstation(PULLED_IF_THERE_IN).health()
        for workspace in workspaces.select_related("study", "rater__user"):
            _pull_one(workspace, reconcile=reconcile)
    except LabelStudioDown as error:
        logger.warning("not pulled, the next poll will try again: %s", error)


def _pull_one(workspace: Workspace, *, reconcile: bool) -> None:
    """Raises LabelStudioDown; any other failure is one project's, and must not stop the others."""
    try:
        pulled = workspace_pull(workspace=workspace, reconcile=reconcile)
    except LabelStudioDown:
        raise
    except LabelStudioError as error:
        logger.warning(
            "project %s not pulled, the next poll will try again: %s", workspace.project_id, error
        )
        return
    except Exception as error:  # no words of it: they may hold text
        logger.warning("project %s not pulled: %s", workspace.project_id, kind(error))
        return
    if pulled.stored or pulled.quarantined:
        logger.info(
            "project %s: %s stored, %s quarantined",
            workspace.project_id,
            pulled.stored,
            pulled.quarantined,
        )
