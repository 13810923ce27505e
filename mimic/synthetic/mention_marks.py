"""Where a note says a code: invisible marks around a mention while the note is put together, taken out at the end."""

from __future__ import annotations

import re
from typing import NamedTuple

OPEN, CLOSE, FIRST = "\ue000", "\ue001", 0xE100
MARKED = re.compile(f"{OPEN}(.)([^{CLOSE}]*){CLOSE}", re.DOTALL)


class Mention(NamedTuple):
    """Characters [start, end) of an admission's text that say a code (a position in World.codes).

    `form` is the kind of surface form; `sense` is said for a code that is true, else how it is told not to be: denied,
    relative's or past.
    """

    code: int
    form: str
    sense: str
    start: int
    end: int


def mark(text: str, number: int) -> str:
    """Text as mention `number` of a note."""
    return f"{OPEN}{chr(FIRST + number)}{text}{CLOSE}"


def unmark(text: str) -> tuple[str, list[tuple[int, int, int]]]:
    """Text without its marks, and (number, start, end) of each.

    >>> unmark(f"a {mark('b', 7)} c")
    ('a b c', [(7, 2, 3)])
    """
    pieces: list[str] = []
    found: list[tuple[int, int, int]] = []
    at = length = 0
    for match in MARKED.finditer(text):
        pieces += (text[at : match.start()], match[2])
        start = length + match.start() - at
        length = start + len(match[2])
        found.append((ord(match[1]) - FIRST, start, length))
        at = match.end()
    return "".join(pieces) + text[at:], found
