"""The columns that tables of raters share, by key, and how a row of figures fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.metrics.sets.compare import Comparison, RaterFigures
from benchmark.metrics.tables.rendering import Column, Row, RowKind

SHARED = (
    Column("macro", "Jaccard", "macro_jaccard"),
    Column("micro", "Jaccard", "micro_jaccard"),
    Column("macro", "Precision", "macro_precision"),
    Column("micro", "Precision", "micro_precision"),
    Column("macro", "Recall", "macro_recall"),
    Column("micro", "Recall", "micro_recall"),
    Column("micro", "F1", "micro_f1"),
    Column("CAML", "Macro-F1", "macro_f1_caml"),
    Column("mean all", "Macro-F1", "macro_f1_mean_all"),
    Column("mean present", "Macro-F1", "macro_f1_mean_present"),
    Column("a note", "Codes", "codes_per_note"),
    Column("the majority's", "Codes", "codes_per_note_majority"),
    Column("outside", "Codes", "outside"),
    Column("a note", "Minutes, median", "minutes"),
    Column("n", "Notes", "notes"),
    Column("", "Kind", "kind"),
)
"""A new column of Table 1 is a line here, its key in TABLE1, and its value in `values_of`."""
ABSENT = "-"
COUNTS = ("notes", "outside", "codes", "reference")
"""Columns that are not shares, so not in per cent."""


def columns(*keys: str) -> tuple[Column, ...]:
    """Some of the shared columns, in this order. KeyError for a key that none has.

    >>> [column.group for column in columns("micro_f1", "notes")]
    ['F1', 'Notes']
    """
    by_key = {column.key: column for column in SHARED}
    return tuple(by_key[key] for key in keys)


def values_of(figures: RaterFigures, comparison: Comparison) -> dict[str, float | str | None]:
    """A rater's figures by the keys of the columns."""
    values: dict[str, float | str | None] = {}
    for average, row in (("micro", figures.micro), ("macro", figures.macro)):
        for name, value in vars(row).items():
            values[f"{average}_{name}"] = value
    values["codes_per_note"] = figures.codes_per_note
    values["outside"] = figures.outside
    values["notes"] = comparison.notes
    return values


def row_of(
    kind: RowKind,
    name: str,
    among: Sequence[Column],
    values: Mapping[str, float | str | None],
    best: tuple[bool, ...] = (),
) -> Row:
    """A row of fractions, counts and words by the columns' keys; one that is missing shows as -."""
    cells = tuple(_cell(column.key, values.get(column.key)) for column in among)
    exact = tuple(_exact(values.get(column.key)) for column in among)
    return Row(kind, name, cells, exact, best)


def _cell(key: str, value: float | str | None) -> str:
    """The figure as it is shown: in per cent, but for counts, times and thresholds."""
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return value
    if key.startswith("codes_per_note") or key == "minutes":
        return f"{value:.1f}"
    if key.startswith("threshold"):
        return f"{value:.3f}"
    if key in COUNTS:
        return f"{value:,}"
    return f"{100 * value:.1f}"


def _exact(value: float | str | None) -> str:
    """The figure at full precision, for files."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:.15g}"
