"""Codes that a coder is asked to give, and how she gives them in an interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.coding.figures import Effort
from tests.bench.coding.hands import Hands, Stock


@dataclass(frozen=True)
class Given:
    """A code, and what a coder types for it. Where that finds nothing, she types its number."""

    code: str
    words: str


TEN = (
    Given("428.0", "chf"),
    Given("427.31", "afib"),
    Given("584.9", "aki"),
    Given("250.00", "dm2"),
    Given("305.1", "smoker"),
    Given("518.81", "acute respiratory failure"),
    Given("276.51", "dehydration"),
    Given("507.0", "aspiration pneumonia"),
    Given("38.93", "venous cath"),
    Given("V58.61", "V58.61"),
)
WORDS = ("heart", "artery", "colon", "injury", "liver")
"""The last letter of each leaves fewer titles, so that it changes what is on the screen."""


def give(hands: Hands, codes: Sequence[Given], effort: Effort) -> Iterator[float]:
    """Find and tick each code: the seconds of each tick. `effort` is told how it was found."""
    for given in codes:
        if isinstance(hands, Stock):
            yield hands.tick(given.code)
            effort.scrolled_to += 1
        elif _is_found(hands, given.code, given.words):
            yield hands.tick(given.code)
            effort.by_words += 1
        elif _is_found(hands, given.code, given.code):
            yield hands.tick(given.code)
            effort.by_number += 1
        else:
            effort.not_found += 1


def _is_found(hands: Hands, code: str, words: str) -> bool:
    """Whether these words bring the code into view."""
    hands.look_for(words)
    return hands.in_view(code)
