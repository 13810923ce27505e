"""Drafting studies, and opening them: the protocol freezes and the notes go to Label Studio.

`drafts.py` changes or discards a draft, `study_life.py` closes and reopens a study.
"""

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
)
from annotation.guideline import DEFAULT_GUIDELINE
from annotation.label_studio.client import (
    LONGEST_TITLE,
    LabelStudio,
    LabelStudioError,
)
from annotation.label_studio.labeling_page import ListedCode, label_config
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
from annotation.selectors.asked import BEGINS, opening_of, who_asked
from annotation.selectors.codes import search_sha256
from annotation.selectors.practice import practised_before
from annotation.services.codes import code_set_chosen
from annotation.services.events import event_record
from annotation.services.practice import practice_fix
from annotation.services.statements import state
from annotation.services.webhooks import webhooks_set
from annotation.services.withdraw import check_not_withdrawn
from annotation.services.workstation import workstation

logger = logging.getLogger(__name__)

RESERVED = ("new", "from-codings")
"""Words that follow /studies/ in the addresses of other pages, so no study can be named so."""
WORKER_LOST = "the worker stopped without a word, three times"
MARGIN_FIGURE = "micro Jaccard"
"""What a margin is a loss in, as the hash of a protocol has it."""
HASHED_AS = {now: before for before, now in Study.NAMED_BEFORE.items()}
"""The hash of a protocol has the names that interfaces had when the first study was opened."""
SYNTHETIC = "Synthetic note: the text was generated and describes nobody."
"""Stands above each synthetic note in Label Studio."""
LABELED_WITH = {"list": "list", "search": "search", "page": "list"}
"""Arm -> the labeling page of its projects. What is coded on our own page is copied into a project
with the whole list, where it can be looked at, and changed."""


def slug_free(slug: str) -> None:
    """Raises ValueError where a study, or another page of the site, has this name already."""
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
    interface: str = Study.Interface.PAGE,
    guideline: str = DEFAULT_GUIDELINE,
    seed: int = 0,
    margin: float | None = None,
    weights: WeightList | None = None,
    title: str = "",
    actor: User | None = None,
) -> Study:
    """Make a draft and plan who codes which note.

    The notes are those of the batch, or `sample` of them drawn with the seed. `code_set` is a list
    of codes, or a name that `code_set_chosen` makes a list of. Raises ValueError or
    ValidationError; then nothing was stored.
    """
    slug_free(slug)
    study = Study(
        slug=slug,
        title=title,
        batch=batch,
        code_set=code_set_chosen(code_set, batch),
        sample=sample,
        overlap=overlap,
        interface=interface,
        guideline=guideline,
        seed=seed,
    )
    state(study, margin, weights)
    draft_store(study, coders)
    event_record(actor=actor, verb=DRAFTED, object=f"study:{slug}")
    return study


def draft_store(study: Study, coders: Sequence[Rater]) -> None:
    """Store a draft that has no plan yet, and its plan. Raises ValueError or ValidationError."""
    batch = study.batch
    check_not_withdrawn(batch)
    references = Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch)
    study.reference = references.first()
    study.full_clean()
    if batch.notes.filter(text="").exists():
        raise ValueError(
            f"notes of {batch.name} are here without their text; nobody could code them"
        )
    if batch.for_practice:
        raise ValueError(
            f"{batch.name} is for practice, and no note of a study may be practised on; "
            "choose another batch"
        )
    planned = study_plan(study, coders)
    study.search_sha256 = ""
    if Study.Interface.PAGE in study.arms:
        study.search_sha256 = search_sha256(study.code_set)
    study.protocol_sha256 = protocol_sha256(study, coders)
    study.save()
    study.notes.set(sorted({each.note for each in planned}))
    workspaces = []
    for coder in coders:
        for arm in study.arms:
            workspaces.append(Workspace(study=study, rater=coder, arm=arm))
    Workspace.objects.bulk_create(workspaces)
    assignments = []
    for each in planned:
        assignments.append(
            Assignment(
                study=study,
                note_id=each.note,
                rater_id=each.coder,
                role=each.role,
                arm=each.arm,
                position=each.position,
            )
        )
    Assignment.objects.bulk_create(assignments)


def study_plan(study: Study, coders: Sequence[Rater]) -> list[Planned]:
    """Who codes which note, and with which interface, by the study's fields.

    The study need not be stored. Raises ValueError where no such plan can be made.
    """
    of_batch = list(study.batch.notes.order_by("external_id").values_list("pk", flat=True))
    notes = drawn(of_batch, study.sample, study.seed)
    planned = plan(
        notes,
        [coder.pk for coder in coders],
        overlap=study.overlap,
        seed=study.seed,
        arms=study.arms,
    )
    refusal = practised_before(set(notes), coders)
    if refusal:
        raise ValueError(refusal)
    return planned


def study_shares(study: Study, coders: Sequence[Rater]) -> list[tuple[Rater, int, int]]:
    """How many notes each coder would get: (coder, own notes, shared notes of other coders).

    Raises ValueError as `study_plan` does.
    """
    counts = Counter((each.coder, each.role) for each in study_plan(study, coders))
    shares = []
    for coder in coders:
        shares.append((coder, counts[coder.pk, "primary"], counts[coder.pk, "overlap"]))
    return shares


def protocol_sha256(study: Study, coders: Sequence[Rater]) -> str:
    """The hash of everything that decides what coders see, who codes what, and what was stated.

    It is printed on every report. What not every study has is in it only where it is there, so
    that the hashes of earlier studies stay valid.
    """
    protocol: dict[str, object] = {
        "notes": study.batch.sha256,
        "codes": study.code_set.sha256,
        "coders": [coder.name for coder in coders],
        "overlap": study.overlap,
        "interface": HASHED_AS.get(study.interface, study.interface),
        "guideline": study.guideline,
        "seed": study.seed,
        "blind": True,
    }
    if study.sample is not None:
        protocol["sample"] = study.sample
    if study.search_sha256:
        protocol["search"] = study.search_sha256
    if study.margin is not None:
        protocol["margin"] = {"figure": MARGIN_FIGURE, "value": study.margin}
    if study.weights is not None:
        protocol["weights"] = study.weights.sha256
    if study.preset != Study.Preset.PAPER:  # the hashes of earlier versions stay valid
        protocol["preset"] = study.preset
    return hashlib.sha256(json.dumps(protocol, sort_keys=True).encode()).hexdigest()


def study_opening_ask(
    *, study: Study, actor: User, queue: Callable[[int, int | None], object]
) -> None:
    """Ask a worker to open the study, since that takes seconds; `opening_of` tells how far it is.

    `queue(study id, user id)` hands it to the worker. While one is at work nothing is asked again.
    """
    opening = opening_of(study)
    if opening is None or not opening.going_on:
        event_record(actor=actor, verb=OPENING, object=f"study:{study.slug}")
        queue(study.pk, actor.pk)


def study_open_try(*, study: Study, actor: User | None) -> None:
    """Open the study, or record why it could not be opened.

    Of an error that is not Label Studio's only the kind is recorded: its words may hold note text.
    """
    event_record(actor=None, verb=OPENING_BEGUN, object=f"study:{study.slug}")
    try:
        study_open(study=study, actor=actor)
    except Exception as error:
        if isinstance(error, LabelStudioError):
            words = str(error)
        else:
            words = type(error).__name__
        logger.error("study %s not opened: %s", study.pk, words)
        event_record(actor=actor, verb=NOT_OPENED, object=f"study:{study.slug}", error=words)


def openings_sweep() -> int:
    """Open the studies that somebody asked for and no worker has opened. Returns how many.

    The task was lost, or its worker was. A study that ended its worker three times is given up,
    and its page says so.
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
    """Load each coder's notes into a Label Studio project of their own; then coders may start.

    Each step is stored as soon as it is done, so that after a failure opening again goes on where
    it stopped. `progress` is given a line for the person who waits.
    """
    client = workstation()
    configs = _label_configs(study)
    for workspace in study.workspaces.select_related("rater__user").order_by("pk"):
        loaded = _workspace_load(workspace, client, configs[workspace.arm])
        progress(f"{_title(workspace)}: {loaded} notes loaded")
    refused = webhooks_set(study, client)
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
        practice_fix(study)
    if not Study.objects.filter(pk=study.pk, status=Study.Status.OPEN).exists():
        raise ValueError(
            f"{study.slug} was changed or discarded while it was being loaded; look at it again"
        )
    study.refresh_from_db()
    return study


def _label_configs(study: Study) -> dict[str, str]:
    """The labeling page of each arm of the study, as Label Studio's XML."""
    codes = []
    for code in study.code_set.codes.order_by("codesetmember__position"):
        codes.append(ListedCode(code.code, code.long_title, code.kind, code.chapter))
    banner = ""
    if study.batch.origin == Batch.Origin.SYNTHETIC:
        banner = SYNTHETIC
    return {arm: label_config(codes, LABELED_WITH[arm], banner) for arm in study.arms}


def _title(workspace: Workspace) -> str:
    """The project's name in Label Studio; where a study has two arms it ends in the arm."""
    name = f"{workspace.study.slug} {workspace.rater.name}"
    if len(workspace.study.arms) == 1:
        return name[:LONGEST_TITLE]
    ending = f" {workspace.arm}"
    return name[: LONGEST_TITLE - len(ending)] + ending


def _mark(workspace: Workspace) -> str:
    """The description that a project in Label Studio is made with.

    A project whose id never reached us is found again by it.
    """
    study = workspace.study
    return f"Coderbench workspace {workspace.pk} of {study.slug}, protocol {study.protocol_sha256}"


def _project_ensure(workspace: Workspace, client: LabelStudio, config: str, email: str) -> None:
    """Make the coder's project where there is none yet.

    Its id is stored at once, so that a failure leaves no unknown project behind.
    """

    def store_id(project_id: int) -> None:
        workspace.project_id = project_id
        workspace.save(update_fields=["project_id"])

    mark = _mark(workspace)
    known = workspace.project_id or client.find_project(mark)
    if known is None:
        guideline = guideline_html(workspace.study)
        client.create_project(_title(workspace), config, email, guideline, mark, store_id)
    else:
        store_id(known)
        client.furnish_project(known, email)


def _workspace_load(workspace: Workspace, client: LabelStudio, config: str) -> int:
    """Make the project of one coder in one arm and load its notes; returns how many notes."""
    user = workspace.rater.user
    assert user is not None  # workspaces are made for coders, and a coder is a person
    workspace.account_id = client.ensure_account(user.email, user.first_name).id
    workspace.save(update_fields=["account_id"])
    _project_ensure(workspace, client, config, user.email)
    assert workspace.project_id is not None
    mine = workspace.study.assignments.filter(rater=workspace.rater, arm=workspace.arm)
    assignment_of: dict[str, Assignment] = {}
    notes = []
    for assignment in mine.select_related("note"):
        note_id = str(assignment.note_id)
        assignment_of[note_id] = assignment
        notes.append((note_id, assignment.note.text))

    def store_task_ids(task_of: dict[str, int]) -> None:
        for note_id, task_id in task_of.items():
            assignment_of[note_id].task_id = task_id
        loaded = [assignment_of[note_id] for note_id in task_of]
        Assignment.objects.bulk_update(loaded, ["task_id"], batch_size=500)

    client.push_tasks(workspace.project_id, notes, store_task_ids)
    return len(assignment_of)


def guideline_html(study: Study) -> str:
    """The guideline as Label Studio shows it: a paragraph for each line."""
    paragraphs = []
    for line in study.guideline.splitlines():
        if line.strip():
            paragraphs.append(f"<p>{escape(line)}</p>")
    return "".join(paragraphs)


def guideline_acknowledge(*, study: Study, user: User) -> None:
    """Record that a coder has read the guideline."""
    event_record(actor=user, verb=ACKNOWLEDGED, object=f"study:{study.slug}")
