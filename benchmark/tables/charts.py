"""The charts of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmark.metrics.sets.tally import Tally
from benchmark.tables.codes_a_note import codes_a_note, quarters
from benchmark.tables.svg import bars, plane, spread


def _bars(result: Mapping[str, Any], tally: Tally | None) -> str:
    picked = ("jaccard", "precision", "recall")
    return bars([(name, {m: 100 * row["micro"][m] for m in picked}) for name, row in result["raters"].items()])


def _plane(result: Mapping[str, Any], tally: Tally | None) -> str:
    return plane([(name, row["micro"]["precision"], row["micro"]["recall"]) for name, row in result["raters"].items()])


def _spread(result: Mapping[str, Any], tally: Tally | None) -> str:
    if tally is None:
        return ""
    return spread([(name, float(n.mean()), quarters(n)) for name, n in codes_a_note(result, tally).items()])


CHARTS: dict[str, Callable[[Mapping[str, Any], Tally | None], str]] = {
    "bars": _bars, "precision_recall": _plane, "codes_a_note": _spread,
}  # fmt: skip
"""Name in addresses -> the chart of a stored benchmark, "" where it cannot be drawn."""
