"""Import codings: what anybody's model, audit or coder gave to the notes of a study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from annotation.models import Batch, Code, Note, Rater, Study, User
from annotation.services.batches import batch_create
from annotation.services.codes import code_set_of, codes_ensure, icd9_load
from annotation.services.codings import Given, codings_append
from annotation.services.events import event_record
from annotation.services.studies import protocol_sha256, slug_free
from benchmark.selectors.import_plan import (
    ImportPlan,
    RaterPlan,
)
from benchmark.selectors.import_planning import (
    rater_refusal,
    source_key,
)
from benchmark.services.import_scores import scores_store
from files.notes import NoteRow

ELSEWHERE = "Coded elsewhere: only the codings are here."


@dataclass(frozen=True)
class Stored:
    """What was stored of a rater."""

    rater: Rater
    new: int
    """Codings that were not here before."""


@dataclass(frozen=True)
class Imported:
    """What was stored of a file."""

    plan: ImportPlan
    raters: list[Stored]

    @property
    def new(self) -> int:
        """New codings of all raters."""
        return sum(stored.new for stored in self.raters)


@transaction.atomic
def plan_store(*, plan: ImportPlan, study: Study, actor: User | None = None) -> Imported:
    """Store what a plan of `plan_of_codings` has. Raises ValueError where a rater's name cannot be
    used any more."""
    notes = {note.external_id: note for note in study.notes.defer("text")}
    codes = _code_rows(plan)
    now = timezone.now()
    stored = []
    for planned in plan.raters:
        rater = _rater_ensure(study, planned.name, plan.kind)
        new = _codings_store(study, plan, planned, rater, notes, codes, now)
        if new:
            event_record(
                actor=actor,
                verb="codings.imported",
                object=f"study:{study.slug}",
                rater=rater.pk,
                notes=new,
                file=plan.sha256,
                remarks=plan.remarks,
            )
        stored.append(Stored(rater, new))
    return Imported(plan, stored)


def _code_rows(plan: ImportPlan) -> dict[str, Code]:
    """The rows of every code of the plan, by code."""
    checked = plan.checked
    return codes_ensure(plan.codes, kinds=checked.kinds, as_written=checked.as_written)


def _codings_store(
    study: Study,
    plan: ImportPlan,
    planned: RaterPlan,
    rater: Rater,
    notes: dict[str, Note],
    codes: dict[str, Code],
    now: datetime,
) -> int:
    """Store one rater's codings. Returns how many were new."""
    begins = source_key(study, rater, plan.digest)
    answers = []
    keys = {}
    for note_id, note_codes in planned.codings.items():
        note = notes[note_id]
        keys[note_id] = f"{begins}{note.pk}"
        told: dict[str, float | None] = dict.fromkeys(note_codes)
        if planned.scores:
            told = planned.scores.told_of(note_id, note_codes)
        scores = {codes[code]: score for code, score in told.items()}
        answers.append(Given(note, scores, keys[note_id], now))
    # A reference is of the notes, whatever study they are in.
    scope = None if plan.kind == Rater.Kind.REFERENCE else study
    new = codings_append(study=scope, rater=rater, given=answers)
    if planned.scores:
        scores_store(
            scores=planned.scores,
            source_keys=keys,
            digest=planned.scored_as,
            threshold_dev=plan.asked_scores.threshold_dev,
        )
    return new


def _rater_ensure(study: Study, name: str, kind: Rater.Kind) -> Rater:
    """The rater of that name and kind, made if it is missing; a reference becomes the study's.

    Raises ValueError where the name cannot be used, or the study has another reference.
    """
    refusal = rater_refusal(study, name, kind)
    if refusal:
        raise ValueError(refusal)
    rater, _ = Rater.objects.get_or_create(kind=kind, name=name)
    if kind == Rater.Kind.REFERENCE and study.reference_id != rater.pk:
        study.reference = rater
        study.save(update_fields=["reference"])
    return rater


@transaction.atomic
def study_store(*, plan: ImportPlan, slug: str, actor: User | None = None) -> Study:
    """Make the study that a plan of `plan_of_study` has. ValueError or ValidationError for the
    slug."""
    slug_free(slug)
    icd9_load()  # this may be the first thing that an installation is asked for
    batch = _batch_of(slug, plan, actor)
    references = Rater.objects.filter(kind=Rater.Kind.REFERENCE, codings__note__batch=batch)
    study = Study(
        slug=slug,
        batch=batch,
        code_set=code_set_of(batch),
        status=Study.Status.CLOSED,
        guideline=ELSEWHERE,
        preset=Study.Preset.UNION,
        reference=references.first(),
        opened_at=timezone.now(),
        closed_at=timezone.now(),
    )
    study.full_clean()
    study.protocol_sha256 = protocol_sha256(study, [])
    study.save()
    study.notes.set(batch.notes.all())
    event_record(actor=actor, verb="study.from-codings", object=f"study:{slug}", file=plan.sha256)
    return study


def _batch_of(slug: str, plan: ImportPlan, actor: User | None) -> Batch:
    """A batch of the file's notes, without text, with its codings as their reference. A batch
    that was made of the same file before is returned as it is."""
    existing = Batch.objects.filter(sha256=plan.digest).first()
    if existing:
        return existing
    reference = plan.raters[0]
    rows = []
    for note, codes in sorted(reference.codings.items()):
        rows.append(NoteRow(note, "", tuple(sorted(codes))))
    batch, _ = batch_create(
        name=f"notes of {slug}, without text",
        sha256=plan.digest,
        origin=Batch.Origin.OWN,
        split="",
        user=actor,
        rows=rows,
        details={"remarks": plan.remarks},
        as_written=plan.checked.as_written,
        kinds=plan.checked.kinds,
    )
    return batch
