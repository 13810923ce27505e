"""The charts of a benchmark."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.sets.tally import Tally
from benchmark.scoring.document import Document
from benchmark.tables.codes_a_note import codes_a_note, quarters
from benchmark.tables.forest import forest_rows
from benchmark.tables.svg import Estimated, bars, forest, plane, spread


def _bars(document: Document, tally: Tally | None) -> str:
    rows = []
    for name, rater in document.raters.items():
        percent = {
            "jaccard": 100 * rater.micro.jaccard,
            "precision": 100 * rater.micro.precision,
            "recall": 100 * rater.micro.recall,
        }
        rows.append((name, percent))
    return bars(rows)


def _precision_recall(document: Document, tally: Tally | None) -> str:
    points = []
    for name, rater in document.raters.items():
        points.append((name, rater.micro.precision, rater.micro.recall))
    return plane(points)


def _codes_a_note(document: Document, tally: Tally | None) -> str:
    if tally is None:
        return ""
    rows = []
    for name, codes in codes_a_note(document, tally).items():
        rows.append((name, float(codes.mean()), quarters(codes)))
    return spread(rows)


def _forest(document: Document, tally: Tally | None) -> str:
    rows = []
    for row in forest_rows(document, {}):
        ends = _ends(row.interval)
        rows.append(Estimated(row.name, row.figures.jaccard, ends, _ends(row.like_these)))
    return forest(rows)


def _ends(interval: Interval | None) -> tuple[float, float] | None:
    if interval is None:
        return None
    return interval.low, interval.high


CHARTS: dict[str, Callable[[Document, Tally | None], str]] = {
    "bars": _bars,
    "forest": _forest,
    "precision_recall": _precision_recall,
    "codes_a_note": _codes_a_note,
}
"""Name in addresses -> the function that draws the chart as SVG, "" where it cannot be drawn.

The tally is None for benchmarks of before counts were kept; only codes_a_note needs it.
"""
