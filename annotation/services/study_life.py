"""Closing a study, and reopening it. Answers given after a reopening are marked in reports."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from annotation.label_studio.client import LabelStudio
from annotation.models import Coding, Reopening, Study, User, Workspace
from annotation.selectors.removal import purge_of, removed_of
from annotation.selectors.study_life import in_words, onlookers
from annotation.services.events import event_record
from annotation.services.mirror import mirrors_sweep
from annotation.services.sync import workspace_pull
from annotation.services.workstation import workstation


def study_close(*, study: Study, actor: User | None) -> None:
    """Stop Label Studio from taking answers, fetch the last ones, and close the study.

    What was coded on our page and is not copied there yet is copied first.

    Raises ValueError for a study that is not open, and LabelStudioError: then it is still open,
    and closing it again goes on where it stopped.
    """
    if study.status != Study.Status.OPEN:
        raise ValueError(f"study {study.slug} is {study.status}; only an open study can be closed")
    client = workstation()
    mirrors_sweep(study=study, at_once=True)
    for workspace in study.workspaces.select_related("rater__user"):
        _name_coder(client, workspace, is_open=False)
        workspace_pull(workspace=workspace, reconcile=True)
    with transaction.atomic():
        # What is being sent on our page is waited for: no answer is given after the closing.
        list(study.assignments.select_for_update().order_by("pk").values_list("pk"))
        still_open = Study.objects.filter(pk=study.pk, status=Study.Status.OPEN)
        if still_open.update(status=Study.Status.CLOSED, closed_at=timezone.now()):
            done = Coding.objects.filter(study=study).values("note", "rater").distinct().count()
            event_record(
                actor=actor, verb="study.closed", object=f"study:{study.slug}", codings=done
            )


def reopening_refusal(study: Study) -> str:
    """Why a study cannot be reopened, in words; "" where it can."""
    if study.status != Study.Status.CLOSED:
        return f"study {study.slug} is {study.status}; only a closed study can be reopened"
    removed = removed_of(study)
    if removed:
        return f"the notes of study {study.slug} were removed on {in_words(removed.at)}"
    if purge_of(study.batch):
        return f"the notes of study {study.slug} are being removed"
    if study.closed_at is None or not _at_work_here(study):
        return (
            f"nobody codes study {study.slug} on this installation: its codings came from outside"
        )
    return ""


def study_reopen(*, study: Study, actor: User | None) -> Reopening:
    """Let the coders of a closed study answer again, under the protocol that was frozen.

    Who could see results while it was closed is stored with the reopening. From then on answers
    count and are marked, even where Label Studio fails half-way (LabelStudioError): the study
    stays closed then, and reopening it again goes on. Raises ValueError where
    `reopening_refusal` has something against it.
    """
    refusal = reopening_refusal(study)
    if refusal:
        raise ValueError(refusal)
    assert study.closed_at is not None  # one that was never closed is refused
    reopening, _ = Reopening.objects.get_or_create(
        study=study, closed_at=study.closed_at, defaults={"reopened_at": timezone.now()}
    )
    reopening.could_see = onlookers(study)
    reopening.save(update_fields=["could_see"])
    client = workstation()
    for workspace in _at_work_here(study):
        _name_coder(client, workspace, is_open=True)
    still_closed = Study.objects.filter(
        pk=study.pk,
        status=Study.Status.CLOSED,
        closed_at=study.closed_at,
        batch__purges=None,  # nobody has asked meanwhile for the notes to be removed
    )
    if still_closed.update(status=Study.Status.OPEN, closed_at=None):
        event_record(
            actor=actor,
            verb="study.reopened",
            object=f"study:{study.slug}",
            closed_at=reopening.closed_at.isoformat(),
            could_see=reopening.could_see,
        )
    return reopening


def _name_coder(client: LabelStudio, workspace: Workspace, *, is_open: bool) -> None:
    """Tell Label Studio whether the coder can answer; nothing where there is no project."""
    user = workspace.rater.user
    if workspace.project_id is not None and user is not None:
        client.name_coder(workspace.project_id, user.email, is_open=is_open)


def _at_work_here(study: Study) -> list[Workspace]:
    """The study's workspaces that have a project in Label Studio and a person as coder."""
    spaces = study.workspaces.filter(project_id__isnull=False, rater__user__isnull=False)
    return list(spaces.select_related("rater__user").order_by("pk"))
