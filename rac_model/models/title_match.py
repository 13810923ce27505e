"""The baseline that learns nothing: a code is given where its title stands in the note."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from icd.codes import CodeRow
from mimic.text import tokenise
from rac_model.config import Coder, option
from rac_model.models.base import Preset, System

FILLER = frozenset(
    tokenise(
        "a an and as by for from in into not of on or the to with without "
        "other unspecified nos nec classified elsewhere"
    ).words
)
"""Words that are passed over, in titles and in notes."""
END = ""
"""The key of a trie's node under which stand the codes whose title ends there."""


@dataclass(frozen=True)
class TitleMatchConfig(Coder):
    """Code titles looked up in the note; nothing is learned."""

    kind: str = option("title-match", "kind of model")
    codes: Literal["train", "all"] = option(
        "all", "codes of the model: those in training notes, or all with a title"
    )


SYSTEM = System(
    "title-match",
    TitleMatchConfig,
    None,
    {
        "title-match": Preset(
            TitleMatchConfig(), "code titles found in the note, the baseline that learns nothing"
        )
    },
)


@dataclass
class Found:
    """A title of `size` words at words [start, end) of the note, and the codes that have it."""

    start: int
    end: int
    size: int
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """One note as title matching sees it.

    A probability a code (L,), and for each code the places where its titles stand.
    """

    probabilities: NDArray[np.float32]
    places: Mapping[int, Sequence[Found]]

    def parts(
        self, spans: Sequence[tuple[int, int]], code: int
    ) -> tuple[float, list[tuple[int, int, float]]]:
        """What the logit of a code is the sum of: (bias, [(start, end, weight)]).

        `spans` are the (start, end) of each word of the note. The longest titles that stand in the
        note share log(size + 1) equally; of a code whose title does not, all is bias.
        """
        found = self.places.get(code)
        if not found:
            probability = min(max(float(self.probabilities[code]), 1e-6), 1 - 1e-6)
            return math.log(probability / (1 - probability)), []
        size = max(title.size for title in found)
        longest = [title for title in found if title.size == size]
        weight = math.log(size + 1) / len(longest)
        weighted = []
        for title in longest:
            start, _ = spans[title.start]
            _, end = spans[title.end - 1]
            weighted.append((start, end, weight))
        return 0.0, weighted


class TitleIndex:
    """All titles of a code list, in a trie of their words without fillers."""

    def __init__(self, codes: Sequence[CodeRow]) -> None:
        self.size = len(codes)
        self.trie: dict[str, dict] = {}  # type: ignore[type-arg]
        for column, row in enumerate(codes):
            for title in {without_fillers(row.long), without_fillers(row.short)} - {()}:
                self._add(title, column)
        long_titles = [without_fillers(row.long) for row in codes]
        words = sorted(set(chain.from_iterable(long_titles)))
        self.words = {word: number for number, word in enumerate(words)}
        self.shares = self._shares(long_titles)

    def read(self, words: Sequence[str]) -> Reading:
        """A note's words, gone through once.

        A probability is above .5 where the title was found, the more the longer it is; else it is
        half the share of the title's words that the note has.
        """
        has_word = np.zeros(len(self.words), np.float32)
        has_word[[self.words[word] for word in set(words) if word in self.words]] = 1
        probabilities = (self.shares @ has_word / 2).astype(np.float32)
        places: dict[int, list[Found]] = {}
        for found in self.find(words):
            for code in found.codes:
                probabilities[code] = max(probabilities[code], probability_of(found.size))
                places.setdefault(code, []).append(found)
        return Reading(np.asarray(probabilities, np.float32), places)

    def find(self, words: Sequence[str]) -> list[Found]:
        """Titles from left to right, the longest at each place, so that none overlaps another."""
        places = [place for place, word in enumerate(words) if word not in FILLER]
        found: list[Found] = []
        at = 0
        while at < len(places):
            size, codes = self._longest(words, places, at)
            if size:
                found.append(Found(places[at], places[at + size - 1] + 1, size, codes))
            at += max(size, 1)
        return found

    def _longest(
        self, words: Sequence[str], places: list[int], at: int
    ) -> tuple[int, tuple[int, ...]]:
        """(words, codes) of the longest title that begins at `places[at]`, or (0, ())."""
        node = self.trie
        size = 0
        codes: tuple[int, ...] = ()
        for number in range(at, len(places)):
            word = words[places[number]]
            if word not in node:
                break
            node = node[word]
            if END in node:
                size = number + 1 - at
                codes = tuple(node[END])
        return size, codes

    def _add(self, title: tuple[str, ...], column: int) -> None:
        node = self.trie
        for word in title:
            node = node.setdefault(word, {})
        node.setdefault(END, {})[column] = None

    def _shares(self, long_titles: Sequence[tuple[str, ...]]) -> csr_matrix:
        """(L, words): a row sums to 1 over the words of the code's long title."""
        shares: list[float] = []
        columns: list[int] = []
        starts = [0]
        for title in long_titles:
            distinct = sorted(set(title))
            for word in distinct:
                shares.append(1 / len(distinct))
                columns.append(self.words[word])
            starts.append(len(columns))
        return csr_matrix((shares, columns, starts), (self.size, len(self.words)))


def without_fillers(title: str) -> tuple[str, ...]:
    """Words of a title but its fillers.

    >>> without_fillers("Hemorrhage of gastrointestinal tract, unspecified")
    ('hemorrhage', 'gastrointestinal', 'tract')
    """
    return tuple(word for word in tokenise(title).words if word not in FILLER)


def probability_of(size: int) -> float:
    """Probability of a code whose title of `size` words was found: 2/3 for one word.

    Its logit is log(size + 1).
    """
    return (size + 1) / (size + 2)
