"""What a query asks for: its words, what abbreviations among them stand for, whether it is past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from icd.search.tables import Meaning, Tables, key_of, other_keys
from icd.search.words import glued, is_code_like, texts

LONGEST_RUN: Final = 6
"""Words of a query that are looked up together."""
PAST: Final = ("history", "status")
"""What "s/p" and "hx of" ask for."""


@dataclass(frozen=True)
class Part:
    """Some words of a query that mean one thing."""

    typed: str
    alternatives: tuple[tuple[str, ...], ...]
    """What may be found for it, first as it was typed; each all of its words."""
    meaning: Meaning | None
    pins: tuple[str, ...]
    """The codes that the table names for it, best first."""


@dataclass(frozen=True)
class Asked:
    """A query, read."""

    words: tuple[str, ...]
    parts: tuple[Part, ...]
    past: bool
    groups: frozenset[int]
    """Numbers of the groups of codes that it asks for."""


def read(words: Sequence[str], tables: Tables) -> Asked:
    """Read the words of a query."""
    rest = list(words)
    past = False
    if meaning_of(rest, tables) is None:
        rest = _without_before(rest, tables)
        past = len(rest) < len(words)
    kept = [word for word in rest if word not in tables.small] or rest
    return Asked(
        words=tuple(kept),
        parts=tuple(_parts(kept, tables, past)),
        past=past,
        groups=_groups([*words, *PAST] if past else words, tables),
    )


def words_of(query: str, tables: Tables) -> list[str]:
    """The words of what was typed; a number keeps its point, for it may be a code."""
    found: list[str] = []
    for piece in query.split(" "):
        small = piece.lower() if piece.isascii() else piece
        if small in tables.pieces:
            found += tables.pieces[small]
        elif "." in piece and is_code_like(piece):
            found.append(small)
        else:
            found += texts(piece)
    return found


def _without_before(words: list[str], tables: Tables) -> list[str]:
    """The words without what says that they are past, at the beginning or at the end."""
    for length in range(min(LONGEST_RUN, len(words) - 1), 0, -1):
        if glued(words[:length]) in tables.before:
            return words[length:]
        if glued(words[-length:]) in tables.before:
            return words[:-length]
    return words


def _parts(words: list[str], tables: Tables, past: bool) -> list[Part]:
    """The longest runs of words that the table of abbreviations has, and the other words."""
    found = []
    start = 0
    while start < len(words):
        length = _longest_run(words, start, tables)
        run = words[start : start + length]
        meaning = meaning_of(run, tables)
        found.append(part_of(run, meaning, tables, past))
        start += len(run)
    return found


def _longest_run(words: list[str], start: int, tables: Tables) -> int:
    """How many words from here on are one abbreviation; 1 where none begins here."""
    for length in range(min(LONGEST_RUN, len(words) - start), 1, -1):
        if meaning_of(words[start : start + length], tables):
            return length
    return 1


def meaning_of(words: list[str], tables: Tables) -> Meaning | None:
    """What the table of abbreviations says of these words together, if it has them."""
    found = tables.meanings.get(key_of(words, tables.small))
    if found is None:
        for key in other_keys(words, tables.small, tables.same):
            found = found or tables.meanings.get(key)
    return found


def one_by_one(asked: Asked, tables: Tables) -> list[Part]:
    """Each word of a query as a part of its own."""
    return [part_of([word], meaning_of([word], tables), tables, asked.past) for word in asked.words]


def part_of(run: Sequence[str], meaning: Meaning | None, tables: Tables, past: bool) -> Part:
    """A part of a query: as it was typed, or as the table says."""
    alternatives = [tuple(run)]
    pins: tuple[str, ...] = ()
    if meaning:
        pins = meaning.history if past and meaning.history else meaning.codes
        for words in meaning.words:
            wanted = tuple(word for word in texts(words) if word not in tables.small)
            if wanted not in alternatives:
                alternatives.append(wanted)
    return Part(" ".join(run), tuple(alternatives), meaning, pins)


def without_optional(words: Sequence[str], tables: Tables, step: int) -> list[str]:
    """The words without those that may be left aside at this step; all where nothing is left."""
    kept = [word for word in words if tables.optional.get(word, step + 1) > step]
    if all(word in tables.small for word in kept):
        return list(words)
    return kept


def _groups(words: Sequence[str], tables: Tables) -> frozenset[int]:
    """Numbers of the groups that some word asks for."""
    found = set()
    for number, group in enumerate(tables.groups):
        for word in words:
            if word.startswith(group.asked):
                found.add(number)
    return frozenset(found)
