"""A draft is changed or discarded. Nothing here touches a study that is open, or is being opened."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotation.event_names import CHANGED, DISCARDED, RENAMED
from annotation.label_studio.client import LabelStudio, LabelStudioError, LabelStudioRefused
from annotation.models import Assignment, Batch, CodeSet, Rater, Study, User, Workspace
from annotation.selectors.asked import opening_of
from annotation.services.codes import code_set_chosen
from annotation.services.events import event_record
from annotation.services.studies import draft_store, slug_free
from annotation.services.workstation import workstation

OF_A_DRAFT = (Assignment, Workspace)
"""What a draft's plan is made of; whatever else hangs on a study is kept for good."""


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
) -> Study:
    """The draft with other settings, planned anew. `seen` is the protocol's hash that the person changed.

    Raises ValueError where it is no draft any more, somebody else has changed it since, or work hangs on it, and
    LabelStudioError; the draft is as it was then.
    """
    with transaction.atomic():
        held = _draft_held(study, seen)
        trouble = _projects_delete(held)
        if trouble is None:
            if slug != held.slug:
                slug_free(slug)
                event_record(actor=actor, verb=RENAMED, object=f"study:{held.slug}", now=slug)
            _plan_delete(held)
            held.slug, held.batch, held.code_set = slug, batch, code_set_chosen(code_set, batch)
            held.sample, held.overlap, held.seed = sample, overlap, seed
            held.interface, held.guideline = interface, guideline
            draft_store(held, coders)
            protocols = {"was": seen, "protocol": held.protocol_sha256}
            event_record(actor=actor, verb=CHANGED, object=f"study:{slug}", **protocols)
    if trouble:
        raise trouble
    return held


def draft_discard(*, study: Study, actor: User | None) -> None:
    """Remove a draft: its plan, and what of it is in Label Studio already. Raises as `draft_change`, and
    LabelStudioError; then the draft is still there."""
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
    """Why a draft that was seen with that protocol cannot be changed or discarded now, "" where it can."""
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
    """The draft's row, which stays as it is until the transaction ends."""
    held = Study.objects.select_for_update().filter(pk=study.pk).first()
    if held is None:
        raise ValueError(f"{study.slug} has been discarded by now")
    refusal = draft_refusal(held, seen)
    if refusal:
        raise ValueError(refusal)
    return held


def _kept(study: Study) -> list[str]:
    """Names of what hangs on a study and is never removed: codings, runs of models, benchmarks."""
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
    """Take the projects of a draft that was loaded in part out of Label Studio again.

    The row is held meanwhile, so that nobody opens the study. What stopped it is returned, not raised: projects that
    are gone have to be forgotten all the same. ValueError where coders have answered there already.
    """
    loaded = list(held.workspaces.filter(project_id__isnull=False).select_related("rater"))
    if not loaded:
        return None
    client = workstation()
    try:
        for workspace in loaded:
            if _answered(client, workspace.project_id):
                raise ValueError(
                    f"{workspace.rater} has answered in Label Studio already; open {held.slug} instead"
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
    """Whether coders have answered in a project; in one that is gone nobody has."""
    try:
        return bool(project_id and client.annotation_ids(project_id))
    except LabelStudioRefused as refusal:
        if refusal.status == 404:
            return False
        raise
