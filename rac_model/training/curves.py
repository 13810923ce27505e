"""The course of a training as a picture: loss, P@8 and micro-F1 on the development notes by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 300, 56, 24, 40
LINES = (
    ("p@8", "P@8", ""),
    ("micro_f1", "micro-F1 at .5", "7 4"),
    ("loss", "loss (own scale)", "2 3"),
)


def draw(history: Sequence[dict[str, Any]]) -> str:
    """SVG of the raw weights' epochs; lines differ by dashes, so that they can be told apart in grey."""
    rows = [line for line in history if line["weights"] == "raw"]
    highest = max((row.get("loss", 0.0) for row in rows), default=0.0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        f'font-size="12"><title>Development figures by epoch</title><rect width="100%" height="100%" fill="white"/>'
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - 150}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share:g}</text>')
    for i, (key, name, dashes) in enumerate(LINES):
        scale = highest if key == "loss" else 1.0
        points = [
            (_x(j, len(rows)), _y(row[key] / scale)) for j, row in enumerate(rows) if key in row
        ]
        path = "L".join(f"{x} {y}" for x, y in points)
        parts.append(
            f'<path d="M{path}" fill="none" stroke="#234" stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        y = TOP + 18 * i + 6
        parts.append(
            f'<path d="M{WIDTH - 140} {y}h28" stroke="#234" stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        parts.append(f'<text x="{WIDTH - 106}" y="{y + 4}">{name}</text>')
    for j, row in enumerate(rows):
        if j in (0, len(rows) - 1) or not j % max(len(rows) // 8, 1):
            parts.append(
                f'<text x="{_x(j, len(rows))}" y="{HEIGHT - 20}" text-anchor="middle">{row["epoch"]}</text>'
            )
    parts.append(
        f'<text x="{LEFT}" y="{HEIGHT - 4}">epoch; highest loss {highest:.3g}</text></svg>\n'
    )
    return "".join(parts)


def _x(place: int, count: int) -> float:
    return round(LEFT + 8 + (WIDTH - 166 - LEFT) * place / max(count - 1, 1), 1)


def _y(share: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)
