"""The codes in which two raters differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from benchmark.metrics.certainty.differing_codes import (
    CodeDifferences,
    more_often_given,
    more_often_right,
)
from benchmark.metrics.codings import Encoding

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
    given: Differing
    """By who gives the code more often."""


def differing_codes(encoding: Encoding) -> list[DifferingPair]:
    """Every two raters, in their order."""
    found = []
    for first, second in combinations(encoding.given, 2):
        ours = encoding.given[first].matrix
        theirs = encoding.given[second].matrix
        right = more_often_right(encoding.true, ours, theirs)
        given = more_often_given(ours, theirs)
        codes = encoding.space.codes
        found.append(DifferingPair(first, second, _named(right, codes), _named(given, codes)))
    return found


def _named(found: CodeDifferences, codes: Sequence[str]) -> Differing:
    kept = []
    for each in found.codes[:MOST]:
        kept.append(DifferingCode(codes[each.column], each.first, each.second, each.p, each.q))
    return Differing(kept, len(found.codes), found.tested, found.seen)
