"""Where a note says a code.

While a note is put together and wrapped, invisible characters mark each mention: an opening one,
its number, and a closing one. They are taken out at the end, and where they stood is where the
mention is. Mentions do not nest.
"""

from __future__ import annotations

import re
from typing import NamedTuple

OPEN = "\ue000"
CLOSE = "\ue001"
FIRST_NUMBER = 0xE100
"""Code point of the character after OPEN that stands for mention 0."""
MARKED = re.compile(f"{OPEN}(.)([^{CLOSE}]*){CLOSE}", re.DOTALL)


class Mention(NamedTuple):
    """Characters [start, end) of an admission's text that say a code (a position in World.codes).

    `form` is the kind of `wording.Form`. `sense` is "said" where the code is true of the stay;
    otherwise it is how the text tells that it is not: "denied", "relative's" or "past".
    """

    code: int
    form: str
    sense: str
    start: int
    end: int


def with_markers(text: str, number: int) -> str:
    """The text with the markers of mention `number` of a note around it."""
    return f"{OPEN}{chr(FIRST_NUMBER + number)}{text}{CLOSE}"


def without_markers(text: str) -> tuple[str, list[tuple[int, int, int]]]:
    """(the text without markers, (number, start, end) of each mention in it).

    >>> without_markers(f"a {with_markers('b', 7)} c")
    ('a b c', [(7, 2, 3)])
    """
    pieces: list[str] = []
    found: list[tuple[int, int, int]] = []
    read = 0
    length = 0
    for match in MARKED.finditer(text):
        before = text[read : match.start()]
        mention = match[2]
        pieces += (before, mention)
        start = length + len(before)
        length = start + len(mention)
        found.append((ord(match[1]) - FIRST_NUMBER, start, length))
        read = match.end()
    pieces.append(text[read:])
    return "".join(pieces), found
