"""Where two raters differ: the chapters and codes with most errors of one that the other avoids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.tables.two_raters import Errors, PairCounts

LINES = 10


@dataclass(frozen=True)
class WhereLine:
    """A chapter or a code, and the errors that one of the two makes there, or both."""

    name: str
    title: str
    missed: tuple[int, int, int]
    """By A alone, by both, by B alone."""
    added: tuple[int, int, int]
    reference: int

    @property
    def a_only(self) -> int:
        return self.missed[0] + self.added[0]

    @property
    def b_only(self) -> int:
        return self.missed[2] + self.added[2]


@dataclass(frozen=True)
class Bars:
    """The bars of a line, on the scale of the whole table, such as "12.5%" of the chart."""

    missed_a: tuple[str, str]
    """(from, width), to the left of the middle."""
    added_a: tuple[str, str]
    missed_b: tuple[str, str]
    """To the right of the middle."""
    added_b: tuple[str, str]


def where_lines(found: PairCounts, titles: Mapping[str, str], most: int = LINES) -> list[WhereLine]:
    """The groups with the largest gap between the errors of one and those of the other.

    The largest first; those with an equal gap by name. None without any error of one alone.
    """
    order = np.lexsort((np.arange(len(found.names)), -np.abs(found.gap)))
    lines = []
    for place in order[:most]:
        if not found.gap[place]:
            break
        name = found.names[place]
        lines.append(_line(found, int(place), titles.get(name, "")))
    return lines


def bars_of(lines: Sequence[WhereLine]) -> tuple[list[Bars], str]:
    """The bars of each line on one scale, A's to the left, B's to the right; and their middle.

    The longest line of A and the longest of B fill the chart.
    """
    most_a = max([line.a_only for line in lines], default=0)
    most_b = max([line.b_only for line in lines], default=0)
    unit = 1 / max(most_a + most_b, 1)
    middle = unit * most_a
    return [_bars(line, middle, unit) for line in lines], _percent(middle)


def totals(found: PairCounts) -> tuple[int, int, int]:
    """Errors of A alone, of both, of B alone."""
    missed, added = found.missed, found.added
    return (
        int(missed.a_only.sum() + added.a_only.sum()),
        int(missed.both.sum() + added.both.sum()),
        int(missed.b_only.sum() + added.b_only.sum()),
    )


def where_table(title: str, corner: str, lines: Sequence[WhereLine], a: str, b: str) -> Table:
    """The lines as a table to be downloaded."""
    columns = (
        Column("only A", "Missed", "missed_a_only"),
        Column("both", "Missed", "missed_both"),
        Column("only B", "Missed", "missed_b_only"),
        Column("only A", "Added", "added_a_only"),
        Column("both", "Added", "added_both"),
        Column("only B", "Added", "added_b_only"),
        Column("", "Reference", "reference"),
        Column("", "Title", "title"),
    )
    rows = []
    for line in lines:
        counts = [*line.missed, *line.added, line.reference]
        cells = [f"{count:,}" for count in counts] + [line.title]
        exact = [str(count) for count in counts] + [line.title]
        rows.append(Row("rater", line.name, tuple(cells), tuple(exact)))
    notes = (
        f"A: {a}. B: {b}. Missed: the reference has the code, the rater lacks it. Added: the rater "
        "gave it, the reference lacks it.",
    )
    return Table(title, corner, columns, tuple(rows), notes)


def _line(found: PairCounts, place: int, title: str) -> WhereLine:
    return WhereLine(
        name=found.names[place],
        title=title,
        missed=_cells(found.missed, place),
        added=_cells(found.added, place),
        reference=int(found.reference[place]),
    )


def _cells(errors: Errors, place: int) -> tuple[int, int, int]:
    return int(errors.a_only[place]), int(errors.both[place]), int(errors.b_only[place])


def _bars(line: WhereLine, middle: float, unit: float) -> Bars:
    missed_a, added_a = unit * line.missed[0], unit * line.added[0]
    missed_b, added_b = unit * line.missed[2], unit * line.added[2]
    return Bars(
        missed_a=(_percent(middle - missed_a), _percent(missed_a)),
        added_a=(_percent(middle - missed_a - added_a), _percent(added_a)),
        missed_b=(_percent(middle), _percent(missed_b)),
        added_b=(_percent(middle + missed_b), _percent(added_b)),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
