"""Names beside the dots of a plane, so that none lies on another name or on a dot. Pure.

Dots are drawn in percent of the plane, names in pixels: a name that is free on a narrow plane and
on a wide one is taken to be free between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WIDTHS = (240, 320, 420)
"""Pixels of the plane: on a phone, on a small screen, on a large one."""
HEIGHT = 230
LETTER = 7.2
"""Pixels of a letter, on average and a little more."""
LINE = 16
"""Pixels from one line of words to the next."""
RADIUS = 8
GAP = 4
LETTERS = (18, 9)
"""Of a name that is drawn: at most so many, and where there is no room so many."""
RINGS = 14
"""How many lines above and below its dot a name may stand."""


@dataclass(frozen=True)
class DotLabel:
    """A name, in pixels from its dot."""

    words: str
    """The name, shortened where it is long."""
    x: int
    y: int
    """Of the foot of the words."""
    anchor: str
    """start, middle or end: which part of the words is at x."""
    led: bool = False
    """Whether it stands so far off that a line leads to it."""

    @property
    def width(self) -> float:
        return LETTER * len(self.words)

    @property
    def line_end(self) -> tuple[int, int]:
        """Where the line that leads to it ends."""
        if self.anchor == "middle":
            return 0, self.y + 3 if self.y < 0 else self.y - 12
        return self.x - (3 if self.anchor == "start" else -3), self.y - 4


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def placed(points: Mapping[str, tuple[str, float, float]]) -> dict[str, DotLabel]:
    """The labels of dots: words, x and y, as shares of the plane from its upper left corner.

    In the order given, each takes the first place that is free on every width. A dot without a free
    place is left out.
    """
    dots = {}
    taken: dict[int, list[_Box]] = {}
    for width in WIDTHS:
        boxes = [_dot(x * width, y * HEIGHT) for _, x, y in points.values()]
        dots[width] = boxes
        taken[width] = []
    found = {}
    for number, (name, (words, x, y)) in enumerate(points.items()):
        for label in _tries(words, to_the_left=x > 0.6):
            boxes_of = {width: _box(label, x * width, y * HEIGHT) for width in WIDTHS}
            free = True
            for width, box in boxes_of.items():
                others = dots[width][:number] + dots[width][number + 1 :] + taken[width]
                inside = box.left >= -GAP and box.right <= width + GAP
                inside = inside and box.top >= -LINE and box.bottom <= HEIGHT
                if not inside or any(box.meets(other) for other in others):
                    free = False
            if free:
                found[name] = label
                for width, box in boxes_of.items():
                    taken[width].append(box)
                break
    return found


def _tries(words: str, to_the_left: bool) -> Iterator[DotLabel]:
    """Places for a name, and then for a shorter one."""
    for letters in LETTERS:
        yield from _candidates(_short(words, letters), to_the_left)


def _candidates(words: str, to_the_left: bool) -> Iterator[DotLabel]:
    """Places for a name: beside its dot, above, below, and then farther off with a line."""
    right = DotLabel(words, RADIUS + GAP, 5, "start")
    left = DotLabel(words, -RADIUS - GAP, 5, "end")
    sides = [left, right] if to_the_left else [right, left]
    yield from sides
    yield DotLabel(words, 0, -RADIUS - GAP, "middle")
    yield DotLabel(words, 0, RADIUS + GAP + 11, "middle")
    for ring in range(1, RINGS + 1):
        for away in (-ring * LINE, ring * LINE):
            for side in sides:
                x = side.x + (10 if side.anchor == "start" else -10)
                yield DotLabel(words, x, 5 + away, side.anchor, led=True)
            if ring > 1:
                yield DotLabel(words, 0, 5 + away, "middle", led=True)


def _short(name: str, letters: int) -> str:
    """A name that is long, shortened in its middle: names of a family differ at their ends.

    >>> _short("RAC", 9), _short("A model with a very long name", 18)
    ('RAC', 'A model w…ong name')
    """
    if len(name) <= letters:
        return name
    end = (letters - 1) // 2
    return f"{name[: letters - 1 - end].rstrip()}…{name[len(name) - end :].lstrip()}"


def _dot(x: float, y: float) -> _Box:
    return _Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)


def _box(label: DotLabel, x: float, y: float) -> _Box:
    """What a label covers, its dot being at x and y pixels."""
    left = x + label.x
    if label.anchor == "end":
        left -= label.width
    elif label.anchor == "middle":
        left -= label.width / 2
    foot = y + label.y
    return _Box(left, foot - 12, left + label.width, foot + 4)
