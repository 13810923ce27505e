"""Studies: drafted, and opened (the protocol freezes and Label Studio is loaded). drafts.py changes a draft,
study_life.py closes and reopens a study."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.html import escape

from annotation.assign import Planned, drawn, plan
from annotation.event_names import (
    ACKNOWLEDGED,
    DRAFTED,
    NOT_OPENED,
    OPENING,
    OPENING_BEGUN,
    WEBHOOKS,
)
from annotation.guideline import DEFAULT_GUIDELINE
from annotation.label_studio.client import LabelStudio, LabelStudioError, LabelStudioRefused
from annotation.label_studio.labeling_page import ListedCode, label_config
from annotation.models import Assignment, Batch, CodeSet, Rater, Study, User, Workspace
from annotation.selectors.asked import BEGINS, opening_of, who_asked
from annotation.services.codes import code_set_chosen
from annotation.services.events import event_record
from annotation.services.workstation import workstation

logger = logging.getLogger(__name__)

RESERVED = ("new", "from-codings")
WORKER_LOST = "the worker stopped without a word, three times"
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
    code_set: CodeSet | str,
    coders: Sequence[Rater],
    sample: int | None = None,
    overlap: int = 0,
    interface: str = Study.Interface.LIST,
    guideline: str = DEFAULT_GUIDELINE,
    seed: int = 0,
    actor: User | None = None,
) -> Study:
    """A study with its plan: who codes which note, of all of the batch or of `sample` drawn with the seed.

    `code_set` is a list, or what `code_set_chosen` makes one of. Raises ValueError or ValidationError; nothing is
    half-made.
    """
    slug_free(slug)
    study = Study(
        slug=slug,
        batch=batch,
        code_set=code_set_chosen(code_set, batch),
        sample=sample,
        overlap=overlap,
        interface=interface,
        guideline=guideline,
        seed=seed,
    )
    draft_store(study, coders)
    event_record(actor=actor, verb=DRAFTED, object=f"study:{slug}")
    return study


def draft_store(study: Study, coders: Sequence[Rater]) -> None:
    """Store a draft with the plan that its fields make; it has none yet. Raises ValueError or ValidationError."""
    batch = study.batch
    study.reference = Rater.objects.filter(
        kind=Rater.Kind.REFERENCE, codings__note__batch=batch
    ).first()
    study.full_clean()
    if batch.notes.filter(text="").exists():
        raise ValueError(
            f"notes of {batch.name} are here without their text; nobody could code them"
        )
    planned = study_plan(study, coders)
    study.protocol_sha256 = protocol_sha256(study, coders)
    study.save()
    study.notes.set(sorted({each.note for each in planned}))
    Workspace.objects.bulk_create(
        [Workspace(study=study, rater=who, arm=arm) for who in coders for arm in study.arms]
    )
    Assignment.objects.bulk_create(
        [
            Assignment(
                study=study,
                note_id=p.note,
                rater_id=p.coder,
                role=p.role,
                arm=p.arm,
                position=p.position,
            )
            for p in planned
        ]
    )


def study_plan(study: Study, coders: Sequence[Rater]) -> list[Planned]:
    """Who codes which note, and with what, as the study's fields say; it need not be stored. Raises ValueError."""
    of_batch = list(study.batch.notes.order_by("external_id").values_list("pk", flat=True))
    notes = drawn(of_batch, study.sample, study.seed)
    return plan(
        notes,
        [coder.pk for coder in coders],
        overlap=study.overlap,
        seed=study.seed,
        arms=study.arms,
    )


def study_shares(study: Study, coders: Sequence[Rater]) -> list[tuple[Rater, int, int]]:
    """(coder, own notes, shared notes of other coders) of `study_plan`. Raises ValueError."""
    counts = Counter((each.coder, each.role) for each in study_plan(study, coders))
    return [(coder, counts[coder.pk, "primary"], counts[coder.pk, "overlap"]) for coder in coders]


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


def study_opening_ask(
    *, study: Study, actor: User, queue: Callable[[int, int | None], object]
) -> None:
    """Have `queue(study id, user id)` see to it that the study is opened, for that takes seconds. While a worker is at
    it nothing is asked again; `opening_of` tells how far it is."""
    opening = opening_of(study)
    if opening is None or not opening.going_on:
        event_record(actor=actor, verb=OPENING, object=f"study:{study.slug}")
        queue(study.pk, actor.pk)


def study_open_try(*, study: Study, actor: User | None) -> None:
    """Open it, or record why not: in Label Studio's words, or of another error its kind alone, for its words may hold
    text."""
    event_record(actor=None, verb=OPENING_BEGUN, object=f"study:{study.slug}")
    try:
        study_open(study=study, actor=actor)
    except Exception as error:
        words = str(error) if isinstance(error, LabelStudioError) else type(error).__name__
        logger.error("study %s not opened: %s", study.pk, words)
        event_record(actor=actor, verb=NOT_OPENED, object=f"study:{study.slug}", error=words)


def openings_sweep() -> int:
    """Open what was asked for and not done: its task was lost, or its worker. Returns how many.

    What ends its worker each time is given up, and its page says so.
    """
    swept = 0
    for study in Study.objects.filter(status=Study.Status.DRAFT):
        opening = opening_of(study)
        if opening is None or not opening.asked.left:
            continue
        if opening.asked.begun >= BEGINS:
            event_record(
                actor=None, verb=NOT_OPENED, object=f"study:{study.slug}", error=WORKER_LOST
            )
            continue
        study_open_try(study=study, actor=who_asked(opening.asked.actor_id))
        swept += 1
    return swept


def study_open(
    *, study: Study, actor: User | None, progress: Callable[[str], None] = lambda line: None
) -> Study:
    """One Label Studio project per coder, loaded with the coder's notes; then coders may start.

    Each step is kept as soon as it is done, so that after a failure opening again goes on where it stopped.
    """
    client = workstation()
    codes = [
        ListedCode(code.code, code.long_title, code.kind, code.chapter)
        for code in study.code_set.codes.order_by("codesetmember__position")
    ]
    banner = SYNTHETIC if study.batch.origin == Batch.Origin.SYNTHETIC else ""
    configs = {arm: label_config(codes, arm, banner) for arm in study.arms}
    for workspace in study.workspaces.select_related("rater__user").order_by("pk"):
        loaded = _workspace_load(workspace, client, configs[workspace.arm])
        progress(f"{_title(workspace)}: {loaded} notes loaded")
    refused = _webhooks_set(study, client)
    if refused:
        progress(f"warning: {refused}; the poll fetches answers, every {settings.POLL_SECONDS} s")
    # Only what was loaded is opened: a draft that was changed meanwhile has another protocol.
    loaded_one = Study.objects.filter(
        pk=study.pk, status=Study.Status.DRAFT, protocol_sha256=study.protocol_sha256
    )
    opened = loaded_one.update(status=Study.Status.OPEN, opened_at=timezone.now())
    if opened:
        event_record(
            actor=actor,
            verb="study.opened",
            object=f"study:{study.slug}",
            protocol=study.protocol_sha256,
        )
    if not Study.objects.filter(pk=study.pk, status=Study.Status.OPEN).exists():
        raise ValueError(
            f"{study.slug} was changed or discarded while it was being loaded; look at it again"
        )
    study.refresh_from_db()
    return study


def _title(workspace: Workspace) -> str:
    """The project's name in Label Studio."""
    arm = f" {workspace.arm}" if len(workspace.study.arms) > 1 else ""
    return f"{workspace.study.slug} {workspace.rater.name}"[: 50 - len(arm)] + arm


def _mark(workspace: Workspace) -> str:
    """What a project of ours carries in Label Studio from its first moment on, to be found by when its id was lost."""
    return f"Coderbench workspace {workspace.pk} of {workspace.study.slug}, protocol {workspace.study.protocol_sha256}"


def _project_ensure(workspace: Workspace, client: LabelStudio, config: str, email: str) -> None:
    """The coder's project, made when it is not there. Its id is kept at once, so that a failure leaves none behind."""

    def keep(project_id: int) -> None:
        workspace.project_id = project_id
        workspace.save(update_fields=["project_id"])

    mark = _mark(workspace)
    known = workspace.project_id or client.find_project(mark)
    if known is None:
        client.create_project(
            _title(workspace), config, email, guideline_html(workspace.study), mark, keep
        )
    else:
        keep(known)
        client.furnish_project(known, email)


def _workspace_load(workspace: Workspace, client: LabelStudio, config: str) -> int:
    """Project and tasks of one coder in one arm; returns how many notes."""
    user = workspace.rater.user
    assert user is not None  # workspaces are made for coders, and a coder is a person
    workspace.account_id = client.ensure_account(user.email, user.first_name).id
    workspace.save(update_fields=["account_id"])
    _project_ensure(workspace, client, config, user.email)
    assert workspace.project_id is not None
    mine = workspace.study.assignments.filter(rater=workspace.rater, arm=workspace.arm)
    of_note = {str(a.note_id): a for a in mine.select_related("note")}
    notes = [(note_id, assignment.note.text) for note_id, assignment in of_note.items()]

    def keep(task_of: dict[str, int]) -> None:
        for note_id, task_id in task_of.items():
            of_note[note_id].task_id = task_id
        Assignment.objects.bulk_update(
            [of_note[note_id] for note_id in task_of], ["task_id"], batch_size=500
        )

    client.push_tasks(workspace.project_id, notes, keep)
    return len(of_note)


def _webhooks_set(study: Study, client: LabelStudio) -> str:
    """Have Label Studio tell us of answers; gives its words where it refuses the address.

    Only a pull brings answers in; a webhook makes it sooner. So a refusal is recorded, and stops nothing.
    """
    if not settings.WEBHOOK_URL:
        return ""
    refused = ""
    for project_id in study.workspaces.order_by("pk").values_list("project_id", flat=True):
        assert project_id is not None  # each was loaded just now
        try:
            client.add_webhook(
                project_id, f"{settings.WEBHOOK_URL}{project_id}/", settings.WEBHOOK_SECRET
            )
        except LabelStudioRefused as refusal:
            refused = str(refusal)
    event_record(actor=None, verb=WEBHOOKS, object=f"study:{study.slug}", error=refused)
    return refused


def guideline_html(study: Study) -> str:
    return "".join(
        f"<p>{escape(line)}</p>" for line in study.guideline.splitlines() if line.strip()
    )


def guideline_acknowledge(*, study: Study, user: User) -> None:
    event_record(actor=user, verb=ACKNOWLEDGED, object=f"study:{study.slug}")
