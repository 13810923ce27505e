"""Celery tasks of the annotation side. Arguments are ids; the work is in services."""

from __future__ import annotations

import logging

from celery import current_app, shared_task
from django.db.models import QuerySet
from kombu.exceptions import OperationalError

from annotation.label_studio import LabelStudioError
from annotation.models import Study, User, Workspace
from annotation.services.studies import study_open_try
from annotation.services.sync import workspace_pull

logger = logging.getLogger(__name__)


POKED_SECONDS = 30


def poke(project_id: int) -> None:
    """Ask for a pull of one project in a second. Pokes that come while one is waiting are the same one."""
    with current_app.connection_for_write() as connection:
        fresh = connection.default_channel.client.set(_poked(project_id), 1, nx=True, ex=POKED_SECONDS)
    if fresh:
        pull_project.apply_async((project_id,), countdown=1, retry=False)


def _poked(project_id: int) -> str:
    return f"coderbench:poked:{project_id}"


@shared_task
def pull_project(project_id: int) -> None:
    """Pull one coder's changed answers: what a webhook asks for."""
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.delete(_poked(project_id))
    _pull(Workspace.objects.filter(project_id=project_id), reconcile=False)


@shared_task
def pull_all() -> None:
    """Pull every open study: the poll, which finds what a lost webhook did not tell."""
    _pull(Workspace.objects.filter(study__status=Study.Status.OPEN), reconcile=False)


@shared_task
def reconcile_all() -> None:
    """Pull, and record answers that were deleted in Label Studio: a full read, so seldom."""
    _pull(Workspace.objects.filter(study__status=Study.Status.OPEN), reconcile=True)


def queue_opening(study_id: int, user_id: int | None) -> None:
    """Ask a worker to open a study. Without Redis it is opened here and now."""
    try:
        open_study.apply_async((study_id, user_id), retry=False)
    except OperationalError as error:
        logger.warning("study %s is opened at once, the queue does not answer: %s", study_id, type(error).__name__)
        open_study(study_id, user_id)


@shared_task(acks_late=False)
def open_study(study_id: int, user_id: int | None) -> None:
    """Load a draft into Label Studio. Taken once: after a failure the page asks to press the button again."""
    study_open_try(study=Study.objects.get(pk=study_id), actor=User.objects.filter(pk=user_id).first())


def _pull(workspaces: QuerySet[Workspace], *, reconcile: bool) -> None:
    for workspace in workspaces.select_related("study", "rater__user"):
        try:
            pulled = workspace_pull(workspace=workspace, reconcile=reconcile)
        except LabelStudioError as error:
            logger.warning("project %s not pulled, the next poll will try again: %s", workspace.project_id, error)
            continue
        except (
            Exception
        ) as error:  # one project that cannot be read must not stop the others; no words, they may hold text
            logger.warning("project %s not pulled: %s", workspace.project_id, type(error).__name__)
            continue
        if pulled.stored or pulled.quarantined:
            logger.info(
                "project %s: %s stored, %s quarantined", workspace.project_id, pulled.stored, pulled.quarantined
            )
