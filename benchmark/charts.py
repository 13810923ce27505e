"""Charts as SVG text, from plain values. Every chart stands beside the table of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, LABEL, BAR, GAP, GROUP_GAP = 720, 190, 14, 3, 16
SHADES = {"jaccard": "#1b3a5c", "precision": "#4f86b8", "recall": "#a9c6df"}  # apart in greyscale too


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
    described = "; ".join(f"{n}: " + ", ".join(f"{m} {v:.1f}" for m, v in vs.items()) for n, vs in rows)
    head = (
        f'<svg viewBox="0 0 {WIDTH} {y}" role="img" aria-labelledby="chart-title chart-desc" class="chart">'
        '<title id="chart-title">Micro Jaccard, precision and recall by rater, per cent</title>'
        f'<desc id="chart-desc">{escape(described)}</desc>'
    )
    return head + _legend(rows[0][1]) + "".join(parts) + "</svg>"


def _bar(y: float, metric: str, value: float) -> str:
    length = (WIDTH - LABEL - 60) * min(max(value, 0), 100) / 100
    shade = SHADES.get(metric, "#777")
    return f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{shade}"/>' + _text(
        LABEL + length + 6, y + BAR - 3, f"{value:.1f}", "start"
    )


def _legend(metrics: dict[str, float]) -> str:
    parts = []
    for index, metric in enumerate(metrics):
        x = LABEL + 130 * index
        parts.append(f'<rect x="{x}" y="6" width="12" height="12" fill="{SHADES.get(metric, "#777")}"/>')
        parts.append(_text(x + 18, 17, metric, "start"))
    return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
