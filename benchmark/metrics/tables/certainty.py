"""How sure a stored comparison is, laid out: intervals of Table 1's figures, and differences between raters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.metrics.certainty.bootstrap import REPLICATES
from benchmark.metrics.certainty.paired import DRAWS
from benchmark.metrics.tables.rendering import Column, Row, Table

AVERAGES, FIGURES = ("macro", "micro"), ("jaccard", "precision", "recall")
CELLS = tuple((average, figure) for figure in FIGURES for average in AVERAGES)
LIMITS = ("low", "high")
BOUNDS = tuple(Column(average, figure.capitalize(), f"{average}_{figure}", LIMITS) for average, figure in CELLS)
TESTS = (
    *(Column(average, figure.capitalize(), f"{average}_{figure}", ("", "p_holm")) for average, figure in CELLS),
    Column("Jaccard", "mean of notes", "note_jaccard", ("", "p_holm")),
)
DIFFERENCES = (
    Column("times", "micro Jaccard", "times"), Column("95%", "micro Jaccard", "times", LIMITS), *TESTS,
)  # fmt: skip
CLEAR = 0.05
LEAST_NOTES = 30
"""Below this many notes nothing is said of who is better, and nothing is marked: docs/metrics.md says why."""


def intervals_table(result: Mapping[str, Any]) -> Table:
    """A row a rater: the 95% interval of each figure of Table 1; `result` is a stored comparison."""
    rows = []
    for name, rater in result["raters"].items():
        found = [rater["intervals"][average][figure] for average, figure in CELLS]
        cells = tuple(f"{100 * each['low']:.1f} to {100 * each['high']:.1f}" for each in found)
        rows.append(Row("rater", name, cells, tuple(f"{x[limit]:.15g}" for x in found for limit in LIMITS)))
    notes = (
        f"Micro: percentile intervals of a bootstrap over notes, {REPLICATES:,} resamples. Macro: centred ones, which "
        "stand for the figure to expect on as many notes like these; where most codes are rare, no bootstrap says what "
        "all notes would give.",
    )
    return Table("95% intervals of Table 1, per cent", "Rater", BOUNDS, tuple(rows), notes)


def differences_table(result: Mapping[str, Any]) -> Table:
    """A row a pair of raters, the better one first: first - second in per cent points, with Holm's p; clear ones are
    marked, unless there are too few notes to say."""
    rows, enough = [], result["notes"] >= LEAST_NOTES
    for pair in map(better_first, result["differences"]):
        times, tests = pair["times"], [pair["tests"][column.key] for column in TESTS]
        cells = [f"{times['value']:.2f}", f"{times['low']:.2f} to {times['high']:.2f}"] if times else ["-", "-"]
        exact = [f"{times[key]:.15g}" for key in ("value", *LIMITS)] if times else [""] * 3
        cells += [f"{100 * test['value']:+.1f} (p {p_words(test['p_holm'])})" for test in tests]
        exact += [f"{test[key]:.15g}" for test in tests for key in ("value", "p_holm")]
        best = (False, False, *(enough and test["p_holm"] < CLEAR for test in tests))
        rows.append(Row("rater", f"{pair['first']} - {pair['second']}", tuple(cells), tuple(exact), best))
    notes = (
        "The first of a pair has the higher micro Jaccard. Times: the first rater's micro Jaccard over the second's, "
        "with a bootstrap interval. Differences: first - "
        "second, in points. p: approximate randomisation, for the mean of notes Wilcoxon's signed-rank test; corrected "
        f"by Holm for all pairs and figures of this table, so that no p is below their number / {DRAWS + 1:,}. "
        "*: p below .05.",
        *([] if enough else [f"{result['notes']} notes are too few to say who is better; nothing is marked."]),
    )
    return Table("Differences between raters, per cent points", "Raters", DIFFERENCES, tuple(rows), notes)


def better_first(pair: Mapping[str, Any]) -> Mapping[str, Any]:
    """A pair of raters as stored, turned round where the second has the higher micro Jaccard.

    >>> test = {"micro_jaccard": {"value": -0.2, "p_holm": 0.01}}
    >>> pair = {"first": "Ada", "second": "RAC", "tests": test, "times": {"value": 0.5, "low": 0.4, "high": 0.8}}
    >>> better_first(pair)["first"], better_first(pair)["times"]
    ('RAC', {'value': 2.0, 'low': 1.25, 'high': 2.5})
    """
    if pair["tests"]["micro_jaccard"]["value"] >= 0:
        return pair
    times = pair["times"]
    if times and times["low"]:
        times = {"value": 1 / times["value"], "low": 1 / times["high"], "high": 1 / times["low"]}
    else:
        times = None
    tests = {name: {**test, "value": -test["value"]} for name, test in pair["tests"].items()}
    return {**pair, "first": pair["second"], "second": pair["first"], "times": times, "tests": tests}


def p_words(value: float) -> str:
    """A p-value as it is printed.

    >>> p_words(0.0004), p_words(0.0312)
    ('< .001', '.031')
    """
    return "< .001" if value < 0.001 else f"{value:.3f}".lstrip("0")
