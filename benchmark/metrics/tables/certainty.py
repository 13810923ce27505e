"""How sure a stored comparison is, laid out.

Intervals of Table 1's figures, and differences between raters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmark.metrics.certainty.bootstrap import REPLICATES
from benchmark.metrics.certainty.intervals import RaterIntervals
from benchmark.metrics.certainty.paired import DRAWS, Pair, Times
from benchmark.metrics.tables.rendering import Column, Row, Table

CELLS = (
    ("macro", "jaccard"),
    ("micro", "jaccard"),
    ("macro", "precision"),
    ("micro", "precision"),
    ("macro", "recall"),
    ("micro", "recall"),
)
"""(average, figure) of each column, as in Table 1."""
LIMITS = ("low", "high")
TESTED = ("", "p_holm")


def _of_cells(parts: tuple[str, ...]) -> tuple[Column, ...]:
    """A column for each of CELLS; `parts` are what one of its cells shows."""
    return tuple(
        Column(average, figure.capitalize(), f"{average}_{figure}", parts)
        for average, figure in CELLS
    )


BOUNDS = _of_cells(LIMITS)
TESTS = (*_of_cells(TESTED), Column("Jaccard", "mean of notes", "note_jaccard", TESTED))
DIFFERENCES = (
    Column("times", "micro Jaccard", "times"),
    Column("95%", "micro Jaccard", "times", LIMITS),
    *TESTS,
)
CLEAR = 0.05
LEAST_NOTES = 30
"""Below this many notes nothing is said of who is better, and nothing is marked: docs/metrics.md
says why."""


METHODS = {
    "jackknife": "Macro: delete-one-note jackknife with t(n - 1), which stands for the figure to "
    "expect on as many notes like these; - where nothing was seen to vary.",
    "centred bootstrap": "Macro: centred ones, which stand for the figure to expect on as many "
    "notes like these and hold it in about 85 of 100 studies; score the study again for better "
    "ones.",
}
"""How intervals of macro figures were made -> what is said of it."""


def intervals_table(
    intervals: Mapping[str, RaterIntervals], macro_method: str = "jackknife"
) -> Table:
    """A row for each rater: the 95% interval of each figure of Table 1; `macro_method` is one of
    METHODS."""
    rows = []
    for name, of_rater in intervals.items():
        cells = []
        exact = []
        for average, figure in CELLS:
            found = getattr(of_rater, average)[figure]
            if found is None:
                cells.append("-")
                exact += ["", ""]
            else:
                cells.append(f"{100 * found.low:.1f} to {100 * found.high:.1f}")
                exact += [f"{found.low:.15g}", f"{found.high:.15g}"]
        rows.append(Row("rater", name, tuple(cells), tuple(exact)))
    notes = (
        f"Micro: percentile intervals of a bootstrap over notes, {REPLICATES:,} resamples. "
        f'{METHODS[macro_method]} Over notes alone; "Coders as a sample" is about coders '
        "like these.",
    )
    return Table("95% intervals of Table 1, per cent", "Rater", BOUNDS, tuple(rows), notes)


def differences_table(pairs: Sequence[Pair], notes: int) -> Table:
    """A row for each pair of raters, the better one first: their differences, with Holm's p.

    First less second, in per cent points. Clear ones are marked, unless the `notes` are too few to
    say.
    """
    enough = notes >= LEAST_NOTES
    rows = [_difference_row(better_first(pair), enough) for pair in pairs]
    footnotes = [
        "The first of a pair has the higher micro Jaccard. Times: the first rater's micro Jaccard "
        "over the second's, with a bootstrap interval. Differences: first - second, in points. "
        "p: approximate randomisation, for the mean of notes Wilcoxon's signed-rank test; "
        "corrected by Holm for all pairs and figures of this table, so that no p is below their "
        f"number / {DRAWS + 1:,}. *: p below .05."
    ]
    if not enough:
        footnotes.append(f"{notes} notes are too few to say who is better; nothing is marked.")
    title = "Differences between raters, per cent points"
    return Table(title, "Raters", DIFFERENCES, tuple(rows), tuple(footnotes))


def _difference_row(pair: Pair, enough: bool) -> Row:
    """A pair's times and differences; clear ones marked where notes are `enough`."""
    if pair.times:
        times = pair.times
        cells = [f"{times.value:.2f}", f"{times.low:.2f} to {times.high:.2f}"]
        exact = [f"{times.value:.15g}", f"{times.low:.15g}", f"{times.high:.15g}"]
    else:
        cells = ["-", "-"]
        exact = ["", "", ""]
    best = [False, False]
    for column in TESTS:
        test = pair.tests[column.key]
        cells.append(f"{100 * test.value:+.1f} (p {p_words(test.p_holm)})")
        exact += [f"{test.value:.15g}", f"{test.p_holm:.15g}"]
        best.append(enough and test.p_holm < CLEAR)
    return Row("rater", f"{pair.first} - {pair.second}", tuple(cells), tuple(exact), tuple(best))


def better_first(pair: Pair) -> Pair:
    """A pair of raters, turned round where the second has the higher micro Jaccard.

    >>> from benchmark.metrics.certainty.paired import Test
    >>> pair = Pair("Ada", "RAC", Times(0.5, 0.4, 0.8), {"micro_jaccard": Test(-0.2, 0.01, 0.01)})
    >>> better_first(pair).first, better_first(pair).times
    ('RAC', Times(value=2.0, low=1.25, high=2.5))
    """
    if pair.tests["micro_jaccard"].value >= 0:
        return pair
    times = None
    if pair.times and pair.times.low:
        times = Times(1 / pair.times.value, 1 / pair.times.high, 1 / pair.times.low)
    tests = {name: replace(test, value=-test.value) for name, test in pair.tests.items()}
    return Pair(pair.second, pair.first, times, tests)


def p_statement(value: float) -> str:
    """A p-value within a sentence.

    >>> p_statement(0.0004), p_statement(0.0312)
    ('p < .001', 'p = .031')
    """
    words = p_words(value)
    if words.startswith("<"):
        return f"p {words}"
    return f"p = {words}"


def p_words(value: float) -> str:
    """A p-value as it is printed.

    >>> p_words(0.0004), p_words(0.0312)
    ('< .001', '.031')
    """
    if value < 0.001:
        return "< .001"
    return f"{value:.3f}".lstrip("0")
