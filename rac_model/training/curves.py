"""The course of a training as a picture: loss, P@8 and micro-F1 on the dev notes by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH = 640
HEIGHT = 300
LEFT = 56
TOP = 24
BOTTOM = 40
LINES = (
    ("p@8", "P@8", ""),
    ("micro_f1", "micro-F1 at .5", "7 4"),
    ("loss", "loss (own scale)", "2 3"),
)
"""(key, name, dashes) of each line; they differ by dashes, so as to be told apart in grey."""


def draw(history: Sequence[dict[str, Any]]) -> str:
    """SVG of the epochs of the raw weights."""
    rows = [line for line in history if line["weights"] == "raw"]
    highest_loss = max((row.get("loss", 0.0) for row in rows), default=0.0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12"><title>Development figures by epoch</title>'
        '<rect width="100%" height="100%" fill="white"/>'
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - 150}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share:g}</text>')
    for number, (key, name, dashes) in enumerate(LINES):
        stroke = f'stroke="#234" stroke-width="2" stroke-dasharray="{dashes}"'
        path = _path(rows, key, highest_loss if key == "loss" else 1.0)
        parts.append(f'<path d="M{path}" fill="none" {stroke}/>')
        y = TOP + 18 * number + 6
        parts.append(f'<path d="M{WIDTH - 140} {y}h28" {stroke}/>')
        parts.append(f'<text x="{WIDTH - 106}" y="{y + 4}">{name}</text>')
    every = max(len(rows) // 8, 1)
    for place, row in enumerate(rows):
        if place in (0, len(rows) - 1) or place % every == 0:
            x = _x(place, len(rows))
            parts.append(
                f'<text x="{x}" y="{HEIGHT - 20}" text-anchor="middle">{row["epoch"]}</text>'
            )
    below = f"epoch; highest loss {highest_loss:.3g}"
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 4}">{below}</text></svg>\n')
    return "".join(parts)


def _path(rows: Sequence[dict[str, Any]], key: str, scale: float) -> str:
    """The points of a line."""
    points = []
    for place, row in enumerate(rows):
        if key in row:
            points.append(f"{_x(place, len(rows))} {_y(row[key] / scale)}")
    return "L".join(points)


def _x(place: int, count: int) -> float:
    return round(LEFT + 8 + (WIDTH - 166 - LEFT) * place / max(count - 1, 1), 1)


def _y(share: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)
