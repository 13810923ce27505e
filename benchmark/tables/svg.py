"""Charts as SVG text, from plain values. Every chart stands beside the table of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LABEL, BAR, GAP, GROUP_GAP = 720, 190, 14, 3, 16
SHADES = {
    "jaccard": "#1b3a5c",
    "precision": "#4f86b8",
    "recall": "#a9c6df",
}  # apart in greyscale too
INK, LINE, SOFT = "#1b3a5c", "#c3ced9", "#5b6b7a"
PLANE, EDGE, LEFT = 400, 50, 58


def bars(rows: Sequence[tuple[str, dict[str, float]]]) -> str:
    """Horizontal bars, one group a row: `rows` are (name, metric -> per cent). Empty text without rows."""
    if not rows:
        return ""
    parts: list[str] = []
    y = 30
    for name, values in rows:
        parts.append(_text(LABEL - 10, y + len(values) * (BAR + GAP) / 2 + 4, name, "end"))
        for metric, value in values.items():
            parts.append(_bar(y, metric, value))
            y += BAR + GAP
        y += GROUP_GAP
    described = "; ".join(
        f"{n}: " + ", ".join(f"{m} {v:.1f}" for m, v in vs.items()) for n, vs in rows
    )
    title = "Micro Jaccard, precision and recall by rater, per cent"
    return _svg("bars", WIDTH, y, title, described, [_legend(rows[0][1]), *parts])


def plane(points: Sequence[tuple[str, float, float]]) -> str:
    """Raters as points: (name, precision, recall), fractions. Lines of equal Jaccard, which are lines of equal F1 too:
    J = F / (2 - F). Empty text without points."""
    if not points:
        return ""
    parts = [_line(LEFT, PLANE, LEFT + PLANE - EDGE, PLANE), _line(LEFT, EDGE, LEFT, PLANE)]
    for tenth in range(0, 11, 2):
        x, y = _at(tenth / 10, 0)[0], _at(0, tenth / 10)[1]
        parts += [
            _text(x, PLANE + 17, f"{10 * tenth}", "middle"),
            _text(LEFT - 8, y + 4, f"{10 * tenth}", "end"),
        ]
    parts.append(_text(LEFT + (PLANE - EDGE) / 2, PLANE + 38, "Micro recall, per cent", "middle"))
    parts.append(_text(LEFT - 44, EDGE - 18, "Micro precision, per cent", "start"))
    for jaccard in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
        parts.append(_equal(jaccard))
    parts.append(_text(_at(1, 0)[0] + 8, EDGE - 18, "lines: J (F1)", "start"))
    for number, (_, precision, recall) in enumerate(points, start=1):
        x, y = _at(recall, precision)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{INK}" stroke="#fff" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" class="on" fill="#fff">{number}</text>'
        )
    for number, (name, _, _) in enumerate(points, start=1):
        parts.append(_text(LEFT + PLANE + 34, EDGE + 22 * number, f"{number}  {name}", "start"))
    described = "; ".join(
        f"{name}: precision {100 * p:.1f}, recall {100 * r:.1f}" for name, p, r in points
    )
    height = max(PLANE + EDGE, EDGE + 22 * len(points) + EDGE)
    return _svg("plane", WIDTH, height, "Raters by micro precision and recall", described, parts)


def spread(rows: Sequence[tuple[str, float, Sequence[float]]]) -> str:
    """Boxes: (name, mean, [least, quarter, median, three quarters, most]); whiskers end at the least and the most,
    the mean is a diamond. Empty text without rows."""
    if not rows:
        return ""
    most = max(max(five[-1] for _, _, five in rows), 1.0)
    scale, parts, y = (WIDTH - LABEL - 40) / most, [], 24
    for name, mean, five in rows:
        low, quarter, median, upper, high = (LABEL + scale * value for value in five)
        middle, at = y + 9, LABEL + scale * mean
        parts += [
            _text(LABEL - 10, y + 14, name, "end"),
            _line(low, middle, high, middle, SOFT),
            f'<rect x="{quarter:.1f}" y="{y}" width="{max(upper - quarter, 1):.1f}" height="18" fill="#a9c6df"/>',
            f'<rect x="{median - 1.5:.1f}" y="{y}" width="3" height="18" fill="{INK}"/>',
            f'<path d="M{at:.1f} {y + 3}l5 6-5 6-5-6z" fill="#fff" stroke="{INK}"/>',
        ]
        y += 34
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000) if most / s <= 12)
    for value in range(0, int(most) + 1, step):
        x = LABEL + scale * value
        parts = [_line(x, 16, x, y), *parts, _text(x, y + 16, str(value), "middle")]
    words = (
        f"{n}: mean {m:.1f}, median {five[2]:g}, {five[0]:g} to {five[-1]:g}" for n, m, five in rows
    )
    return _svg("spread", WIDTH, y + 24, "Codes a note by rater", "; ".join(words), parts)


def standalone(chart: str) -> str:
    """A chart as a file of its own."""
    return chart.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _svg(
    name: str, width: float, height: float, title: str, described: str, parts: Sequence[str]
) -> str:
    head = (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-desc" class="chart" '
        f'font-family="sans-serif" font-size="13">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(described)}</desc>'
    )
    return head + "".join(parts) + "</svg>"


def _at(recall: float, precision: float) -> tuple[float, float]:
    side = PLANE - EDGE
    return LEFT + side * recall, PLANE - side * precision


def _equal(jaccard: float) -> str:
    """The line of all (recall, precision) with that Jaccard, 1/J = 1/P + 1/R - 1, named where it leaves the plane."""
    recalls = [jaccard + (1 - jaccard) * i / 40 for i in range(41)]
    places = [_at(r, 1 / (1 / jaccard + 1 - 1 / r)) for r in recalls]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    x, y = places[-1]
    named = _text(
        x + 8, y + 4, f".{10 * jaccard:.0f} (.{200 * jaccard / (1 + jaccard):.0f})", "start"
    )
    return f'<path d="{path}" fill="none" stroke="{LINE}"/>' + named


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = LINE) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"/>'


def _bar(y: float, metric: str, value: float) -> str:
    length = (WIDTH - LABEL - 60) * min(max(value, 0), 100) / 100
    shade = SHADES.get(metric, "#777")
    return (
        f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{shade}"/>'
        + _text(LABEL + length + 6, y + BAR - 3, f"{value:.1f}", "start")
    )


def _legend(metrics: Mapping[str, float]) -> str:
    parts = []
    for index, metric in enumerate(metrics):
        x = LABEL + 130 * index
        parts.append(
            f'<rect x="{x}" y="6" width="12" height="12" fill="{SHADES.get(metric, "#777")}"/>'
        )
        parts.append(_text(x + 18, 17, metric, "start"))
    return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
