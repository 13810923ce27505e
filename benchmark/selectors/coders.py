"""A study's coders, a line each: how far each is, and how well each does. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from annotation.models import Rater, Study
from annotation.selectors.queues import CoderProgress
from benchmark.models import BenchmarkRun
from benchmark.selectors.coder_page import MOST_TIMED, minutes_of, side_name
from benchmark.selectors.sides import Listed, sides_of
from benchmark.tables.coder.figures import Figures, on_their_own_notes


@dataclass(frozen=True)
class CoderLine:
    """A coder in the list of a study's coders."""

    rater: Rater
    done: int
    total: int | None
    """Notes to code; None for who codes elsewhere."""
    last_activity: datetime | None
    imported: bool
    """Whether the codes came from a file."""
    minutes: float | None = None
    """A note's, the middle one; None where nobody measured it, or it was not looked up."""
    figures: Figures | None = None
    """None before the study is scored."""


def coder_lines(
    study: Study,
    run: BenchmarkRun | None,
    listed: Sequence[Listed],
    progress: Sequence[CoderProgress],
    imported: Sequence[Rater],
) -> list[CoderLine]:
    """Those who code in the study, in its order, then those whose codes were imported."""
    lines = []
    for each in progress:
        lines.append(CoderLine(each.rater, each.done, each.total, each.last_activity, False))
    for rater in imported:
        lines.append(CoderLine(rater, rater.coded, None, None, True))  # type: ignore[attr-defined]
    if sum(line.done for line in lines) <= MOST_TIMED:
        minutes = minutes_of(study, [each.rater for each in progress])
        lines = [replace(line, minutes=minutes.get(str(line.rater))) for line in lines]
    if run is None or not listed:
        return lines
    figures = _figures(run, listed, [line.rater for line in lines])
    return [replace(line, figures=figures.get(line.rater.pk)) for line in lines]


def best_model(listed: Sequence[Listed], *first: str) -> str:
    """The first model of these names, else of all that are listed; "" without any."""
    models = [each.name for each in listed if each.kind == "model"]
    for name in (*first, *models):
        if name in models:
            return name
    return ""


def _figures(
    run: BenchmarkRun, listed: Sequence[Listed], raters: Sequence[Rater]
) -> dict[int, Figures]:
    """Coder's id -> the figures on that coder's own notes, a model's beside them."""
    names = {}
    for rater in raters:
        side = side_name(listed, rater)
        if side:
            names[rater.pk] = side
    beside = best_model(listed)
    wanted = list(names.values())
    if beside:
        wanted.append(beside)
    sides = sides_of(run, wanted)
    found = {each.name: each for each in on_their_own_notes(sides, list(names.values()), beside)}
    return {pk: found[name] for pk, name in names.items() if name in found}
