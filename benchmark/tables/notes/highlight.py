"""Where a model looked: a note's text cut into pieces, and how strongly each lights up for a code.

Pure. A span is (start, end, weight) in characters. Pieces are numbered, so that a browser never
counts characters.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmark.tables.notes.soft_breaks import SOFT

Span = tuple[int, int, float]
LEVELS = 4
"""Shades: of the strongest place of a code, down to a quarter of it and less."""
FAINT = 0.02
"""A place with less than this share of the strongest one's weight is not marked."""
QUOTED = 3
SHOWN_AROUND = 2
"""Places of a code that are quoted with the words around them."""
AROUND = 45
"""Characters of the text on either side."""
WORDLESS = re.compile(r"\W{0,3}")


@dataclass(frozen=True)
class Why:
    """A code that a model gave, and what its logit is the sum of."""

    code: str
    title: str
    probability: float | None
    """None where codes came from outside without one."""
    logit: float = 0.0
    bias: float = 0.0
    rest: float = 0.0
    """All words that are not among the spans, summed."""
    spans: Sequence[Span] | None = None
    """None without evidence."""


@dataclass(frozen=True)
class Piece:
    """Some of the text."""

    text: str
    number: int | None
    """None where no code has a place."""
    level: int = 0
    """Signed; 0 for not lit."""


@dataclass(frozen=True)
class Quote:
    """A place with the words around it."""

    before: str
    words: str
    after: str
    piece: int
    """Its first piece."""


@dataclass(frozen=True)
class Marked:
    """A code with its places."""

    why: Why
    lights: str
    """"piece:level piece:level ...", the strongest first."""
    words: str
    """The same in a sentence."""
    quotes: tuple[Quote, ...] = ()
    """The strongest places for the code, the strongest first."""


def merged(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans in order; neighbours of one sign become one.

    Neighbours have at most three characters and no word between them.

    >>> merged("acute renal failure", [(6, 11, 1.0), (0, 5, 2.0), (12, 19, -1.0)])
    [(0, 11, 3.0), (12, 19, -1.0)]
    """
    found: list[Span] = []
    for start, end, weight in sorted(span for span in spans if span[0] < span[1]):
        if found:
            before_start, before_end, before_weight = found[-1]
            same_sign = before_weight * weight > 0
            if same_sign and WORDLESS.fullmatch(text, before_end, start):
                found[-1] = (before_start, end, before_weight + weight)
                continue
        found.append((start, end, weight))
    return found


def level(weight: float, strongest: float) -> int:
    """Signed shade of a weight, 1 to LEVELS where `strongest` has LEVELS; 0 for next to none."""
    if not strongest:
        return 0
    share = abs(weight) / strongest
    if share < FAINT:
        return 0
    return int(math.copysign(math.ceil(LEVELS * share), weight))


def cut(text: str, groups: Iterable[Sequence[Span]]) -> list[tuple[int, int]]:
    """(start, end) of consecutive pieces of the text: every span of every group is some of them,
    whole."""
    borders = {0, len(text)}
    for spans in groups:
        for start, end, _ in spans:
            borders.update((start, end))
    ordered = sorted(border for border in borders if border <= len(text))
    return list(itertools.pairwise(ordered))


def lit(spans: Sequence[Span], places: Mapping[int, int], ends: Sequence[int]) -> dict[int, int]:
    """Piece -> level for the spans of a code, the strongest span first.

    `places` maps a start to its piece; `ends` has the end of each piece.
    """
    strongest = max((abs(weight) for _, _, weight in spans), default=0.0)
    found: dict[int, int] = {}
    for start, end, weight in sorted(spans, key=lambda span: -abs(span[2])):
        piece = places[start]
        shade = level(weight, strongest)
        while shade and piece < len(ends) and ends[piece] <= end:
            found[piece] = shade
            piece += 1
    return found


def marked(text: str, whys: Sequence[Why], chosen: int | None) -> tuple[list[Piece], list[Marked]]:
    """The text in pieces, lit for `whys[chosen]`, and each code with the pieces that it lights."""
    groups = [merged(text, why.spans or ()) for why in whys]
    bounds = cut(text, groups)
    places = {start: piece for piece, (start, _) in enumerate(bounds)}
    ends = [end for _, end in bounds]
    lights = [lit(spans, places, ends) for spans in groups]
    lit_by_any = set().union(*lights)
    now: dict[int, int] = {}
    if chosen is not None:
        now = lights[chosen]
    pieces = []
    for piece, (start, end) in enumerate(bounds):
        number = piece if piece in lit_by_any else None
        pieces.append(Piece(_between(text, start, end), number, now.get(piece, 0)))
    codes = []
    for why, found, spans in zip(whys, lights, groups, strict=True):
        places_lit = " ".join(f"{piece}:{shade}" for piece, shade in found.items())
        quotes = tuple(_quotes(text, spans, places))
        codes.append(Marked(why, places_lit, in_words(text, why, spans), quotes))
    return pieces, codes


def _between(text: str, start: int, end: int) -> str:
    """A piece of the text.

    A browser takes CR and LF for one line break only while nothing stands between them: where a
    piece ends between the two, its CR is left out.
    """
    if text[end - 1 : end + 1] in ("\r\n", f"\r{SOFT}"):
        return text[start : end - 1]
    return text[start:end]


def _quotes(text: str, spans: Sequence[Span], places: Mapping[int, int]) -> Iterator[Quote]:
    """The strongest places that speak for the code, in their context, without line breaks."""
    speaking = [span for span in spans if span[2] > 0]
    for start, end, _ in sorted(speaking, key=lambda span: -span[2])[:SHOWN_AROUND]:
        before = " ".join(text[max(0, start - AROUND) : start].split())
        after = " ".join(text[end : end + AROUND].split())
        if start > AROUND:
            before = f"… {before.partition(' ')[2]}"
        if end + AROUND < len(text):
            after = f"{after.rpartition(' ')[0]} …"
        yield Quote(before, " ".join(text[start:end].split()), after, places[start])


def in_words(text: str, why: Why, spans: Sequence[Span]) -> str:
    """What the code's logit is the sum of, and the strongest places in the note's own words."""
    if why.spans is None:
        return f"{why.code}: no evidence is stored for this run. Run the model again to have it."
    shown = math.fsum(weight for _, _, weight in why.spans)
    total = (
        f"{why.code}: logit {why.logit:+.2f} = bias {why.bias:+.2f}, "
        f"{len(why.spans)} strongest {shown:+.2f}, all others {why.rest:+.2f}."
    )
    if not spans:
        return f"{total} No single word has a share."
    quotes = []
    for start, end, weight in sorted(spans, key=lambda span: -abs(span[2]))[:QUOTED]:
        words = " ".join(text[start:end].split())
        quotes.append(f"“{words}” {weight:+.2f}")
    return f"{total} Most: {', '.join(quotes)}."
