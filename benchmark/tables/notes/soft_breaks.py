"""Lines of a note that only the width had broken, so that a phone can join them again. Pure.

A note that was wrapped by hand at 70 or 80 columns must not wrap twice where there is less room.
The coding page does the same, in static/desk/reflow.js.
"""

from __future__ import annotations

import itertools
import re

SOFT = "\x1f"
"""Stands for such a line break. Words end at it, as at any white space."""
NARROWEST = 50
WIDEST = 100
STARTS_ANEW = re.compile(r"\s*(?:$|[-*#•=_]|\(?\d+[.)]\s|[A-Za-z][.)]\s|\s{2,})")
COLUMNS = re.compile(r"\S {3,}\S|\t")


def softened(text: str) -> str:
    """The text with SOFT for each line break that stands only because the next word did not fit.

    It stays as long as it was. Unchanged where it was not wrapped by hand, or has SOFT in it.

    >>> width = "x" * 60
    >>> softened(f"{width} and\\nmore\\n- a list").replace(SOFT, "|").replace(width, "x")
    'x and|more\\n- a list'
    """
    lines = text.split("\n")
    width = wrapped_at(lines)
    if not width or SOFT in text:
        return text
    found = [lines[0]]
    for line, following in itertools.pairwise(lines):
        if _is_broken(line, following, width):
            found.append(SOFT)
        else:
            found.append("\n")
        found.append(following)
    return "".join(found)


def wrapped_at(lines: list[str]) -> int:
    """The columns that lines were wrapped at; 0 where they were not."""
    longest = max(len(line.rstrip()) for line in lines)
    if NARROWEST <= longest <= WIDEST:
        return longest
    return 0


def _is_broken(line: str, following: str, width: int) -> bool:
    """Whether a line ends because the first word of the next one did not fit."""
    if not line.strip() or STARTS_ANEW.match(following):
        return False
    if COLUMNS.search(line) or COLUMNS.search(following):
        return False
    word = following.split(maxsplit=1)[0]
    return len(line.rstrip()) + 1 + len(word) > width
