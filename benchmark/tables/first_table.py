"""Table 1 as the page of results lays it out: each figure with its interval, F1 among them. Pure.

What is downloaded, printed and quoted is `metrics.tables.table1`; this one is for reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.paired import Pair
from benchmark.metrics.tables.certainty import CLEAR, LEAST_NOTES
from benchmark.metrics.tables.paper import PaperRow
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.document import Document
from benchmark.scoring.figures import ScoredRater

AVERAGES = ("micro", "macro")
COLUMNS = (
    ("micro", "jaccard", "jaccard"),
    ("micro", "precision", "precision"),
    ("micro", "recall", "recall"),
    ("micro", "f1", "F1"),
    ("macro", "jaccard", "jaccard"),
    ("macro", "precision", "precision"),
    ("macro", "recall", "recall"),
    ("macro", "f1_mean_all", "F1"),
)
"""(average, figure, head) of each column; macro F1 is the mean of each code's."""
HEADS = {"jaccard": "Jaccard", "precision": "Precision", "recall": "Recall", "F1": "F1"}
TESTED_AS = {("micro", "f1"): ("micro", "jaccard")}
"""Micro F1 orders raters as micro Jaccard does, so it has the test of that."""
NONE = "–"


@dataclass(frozen=True)
class Figure:
    """A cell: a figure in per cent, its interval, and whether nobody is clearly better."""

    value: str
    interval: str = ""
    best: bool = False


@dataclass(frozen=True)
class FirstRow:
    """A rater, or a row of the paper."""

    name: str
    kind: str
    """people, coder, model or reference; paper."""
    figures: tuple[Figure, ...]
    """One for each of COLUMNS."""
    codes_a_note: str


def first_rows(document: Document) -> list[FirstRow]:
    """Each rater of Table 1, in its order."""
    best = {}
    if document.notes >= LEAST_NOTES:
        for average, figure, _ in COLUMNS:
            best[average, figure] = not_beaten(document, average, figure)
    rows = []
    for name, rater in document.raters.items():
        figures = []
        for average, figure, _ in COLUMNS:
            value = getattr(getattr(rater, average), figure)
            words = _interval(interval_of(rater, average, figure))
            marked = name in best.get((average, figure), ())
            figures.append(Figure(f"{100 * value:.1f}", words, marked))
        kind = document.kinds.get(name, "")
        rows.append(FirstRow(name, kind, tuple(figures), f"{rater.codes_per_note:.1f}"))
    return rows


def figures_table(document: Document) -> Table:
    """The same to be downloaded: each figure, and the limits of its interval."""
    columns = []
    for average, figure, head in COLUMNS:
        key = f"{average}_{figure}"
        columns.append(Column(average, HEADS[head], key, ("", "low", "high")))
    rows = []
    for row, rater in zip(first_rows(document), document.raters.values(), strict=True):
        cells = []
        exact = []
        for shown, (average, figure, _) in zip(row.figures, COLUMNS, strict=True):
            cells.append(" ".join(filter(None, [shown.value, bracketed(shown.interval)])))
            exact.append(f"{getattr(getattr(rater, average), figure):.15g}")
            found = interval_of(rater, average, figure)
            exact += [f"{found.low:.15g}", f"{found.high:.15g}"] if found else ["", ""]
        cells.append(row.codes_a_note)
        exact.append(f"{rater.codes_per_note:.15g}")
        best = (*(shown.best for shown in row.figures), False)
        rows.append(Row("rater", row.name, tuple(cells), tuple(exact), best))
    columns.append(Column("a note", "Codes", "codes_per_note"))
    title = f"Table 1 with F1 and 95% intervals, per cent, on {document.notes:,} notes"
    notes = ("*: the highest, and any that is not clearly behind it. Macro F1: the mean of codes.",)
    return Table(title, "Rater", tuple(columns), tuple(rows), notes)


def bracketed(interval: str) -> str:
    """An interval behind its figure; "" where there is none."""
    return f"({interval})" if interval else ""


def paper_lines(rows: Sequence[PaperRow]) -> list[FirstRow]:
    """The paper's rows in the same columns; F1 worked out from what it printed, where it can be."""
    found = []
    for row in rows:
        figures = []
        for average, figure, _ in COLUMNS:
            percent = row.percent.get(f"{average}_{figure}")
            if percent is None and (average, figure) == ("micro", "f1"):
                percent = _f1(row.percent)
            figures.append(Figure(NONE if percent is None else f"{percent:.1f}"))
        codes = NONE if row.codes_per_note is None else f"~{row.codes_per_note:.1f}"
        found.append(FirstRow(row.name, "paper", tuple(figures), codes))
    return found


def interval_of(rater: ScoredRater, average: str, figure: str) -> Interval | None:
    """The 95% interval of a figure; None where there is none, in older runs too."""
    found: Interval | None = getattr(rater.intervals, average).get(figure)
    return found


def not_beaten(document: Document, average: str, figure: str) -> set[str]:
    """Who has the highest figure, and who is not clearly behind.

    Clearly: Holm's p of the difference is below .05; of a figure without a test, the two intervals
    do not meet. Nobody where the highest is 0.
    """
    values = {}
    for name, rater in document.raters.items():
        values[name] = getattr(getattr(rater, average), figure)
    highest = max(values.values(), default=0.0)
    if highest <= 0:
        return set()
    leaders = [name for name, value in values.items() if value == highest]
    found = set(leaders)
    tested = "_".join(TESTED_AS.get((average, figure), (average, figure)))
    for name in values:
        pair = pair_of(document.differences, name, leaders[0])
        if pair is not None and tested in pair.tests:
            beaten = pair.tests[tested].p_holm < CLEAR
        else:
            beaten = not _meet(document, name, leaders[0], average, figure)
        if not beaten:
            found.add(name)
    return found


def pair_of(pairs: Sequence[Pair], one: str, other: str) -> Pair | None:
    """The test of two raters, whichever of them is first in it."""
    for pair in pairs:
        if {pair.first, pair.second} == {one, other}:
            return pair
    return None


def _meet(document: Document, one: str, other: str, average: str, figure: str) -> bool:
    """Whether two raters' intervals meet; not, where one has none."""
    if one == other:
        return True
    ours = interval_of(document.raters[one], average, figure)
    theirs = interval_of(document.raters[other], average, figure)
    if ours is None or theirs is None:
        return False
    return ours.high >= theirs.low and theirs.high >= ours.low


def _f1(percent: Mapping[str, float]) -> float | None:
    """Micro F1 of the paper's micro precision and recall."""
    precision = percent.get("micro_precision")
    recall = percent.get("micro_recall")
    if not precision or not recall:
        return None
    return 2 * precision * recall / (precision + recall)


def _interval(found: Interval | None) -> str:
    if found is None:
        return ""
    return f"{100 * found.low:.1f} to {100 * found.high:.1f}"
