"""The codes in which two raters differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmark.metrics.certainty.differing_codes import (
    CodeDifferences,
    more_often_given,
    more_often_right,
)
from benchmark.metrics.codings import Coded, Encoding

MOST = 20
"""Codes that are kept of a pair, the clearest."""


@dataclass(frozen=True)
class DifferingCode:
    """One code in which two raters differ."""

    code: str
    first: int
    """Notes where only the first is right, or gave it."""
    second: int
    p: float
    q: float


@dataclass(frozen=True)
class Differing:
    """The clearest codes that differ, and of how many."""

    codes: list[DifferingCode]
    clear: int
    """Codes with q up to .05, of which at most MOST are in `codes`."""
    tested: int
    seen: int
    """Codes that the two gave differently to some note."""


@dataclass(frozen=True)
class DifferingPair:
    """Two raters on Table 1's notes."""

    first: str
    second: str
    right: Differing
    """By who is right more often."""


@dataclass(frozen=True)
class GivenPair:
    """Two raters on the notes that both coded."""

    first: str
    second: str
    codes: Differing
    """By who gives the code more often."""


def differing_codes(encoding: Encoding) -> list[DifferingPair]:
    """In which codes every two raters are not right alike, in their order."""
    found = []
    for first, second in combinations(encoding.given, 2):
        ours = encoding.given[first].matrix
        theirs = encoding.given[second].matrix
        right = more_often_right(encoding.true, ours, theirs)
        found.append(DifferingPair(first, second, _named(right, encoding.space.codes)))
    return found


def given_codes(raters: Mapping[str, Coded], codes: Sequence[str]) -> list[GivenPair]:
    """Which codes every two raters do not give alike; `codes`: those of the axes.

    Raters without a note in common are left out.
    """
    found = []
    for first, second in combinations(raters, 2):
        ours, theirs = raters[first], raters[second]
        both = np.flatnonzero(ours.done & theirs.done)
        if len(both):
            given = more_often_given(ours.matrix[both], theirs.matrix[both])
            found.append(GivenPair(first, second, _named(given, codes)))
    return found


def _named(found: CodeDifferences, codes: Sequence[str]) -> Differing:
    kept = []
    for each in found.codes[:MOST]:
        kept.append(DifferingCode(codes[each.column], each.first, each.second, each.p, each.q))
    return Differing(kept, len(found.codes), found.tested, found.seen)
