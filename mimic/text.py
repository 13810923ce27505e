"""Tokens of a note as CAML makes them, where they stand, and where sentences begin."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PIECE = re.compile(r"\w+|[.?!](?=\s)|\n[^\S\n]*\n")

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Tokens:
    """Words of a text, their (start, end) in characters, and the index of each sentence's first."""

    words: list[str]
    spans: list[tuple[int, int]]
    borders: list[int]


def tokenise(text: str) -> Tokens:
    r"""Runs of word characters, lower case, without the all-numeric ones (Mullenbach et al. 2018).

    A sentence ends at . ? ! before white space and at a blank line, not at a single line break,
    because notes wrap.

    >>> tokenise("BP 120/80 on\nlasix. No CHF\n\nPlan: b12").words
    ['bp', 'on', 'lasix', 'no', 'chf', 'plan', 'b12']
    >>> tokenise("BP 120/80 on\nlasix. No CHF\n\nPlan: b12").borders
    [0, 3, 5]
    """
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    borders: list[int] = []
    fresh = True
    for match in PIECE.finditer(text):
        piece = match.group()
        if not (piece[0].isalnum() or piece[0] == "_"):
            fresh = True
        elif not piece.isnumeric():
            if fresh:
                borders.append(len(words))
            fresh = False
            words.append(piece.lower())
            spans.append(match.span())
    return Tokens(words, spans, borders)


def permute_sentences(ids: Ids, borders: NDArray[np.int32], generator: np.random.Generator) -> Ids:
    """Tokens (n,) with their sentences in a new order; borders past the (cut) end are ignored."""
    inside = borders[(borders > 0) & (borders < len(ids))]
    sentences = np.split(ids, inside)
    return np.concatenate([sentences[i] for i in generator.permutation(len(sentences))])
