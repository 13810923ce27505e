"""What a benchmark says at a glance: the two raters that are shown first, and their difference.

It is kept with the run, so that a list of studies need not read their documents. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.metrics.certainty.influence import Estimate, estimate, influence
from benchmark.metrics.certainty.two_raters import chance
from benchmark.metrics.tables.certainty import CLEAR, LEAST_NOTES
from benchmark.scoring.figures import Figures
from benchmark.scoring.sides import Sides


@dataclass(frozen=True)
class Span:
    """A figure with its 95% interval; None where nothing says how sure it is."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Seen:
    """A rater's micro Jaccard against the reference."""

    name: str
    kind: str
    jaccard: Span


@dataclass(frozen=True)
class Glance:
    """A benchmark in three figures."""

    notes: int
    a: Seen
    b: Seen | None
    """None where there is one rater."""
    difference: Span | None
    """A less B."""
    p: float | None
    """Of the difference; of two rows of Table 1 Holm-corrected, as there. None without a second."""

    @property
    def verdict(self) -> str:
        """Whether the difference is more than chance: "real", "not shown" or "too few notes".

        By the rule of the results. "" without a second rater.
        """
        if self.p is None:
            return ""
        if self.notes < LEAST_NOTES:
            return "too few notes"
        if self.p < CLEAR:
            return "real"
        return "not shown"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def glance_of(figures: Figures, sides: Sides, first: str, second: str) -> Glance:
    """The two raters on the notes on which they are compared; `second` may be ""."""
    names = [name for name in (first, second) if name]
    rows = sides.counted(*names)
    found = {name: influence(sides.per_note(name, rows)) for name in names}
    seen = []
    for name in names:
        span = _in_table1(figures, name) or _span(estimate(found[name]))
        seen.append(Seen(name, sides.raters[name].kind, span))
    if not second:
        return Glance(len(rows), seen[0], None, None, None)
    difference = _span(estimate(found[first] - found[second], lowest=-1.0))
    p = _p_of_table1(figures, {first, second})
    if p is None:
        p = chance(sides.per_note(first, rows), sides.per_note(second, rows)).p
    return Glance(len(rows), seen[0], seen[1], difference, p)


def glance_read(stored: Mapping[str, Any]) -> Glance | None:
    """A glance from its JSON; None for a run of before glances were kept."""
    if "a" not in stored:
        return None
    return Glance(
        notes=stored["notes"],
        a=_seen(stored["a"]),
        b=_seen(stored["b"]) if stored["b"] else None,
        difference=Span(**stored["difference"]) if stored["difference"] else None,
        p=stored["p"],
    )


def _seen(stored: Mapping[str, Any]) -> Seen:
    return Seen(stored["name"], stored["kind"], Span(**stored["jaccard"]))


def _span(of: Estimate) -> Span:
    if of.interval is None:
        return Span(of.value, None, None)
    return Span(of.value, of.interval.low, of.interval.high)


def _in_table1(figures: Figures, name: str) -> Span | None:
    """The figure and interval that Table 1 has; None for a coder who is no row of it."""
    rater = figures.raters.get(name)
    if rater is None:
        return None
    interval = rater.intervals.micro["jaccard"]
    if interval is None:
        return Span(rater.micro.jaccard, None, None)
    return Span(rater.micro.jaccard, interval.low, interval.high)


def _p_of_table1(figures: Figures, names: set[str]) -> float | None:
    for pair in figures.differences:
        if {pair.first, pair.second} == names:
            return pair.tests["micro_jaccard"].p_holm
    return None
