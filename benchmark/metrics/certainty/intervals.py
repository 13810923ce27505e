"""The intervals of Table 1's figures: by bootstrap for micro figures, by jackknife for macro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.metrics.certainty.bootstrap import (
    REPLICATES,
    Interval,
    micro_intervals,
    note_weights,
)
from benchmark.metrics.certainty.influence import estimate
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.codings import Encoding
from benchmark.metrics.sets.counts import per_note


@dataclass(frozen=True)
class RaterIntervals:
    """An interval for every micro and macro figure, by the figure's name."""

    micro: Mapping[str, Interval]
    macro: Mapping[str, Interval | None]
    """None where nothing was seen to vary: no code was ever given, or there is one note."""


def intervals(
    encoding: Encoding,
    *,
    replicates: int = REPLICATES,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, RaterIntervals]:
    """Intervals of the figures that `compare_encoded` gives, by the rater's name.

    Micro figures get percentile intervals of a bootstrap over notes, the same resamples for all
    raters. Macro figures get jackknife intervals, which stand for the figure to expect on as many
    such notes: docs/metrics.md. Same arguments, same intervals.
    """
    weights = note_weights(len(encoding.notes), replicates, seed)
    found = {}
    for name, given in encoding.given.items():
        counts = per_note(encoding.true, given.matrix, encoding.missed)
        macro: dict[str, Interval | None] = {}
        for figure, each in macro_influences(encoding.true, given.matrix).items():
            macro[figure] = estimate(each, level).interval
        found[name] = RaterIntervals(micro_intervals(counts, weights, level), macro)
    return found
