"""Where studies stand: answers given, models' runs, the newest benchmark; few queries for many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, OuterRef, Subquery, Sum
from django.utils import timezone

from annotation.event_names import CHANGED, DISCARDED, DRAFTED, NOT_OPENED, OPENING
from annotation.models import (
    Assignment,
    CodeSet,
    Coding,
    Event,
    Note,
    Rater,
    Study,
    Workspace,
)
from annotation.selectors.asked import PATIENCE_SECONDS
from annotation.selectors.queues import CoderProgress
from benchmark.event_names import ASKED, NOT_SCORED
from benchmark.models import BenchmarkRun, Chunk
from benchmark.scoring.glance import Glance, glance_read
from benchmark.selectors.expressions import JSONLength

ENDS = (DRAFTED, CHANGED, DISCARDED)
"""What was asked for before these does not count any more."""
TOLD = (*ENDS, OPENING, NOT_OPENED, ASKED, NOT_SCORED)
"""The events that say where a study stands; the newest of each counts."""


@dataclass
class Models:
    """The runs of models in a study, in notes."""

    runs: int = 0
    under_way: int = 0
    """Runs that have notes to do."""
    failed: int = 0
    """Runs of which parts failed."""
    done: int = 0
    notes: int = 0


@dataclass(frozen=True)
class Standing:
    """Where a study stands. Nothing of it says how good anybody is but `glance`."""

    study: Study
    notes: int
    codes: int
    """Of its list."""
    coders: list[CoderProgress]
    models: Models
    outside: int
    """Raters whose codes came from files."""
    settled: int
    """Notes that the panel has answered."""
    last_answer: datetime | None
    run: BenchmarkRun | None
    """The newest of the study's own preset, without its document and counts."""
    newest_coding: int
    """0 where nobody has coded; the reference's codes are no coding in a study."""
    without_text: bool = False
    """Whether notes of it are known by their ids alone, so that no model can read them."""
    told: dict[str, datetime] = field(default_factory=dict)
    """Verb of an event of TOLD -> when it was told last."""

    @property
    def done(self) -> int:
        return sum(coder.done for coder in self.coders)

    @property
    def total(self) -> int:
        return sum(coder.total for coder in self.coders)

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def behind(self) -> list[CoderProgress]:
        """Coders with notes left."""
        return [coder for coder in self.coders if coder.left]

    @property
    def percent(self) -> float:
        """Of the answers."""
        if not self.total:
            return 0.0
        return round(100 * self.done / self.total, 1)

    @property
    def simulated(self) -> bool:
        return any(coder.rater.simulated for coder in self.coders)

    @property
    def drafted_at(self) -> datetime | None:
        return self.told.get(DRAFTED)

    @property
    def opening(self) -> bool:
        """Whether it is being opened just now."""
        return self.study.status == Study.Status.DRAFT and self._waits(OPENING, NOT_OPENED)

    @property
    def not_opened(self) -> bool:
        """Whether opening it failed, or nobody seems to be at work on it."""
        asked = OPENING in self.told and self.study.status == Study.Status.DRAFT
        return asked and not self.opening

    @property
    def glance(self) -> Glance | None:
        if self.run is None:
            return None
        return glance_read(self.run.glance)

    @property
    def being_scored(self) -> bool:
        """Whether a benchmark was asked for that is not there yet."""
        if not self._waits(ASKED, NOT_SCORED):
            return False
        return self.run is None or self.run.asked_at < self.told[ASKED]

    @property
    def scoring_due(self) -> bool:
        """Whether there are codings that the newest benchmark has not seen, or there is none."""
        if not self.study.reference_id or not self.newest_coding:
            return False
        if self.run is None:
            return True
        if "seen" in self.run.glance:
            seen: int = self.run.glance["seen"]
            return self.newest_coding > seen
        return self.last_answer is not None and self.run.asked_at < self.last_answer

    def _waits(self, asked: str, failed: str) -> bool:
        """Whether what was asked for did not fail since, and somebody may be at work on it."""
        if asked not in self.told:
            return False
        if failed in self.told and self.told[failed] >= self.told[asked]:
            return False
        return timezone.now() - self.told[asked] < timedelta(seconds=PATIENCE_SECONDS)


def standing_of(study: Study) -> Standing:
    """Where one study stands."""
    return standings_of([study])[0]


def standings_of(studies: Sequence[Study]) -> list[Standing]:
    """Where each of these studies stands, in their order; ten queries for any number of them,
    eleven where notes are without their text."""
    ids = [study.pk for study in studies]
    notes = _notes(ids)
    codes = _codes({study.code_set_id for study in studies})
    coders = _coders(ids)
    assigned = _assigned(ids)
    given = _given(ids)
    models = _models(ids)
    runs = _runs(ids)
    told = _told([study.slug for study in studies])
    bare = _without_text(studies)
    found = []
    for study in studies:
        of_raters = given.get(study.pk, [])
        people = coders.get(study.pk, [])
        here = {rater.pk for rater in people} | models.get(study.pk, _NO_MODELS)[1]
        found.append(
            Standing(
                study=study,
                notes=notes.get(study.pk, 0),
                codes=codes.get(study.code_set_id, 0),
                coders=[_progress(study.pk, rater, assigned, of_raters) for rater in people],
                models=models.get(study.pk, _NO_MODELS)[0],
                outside=len({each.rater for each in of_raters if not each.panel} - here),
                settled=max((each.notes for each in of_raters if each.panel), default=0),
                last_answer=max((each.latest for each in of_raters), default=None),
                newest_coding=max((each.newest for each in of_raters if not each.panel), default=0),
                without_text=study.pk in bare,
                run=runs.get(study.pk),
                told=told.get(study.slug, {}),
            )
        )
    return found


@dataclass(frozen=True)
class _GivenBy:
    """What one rater gave in a study."""

    rater: int
    panel: bool
    notes: int
    latest: datetime
    newest: int


_NO_MODELS: tuple[Models, set[int]] = (Models(), set())


def _progress(
    study: int, rater: Rater, assigned: dict[tuple[int, int], int], given: Sequence[_GivenBy]
) -> CoderProgress:
    done, latest = 0, None
    for each in given:
        if each.rater == rater.pk:
            done, latest = each.notes, each.latest
    return CoderProgress(rater, done, assigned.get((study, rater.pk), 0), latest)


def _notes(studies: Collection[int]) -> dict[int, int]:
    """Study -> how many notes it has."""
    counted = Study.objects.filter(pk__in=studies).order_by().annotate(n=Count("notes"))
    return dict(counted.values_list("pk", "n"))


def _without_text(studies: Sequence[Study]) -> set[int]:
    """The studies that have notes without their text."""
    batches = {study.batch_id for study in studies}
    notes = Note.objects.filter(batch__in=batches, text="").order_by()
    # Most batches have none, and the index `note_without_text` says so without reading the notes.
    bare = set(notes.values_list("batch", flat=True).distinct())
    if not bare:
        return set()
    of_bare = Study.objects.filter(pk__in=[study.pk for study in studies], batch__in=bare)
    return set(of_bare.filter(notes__text="").order_by().values_list("pk", flat=True).distinct())


def _codes(code_sets: Collection[int]) -> dict[int, int]:
    """List of codes -> how many it has."""
    counted = CodeSet.objects.filter(pk__in=code_sets).order_by().annotate(n=Count("codes"))
    return dict(counted.values_list("pk", "n"))


def _coders(studies: Collection[int]) -> dict[int, list[Rater]]:
    """Study -> its coders in its order."""
    found: dict[int, dict[int, Rater]] = {}
    workspaces = Workspace.objects.filter(study__in=studies).select_related("rater").order_by("pk")
    for workspace in workspaces:
        found.setdefault(workspace.study_id, {})[workspace.rater_id] = workspace.rater
    return {study: list(raters.values()) for study, raters in found.items()}


def _assigned(studies: Collection[int]) -> dict[tuple[int, int], int]:
    """(study, coder) -> how many notes are the coder's."""
    rows = Assignment.objects.filter(study__in=studies).order_by().values("study", "rater")
    found = {}
    for study, rater, count in rows.annotate(n=Count("pk")).values_list("study", "rater", "n"):
        found[study, rater] = count
    return found


def _given(studies: Collection[int]) -> dict[int, list[_GivenBy]]:
    """Study -> what each rater gave in it."""
    rows = Coding.objects.filter(study__in=studies).order_by()
    grouped = rows.values("study", "rater", "rater__kind").annotate(
        n=Count("note", distinct=True), latest=Max("submitted_at"), newest=Max("pk")
    )
    found: dict[int, list[_GivenBy]] = {}
    for row in grouped:
        panel = row["rater__kind"] == Rater.Kind.PANEL
        each = _GivenBy(row["rater"], panel, row["n"], row["latest"], row["newest"])
        found.setdefault(row["study"], []).append(each)
    return found


def _models(studies: Collection[int]) -> dict[int, tuple[Models, set[int]]]:
    """Study -> the sums of its models' runs, and the models."""
    chunks = Chunk.objects.filter(run__study__in=studies).order_by()
    rows = chunks.values("run__study", "run__rater", "run", "state")
    raters: dict[int, set[int]] = {}
    of_run: dict[tuple[int, int], dict[str, int]] = {}
    for row in rows.annotate(notes=Sum(JSONLength("note_ids"))):
        raters.setdefault(row["run__study"], set()).add(row["run__rater"])
        states = of_run.setdefault((row["run__study"], row["run"]), {})
        states[row["state"]] = row["notes"]
    found: dict[int, tuple[Models, set[int]]] = {}
    for (study, _), states in of_run.items():
        models, _ = found.setdefault(study, (Models(), raters[study]))
        models.runs += 1
        models.under_way += bool(states.keys() - {Chunk.State.DONE, Chunk.State.FAILED})
        models.failed += Chunk.State.FAILED in states
        models.done += states.get(Chunk.State.DONE, 0)
        models.notes += sum(states.values())
    return found


def _runs(studies: Collection[int]) -> dict[int, BenchmarkRun]:
    """Study -> the newest benchmark of its own preset."""
    runs = BenchmarkRun.objects.filter(partial=False, preset=F("study__preset"))
    newest = runs.filter(study=OuterRef("study")).values("pk")[:1]
    found = runs.filter(study__in=studies, pk=Subquery(newest))
    return {run.study_id: run for run in found.defer("document", "counts", "axes")}


def _told(slugs: Collection[str]) -> dict[str, dict[str, datetime]]:
    """Study's short name -> verb -> when an event of it was told last."""
    objects = [f"study:{slug}" for slug in slugs]
    events = Event.objects.filter(object__in=objects, verb__in=TOLD).order_by()
    last: dict[str, dict[str, datetime]] = {}
    for row in events.values("object", "verb").annotate(last=Max("at")):
        slug = row["object"].removeprefix("study:")
        last.setdefault(slug, {})[row["verb"]] = row["last"]
    return {slug: _counting(told) for slug, told in last.items()}


def _counting(told: dict[str, datetime]) -> dict[str, datetime]:
    """Those that are not older than the end of what was asked before."""
    ends = [told[verb] for verb in ENDS if verb in told]
    if not ends:
        return told
    found = {verb: at for verb, at in told.items() if at >= max(ends)}
    if DRAFTED in told:
        found[DRAFTED] = told[DRAFTED]
    return found
