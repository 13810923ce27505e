"""The raters of a study against its reference.

Computed from codings, and stored once under the hash of its inputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Event, Study, User
from annotation.selectors.asked import BEGINS, SWEEP_FOR_SECONDS
from annotation.selectors.removal import removed_of
from annotation.services.events import event_record
from benchmark.event_names import ASKED, NOT_SCORED, SCORING_BEGUN
from benchmark.metrics.sets.tally import tally
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import Document, Reopened, TextsRemoved
from benchmark.scoring.figures import Figures, figures_of
from benchmark.scoring.glance import glance_of
from benchmark.scoring.sides import first_pair, sides_of_study
from benchmark.selectors.benchmarks import awaited_benchmark, is_large, newest_coding
from benchmark.selectors.beside import count_words, with_words
from benchmark.selectors.inputs import (
    Inputs,
    NothingToCompareError,
    benchmark_inputs,
    lacking,
    who_lacks,
)
from benchmark.services.sides import packed_axes, sides_store

WORKER_LOST = "the worker stopped without a word, three times"


def benchmark_run(
    *,
    study: Study,
    preset: str | None = None,
    actor: User | None = None,
    final: bool = False,
    only: Sequence[str] = (),
    afterwards: Mapping[str, Any] | None = None,
) -> BenchmarkRun:
    """Score every rater of the study as the preset asks, or `only` those named.

    `preset`: by default the study's own. `afterwards`: fields of `Beside` that are told now, such
    as a margin: what the study's protocol says stays as it is, and the figures say that they were
    set afterwards. Such a run is no study's newest benchmark, like one of some raters alone.

    The same inputs give the same run. Where raters lack notes, all are scored on the notes that all
    have, and the run is marked interim; with `final` that is refused. Raises NothingToCompareError,
    and ValueError for a name that no rater has.
    """
    seen = newest_coding(study)  # before codings are read: what comes meanwhile is not in it
    inputs = benchmark_inputs(study, preset, only, afterwards)
    if final and inputs.incomplete:
        why = who_lacks(inputs.reference, inputs.everybody)
        if not why:
            why = f"the panel has settled {len(inputs.reference)} notes"
        raise NothingToCompareError(f"not final: {why}")
    run = _run_before(inputs, seen)
    if run is None:
        run = _run(inputs, actor, bool(inputs.left_out or afterwards), seen)
    return run


def benchmark_ask(
    *, study: Study, preset: str, actor: User, queue: Callable[[int, str, int | None], object]
) -> None:
    """Ask a worker, by `queue(study id, preset, user id)`, to score the study.

    For that takes seconds. What cannot be scored is refused here (NothingToCompareError). Where
    these very inputs have been scored that run becomes the newest, and nothing is queued. Of a
    large study reading the inputs takes too long: its worker finds out both. `awaited_benchmark`
    tells who waits.
    """
    if is_large(study):
        event_record(actor=actor, verb=ASKED, object=f"study:{study.slug}", preset=preset)
        queue(study.pk, preset, actor.pk)
        return
    seen = newest_coding(study)
    inputs = benchmark_inputs(study, preset)
    if _run_before(inputs, seen) is None:
        event_record(
            actor=actor,
            verb=ASKED,
            object=f"study:{study.slug}",
            inputs=inputs.sha256,
            preset=preset,
        )
        queue(study.pk, preset, actor.pk)


def benchmark_failed(*, study: Study, preset: str, error: str) -> None:
    """Record that a worker could not score it, for the page that waits.

    `error` is the error's kind, no words.
    """
    event_record(
        actor=None, verb=NOT_SCORED, object=f"study:{study.slug}", preset=preset, error=error
    )


def benchmark_begun(*, study: Study, preset: str) -> None:
    """Record that a worker has begun to score; one that is killed leaves this behind."""
    event_record(actor=None, verb=SCORING_BEGUN, object=f"study:{study.slug}", preset=preset)


def benchmarks_sweep(score: Callable[[int, str, int | None], object]) -> int:
    """Score, by `score(study id, preset, user id)`, what was asked for and not done.

    Its task was lost, or its worker. Returns how many. What ends its worker each time is given up.
    """
    swept = 0
    since = timezone.now() - timedelta(seconds=SWEEP_FOR_SECONDS)
    recent = Event.objects.filter(verb=ASKED, at__gte=since)
    asks = {(event.object.removeprefix("study:"), event.data["preset"]) for event in recent}
    for slug, preset in sorted(asks):
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            continue
        awaited = awaited_benchmark(study, preset)
        if awaited is None or not awaited.left:
            continue
        if awaited.begun >= BEGINS:
            benchmark_failed(study=study, preset=preset, error=WORKER_LOST)
            continue
        score(study.pk, preset, awaited.actor_id)
        swept += 1
    return swept


def _run_before(inputs: Inputs, seen: int) -> BenchmarkRun | None:
    """The stored run of the very same inputs, which becomes the newest; None without one.

    `seen` is the id of the newest coding.
    """
    existing = BenchmarkRun.objects.filter(input_sha256=inputs.sha256).first()
    if existing:
        existing.glance["seen"] = seen
        existing.save(update_fields=["asked_at", "glance"])
    return existing


def _run(inputs: Inputs, actor: User | None, partial: bool, seen: int) -> BenchmarkRun:
    """Compute the benchmark and store it; `partial`: it is not the study's newest."""
    encoded = inputs.encoded()
    words = count_words(inputs.study)
    beside = with_words(inputs.beside, words, inputs.notes)
    known = inputs.probabilities()
    figures = figures_of(encoded, known, inputs.arms, inputs.against, beside)
    document = _document(inputs, figures)
    counts = tally(encoded.table1())
    sides = sides_of_study(encoded, document.kinds)
    first, second = first_pair(document, document.kinds, list(sides.raters))
    glance = glance_of(document, sides, first, second)
    with transaction.atomic():
        run, created = BenchmarkRun.objects.get_or_create(
            input_sha256=inputs.sha256,
            defaults={
                "study": inputs.study,
                "preset": inputs.preset,
                "notes": len(inputs.notes),
                "interim": inputs.interim,
                "partial": partial,
                "document": json.dumps(document.to_json()),
                "counts": json.dumps(counts.to_json()),
                "axes": packed_axes(sides.axes, words, first, second),
                "glance": {**glance.to_json(), "seen": seen},
            },
        )
        if created:
            sides_store(run=run, sides=sides)
    if created:
        what = {"inputs": inputs.sha256, "preset": inputs.preset}
        event_record(actor=actor, verb="benchmark.run", object=f"study:{inputs.study.slug}", **what)
    return run


def _document(inputs: Inputs, figures: Figures) -> Document:
    """The figures, with what they were computed from."""
    study = inputs.study
    raters = inputs.raters
    return Document(
        **vars(figures),
        study=study.slug,
        protocol_sha256=study.protocol_sha256,
        preset=inputs.preset,
        against=inputs.against,
        kinds={name: inputs.kinds[name] for name in raters},
        synthetic=study.batch.origin == study.batch.Origin.SYNTHETIC,
        notes_of_study=len(inputs.reference),
        interim=inputs.interim,
        lacking=lacking(inputs.reference, raters),
        as_run=inputs.as_run,
        left_out=inputs.left_out,
        failed=dict(inputs.failed),
        without_codings=sorted(inputs.everybody.keys() - raters.keys()),
        reopened=[Reopened(**each) for each in inputs.reopened],
        texts_removed=_texts_removed(study),
    )


def _texts_removed(study: Study) -> TextsRemoved | None:
    removed = removed_of(study)
    if removed is None:
        return None
    return TextsRemoved(at=removed.at.isoformat(), notes=removed.notes, by_models=removed.by_models)
