"""How well one code matches a query, in points. icd.search.ranking puts codes in order by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from icd.search.index import FIRST_TERM, SHORT, TITLE, Index
from icd.search.query import Asked, Part
from icd.search.words import singular


@dataclass
class Match:
    """A code that a query found, while it is ranked."""

    number: int
    points: int
    why: str
    words: tuple[str, ...] = ()
    """What of the title is marked."""


@dataclass
class Taken:
    """How a part of a query is found in a code."""

    points: int
    alternative: int
    """-1: the table names the code."""


def match_of(index: Index, number: int, asked: Asked) -> Match | None:
    """How well a code matches: by its titles alone, or together with one of its other names."""
    best: Match | None = None
    for field in (TITLE, *_terms_touched(index, number, asked)):
        match = _match_by(index, number, asked, field)
        if match and (best is None or match.points > best.points):
            best = match
    return best


def _terms_touched(index: Index, number: int, asked: Asked) -> list[int]:
    fields: set[int] = set()
    for part in asked.parts:
        for alternative in part.alternatives:
            for word in alternative:
                fields.update(index.found(word).get(number, ()))
    return sorted(field for field in fields if field >= FIRST_TERM)


def _match_by(index: Index, number: int, asked: Asked, field: int) -> Match | None:
    """The match by the titles and, where `field` is that of an inclusion term, by it."""
    entry = index.entries[number]
    total = 0
    taken = []
    for part in asked.parts:
        found = _taken(index, number, part, field)
        if found is None:
            return None
        total += found.points
        taken.append(found)
    points = total * 10 // len(taken)
    points += entry.standing + _group_points(index, number, asked)
    points += _pin_points(index, number, asked)
    words = _words_taken(asked.parts, taken)
    if entry.all_words == set(asked.words):
        points += index.tables.points["exact"]
    points -= _uncovered(index, number, words, field)
    why = _why(asked.parts, taken)
    if field >= FIRST_TERM:
        term = f"inclusion term: {entry.terms[field - FIRST_TERM]}"
        why = term if not why else f"{why} · {term}"
    return Match(number, points, why or "title", words)


def _taken(index: Index, number: int, part: Part, field: int) -> Taken | None:
    """The best of a part's alternatives in these fields."""
    best: Taken | None = None
    for place, alternative in enumerate(part.alternatives):
        points = _alternative_points(index, number, alternative, field)
        if points and place:
            points += index.tables.points["instead"]
        if points and (best is None or points > best.points):
            best = Taken(points, place)
    pinned = index.tables.points["pinned"]
    named = index.entries[number].code in part.pins
    if named and (best is None or best.points < pinned):
        return Taken(pinned, -1)
    return best


def _alternative_points(index: Index, number: int, words: Sequence[str], field: int) -> int:
    """Mean points of these words in the fields; 0 where one is missing."""
    total = 0
    for word in words:
        fields = index.found(word).get(number)
        if fields is None:
            return 0
        points = max(fields.get(TITLE, 0), fields.get(SHORT, 0), fields.get(field, 0))
        if not points:
            return 0
        total += points
    return total // len(words)


def _group_points(index: Index, number: int, asked: Asked) -> int:
    total = 0
    for group in index.entries[number].groups:
        row = index.tables.groups[group]
        total += row.if_asked if group in asked.groups else row.unless_asked
    return total


def _pin_points(index: Index, number: int, asked: Asked) -> int:
    """What a code gets for being named for a part of the query."""
    points = index.tables.points
    code = index.entries[number].code
    best = 0
    for part in asked.parts:
        if code in part.pins:
            place = part.pins.index(code)
            best = max(best, points["pin"] - points["next pin"] * place)
    return best


def _words_taken(parts: Sequence[Part], taken: Sequence[Taken]) -> tuple[str, ...]:
    words: tuple[str, ...] = ()
    for part, found in zip(parts, taken, strict=True):
        if found.alternative >= 0:
            words += part.alternatives[found.alternative]
    return words


def _uncovered(index: Index, number: int, words: Sequence[str], field: int) -> int:
    """Points off for what the title, or the inclusion term, says besides."""
    points = index.tables.points
    entry = index.entries[number]
    if field >= FIRST_TERM:
        covered = 0
        for word in set(words):
            if index.found(word).get(number, {}).get(field):
                covered += 1
        off = points["uncovered term"] * max(0, entry.words[field] - covered)
    else:
        beginnings = tuple(singular(word) for word in words)
        off = points["uncovered head"] * _without_beginning(entry.head, beginnings)
        off += points["uncovered tail"] * _without_beginning(entry.tail, beginnings)
    return min(off, points["most uncovered"])


def _without_beginning(words: Iterable[str], beginnings: tuple[str, ...]) -> int:
    """How many words begin with none of these."""
    return sum(not word.startswith(beginnings) for word in words)


def _why(parts: Sequence[Part], taken: Sequence[Taken]) -> str:
    """What stood for something else; "" where all was found as it was typed."""
    words = []
    for part, found in zip(parts, taken, strict=True):
        if found.alternative < 0:
            words.append(f"usual code for {part.typed}")
        elif found.alternative > 0:
            words.append(f"{part.typed} = {' '.join(part.alternatives[found.alternative])}")
    return " · ".join(words)
