"""The raters of a study against its reference: computed from codings, stored once under the hash of its inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Event, Rater, Study, User
from annotation.selectors import BEGINS, SWEEP_FOR_SECONDS, Codings
from annotation.services.events import ASKED, NOT_SCORED, SCORING_BEGUN, event_record
from annotation.study_selectors import reopenings_told
from benchmark.metrics.bootstrap import REPLICATES
from benchmark.metrics.compare import common_notes
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.members import packed, rater_members, reference_members
from benchmark.metrics.tally import Tally, tally
from benchmark.models import BenchmarkRun, Chunk, GivenCodes
from benchmark.presets import PRESETS, NothingToCompareError, label_space, reference_of
from benchmark.scoring import RULER, Arms, Scored, scored
from benchmark.selectors import (
    arms_of,
    awaited_benchmark,
    coders_of,
    failed_notes,
    is_large,
    table1_codings,
    table1_raters,
)
from benchmark.services.registry import dev_threshold
from benchmark.services.scores import codings_at, scores_of

WORKER_LOST = "the worker stopped without a word, three times"


@dataclass(frozen=True)
class Inputs:
    """All that a benchmark is computed from: who is scored against what, on which notes and codes; and its hash."""

    study: Study
    preset: str
    reference: Codings
    known: Mapping[str, Rater | None]
    everybody: Mapping[str, Codings]
    coders: Mapping[str, Codings]
    arms: Arms | None
    notes: Sequence[str]
    space: LabelSpace
    as_run: list[str]
    left_out: list[str]
    failed: Mapping[str, int]
    """Model -> notes on which its newest run failed."""
    reopened: list[dict[str, Any]]

    @property
    def against(self) -> str:
        return PRESETS[self.preset].against

    @property
    def kinds(self) -> dict[str, str]:
        return {name: str(rater.kind) if rater else "people" for name, rater in self.known.items()}

    @property
    def models(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind == Rater.Kind.MODEL]

    @property
    def raters(self) -> dict[str, Codings]:
        """Those who have coded anything."""
        return {name: codings for name, codings in self.everybody.items() if codings}

    @cached_property
    def lacking(self) -> bool:
        """Whether notes or raters are missing; of a panel, also where it has not settled every note."""
        unsettled = self.against == "panel" and len(self.reference) < self.study.notes.count()
        return unsettled or len(self.notes) < len(self.reference) or len(self.raters) < len(self.everybody)

    @cached_property
    def interim(self) -> bool:
        """Whether what is missing may still come. People give no more once a study is closed; a run of a model that
        has not ended, and a panel, go on."""
        if not self.lacking:
            return False
        unfinished = [Chunk.State.WAITING, Chunk.State.CLAIMED]
        running = Chunk.objects.filter(run__study=self.study, state__in=unfinished).exists()
        return self.study.status != Study.Status.CLOSED or self.against == "panel" or running

    @cached_property
    def sha256(self) -> str:
        everything = [
            self.study.slug, self.study.protocol_sha256, self.preset, REPLICATES, RULER, self.reference,
            self.everybody, self.coders, self.models, self.space.codes, self.left_out, self.interim,
            self.arms and asdict(self.arms),
        ]  # fmt: skip
        if self.failed:
            everything.append({"failed": self.failed})
        if self.reopened:  # else the hash is the one of before there were reopenings
            everything.append({"reopened": self.reopened})
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def benchmark_inputs(study: Study, preset: str = "paper", only: Sequence[str] = ()) -> Inputs:
    """What a benchmark of the study would be computed from, read in a moment. Raises NothingToCompareError where it
    cannot be, and ValueError for a name that no rater has."""
    reference = reference_of(study, PRESETS[preset])
    known, left_out = _asked(table1_raters(study, PRESETS[preset].against), only)
    everybody = {name: table1_codings(study, rater) for name, rater in known.items()}
    as_run = _tune(study, known, everybody) if PRESETS[preset].threshold == "dev" else []
    raters = {name: codings for name, codings in everybody.items() if codings}
    notes = common_notes(reference, raters, "intersect") if raters else []
    if not notes:
        lacking = _who_lacks(reference, everybody)
        raise NothingToCompareError(f"no note of {study.slug} has been coded by every rater yet: {lacking}")
    space = label_space(study, PRESETS[preset], reference, notes)
    coders, arms = coders_of(study), arms_of(study)
    failed = {name: count for name, count in failed_notes(study).items() if name in known}
    reopened = reopenings_told(study)
    return Inputs(
        study, preset, reference, known, everybody, coders, arms, notes, space, as_run, left_out, failed, reopened
    )


def benchmark_run(
    *,
    study: Study,
    preset: str = "paper",
    actor: User | None = None,
    final: bool = False,
    only: Sequence[str] = (),
) -> BenchmarkRun:
    """Score every rater of the study as the preset asks, or `only` those named. The same inputs give the same run.

    Raters that lack notes: all are scored on the notes that all have, and the run is marked interim; with `final`
    that is refused. Raises NothingToCompareError, and ValueError for a name that no rater has.
    """
    inputs = benchmark_inputs(study, preset, only)
    if final and inputs.lacking:
        lacking = _who_lacks(inputs.reference, inputs.everybody)
        raise NothingToCompareError(f"not final: {lacking or f'the panel has settled {len(inputs.reference)} notes'}")
    return _run_before(inputs) or _run(inputs, actor)


def benchmark_ask(*, study: Study, preset: str, actor: User, queue: Callable[[int, str, int | None], object]) -> None:
    """Have `queue(study id, preset, user id)` see to it that the study is scored, for that takes seconds.

    What cannot be scored is refused here (NothingToCompareError). Where these very inputs have been scored that run
    becomes the newest, and nothing is queued. Of a large study reading the inputs takes too long: its worker finds
    out both. `awaited_benchmark` tells who waits.
    """
    if is_large(study):
        event_record(actor=actor, verb=ASKED, object=f"study:{study.slug}", preset=preset)
        queue(study.pk, preset, actor.pk)
        return
    inputs = benchmark_inputs(study, preset)
    if _run_before(inputs) is None:
        event_record(actor=actor, verb=ASKED, object=f"study:{study.slug}", inputs=inputs.sha256, preset=preset)
        queue(study.pk, preset, actor.pk)


def benchmark_failed(*, study: Study, preset: str, error: str) -> None:
    """Record that a worker could not score it, for the page that waits. `error` is the error's kind, no words."""
    event_record(actor=None, verb=NOT_SCORED, object=f"study:{study.slug}", preset=preset, error=error)


def benchmark_begun(*, study: Study, preset: str) -> None:
    """Record that a worker is at it; one that ends without a word leaves this behind."""
    event_record(actor=None, verb=SCORING_BEGUN, object=f"study:{study.slug}", preset=preset)


def benchmarks_sweep(score: Callable[[int, str, int | None], object]) -> int:
    """Have `score(study id, preset, user id)` do what was asked for and not done: its task was lost, or its worker.
    Returns how many. What ends its worker each time is given up."""
    swept = 0
    recent = Event.objects.filter(verb=ASKED, at__gte=timezone.now() - timedelta(seconds=SWEEP_FOR_SECONDS))
    asks = {(event.object.removeprefix("study:"), event.data["preset"]) for event in recent}
    for slug, preset in sorted(asks):
        study = Study.objects.filter(slug=slug).first()
        awaited = awaited_benchmark(study, preset) if study else None
        if study is None or awaited is None or not awaited.left:
            continue
        if awaited.begun >= BEGINS:
            benchmark_failed(study=study, preset=preset, error=WORKER_LOST)
            continue
        score(study.pk, preset, awaited.actor_id)
        swept += 1
    return swept


def _run_before(inputs: Inputs) -> BenchmarkRun | None:
    """The run of these very inputs, which is the newest from now on."""
    existing = BenchmarkRun.objects.filter(input_sha256=inputs.sha256).first()
    if existing:
        existing.save(update_fields=["asked_at"])
    return existing


def _run(inputs: Inputs, actor: User | None) -> BenchmarkRun:
    study, raters, notes, space = inputs.study, inputs.raters, inputs.notes, inputs.space
    scores = _scores(study, inputs.known, notes, space)
    result = scored(
        space, notes, inputs.reference, raters, inputs.coders, inputs.models, scores, inputs.arms, inputs.against
    ) | {
        "study": study.slug,
        "protocol_sha256": study.protocol_sha256,
        "preset": inputs.preset,
        "against": inputs.against,
        "kinds": {name: inputs.kinds[name] for name in raters},
        "synthetic": study.batch.origin == study.batch.Origin.SYNTHETIC,
        "notes_of_study": len(inputs.reference),
        "interim": inputs.interim,
        "lacking": _lacking(inputs.reference, raters),
        "as_run": inputs.as_run,
        "left_out": inputs.left_out,
        "failed": dict(inputs.failed),
        "without_codings": sorted(inputs.everybody.keys() - raters.keys()),
        "reopened": inputs.reopened,
    }
    counted = tally(space, notes, inputs.reference, raters)
    with transaction.atomic():
        run, created = BenchmarkRun.objects.get_or_create(
            input_sha256=inputs.sha256,
            defaults={
                "study": study, "preset": inputs.preset, "notes": len(notes), "interim": inputs.interim,
                "partial": bool(inputs.left_out), "document": json.dumps(result),
                "counts": json.dumps(counted.to_json()),
            },
        )  # fmt: skip
        if created:
            GivenCodes.objects.bulk_create(_given(run, inputs, counted))
    if created:
        event_record(
            actor=actor, verb="benchmark.run", object=f"study:{study.slug}", inputs=inputs.sha256, preset=inputs.preset
        )
    return run


def _given(run: BenchmarkRun, inputs: Inputs, counted: Tally) -> list[GivenCodes]:
    """The codes of the reference and of each rater, for the pages that list notes by code."""
    rows = [GivenCodes(run=run, rater="", members=packed(reference_members(inputs.reference, counted)))]
    for name, codings in inputs.raters.items():
        rows.append(GivenCodes(run=run, rater=name, members=packed(rater_members(codings, counted))))
    return rows


def _asked(known: dict[str, Rater | None], only: Sequence[str]) -> tuple[dict[str, Rater | None], list[str]]:
    """The raters asked for, in the order of Table 1, and the names of the others."""
    if unknown := [name for name in only if name not in known]:
        raise ValueError(f"no rater named {', '.join(unknown)}; there is: {', '.join(known)}")
    left_out = [name for name in known if only and name not in only]
    return {name: rater for name, rater in known.items() if name not in left_out}, left_out


def _tune(study: Study, known: Mapping[str, Rater | None], everybody: dict[str, Codings]) -> list[str]:
    """Each model's codings at its own development threshold, in place; names of the models that have to stay."""
    stay = []
    for name, rater in known.items():
        if rater and rater.kind == Rater.Kind.MODEL:
            threshold = dev_threshold(rater.checkpoint_sha256)
            tuned = None if threshold is None else codings_at(study, rater, list(everybody[name]), threshold)
            if tuned is None:
                stay.append(name)
            else:
                everybody[name] = tuned
    return stay


def _scores(
    study: Study, known: Mapping[str, Rater | None], notes: Sequence[str], space: LabelSpace
) -> dict[str, Scored]:
    """Of the models whose probabilities of all notes are kept."""
    found = {}
    for name, rater in known.items():
        if rater and rater.checkpoint_sha256:
            matrix = scores_of(study, rater, notes, space.codes)
            if matrix is not None:
                found[name] = Scored(matrix, dev_threshold(rater.checkpoint_sha256))
    return found


def _who_lacks(reference: Codings, raters: Mapping[str, Codings]) -> str:
    return ", ".join(f"{name} lacks {n} of {len(reference)} notes" for name, n in _lacking(reference, raters).items())


def _lacking(reference: Codings, raters: Mapping[str, Codings]) -> dict[str, int]:
    """Of those who lack any, how many of the reference's notes."""
    counts = {name: len(reference.keys() - codings.keys()) for name, codings in raters.items()}
    return {name: n for name, n in counts.items() if n}
