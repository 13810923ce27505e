"""The baseline that learns nothing: a code is given where its title stands in the note, word for word."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
END = ""


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
    """One note as title matching sees it: a probability a code (L,), and the places where titles stand, by code."""

    probabilities: NDArray[np.float32]
    places: Mapping[int, Sequence[Found]]

    def parts(
        self, spans: Sequence[tuple[int, int]], code: int
    ) -> tuple[float, list[tuple[int, int, float]]]:
        """What the logit of a code is the sum of: (bias, [(start, end, weight)]).

        `spans` are the (start, end) of each word of the note. The longest titles that stand in the note share
        log(size + 1) equally; of a code whose title does not, all is bias.
        """
        found = self.places.get(code)
        if not found:
            share = min(max(float(self.probabilities[code]), 1e-6), 1 - 1e-6)
            return math.log(share / (1 - share)), []
        size = max(match.size for match in found)
        longest = [match for match in found if match.size == size]
        weight = math.log(size + 1) / len(longest)
        return 0.0, [(spans[match.start][0], spans[match.end - 1][1], weight) for match in longest]


class TitleIndex:
    """All titles of a code list in a trie of their telling words; fillers are passed over in titles and notes alike."""

    def __init__(self, codes: Sequence[CodeRow]) -> None:
        self.size = len(codes)
        self.trie: dict[str, dict] = {}  # type: ignore[type-arg]
        for column, row in enumerate(codes):
            for title in {telling(row.long), telling(row.short)} - {()}:
                self._add(title, column)
        words = sorted({word for row in codes for word in telling(row.long)})
        self.words = {word: i for i, word in enumerate(words)}
        self.parts = self._share_of_title(codes)

    def read(self, words: Sequence[str]) -> Reading:
        """A note's words, gone through once.

        A probability is above .5 where the title was found, the more the longer it is; else it is half the share of
        the title's words that the note has.
        """
        met = np.zeros(len(self.words), np.float32)
        met[[self.words[word] for word in set(words) if word in self.words]] = 1
        scores = (self.parts @ met / 2).astype(np.float32)
        places: dict[int, list[Found]] = {}
        for found in self.find(words):
            for code in found.codes:
                scores[code] = max(scores[code], strength(found.size))
                places.setdefault(code, []).append(found)
        return Reading(np.asarray(scores, np.float32), places)

    def find(self, words: Sequence[str]) -> list[Found]:
        """Titles from left to right, the longest at each place; one inside a longer one is not found."""
        places = [i for i, word in enumerate(words) if word not in FILLER]
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
        """The longest title that begins at the place numbered `at`: (its words, its codes), or (0, ())."""
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

    def _share_of_title(self, codes: Sequence[CodeRow]) -> csr_matrix:
        """(L, words): a row sums to 1 over the words of the code's long title."""
        titles = [[self.words[word] for word in sorted(set(telling(row.long)))] for row in codes]
        shares = [1 / len(title) for title in titles for _ in title]
        indptr = np.cumsum([0] + [len(title) for title in titles])
        return csr_matrix(
            (shares, [i for title in titles for i in title], indptr), (self.size, len(self.words))
        )


def telling(title: str) -> tuple[str, ...]:
    """Words of a title but its fillers.

    >>> telling("Anemia, unspecified"), telling("Hemorrhage of gastrointestinal tract")
    (('anemia',), ('hemorrhage', 'gastrointestinal', 'tract'))
    """
    return tuple(word for word in tokenise(title).words if word not in FILLER)


def strength(size: int) -> float:
    """Probability of a code whose title of `size` words was found: 2/3 for one word; its logit is log(size + 1)."""
    return (size + 1) / (size + 2)
