"""Words that were mistyped: what they may have been."""

from __future__ import annotations

from typing import Final

from icd.search.index import Index
from icd.search.words import texts

SHORTEST: Final = 4
"""Letters of a word that is corrected at all."""
SHORTEST_BEGINNING: Final = 5
"""... that is taken for the beginning of a longer one."""
SHORTEST_TWICE: Final = 8
"""... in which two letters may be wrong."""
OF_THE_TABLE: Final = 3
"""A word of the table of abbreviations counts as much as one that stands in so many places."""
MOST: Final = 5
"""Corrections of a word that are tried."""


def corrections(word: str, index: Index) -> list[str]:
    """Words that are one letter off, likeliest first; long words may be two off.

    One letter too many, missing, wrong, or changed for its neighbour. Whole words come first, then
    words that would begin so, then two letters off; among those the more frequent.
    """
    if len(word) < SHORTEST or any(letter.isdigit() for letter in word):
        return []
    ranked = []
    for other, count in known_words(index).items():
        distance = _distance(word, other)
        if distance is not None:
            ranked.append((distance, -count, other))
    return [other for _, _, other in sorted(ranked)][:MOST]


def _distance(word: str, other: str) -> int | None:
    """0: one letter off; 1: one letter off its beginning; 2: two letters off; None: further.

    Only a word that is one letter off may begin with another letter.
    """
    if one_off(word, other):
        return 0
    if word[0] != other[0]:
        return None
    if len(word) >= SHORTEST_BEGINNING and len(other) > len(word):
        for length in (len(word) - 1, len(word), len(word) + 1):
            if one_off(word, other[:length]):
                return 1
    if len(word) >= SHORTEST_TWICE and two_off(word, other):
        return 2
    return None


def one_off(word: str, other: str) -> bool:
    """Whether one letter makes one word of the other.

    >>> [one_off("asthma", other) for other in ("ashtma", "astma", "asthhma", "asthmi", "asthma")]
    [True, True, True, True, False]
    """
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    shorter = min(len(word), len(other))
    begin = 0
    while begin < shorter and word[begin] == other[begin]:
        begin += 1
    end = 0
    while end < shorter - begin and word[-1 - end] == other[-1 - end]:
        end += 1
    mine = word[begin : len(word) - end]
    yours = other[begin : len(other) - end]
    if len(mine) <= 1 and len(yours) <= 1:
        return True
    return len(mine) == 2 and mine == yours[::-1]


def two_off(word: str, other: str) -> bool:
    """Whether two letters make one word of the other.

    >>> two_off("hemmorhage", "hemorrhage"), two_off("hemmorhage", "hemorrhoid")
    (True, False)
    """
    if abs(len(word) - len(other)) > 2:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        last = before
        before = row
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            swapped = i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted
            if swapped:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > 2:
            return False
    return row[-1] <= 2


def known_words(index: Index) -> dict[str, int]:
    """Every word that can be found -> in how many places it stands."""
    if not index.known_words:
        counts = {word: len(places) for word, places in index.places.items()}
        for phrase in index.tables.spellings.values():
            for word in texts(phrase):
                counts[word] = counts.get(word, 0) + OF_THE_TABLE
        known = {}
        for word, count in counts.items():
            if len(word) >= SHORTEST and word.isalpha():
                known[word] = count
        index.known_words = known
    return index.known_words
