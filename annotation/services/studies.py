"""Studies: drafted, opened (the protocol freezes and Label Studio is loaded), closed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.html import escape

from annotation.assign import Planned, drawn, plan
from annotation.guideline import DEFAULT_GUIDELINE
from annotation.label_config import ListedCode, label_config
from annotation.label_studio import LabelStudio, LabelStudioError
from annotation.models import Assignment, Batch, CodeSet, Coding, Rater, Study, User, Workspace
from annotation.selectors import opening_of
from annotation.services.events import ACKNOWLEDGED, NOT_OPENED, OPENING, event_record
from annotation.services.sync import workspace_pull
from annotation.services.workstation import workstation

logger = logging.getLogger(__name__)

RESERVED = ("new", "from-codings")
SYNTHETIC = "Synthetic note: the text was generated and describes nobody."


def slug_free(slug: str) -> None:
    """ValueError where a study, or a page of the site, has that address."""
    if slug in RESERVED or Study.objects.filter(slug=slug).exists():
        raise ValueError(f"the name {slug} is taken; choose another")


@transaction.atomic
def study_draft(
    *,
    slug: str,
    batch: Batch,
    code_set: CodeSet,
    coders: Sequence[Rater],
    sample: int | None = None,
    overlap: int = 0,
    interface: str = Study.Interface.LIST,
    guideline: str = DEFAULT_GUIDELINE,
    seed: int = 0,
) -> Study:
    """A study with its plan: who codes which note, of all of the batch or of `sample` drawn with the seed.

    Raises ValueError or ValidationError; nothing is half-made.
    """
    slug_free(slug)
    study = Study(
        slug=slug, batch=batch, code_set=code_set, sample=sample, overlap=overlap, interface=interface,
        guideline=guideline, seed=seed,
        reference=Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch).first(),
    )  # fmt: skip
    study.full_clean()
    if batch.notes.filter(text="").exists():
        raise ValueError(f"notes of {batch.name} are here without their text; nobody could code them")
    planned = study_plan(study, coders)
    study.protocol_sha256 = protocol_sha256(study, coders)
    study.save()
    study.notes.set(sorted({each.note for each in planned}))
    Workspace.objects.bulk_create([Workspace(study=study, rater=who, arm=arm) for who in coders for arm in study.arms])
    Assignment.objects.bulk_create(
        [
            Assignment(study=study, note_id=p.note, rater_id=p.coder, role=p.role, arm=p.arm, position=p.position)
            for p in planned
        ]
    )
    return study


def study_plan(study: Study, coders: Sequence[Rater]) -> list[Planned]:
    """Who codes which note, and with what, as the study's fields say; it need not be stored. Raises ValueError."""
    of_batch = list(study.batch.notes.order_by("external_id").values_list("pk", flat=True))
    notes = drawn(of_batch, study.sample, study.seed)
    return plan(notes, [coder.pk for coder in coders], overlap=study.overlap, seed=study.seed, arms=study.arms)


def protocol_sha256(study: Study, coders: Sequence[Rater]) -> str:
    """The hash of all that decides what coders see and who codes what; printed on every report."""
    protocol = {
        "notes": study.batch.sha256,
        "codes": study.code_set.sha256,
        "coders": [coder.name for coder in coders],
        "overlap": study.overlap,
        "interface": study.interface,
        "guideline": study.guideline,
        "seed": study.seed,
        "blind": True,
        **({} if study.sample is None else {"sample": study.sample}),
    }
    return hashlib.sha256(json.dumps(protocol, sort_keys=True).encode()).hexdigest()


def study_opening_ask(*, study: Study, actor: User, queue: Callable[[int, int | None], object]) -> None:
    """Have `queue(study id, user id)` see to it that the study is opened, for that takes seconds. While a worker is at
    it nothing is asked again; `opening_of` tells how far it is."""
    opening = opening_of(study)
    if opening is None or not opening.going_on:
        event_record(actor=actor, verb=OPENING, object=f"study:{study.slug}")
        queue(study.pk, actor.pk)


def study_open_try(*, study: Study, actor: User | None) -> None:
    """Open it, or record why not: in Label Studio's words, or of another error its kind alone, for its words may hold
    text."""
    try:
        study_open(study=study, actor=actor)
    except Exception as error:
        words = str(error) if isinstance(error, LabelStudioError) else type(error).__name__
        logger.error("study %s not opened: %s", study.pk, words)
        event_record(actor=actor, verb=NOT_OPENED, object=f"study:{study.slug}", error=words)


def study_open(*, study: Study, actor: User | None, progress: Callable[[str], None] = lambda line: None) -> Study:
    """One Label Studio project per coder, loaded with the coder's notes; then coders may start.

    Each step is kept as soon as it is done, so that after a failure opening again goes on where it stopped.
    """
    client = workstation()
    codes = [
        ListedCode(code.code, code.long_title, code.kind, code.chapter)
        for code in study.code_set.codes.order_by("codesetmember__position")
    ]
    banner = SYNTHETIC if study.batch.origin == Batch.Origin.SYNTHETIC else ""
    configs = {arm: label_config(codes, arm, banner) for arm in study.arms}  # type: ignore[arg-type]
    for workspace in study.workspaces.select_related("rater__user").order_by("pk"):
        loaded = _workspace_load(workspace, client, configs[workspace.arm])
        progress(f"{_title(workspace)}: {loaded} notes loaded")
    opened = Study.objects.filter(pk=study.pk, status=Study.Status.DRAFT).update(
        status=Study.Status.OPEN, opened_at=timezone.now()
    )
    if opened:
        event_record(actor=actor, verb="study.opened", object=f"study:{study.slug}", protocol=study.protocol_sha256)
    study.refresh_from_db()
    return study


def _title(workspace: Workspace) -> str:
    """The project's name in Label Studio."""
    arm = f" {workspace.arm}" if len(workspace.study.arms) > 1 else ""
    return f"{workspace.study.slug} {workspace.rater.name}"[: 50 - len(arm)] + arm


def _workspace_load(workspace: Workspace, client: LabelStudio, config: str) -> int:
    """Project, webhook and tasks of one coder in one arm; returns how many notes."""
    user = workspace.rater.user
    assert user is not None  # workspaces are made for coders, and a coder is a person
    workspace.account_id = client.ensure_account(user.email, user.first_name).id
    if workspace.project_id is None:
        guideline = guideline_html(workspace.study)
        workspace.project_id = client.create_project(_title(workspace), config, user.email, guideline)
    workspace.save(update_fields=["account_id", "project_id"])
    if settings.WEBHOOK_URL:
        client.add_webhook(
            workspace.project_id, f"{settings.WEBHOOK_URL}{workspace.project_id}/", settings.WEBHOOK_SECRET
        )
    mine = workspace.study.assignments.filter(rater=workspace.rater, arm=workspace.arm)
    of_note = {str(a.note_id): a for a in mine.select_related("note")}
    notes = [(note_id, assignment.note.text) for note_id, assignment in of_note.items()]

    def keep(task_of: dict[str, int]) -> None:
        for note_id, task_id in task_of.items():
            of_note[note_id].task_id = task_id
        Assignment.objects.bulk_update([of_note[note_id] for note_id in task_of], ["task_id"], batch_size=500)

    client.push_tasks(workspace.project_id, notes, keep)
    return len(of_note)


def guideline_html(study: Study) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in study.guideline.splitlines() if line.strip())


def guideline_acknowledge(*, study: Study, user: User) -> None:
    event_record(actor=user, verb=ACKNOWLEDGED, object=f"study:{study.slug}")


def study_close(*, study: Study, actor: User | None) -> None:
    """Close for good: Label Studio takes no more answers, a last pull fetches those it has."""
    if study.status != Study.Status.OPEN:
        raise ValueError(f"study {study.slug} is {study.status}; only an open study can be closed")
    client = workstation()
    for workspace in study.workspaces.select_related("rater__user"):
        if workspace.project_id and workspace.rater.user:
            client.name_coder(workspace.project_id, workspace.rater.user.email, is_open=False)
        workspace_pull(workspace=workspace, reconcile=True)
    closed = Study.objects.filter(pk=study.pk, status=Study.Status.OPEN).update(
        status=Study.Status.CLOSED, closed_at=timezone.now()
    )
    if closed:
        done = Coding.objects.filter(study=study).values("note", "rater").distinct().count()
        event_record(actor=actor, verb="study.closed", object=f"study:{study.slug}", codings=done)
