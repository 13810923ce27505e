"""Every read of the benchmark side: runs with their progress, the newest Table 1, raters side by side on a note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum

from annotation.models import Code, Coding, CodingItem, Note, Rater, Study, User
from annotation.selectors import (
    Asked,
    Codings,
    batches_hidden_from,
    codings_of,
    last_asked,
    primary_codings,
    studies_of,
)
from annotation.services.events import ASKED, NOT_SCORED, SCORING_BEGUN
from benchmark.expressions import JSONLength
from benchmark.highlight import Why
from benchmark.models import BenchmarkRun, Chunk, EvaluationTable, Evidence, ModelRun
from benchmark.scoring import PEOPLE, Arms
from benchmark.services.registry import codes_of, config_of

AT_ONCE = 3_000
"""Codings that are read, compared or packed while somebody waits; more are left to a worker."""
REFERENCE = "The reference"
"""Its name as a rater, against the panel."""


def is_large(study: Study) -> bool:
    """Whether reading all of its codings takes longer than somebody should wait for a page."""
    return Coding.objects.filter(study=study).count() + study.notes.count() > AT_ONCE


@dataclass(frozen=True)
class RunProgress:
    """A run and what its chunks say: notes done of all, how many were truncated, failures with their reasons."""

    run: ModelRun
    done: int
    total: int
    truncated: int
    failed: list[Chunk]
    state: str
    started: datetime | None
    finished: datetime | None
    renewed: datetime | None
    """When a worker last said that it is at it."""

    @property
    def notes_failed(self) -> int:
        return sum(len(chunk.note_ids) for chunk in self.failed)

    @property
    def failures(self) -> list[tuple[Chunk, Note | None]]:
        """Failed chunks in order, each with its note where it has but one."""
        alone = [chunk.note_ids[0] for chunk in self.failed if len(chunk.note_ids) == 1]
        notes = Note.objects.defer("text").in_bulk(alone)
        return [(chunk, notes.get(chunk.note_ids[0]) if len(chunk.note_ids) == 1 else None) for chunk in self.failed]

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0

    @property
    def seconds(self) -> float | None:
        return (self.finished - self.started).total_seconds() if self.started and self.finished else None


def run_progress(run: ModelRun) -> RunProgress:
    return runs_progress([run])[0]


def runs_progress(runs: Sequence[ModelRun]) -> list[RunProgress]:
    """How far each run is, counted in the database: a large run has thousands of chunks."""
    ids = [run.pk for run in runs]
    counted: dict[int, dict[str, dict[str, Any]]] = {run: {} for run in ids}
    each = Chunk.objects.filter(run__in=ids).order_by().values("run", "state")
    for row in each.annotate(
        notes=Sum(JSONLength("note_ids")),
        truncated=Sum("truncated"),
        started=Min("claimed_at"),
        finished=Max("finished_at"),
        renewed=Max("renewed_at"),
    ):
        counted[row["run"]][row["state"]] = row
    failed: dict[int, list[Chunk]] = {run: [] for run in ids}
    for chunk in Chunk.objects.filter(run__in=ids, state=Chunk.State.FAILED):
        failed[chunk.run_id].append(chunk)
    return [_progress(run, counted[run.pk], failed[run.pk]) for run in runs]


def _progress(run: ModelRun, states: Mapping[str, Mapping[str, Any]], failed: list[Chunk]) -> RunProgress:
    started = [row["started"] for row in states.values() if row["started"]]
    finished = [row["finished"] for row in states.values() if row["finished"]]
    renewed = [row["renewed"] for row in states.values() if row["renewed"]]
    return RunProgress(
        run=run,
        done=states[Chunk.State.DONE]["notes"] if Chunk.State.DONE in states else 0,
        total=sum(row["notes"] for row in states.values()),
        truncated=sum(row["truncated"] for row in states.values()),
        failed=failed,
        state=_state(set(states)),
        started=min(started, default=None),
        finished=max(finished, default=None),
        renewed=max(renewed, default=None),
    )


def _state(states: set[str]) -> str:
    """A run's state, of its chunks'."""
    if states <= {Chunk.State.DONE}:
        return "done"
    if states <= {Chunk.State.DONE, Chunk.State.FAILED}:
        return "failed"
    return "waiting" if states == {Chunk.State.WAITING} else "running"


def failed_notes(study: Study) -> dict[str, int]:
    """Model -> notes on which its newest run failed; models without any are left out."""
    newest: dict[str, ModelRun] = {}
    for run in study.model_runs.select_related("rater"):
        newest.setdefault(run.rater.name, run)
    found: dict[str, int] = {}
    for name, run in newest.items():
        lists = run.chunks.filter(state=Chunk.State.FAILED).values_list("note_ids", flat=True)
        count = sum(len(notes) for notes in lists)
        if count:
            found[name] = count
    return found


def newest_benchmark(study: Study, preset: str = "paper") -> BenchmarkRun | None:
    return study.benchmarks.filter(preset=preset, partial=False).first()


def newest_of_presets(study: Study) -> dict[str, BenchmarkRun]:
    """Preset -> the newest benchmark by it; counts are read when they are asked for."""
    runs = study.benchmarks.filter(partial=False)
    newest = runs.filter(preset=OuterRef("preset")).values("pk")[:1]
    return {run.preset: run for run in runs.filter(pk=Subquery(newest)).defer("counts")}


def awaited_benchmark(study: Study, preset: str) -> Asked | None:
    """What was asked for last, until it is there. A run made since of other inputs will do: codings go on coming in."""
    asked = last_asked(study, ASKED, SCORING_BEGUN, NOT_SCORED, preset=preset)
    if asked is None:
        return None
    since = Q(preset=preset, partial=False, asked_at__gte=asked.at)
    found = study.benchmarks.filter(Q(input_sha256=asked.data.get("inputs", "")) | since)
    return None if found.exists() else asked


@dataclass(frozen=True)
class CoderFacts:
    """A person who codes in a study: who, and what the work took. `minutes` are those of each note, where known."""

    rater: Rater
    notes: int
    days: int
    minutes: list[float]

    @property
    def hours(self) -> float:
        return sum(self.minutes) / 60

    @property
    def median_minutes(self) -> float | None:
        return median(self.minutes) if self.minutes else None


def people_of(study: Study) -> list[Rater]:
    """The coders that the study is planned for, in its order."""
    return list(dict.fromkeys(space.rater for space in study.workspaces.select_related("rater").order_by("pk")))


def imported_raters(study: Study) -> QuerySet[Rater]:
    """Raters whose codes came from a file alone; `coded` is how many of the study's notes each has coded."""
    here = Q(workspaces__study=study) | Q(runs__study=study)
    mine = Coding.objects.filter(study=study, rater=OuterRef("pk"))
    coded = mine.order_by().values("rater").annotate(n=Count("note", distinct=True)).values("n")
    outside = Rater.objects.filter(Exists(mine)).exclude(kind__in=[Rater.Kind.PANEL, Rater.Kind.REFERENCE])
    outside = outside.exclude(pk__in=Rater.objects.filter(here).values("pk"))
    return outside.annotate(coded=Subquery(coded)).order_by("kind", "name")


def imported_coders(study: Study) -> QuerySet[Rater]:
    """Coders who work elsewhere and whose codes were imported, by name."""
    return imported_raters(study).filter(kind=Rater.Kind.CODER)


def coder_facts(study: Study) -> list[CoderFacts]:
    """Of each coder, from the newest coding of each note; days are those on which the coder submitted (UTC)."""
    raters = people_of(study)
    codings = Coding.objects.filter(study=study, rater__in=raters).order_by("submitted_at", "id")
    newest: dict[int, dict[int, tuple[datetime, float | None]]] = {rater.pk: {} for rater in raters}
    fields = codings.values_list("rater_id", "note_id", "submitted_at", "active_seconds")
    for rater, note, at, seconds in fields.iterator(2000):
        newest[rater][note] = (at, seconds)
    facts = []
    for rater in raters:
        mine = newest[rater.pk].values()
        minutes = [seconds / 60 for _, seconds in mine if seconds is not None]
        facts.append(CoderFacts(rater, len(mine), len({at.date() for at, _ in mine}), minutes))
    return facts


def table1_raters(study: Study, against: str = "reference") -> dict[str, Rater | None]:
    """Table 1's raters by their names in it: the human coders pooled (None), then coders whose codes were imported,
    then each model run in the study or imported. One that has coded nothing yet is there too. Against the panel, the
    reference is a rater like the others."""
    found: dict[str, Rater | None] = {_humans_name(study): None} if study.workspaces.exists() else {}
    ran = Exists(ModelRun.objects.filter(study=study, rater=OuterRef("pk")))
    gave = Exists(Coding.objects.filter(study=study, rater=OuterRef("pk")))
    models = Rater.objects.filter(Q(ran) | Q(gave), kind=Rater.Kind.MODEL)
    for rater in (*imported_coders(study), *models.order_by("name")):
        found[f"{rater.name} ({rater.kind})" if rater.name in found else rater.name] = rater
    if against == "panel" and study.reference:
        found[REFERENCE] = study.reference
    return found


def table1_codings(study: Study, rater: Rater | None) -> Codings:
    """note -> codes of one of them; the human coders' are each note's primary coding."""
    return codings_of(study, rater) if rater else primary_codings(study)


def coders_of(study: Study) -> dict[str, Codings]:
    """Each person who codes in the study, and coders whose codes were imported, by name, with all of their notes."""
    return {str(rater): codings_of(study, rater) for rater in (*people_of(study), *imported_coders(study))}


def arms_of(study: Study) -> Arms | None:
    """Where each note that its own coder has coded stood; None for a study of one arm."""
    if len(study.arms) < 2:
        return None
    own = study.assignments.filter(role="primary").select_related("rater").defer("note__text").select_related("note")
    rows = {row.note_id: row for row in own}
    newest = {
        note: (rater, seconds)
        for note, rater, seconds in Coding.objects.filter(study=study, note__in=rows)
        .order_by("submitted_at", "id")
        .values_list("note_id", "rater_id", "active_seconds")
        if rows[note].rater_id == rater
    }
    done = {rows[note].note.external_id: rows[note] for note in newest}
    minutes = {rows[note].note.external_id: seconds / 60 for note, (_, seconds) in newest.items() if seconds}
    return Arms(
        names=study.arms,
        arm={note: row.arm for note, row in sorted(done.items())},
        coder={note: str(row.rater) for note, row in sorted(done.items())},
        minutes=dict(sorted(minutes.items())),
    )


def _humans_name(study: Study) -> str:
    simulated = {rater.simulated for rater in people_of(study)}
    if simulated == {True}:
        return f"{PEOPLE} (simulated)"
    return f"{PEOPLE} (some simulated)" if True in simulated else PEOPLE


def notes_of(study: Study) -> QuerySet[Note]:
    """A study's notes by their ids, without their texts; all are of its batch, whose index has the order."""
    return study.notes.filter(batch=study.batch_id).defer("text").order_by("external_id")


def with_raters(study: Study, notes: Sequence[Note]) -> list[tuple[Note, int]]:
    """Each note and how many raters of the study have coded it."""
    given = Coding.objects.filter(study=study, note__in=[note.pk for note in notes]).order_by()
    raters = dict(given.values_list("note").annotate(Count("rater", distinct=True)))
    return [(note, raters.get(note.pk, 0)) for note in notes]


def titles_of(codes: Iterable[str]) -> dict[str, str]:
    """Code, or category, -> its title; those without one are left out."""
    return dict(Code.objects.filter(code__in=list(codes)).values_list("code", "long_title"))


def newest_benchmarks(user: User, preset: str) -> list[BenchmarkRun]:
    """The newest benchmark of that preset of each study whose results the person may see, newest study first."""
    runs = BenchmarkRun.objects.filter(preset=preset, partial=False)
    newest = runs.filter(study=OuterRef("study")).values("pk")[:1]
    found = runs.filter(pk=Subquery(newest), study__in=studies_of(user)).select_related("study__batch")
    return list(found.defer("counts").order_by("-study"))


def newest_evaluation() -> EvaluationTable | None:
    return EvaluationTable.objects.first()


@dataclass(frozen=True)
class CodeRow:
    """One code on a note's page and what each rater, in column order, said of it."""

    code: str
    title: str
    given: list[bool]

    @property
    def agreed(self) -> bool:
        return all(self.given)


@dataclass(frozen=True)
class SideBySide:
    raters: list[Rater]
    rows: list[CodeRow]


def note_side_by_side(study: Study, note: Note) -> SideBySide:
    """Every rater's newest codes of one note; codes that most raters gave come first."""
    codings = Coding.objects.filter(note=note, study=study) | Coding.objects.filter(note=note, rater=study.reference)
    newest: dict[int, Coding] = {c.rater_id: c for c in codings.select_related("rater").order_by("submitted_at", "id")}
    ordered = sorted(newest.values(), key=lambda c: (c.rater_id != study.reference_id, c.rater.kind, c.rater.name))
    given: dict[int, set[str]] = {coding.pk: set() for coding in ordered}
    titles = {}
    for item in CodingItem.objects.filter(coding__in=given).select_related("code"):
        given[item.coding_id].add(item.code.code)
        titles[item.code.code] = item.code.long_title
    rows = [CodeRow(code, title, [code in given[c.pk] for c in ordered]) for code, title in titles.items()]
    rows.sort(key=lambda row: (-sum(row.given), row.code))
    return SideBySide([coding.rater for coding in ordered], rows)


def note_evidence(study: Study, note: Note) -> dict[Rater, list[Why]]:
    """Each model's newest codes of one note, likeliest first, with where it looked. Models of which neither
    probabilities nor evidence are known have nothing to show."""
    codings = Coding.objects.filter(note=note, study=study, rater__kind=Rater.Kind.MODEL)
    newest = {c.rater: c.pk for c in codings.select_related("rater").order_by("submitted_at", "id")}
    items = CodingItem.objects.filter(coding__in=newest.values()).select_related("code", "evidence")
    given: dict[int, list[Why]] = {coding: [] for coding in newest.values()}
    for item in items.order_by(F("score").desc(nulls_last=True), "code__code"):
        given[item.coding_id].append(_why(item))
    told = {rater: given[pk] for rater, pk in newest.items()}
    known = {r: whys for r, whys in told.items() if not whys or any(w.probability is not None or w.spans for w in whys)}
    return {rater: known[rater] for rater in sorted(known, key=lambda rater: rater.name)}


def _why(item: CodingItem) -> Why:
    code, title, probability = item.code.code, item.code.long_title, item.score
    if not hasattr(item, "evidence"):
        return Why(code, title, probability)
    found = item.evidence
    spans = [(start, end, weight) for start, end, weight in found.spans]
    return Why(code, title, probability, found.logit, found.bias, found.rest, spans)


def evidence_seen_by(user: User) -> QuerySet[Evidence]:
    """Evidence of codings that the person may see."""
    hidden = batches_hidden_from(user)
    seen = Evidence.objects.exclude(item__coding__note__batch__in=hidden) if hidden else Evidence.objects.all()
    return seen.select_related("item__coding", "item__code")


@dataclass(frozen=True)
class ModelCard:
    """What a checkpoint says of itself: its kind, and how its settings deviate from the published model's."""

    kind: str
    deviations: list[str]


def model_card(digest: str) -> ModelCard | None:
    config = config_of(digest)
    return ModelCard(config["model"]["kind"], config.get("deviations", [])) if config else None


def codes_out_of_reach(run: ModelRun) -> list[Code]:
    """Codes of the study's list that the run's model does not know and can never give."""
    known = codes_of(run.checkpoint_sha256)
    return [code for code in run.study.code_set.codes.order_by("codesetmember__position") if code.code not in known]
