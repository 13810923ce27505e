"""The chart of a coder's pace: a point a day. The table of the same numbers stands below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.selectors.pace import Day

WIDTH = 390
HEIGHT = 152
EDGE = 44
"""Between a point and the side of the chart."""
TOP = 28
BOTTOM = 110
MOST_DAYS = 5


@dataclass(frozen=True)
class Point:
    """A day's median in the chart, in its own units."""

    day: Day
    x: float
    y: float

    @property
    def above(self) -> float:
        """Where its figure is written."""
        return self.y - 9


@dataclass(frozen=True)
class Chart:
    """The last days, the oldest first."""

    points: list[Point]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """The points as an SVG polyline has them."""
        return " ".join(f"{point.x:.0f},{point.y:.0f}" for point in self.points)

    @property
    def words(self) -> str:
        """For who does not see it."""
        first = self.points[0].day.median_minutes
        last = self.points[-1].day.median_minutes
        return f"Minutes a note by day, from {first:.1f} to {last:.1f}. The table has the numbers."


def chart_of(days: Sequence[Day]) -> Chart | None:
    """The chart of the newest days that were measured; `days` has the newest first.

    None with fewer than two of them. The scale begins at 0.
    """
    measured: list[tuple[Day, float]] = []
    for day in days[:MOST_DAYS]:
        if day.median_minutes is not None:
            measured.append((day, day.median_minutes))
    if len(measured) < 2:
        return None
    measured.reverse()
    highest = max(minutes for _, minutes in measured)
    step = (WIDTH - 2 * EDGE) / (len(measured) - 1)
    points = []
    for number, (day, minutes) in enumerate(measured):
        y = BOTTOM - (BOTTOM - TOP) * minutes / highest
        points.append(Point(day, EDGE + step * number, y))
    return Chart(points)
