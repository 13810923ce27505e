"""Which codes a query finds, and in which order. docs/search.md says it in words.

Whole numbers alone, and ties go by code, so that static/desk/search.js, which has the same rules,
answers exactly alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from icd.search.index import Index
from icd.search.query import (
    Asked,
    Part,
    meaning_of,
    one_by_one,
    part_of,
    read,
    without_optional,
    words_of,
)
from icd.search.scoring import Match, match_of
from icd.search.slips import corrections, known_words
from icd.search.tables import key_of
from icd.search.words import LONGEST, is_code_like, words_in

LIMIT: Final = 50
SHORTEST_BEGINNING: Final = 3
"""Letters of an abbreviation that is not written to its end."""
STEPS: Final = (1, 2)
"""In which words are left aside, see optional_words.tsv."""
PINNED: Final = 1_000_000
"""Points of the first code that the table names for a whole query; a thousand less for the next."""


WEIGHT: Final = 10_000
"""Points of a doubling of rarity, where a code has only some of the words."""


@dataclass(frozen=True)
class Hit:
    """A code that a query found."""

    code: str
    kind: str
    title: str
    why: str
    """Why it matched, in words."""
    marks: tuple[tuple[int, int], ...]
    """The parts of the title that the query has: from, and to which character."""


def search(index: Index, query: str, limit: int = LIMIT) -> list[Hit]:
    """The codes that a query finds, best first."""
    query = query[:LONGEST]
    matches = _by_code(index, query)
    if not matches:
        words = words_of(query, index.tables)
        matches = _by_words(index, words) if words else []
        matches.sort(key=lambda match: (-match.points, match.number))
    return [_hit(index, match) for match in matches[:limit]]


def _hit(index: Index, match: Match) -> Hit:
    entry = index.entries[match.number]
    marks = []
    for word in words_in(entry.title):
        if any(word.text.startswith(wanted) for wanted in match.words):
            marks.append((word.start, word.end))
    return Hit(entry.code, entry.kind, entry.title, match.why, tuple(marks))


def _by_code(index: Index, query: str) -> list[Match]:
    """The codes that begin with what was typed, the code itself first."""
    typed = query.replace(" ", "")
    if not is_code_like(typed):
        return []
    beginning = typed.upper()
    bare = beginning.replace(".", "")
    exact: list[Match] = []
    longer: list[Match] = []
    for number in index.codes_with(beginning):
        same = index.entries[number].bare == bare
        (exact if same else longer).append(Match(number, 0, "code"))
    return exact + longer


def _by_words(index: Index, words: list[str]) -> list[Match]:
    """The codes that have all words; where none has, the ways out in their order."""
    return (
        _matching(index, words)
        or _begun(index, words)
        or _corrected(index, words)
        or _most_words(index, read(words, index.tables))
    )


def _matching(index: Index, words: Sequence[str], slip: str = "") -> list[Match]:
    """The codes that have all words, else all but those that may be left aside."""
    matches = _all_words(index, read(words, index.tables), slip)
    for step in STEPS:
        fewer = without_optional(words, index.tables, step)
        if not matches and len(fewer) < len(words):
            aside = " ".join(word for word in words if word not in fewer)
            words_aside = f"left aside: {aside}"
            note = f"{slip} · {words_aside}" if slip else words_aside
            matches = _all_words(index, read(fewer, index.tables), note)
    return matches


def _all_words(index: Index, asked: Asked, note: str = "") -> list[Match]:
    """The codes that have every part of a query; `note` goes before why they match."""
    pinned = _pinned(index, asked)
    matches = list(pinned.values())
    for number in _candidates(index, asked.parts):
        if number not in pinned:
            match = match_of(index, number, asked)
            if match:
                matches.append(match)
    if note:
        for match in matches:
            match.why = note if match.why == "title" else f"{note} · {match.why}"
    return matches


def _pinned(index: Index, asked: Asked) -> dict[int, Match]:
    """The codes that the table names where it knows the whole query."""
    if len(asked.parts) != 1:
        return {}
    part = asked.parts[0]
    found: dict[int, Match] = {}
    for place, code in enumerate(part.pins):
        number = index.numbers.get(code)
        if number is not None:
            words: tuple[str, ...] = ()
            for alternative in part.alternatives:
                words += alternative
            found[number] = Match(number, PINNED - 1_000 * place, _pin_words(part, asked), words)
    return found


def _pin_words(part: Part, asked: Asked) -> str:
    if asked.past and part.meaning and part.meaning.history:
        return f"history of {part.typed}"
    if len(part.alternatives) > 1:
        return f"{part.typed} = {' '.join(part.alternatives[1])}"
    return f"usual code for {part.typed}"


def _candidates(index: Index, parts: Sequence[Part]) -> Iterable[int]:
    """Numbers of the codes in which each part may be found."""
    left: set[int] | None = None
    for part in parts:
        numbers = _may_have(index, part)
        left = numbers if left is None else left & numbers
        if not left:
            return []
    return sorted(left or ())


def _may_have(index: Index, part: Part) -> set[int]:
    numbers: set[int] = set()
    for alternative in part.alternatives:
        numbers |= _with_all(index, alternative)
    for code in part.pins:
        if code in index.numbers:
            numbers.add(index.numbers[code])
    return numbers


def _with_all(index: Index, words: Sequence[str]) -> set[int]:
    """Numbers of the codes that have all these words, wherever."""
    fewest_first = sorted((index.found(word) for word in words), key=len)
    if not fewest_first:
        return set()
    numbers = set(fewest_first[0])
    for found in fewest_first[1:]:
        numbers.intersection_update(found)
    return numbers


def _begun(index: Index, words: list[str]) -> list[Match]:
    """By the first abbreviation that begins with what was typed: a coder is still writing."""
    begun = key_of(words, index.tables.small)
    if len(begun) < SHORTEST_BEGINNING:
        return []
    keys = [key for key in index.tables.spellings if key.startswith(begun)]
    for key in sorted(keys, key=lambda key: (len(key), key)):
        meaning = index.tables.meanings[key]
        part = part_of([index.tables.spellings[key]], meaning, index.tables, False)
        asked = read(words, index.tables)
        whole = Asked(asked.words, (part,), False, asked.groups)
        matches = _all_words(index, whole)
        if matches:
            return matches
    return []


def _corrected(index: Index, words: list[str]) -> list[Match]:
    """With words that nobody knows corrected; else with each word in turn."""
    parts = read(words, index.tables).parts
    if len(parts) == 1 and parts[0].meaning:
        return []
    unknown = [place for place, word in enumerate(words) if not _is_known(index, word)]
    tries = [unknown] if unknown else [[place] for place in range(len(words))]
    for places in tries:
        choices = [corrections(words[place], index) for place in places]
        if not all(choices):
            continue
        for nth in range(max(len(choice) for choice in choices)):
            tried = list(words)
            for place, choice in zip(places, choices, strict=True):
                tried[place] = choice[min(nth, len(choice) - 1)]
            named = ", ".join(tried[place] for place in places)
            slip = f"one letter off: {named}"
            matches = _matching(index, tried, slip)
            if matches:
                return matches
    return []


def _is_known(index: Index, word: str) -> bool:
    """Whether a word stands in some title, or in the table of abbreviations."""
    if word in index.tables.small or word in index.tables.before or index.found(word):
        return True
    return word in known_words(index) or meaning_of([word], index.tables) is not None


def _most_words(index: Index, asked: Asked) -> list[Match]:
    """The codes that have most of the words; rare words weigh more."""
    wanted: Sequence[Part] = asked.parts
    if len(wanted) < 2:
        wanted = one_by_one(asked, index.tables)
    if len(wanted) < 2:
        return []
    weights: dict[int, int] = {}
    having: dict[int, list[Part]] = {}
    for part in wanted:
        numbers = _may_have(index, part)
        weight = (len(index.entries) // max(1, len(numbers))).bit_length()
        for number in numbers:
            weights[number] = weights.get(number, 0) + weight
            having.setdefault(number, []).append(part)
    matches: list[Match] = []
    for weight in sorted(set(weights.values()), reverse=True):
        if len(matches) >= LIMIT:
            break
        for number in sorted(having):
            if weights[number] == weight:
                parts = having[number]
                match = match_of(index, number, replace(asked, parts=tuple(parts)))
                if match:
                    match.points += WEIGHT * weight
                    match.why = f"{len(parts)} of {len(wanted)} words"
                    matches.append(match)
    return matches
