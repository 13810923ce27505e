"""Words of titles and of queries: folded to small letters and figures without accents.

static/desk/search.js does the same, letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from unicodedata import normalize

SPELT_OUT: Final = {"&": " and ", "<": " under ", ">": " over ", "+": " positive "}
"""Signs that say a word."""
APOSTROPHES: Final = "'’‘`´"
LONGEST: Final = 60
"""Characters of a query; what is longer is cut."""
CODE_LIKE: Final = re.compile(r"[0-9]+\.[0-9]*|[0-9]+|[ev][0-9]+(\.[0-9]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, and where it stands in its text: from, and to which character."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4_096)
def fold(character: str) -> str:
    """A character as words are compared: a letter or figure, "" for what joins, else a blank.

    >>> fold("É"), fold("'"), fold("-"), fold("&")
    ('e', '', ' ', ' and ')
    """
    if character.isascii():
        if character.isalnum():
            return character.lower()
        if character in APOSTROPHES:
            return ""
        return SPELT_OUT.get(character, " ")
    if character in APOSTROPHES or "\u0300" <= character <= "\u036f":
        return ""
    first = normalize("NFD", character)[0]
    if first.isascii() and first.isalnum():
        return first.lower()
    return " "


ASCII: Final = {code: fold(chr(code)) for code in range(128)}
"""The same as a table, for what has plain characters alone."""


def words_in(text: str) -> list[Word]:
    """The words of a text.

    >>> [word.text for word in words_in("Crohn's disease (E. coli), n&v")]
    ['crohns', 'disease', 'e', 'coli', 'n', 'and', 'v']
    """
    found = []
    current = ""
    start = 0
    for place, character in enumerate(text):
        for letter in fold(character):
            if letter != " ":
                if not current:
                    start = place
                current += letter
            elif current:
                found.append(Word(current, start, max(place, start + 1)))
                current = ""
    if current:
        found.append(Word(current, start, len(text)))
    return found


def texts(text: str) -> list[str]:
    """The words of a text, folded, without their places."""
    if text.isascii():
        return text.translate(ASCII).split()
    return [word.text for word in words_in(text)]


def glued(words: Iterable[str]) -> str:
    """Words without blanks between them: "a fib" and "afib" are one."""
    return "".join(words)


def is_code_like(text: str) -> bool:
    """Whether this may be a code or its beginning, in either case of letters, dot or not.

    >>> [is_code_like(text) for text in ("428", "428.", "V58.6", "e8859", "v", "dm2", "4.")]
    [True, True, True, True, False, False, True]
    """
    return text.isascii() and CODE_LIKE.fullmatch(text.lower()) is not None


def singular(word: str) -> str:
    """A word of four letters or more without the s of its plural, else the word itself.

    >>> singular("fractures"), singular("abscess"), singular("pus"), singular("arthritis")
    ('fracture', 'abscess', 'pus', 'arthritis')
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return word[:-1]
