"""Shares drawn across a row of a table: a mark with its interval, percent across, pixels down."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from benchmark.tables.codes.rows import Share

register = template.Library()
MIDDLE = 13
"""Pixels from the top of a track, which is 26 high."""
RULES = "".join(
    f'<line class="{"rule" if at else "axis"}" x1="{at}%" y1="0" x2="{at}%" y2="100%"></line>'
    for at in (0, 25, 50, 75, 100)
)


@register.simple_tag
def track(a: Share | None = None, b: Share | None = None, other: Share | None = None) -> SafeString:
    """The first rater's share, the second's and that of one who is neither, where they have one.

    A picture of figures that stand beside it: a screen reader passes it over.
    """
    parts = [RULES]
    for mark, share in (("b", b), ("a", a), ("c", other)):
        if share is not None and share.of:
            parts += _interval(mark, share)
            parts.append(_mark(mark, f"{100 * share.hits / share.of:.1f}%"))
    drawn = "".join(parts)
    # Each part is of numbers alone.
    return mark_safe(f'<svg class="track" aria-hidden="true">{drawn}</svg>')  # noqa: S308


def _interval(mark: str, share: Share) -> list[str]:
    low, high = f"{100 * share.low:.1f}%", f"{100 * share.high:.1f}%"
    return [
        _line(mark, (low, MIDDLE), (high, MIDDLE)),
        _line(mark, (low, MIDDLE - 8), (low, MIDDLE + 8)),
        _line(mark, (high, MIDDLE - 8), (high, MIDDLE + 8)),
    ]


def _line(mark: str, start: tuple[str, int], end: tuple[str, int]) -> str:
    places = f'x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}"'
    return f'<line class="line-{mark}" {places}></line>'


def _mark(mark: str, at: str) -> str:
    if mark == "b":
        size = 'width="12" height="12" transform="translate(-6 0)"'
        return f'<rect class="mark-b" x="{at}" y="{MIDDLE - 6}" {size}></rect>'
    radius = 6 if mark == "a" else 5
    return f'<circle class="mark-{mark}" cx="{at}" cy="{MIDDLE}" r="{radius}"></circle>'
