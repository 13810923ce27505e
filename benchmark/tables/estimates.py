"""Cells of figures with intervals."""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.tables.rendering import Column, Row

Cell = tuple[str, tuple[str, ...]]
"""What is shown, and the same at full precision, one a part of the column."""
WITH_INTERVAL = ("", "low", "high")
LIMITS = ("low", "high")


def row_of_cells(name: str, cells: Iterable[Cell]) -> Row:
    """A rater's row."""
    shown = []
    exact: list[str] = []
    for text, parts in cells:
        shown.append(text)
        exact += parts
    return Row("rater", name, tuple(shown), tuple(exact))


def with_interval(name: str, group: str, key: str) -> Column:
    """A column of `estimate_cell`s."""
    return Column(name, group, key, WITH_INTERVAL)


def estimate_cell(found: Estimate | None, times: float = 100, form: str = ".1f") -> Cell:
    """A figure with its interval, in per cent by default; - where it is undefined.

    >>> estimate_cell(Estimate(0.5, 0.1, 9, Interval(0.25, 0.75)))
    ('50.0 (25.0 to 75.0)', ('0.5', '0.25', '0.75'))
    >>> estimate_cell(Estimate(0.5, None, 0, None)), estimate_cell(None)
    (('50.0', ('0.5', '', '')), ('-', ('', '', '')))
    """
    if found is None:
        return "-", ("", "", "")
    value = f"{times * found.value:{form}}"
    if found.interval is None:
        return value, (f"{found.value:.15g}", "", "")
    shown, limits = interval_cell(found.interval, times, form)
    return f"{value} ({shown})", (f"{found.value:.15g}", *limits)


def interval_cell(found: Interval | None, times: float = 100, form: str = ".1f") -> Cell:
    """An interval alone.

    >>> interval_cell(Interval(0.25, 0.75)), interval_cell(None)
    (('25.0 to 75.0', ('0.25', '0.75')), ('-', ('', '')))
    """
    if found is None:
        return "-", ("", "")
    shown = f"{times * found.low:{form}} to {times * found.high:{form}}"
    return shown, (f"{found.low:.15g}", f"{found.high:.15g}")


def share_cell(value: float | None, form: str = ".1f") -> Cell:
    """A share in per cent; - where it is undefined.

    >>> share_cell(0.5), share_cell(None)
    (('50.0', ('0.5',)), ('-', ('',)))
    """
    if value is None:
        return "-", ("",)
    return f"{100 * value:{form}}", (f"{value:.15g}",)


def number_cell(value: float | None, form: str = ",") -> Cell:
    """A number as it is.

    >>> number_cell(1200), number_cell(0.5, ".2f")
    (('1,200', ('1200',)), ('0.50', ('0.5',)))
    """
    if value is None:
        return "-", ("",)
    return f"{value:{form}}", (f"{value:.15g}",)
