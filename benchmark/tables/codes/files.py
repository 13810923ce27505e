"""By code as a file: one rater's columns as they always were, then what came to be shown besides.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.tables.codes.rows import CodeLine, OfOne

OF_RATER = ("given", "agreed", "missed", "added", "precision", "recall", "jaccard")
BOUNDS = ("recall low", "recall high", "precision low", "precision high")
TOGETHER = ("both gave", "only A gave", "only B gave", "errors of B less errors of A")


def pair_table(
    title: str, corner: str, lines: Sequence[CodeLine], titles: Mapping[str, str], b: str
) -> Table:
    """Lines as a table to download. `b`: the second rater's name, "" where there is none."""
    names = ["reference", *OF_RATER, *BOUNDS]
    if b:
        names += [*(f"B {name}" for name in (*OF_RATER, *BOUNDS)), *TOGETHER]
    names.append("title")
    columns = [Column(_head(name), "", name.lower().replace(" ", "_")) for name in names]
    rows = []
    for line in lines:
        values: list[int | float | str] = [line.reference, *_values(line.a)]
        if b:
            values += [*_values(line.b), line.both, line.a_only, line.b_only, line.ahead]
        values.append(titles.get(line.name, ""))
        cells = tuple(_cell(value) for value in values)
        exact = tuple(_exact(value) for value in values)
        rows.append(Row("rater", line.name, cells, exact))
    return Table(title, corner, tuple(columns), tuple(rows))


def _head(name: str) -> str:
    return name[0].upper() + name[1:]


def _values(one: OfOne) -> list[int | float | str]:
    """OF_RATER and BOUNDS; a share of nothing is 0, and its bounds are empty."""
    found: list[int | float | str] = [one.given, one.found, one.missed, one.added]
    found += [one.precision.value or 0.0, one.recall.value or 0.0, one.jaccard]
    for share in (one.recall, one.precision):
        if share.of:
            found += [share.low, share.high]
        else:
            found += ["", ""]
    return found


def _cell(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{100 * value:.1f}"


def _exact(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.15g}"
