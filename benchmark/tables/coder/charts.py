"""Where the marks of a coder's charts stand: per cent across and down, so that text keeps its size.

Pure. The tables of the same numbers stand beside the charts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.tables.coder.time import Bar, Stretch

GAP = 0.12
"""Of a bar's width, left free beside it."""
TICKS = 4


@dataclass(frozen=True)
class Tick:
    """A line of the grid and its words."""

    at: float
    """Per cent from the left, or from the top."""
    words: str


@dataclass(frozen=True)
class Curve:
    """A line through the stretches of a coder's notes."""

    path: str
    """Of an SVG, in a box of 100 by 100."""
    end: float
    """Per cent from the top of its last point."""


@dataclass(frozen=True)
class LineChart:
    """F1 of the coder, and of the rater beside on the same notes, from first note to last."""

    coder: Curve
    beside: Curve | None
    across: list[Tick]
    down: list[Tick]


@dataclass(frozen=True)
class Column:
    """A bar of the histogram."""

    x: float
    y: float
    width: float
    height: float
    bar: Bar


@dataclass(frozen=True)
class Histogram:
    """Notes by the minutes they took."""

    columns: list[Column]
    across: list[Tick]


def line_chart(stretches: Sequence[Stretch]) -> LineChart | None:
    """None for fewer than two stretches."""
    if len(stretches) < 2:
        return None
    step = 100 / (len(stretches) - 1)
    across = []
    for number, stretch in enumerate(stretches):
        # Four of them have room on a phone.
        if number % max(1, (len(stretches) - 1) // 3) == 0:
            across.append(Tick(number * step, str(stretch.last)))
    beside = None
    if all(stretch.beside is not None for stretch in stretches):
        beside = _curve([stretch.beside or 0.0 for stretch in stretches], step)
    down = [Tick(100 - share, str(share)) for share in (0, 25, 50, 75, 100)]
    return LineChart(_curve([each.f1 for each in stretches], step), beside, across, down)


def histogram_chart(bars: Sequence[Bar]) -> Histogram | None:
    """None without bars."""
    if not bars:
        return None
    most = max(bar.notes for bar in bars)
    width = 100 / len(bars)
    columns = []
    for number, bar in enumerate(bars):
        height = 100 * bar.notes / most
        left = number * width + width * GAP / 2
        columns.append(
            Column(
                x=round(left, 2),
                y=round(100 - height, 2),
                width=round(width * (1 - GAP), 2),
                height=round(height, 2),
                bar=bar,
            )
        )
    across = []
    for number in range(0, len(bars), max(1, len(bars) // TICKS)):
        across.append(Tick(number * width, f"{bars[number].low:g}"))
    return Histogram(columns, across)


def _curve(shares: Sequence[float], step: float) -> Curve:
    """Of fractions, a step apart."""
    points = [f"{number * step:.1f} {100 - 100 * share:.1f}" for number, share in enumerate(shares)]
    return Curve("M" + " L".join(points), 100 - 100 * shares[-1])
