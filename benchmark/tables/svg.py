"""Charts as SVG text, from plain values.

Every chart stands beside the table of the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
LABEL = 190
"""What the raters' names have of the width, in the charts with a row a rater."""
BAR = 14
GAP = 3
GROUP_GAP = 16
BOX = 18
BOX_ROW = 34
STEPS = (1, 2, 5, 10, 20, 50, 100, 1000)
"""Of an axis: the first that gives at most 12 marks."""
PLANE = 400
EDGE = 50
LEFT = 58
SHADES = {
    "jaccard": "#1b3a5c",
    "precision": "#4f86b8",
    "recall": "#a9c6df",
}
"""Apart in greyscale too."""
INK = "#1b3a5c"
PALE = "#a9c6df"
LINE = "#c3ced9"
SOFT = "#5b6b7a"


@dataclass(frozen=True)
class Mark:
    """A value to compare the others with: a line across a chart."""

    value: float
    words: str


@dataclass(frozen=True)
class Estimated:
    """A figure with its interval, as shares."""

    name: str
    value: float
    ends: tuple[float, float] | None
    wider: tuple[float, float] | None = None
    """A second interval, which is drawn lighter behind the first."""


def bars(rows: Sequence[tuple[str, dict[str, float]]]) -> str:
    """Horizontal bars, one group a row: `rows` are (name, figure -> per cent).

    Empty text without rows.
    """
    if not rows:
        return ""
    parts = [_legend(rows[0][1])]
    described = []
    y = 30
    for name, values in rows:
        parts.append(_text(LABEL - 10, y + len(values) * (BAR + GAP) / 2 + 4, name, "end"))
        for figure, value in values.items():
            parts.append(_bar(y, figure, value))
            y += BAR + GAP
        y += GROUP_GAP
        words = ", ".join(f"{figure} {value:.1f}" for figure, value in values.items())
        described.append(f"{name}: {words}")
    title = "Micro Jaccard, precision and recall by rater, per cent"
    return _svg("bars", WIDTH, y, title, "; ".join(described), parts)


def forest(rows: Sequence[Estimated]) -> str:
    """A figure with its interval, one a row, on a scale from 0 to 1. Empty text without rows."""
    if not rows:
        return ""
    scale = WIDTH - LABEL - 40
    marks = []
    described = []
    y = 24
    for row in rows:
        middle = y + BOX / 2
        marks.append(_text(LABEL - 10, middle + 4, row.name, "end"))
        words = f"{row.name}: {100 * row.value:.1f}"
        for ends, width, colour in ((row.wider, 9, PALE), (row.ends, 3, INK)):
            if ends:
                low, high = (LABEL + scale * end for end in ends)
                marks.append(
                    f'<line x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}" '
                    f'stroke="{colour}" stroke-width="{width}"/>'
                )
        if row.ends:
            words += f" ({100 * row.ends[0]:.1f} to {100 * row.ends[1]:.1f})"
        marks.append(f'<circle cx="{LABEL + scale * row.value:.1f}" cy="{middle}" r="6"/>')
        described.append(words)
        y += BOX_ROW
    parts = []
    for value in range(0, 101, 25):
        x = LABEL + scale * value / 100
        parts.append(_line(x, 16, x, y))
        parts.append(_text(x, y + 16, str(value), "middle"))
    title = "Micro Jaccard by rater, per cent, with its 95% interval"
    return _svg("forest", WIDTH, y + 24, title, "; ".join(described), [*parts, *marks])


def plane(points: Sequence[tuple[str, float, float]]) -> str:
    """Raters as points: (name, precision, recall), as fractions. Empty text without points.

    With lines of equal Jaccard, which are lines of equal F1 too: J = F / (2 - F).
    """
    if not points:
        return ""
    parts = _axes_of_plane()
    for jaccard in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
        parts.append(_equal(jaccard))
    parts.append(_text(_at(1, 0)[0] + 8, EDGE - 18, "lines: J (F1)", "start"))
    key = []
    described = []
    for number, (name, precision, recall) in enumerate(points, start=1):
        parts += _point(number, precision, recall)
        key.append(_text(LEFT + PLANE + 34, EDGE + 22 * number, f"{number}  {name}", "start"))
        described.append(f"{name}: precision {100 * precision:.1f}, recall {100 * recall:.1f}")
    height = max(PLANE + EDGE, EDGE + 22 * len(points) + EDGE)
    title = "Raters by micro precision and recall"
    return _svg("plane", WIDTH, height, title, "; ".join(described), parts + key)


def spread(
    rows: Sequence[tuple[str, float, Sequence[float]]],
    *,
    name: str = "spread",
    title: str = "Codes a note by rater",
    mark: Mark | None = None,
) -> str:
    """Boxes, one a row: (name, mean, [least, quarter, median, three quarters, most]).

    Whiskers end at the least and the most, the mean is a diamond. A row without the five says that
    it is not compared. `name` is the chart's own on its page. Empty text without rows.
    """
    if not rows:
        return ""
    most = max([1.0, *(five[-1] for _, _, five in rows if five)])
    if mark:
        most = max(most, mark.value)
    scale = (WIDTH - LABEL - 40) / most
    boxes = []
    described = []
    y = 24
    for label, mean, five in rows:
        boxes.append(_text(LABEL - 10, y + 14, label, "end"))
        if not five:
            boxes.append(_text(LABEL + 8, y + 14, "not compared", "start"))
            described.append(f"{label}: not compared")
            y += BOX_ROW
            continue
        boxes += _box(y, LABEL + scale * mean, [LABEL + scale * value for value in five])
        described.append(
            f"{label}: mean {mean:.1f}, median {five[2]:g}, {five[0]:g} to {five[-1]:g}"
        )
        y += BOX_ROW
    lines: list[str] = []
    marks = []
    for value in range(0, int(most) + 1, _step(most)):
        x = LABEL + scale * value
        lines.insert(0, _line(x, 16, x, y))
        marks.append(_text(x, y + 16, str(value), "middle"))
    if mark:
        marks += _marked(LABEL + scale * mark.value, y, mark)
        described.append(f"line at {mark.value:g}: {mark.words}")
    parts = [*lines, *boxes, *marks]
    return _svg(name, WIDTH, y + 24, title, "; ".join(described), parts)


def standalone(chart: str) -> str:
    """A chart as a file of its own."""
    return chart.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _svg(
    name: str, width: float, height: float, title: str, described: str, parts: Sequence[str]
) -> str:
    """The whole chart; `described` says it in words, for screen readers."""
    head = (
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" class="chart" '
        f'font-family="sans-serif" font-size="13">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(described)}</desc>'
    )
    return head + "".join(parts) + "</svg>"


def _axes_of_plane() -> list[str]:
    parts = [_line(LEFT, PLANE, LEFT + PLANE - EDGE, PLANE), _line(LEFT, EDGE, LEFT, PLANE)]
    for tenth in range(0, 11, 2):
        x, _ = _at(tenth / 10, 0)
        _, y = _at(0, tenth / 10)
        parts.append(_text(x, PLANE + 17, f"{10 * tenth}", "middle"))
        parts.append(_text(LEFT - 8, y + 4, f"{10 * tenth}", "end"))
    parts.append(_text(LEFT + (PLANE - EDGE) / 2, PLANE + 38, "Micro recall, per cent", "middle"))
    parts.append(_text(LEFT - 44, EDGE - 18, "Micro precision, per cent", "start"))
    return parts


def _at(recall: float, precision: float) -> tuple[float, float]:
    """(x, y) of a point of the plane."""
    side = PLANE - EDGE
    return LEFT + side * recall, PLANE - side * precision


def _point(number: int, precision: float, recall: float) -> list[str]:
    x, y = _at(recall, precision)
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{INK}" stroke="#fff" stroke-width="2"/>',
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" class="on" fill="#fff">'
        f"{number}</text>",
    ]


def _equal(jaccard: float) -> str:
    """The line of all (recall, precision) with that Jaccard, 1/J = 1/P + 1/R - 1.

    It is named where it leaves the plane.
    """
    places = []
    for step in range(41):
        recall = jaccard + (1 - jaccard) * step / 40
        places.append(_at(recall, 1 / (1 / jaccard + 1 - 1 / recall)))
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    x, y = places[-1]
    f1 = 2 * jaccard / (1 + jaccard)
    name = f".{10 * jaccard:.0f} (.{100 * f1:.0f})"
    line = f'<path d="{path}" fill="none" stroke="{LINE}"/>'
    return line + _text(x + 8, y + 4, name, "start")


def _box(y: float, mean: float, five: Sequence[float]) -> list[str]:
    """A box with its whiskers and the mean; `mean` and `five` are places from left to right."""
    low, quarter, median, upper, high = five
    middle = y + BOX / 2
    width = max(upper - quarter, 1)
    return [
        _line(low, middle, high, middle, SOFT),
        f'<rect x="{quarter:.1f}" y="{y}" width="{width:.1f}" height="{BOX}" fill="{PALE}"/>',
        f'<rect x="{median - 1.5:.1f}" y="{y}" width="3" height="{BOX}" fill="{INK}"/>',
        f'<path d="M{mean:.1f} {y + 3}l5 6-5 6-5-6z" fill="#fff" stroke="{INK}"/>',
    ]


def _marked(x: float, height: float, mark: Mark) -> list[str]:
    """A line down a chart, with its words above it on the side where there is room."""
    anchor = "start"
    if x > (LABEL + WIDTH) / 2:
        anchor = "end"
    return [_line(x, 14, x, height, INK), _text(x, 11, mark.words, anchor)]


def _step(most: float) -> int:
    """Between two marks of an axis up to `most`."""
    return next(step for step in STEPS if most / step <= 12)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = LINE) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"/>'


def _bar(y: float, figure: str, value: float) -> str:
    """A bar with its value, in per cent, at its end."""
    length = (WIDTH - LABEL - 60) * min(max(value, 0), 100) / 100
    shade = SHADES.get(figure, "#777")
    bar = f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{shade}"/>'
    return bar + _text(LABEL + length + 6, y + BAR - 3, f"{value:.1f}", "start")


def _legend(figures: Iterable[str]) -> str:
    parts = []
    for index, figure in enumerate(figures):
        x = LABEL + 130 * index
        shade = SHADES.get(figure, "#777")
        parts.append(f'<rect x="{x}" y="6" width="12" height="12" fill="{shade}"/>')
        parts.append(_text(x + 18, 17, figure, "start"))
    return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
