"""Pure: a note's text cut into pieces, and which pieces light up, how strongly, for each code that a model gave.

A span is (start, end, weight) in characters. Pieces are numbered, so that a browser never counts characters.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int, float]
LEVELS = 4
"""Shades: of the strongest place of a code, down to a quarter of it and less."""
FAINT = 0.02
"""A place with less than this share of the strongest one's weight is not marked."""
QUOTED = 3
WORDLESS = re.compile(r"\W{0,3}")


@dataclass(frozen=True)
class Why:
    """A code that a model gave, and what its logit is the sum of; without evidence `spans` is None, and where codes
    came from outside the probability may be."""

    code: str
    title: str
    probability: float | None
    logit: float = 0.0
    bias: float = 0.0
    rest: float = 0.0
    spans: Sequence[Span] | None = None


@dataclass(frozen=True)
class Piece:
    """Some of the text. `number` is None where no code has a place; `level` is signed, 0 for not lit."""

    text: str
    number: int | None
    level: int = 0


@dataclass(frozen=True)
class Marked:
    """A code with its places: `lights` is "piece:level piece:level ...", the strongest first; `words` says it all."""

    why: Why
    lights: str
    words: str


def merged(text: str, spans: Iterable[Span]) -> list[Span]:
    """Neighbouring spans of one sign with at most three characters and no word between them become one.

    >>> merged("acute renal failure", [(6, 11, 1.0), (0, 5, 2.0), (12, 19, -1.0)])
    [(0, 11, 3.0), (12, 19, -1.0)]
    """
    found: list[Span] = []
    for start, end, weight in sorted(span for span in spans if span[0] < span[1]):
        if found and found[-1][2] * weight > 0 and WORDLESS.fullmatch(text, found[-1][1], start):
            start, weight = found[-1][0], found.pop()[2] + weight
        found.append((start, end, weight))
    return found


def level(weight: float, strongest: float) -> int:
    """Signed shade of a weight, 1 to LEVELS where `strongest` has LEVELS; 0 for next to none."""
    share = abs(weight) / strongest if strongest else 0.0
    return int(math.copysign(math.ceil(LEVELS * share), weight)) if share >= FAINT else 0


def cut(text: str, groups: Iterable[Sequence[Span]]) -> list[tuple[int, int]]:
    """(start, end) of consecutive pieces of the text, so that every span of every group is some whole pieces."""
    borders = {0, len(text)} | {
        place for spans in groups for start, end, _ in spans for place in (start, end)
    }
    ordered = sorted(border for border in borders if border <= len(text))
    return list(itertools.pairwise(ordered))


def lit(spans: Sequence[Span], places: Mapping[int, int], ends: Sequence[int]) -> dict[int, int]:
    """Piece -> level for the spans of a code, the strongest span first. `places` maps a start to its piece."""
    strongest = max((abs(weight) for _, _, weight in spans), default=0.0)
    found: dict[int, int] = {}
    for start, end, weight in sorted(spans, key=lambda span: -abs(span[2])):
        piece, shade = places[start], level(weight, strongest)
        while shade and piece < len(ends) and ends[piece] <= end:
            found[piece] = shade
            piece += 1
    return found


def marked(text: str, whys: Sequence[Why], chosen: int | None) -> tuple[list[Piece], list[Marked]]:
    """The text in pieces, lit for `whys[chosen]`, and each code with the pieces that it lights."""
    groups = [merged(text, why.spans or ()) for why in whys]
    bounds = cut(text, groups)
    places, ends = {start: i for i, (start, _) in enumerate(bounds)}, [end for _, end in bounds]
    lights = [lit(spans, places, ends) for spans in groups]
    numbered = {piece for found in lights for piece in found}
    now = lights[chosen] if chosen is not None else {}
    pieces = [
        Piece(
            _between(text, start, end), number if number in numbered else None, now.get(number, 0)
        )
        for number, (start, end) in enumerate(bounds)
    ]
    return pieces, [
        Marked(
            why,
            " ".join(f"{piece}:{shade}" for piece, shade in found.items()),
            in_words(text, why, spans),
        )
        for why, found, spans in zip(whys, lights, groups, strict=True)
    ]


def _between(text: str, start: int, end: int) -> str:
    """A piece of the text. A browser takes CR and LF for one line break only while nothing stands between them."""
    cut_in_two = text[end - 1 : end + 1] == "\r\n"
    return text[start : end - 1] if cut_in_two else text[start:end]


def in_words(text: str, why: Why, spans: Sequence[Span]) -> str:
    """The sum, and the strongest places in the note's own words."""
    if why.spans is None:
        return f"{why.code}: no evidence is stored for this run. Run the model again to have it."
    shown = math.fsum(weight for _, _, weight in why.spans)
    total = (
        f"{why.code}: logit {why.logit:+.2f} = bias {why.bias:+.2f}, "
        f"{len(why.spans)} strongest {shown:+.2f}, all others {why.rest:+.2f}."
    )
    if not spans:
        return f"{total} No single word has a share."
    best = sorted(spans, key=lambda span: -abs(span[2]))[:QUOTED]
    quotes = ", ".join(
        f"“{' '.join(text[start:end].split())}” {weight:+.2f}" for start, end, weight in best
    )
    return f"{total} Most: {quotes}."
