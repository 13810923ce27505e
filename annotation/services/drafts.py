"""Changing and discarding drafts. A study that is open, or is being opened, is left alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotation.event_names import CHANGED, DISCARDED, RENAMED
from annotation.label_studio.client import LabelStudio, LabelStudioError, LabelStudioRefused
from annotation.models import (
    Assignment,
    Batch,
    CodeSet,
    Rater,
    Study,
    User,
    WeightList,
    Workspace,
)
from annotation.selectors.asked import opening_of
from annotation.services.codes import code_set_chosen
from annotation.services.events import event_record
from annotation.services.statements import state
from annotation.services.studies import draft_store, slug_free
from annotation.services.workstation import workstation

OF_A_DRAFT = (Assignment, Workspace)
"""The rows of a draft's plan, which may be deleted. Other rows of a study are kept for good."""


def draft_change(
    *,
    study: Study,
    seen: str,
    actor: User | None,
    slug: str,
    batch: Batch,
    code_set: CodeSet | str,
    coders: Sequence[Rater],
    sample: int | None,
    overlap: int,
    interface: str,
    guideline: str,
    seed: int,
    margin: float | None = None,
    weights: WeightList | None = None,
    title: str = "",
) -> Study:
    """Give a draft other settings and plan it anew.

    `seen` is the hash of the protocol that the person saw and changed. Raises ValueError where the
    study is no draft any more, where somebody else has changed it since, or where codings or runs
    belong to it; LabelStudioError where its projects cannot be deleted. Then it is as it was.
    """
    with transaction.atomic():
        held = _draft_held(study, seen)
        trouble = _projects_delete(held)
        if trouble is None:
            if slug != held.slug:
                slug_free(slug)
                event_record(actor=actor, verb=RENAMED, object=f"study:{held.slug}", now=slug)
            _plan_delete(held)
            held.slug = slug
            held.title = title
            held.batch = batch
            held.code_set = code_set_chosen(code_set, batch)
            held.sample = sample
            held.overlap = overlap
            held.interface = interface
            held.guideline = guideline
            held.seed = seed
            state(held, margin, weights)
            draft_store(held, coders)
            protocols = {"was": seen, "protocol": held.protocol_sha256}
            event_record(actor=actor, verb=CHANGED, object=f"study:{slug}", **protocols)
    if trouble:
        raise trouble
    return held


def draft_discard(*, study: Study, actor: User | None) -> None:
    """Delete a draft, its plan, and its projects that are in Label Studio already.

    Raises as `draft_change` does; then the draft is still there.
    """
    with transaction.atomic():
        held = _draft_held(study, study.protocol_sha256)
        trouble = _projects_delete(held)
        if trouble is None:
            _plan_delete(held)
            held.delete()
            what = {"protocol": study.protocol_sha256}
            event_record(actor=actor, verb=DISCARDED, object=f"study:{study.slug}", **what)
    if trouble:
        raise trouble


def draft_refusal(study: Study, seen: str) -> str:
    """Why a draft cannot be changed or discarded now, in words; "" where it can.

    `seen` is the hash of the protocol that the person saw.
    """
    if study.status != Study.Status.DRAFT:
        return f"{study.slug} is {study.status} by now; only a draft can be changed or discarded"
    if study.protocol_sha256 != seen:
        return f"somebody has changed {study.slug} since you opened this page; load it anew"
    opening = opening_of(study)
    if opening and opening.going_on:
        return f"{study.slug} is being opened just now"
    kept = _kept(study)
    if kept:
        return f"{study.slug} has {', '.join(kept)}, which are kept for good; duplicate it instead"
    return ""


def _draft_held(study: Study, seen: str) -> Study:
    """The draft's row, locked until the transaction ends. ValueError where it must not change."""
    held = Study.objects.select_for_update().filter(pk=study.pk).first()
    if held is None:
        raise ValueError(f"{study.slug} has been discarded by now")
    refusal = draft_refusal(held, seen)
    if refusal:
        raise ValueError(refusal)
    return held


def _kept(study: Study) -> list[str]:
    """What a study has that is never deleted, by name: codings, runs of models, benchmarks."""
    names = []
    for relation in study._meta.related_objects:
        rows = relation.related_model
        if rows in OF_A_DRAFT:
            continue
        if rows._default_manager.filter(**{relation.field.name: study}).exists():
            names.append(str(rows._meta.verbose_name_plural))
    return names


def _plan_delete(study: Study) -> None:
    study.assignments.all().delete()
    study.workspaces.all().delete()
    study.notes.clear()


def _projects_delete(held: Study) -> LabelStudioError | None:
    """Delete from Label Studio the projects of a draft that was loaded there in part.

    The draft's row is locked meanwhile, so that nobody opens the study. An error of Label Studio
    is returned, not raised: the transaction must store which projects are gone already.
    Raises ValueError where coders have answered there already.
    """
    loaded = list(held.workspaces.filter(project_id__isnull=False).select_related("rater"))
    if not loaded:
        return None
    client = workstation()
    try:
        for workspace in loaded:
            if _answered(client, workspace.project_id):
                who = workspace.rater
                raise ValueError(
                    f"{who} has answered in Label Studio already; open {held.slug} instead"
                )
        for workspace in loaded:
            assert workspace.project_id is not None  # these are the loaded ones
            client.delete_project(workspace.project_id)
            Workspace.objects.filter(pk=workspace.pk).update(project_id=None)
            held.assignments.filter(rater=workspace.rater, arm=workspace.arm).update(task_id=None)
    except LabelStudioError as error:
        return error
    return None


def _answered(client: LabelStudio, project_id: int | None) -> bool:
    """Whether anybody has answered in a project; nobody has where it is gone."""
    if project_id is None:
        return False
    try:
        return bool(client.annotation_ids(project_id))
    except LabelStudioRefused as refusal:
        if refusal.status == 404:
            return False
        raise
