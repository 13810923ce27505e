"""The benchmarks of a study: the newest of each preset, one that is awaited, the newest Table 2."""

from __future__ import annotations

from django.db.models import F, Max, OuterRef, Q, Subquery

from annotation.models import Coding, Rater, Study, User
from annotation.selectors.asked import Asked, last_asked
from annotation.selectors.studies import studies_of
from benchmark.event_names import ASKED, NOT_SCORED, SCORING_BEGUN
from benchmark.models import BenchmarkRun, EvaluationTable
from benchmark.scoring.presets import PRESETS

AT_ONCE = 3_000
"""Codings that are read, compared or packed while somebody waits; more are left to a worker."""


def is_large(study: Study) -> bool:
    """Whether reading all of its codings takes longer than somebody should wait for a page."""
    return Coding.objects.filter(study=study).count() + study.notes.count() > AT_ONCE


def newest_coding(study: Study) -> int:
    """The id of the newest coding that a benchmark of the study may be about; 0 without any.

    What the panel settles is another reference, and makes no benchmark old.
    """
    given = Coding.objects.filter(study=study).exclude(rater__kind=Rater.Kind.PANEL)
    newest: int | None = given.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def newest_benchmark(study: Study, preset: str | None = None) -> BenchmarkRun | None:
    """The newest of that preset, by default of the study's own."""
    return study.benchmarks.filter(preset=preset or study.preset, partial=False).first()


def benchmarks_made(study: Study, most: int = 20) -> list[BenchmarkRun]:
    """The last benchmarks of a study, the newest first, without what they say."""
    runs = study.benchmarks.filter(partial=False, preset__in=PRESETS)
    return list(runs.defer("document", "counts", "axes")[:most])


def newest_of_presets(study: Study) -> dict[str, BenchmarkRun]:
    """Preset -> the newest benchmark by it; counts are read when they are asked for."""
    runs = study.benchmarks.filter(partial=False)
    newest = runs.filter(preset=OuterRef("preset")).values("pk")[:1]
    return {run.preset: run for run in runs.filter(pk=Subquery(newest)).defer("counts")}


def awaited_benchmark(study: Study, preset: str) -> Asked | None:
    """What was asked for last, until it is there.

    A run made since of other inputs will do: codings go on coming in.
    """
    asked = last_asked(study, ASKED, SCORING_BEGUN, NOT_SCORED, preset=preset)
    if asked is None:
        return None
    since = Q(preset=preset, partial=False, asked_at__gte=asked.at)
    found = study.benchmarks.filter(Q(input_sha256=asked.data.get("inputs", "")) | since)
    if found.exists():
        return None
    return asked


def newest_benchmarks(user: User, preset: str | None) -> list[BenchmarkRun]:
    """The newest benchmark of each study by that preset, newest study first.

    Without a preset by each study's own. Of the studies whose results the person may see.
    """
    runs = BenchmarkRun.objects.filter(partial=False)
    if preset is None:
        runs = runs.filter(preset=F("study__preset"))
    else:
        runs = runs.filter(preset=preset)
    newest = runs.filter(study=OuterRef("study")).values("pk")[:1]
    found = runs.filter(pk=Subquery(newest), study__in=studies_of(user))
    return list(found.select_related("study__batch").defer("counts").order_by("-study"))


def newest_evaluation() -> EvaluationTable | None:
    return EvaluationTable.objects.first()
