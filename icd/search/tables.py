"""The search's tables: text files in this folder, read once.

They and the ranking's version steer what coders find, so `tables_sha256` is part of a study's
protocol. docs/search.md says what each is for and how a row is added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from icd.codes import Kind, as_kind
from icd.search.words import glued, singular, texts

FOLDER: Final = Path(__file__).resolve().parent
RANKING_VERSION: Final = "1"
"""To be raised with every change of the ranking's rules."""


@dataclass(frozen=True)
class Meaning:
    """A row of abbreviations.tsv: what coders write, and what it stands for."""

    words: tuple[str, ...]
    """Alternatives, each some words that a title must have."""
    codes: tuple[str, ...]
    """The usual codes, best first, where words cannot settle it."""
    history: tuple[str, ...]
    """The usual codes where it is said to be past: s/p, hx of."""


@dataclass(frozen=True)
class Group:
    """A row of groups.tsv: codes that are lowered unless they are asked for."""

    name: str
    ranges: tuple[tuple[Kind, str, str], ...]
    """Kind, first and last category."""
    words: frozenset[str]
    """Words of titles."""
    both: bool
    """Whether a code must lie in a range and have a word; else either is enough."""
    asked: tuple[str, ...]
    """Beginnings of words of a query that ask for it."""
    unless_asked: int
    if_asked: int


@dataclass(frozen=True)
class Tables:
    """All that steers the search besides titles and frequencies."""

    meanings: dict[str, Meaning]
    """By what is written: glued; in the words of same_words.tsv; in these, whatever their order."""
    same: dict[str, str]
    """Words that are looked up as another: fx as fracture."""
    spellings: dict[str, str]
    """What is written as it stands in the table, by its glued form."""
    pieces: dict[str, tuple[str, ...]]
    """What is written with a stroke, as words: w/o as without."""
    small: frozenset[str]
    """Words that need not be found."""
    optional: dict[str, int]
    """Words that are left aside where no code has all: 1 those of sides and limbs, 2 others too."""
    ends_head: frozenset[str]
    """Words of a title after which comes what qualifies it."""
    negates: frozenset[str]
    """Words of a title that deny what follows: without, not."""
    says_nothing: frozenset[str]
    """Words of a title that no query needs to have."""
    before: frozenset[str]
    """What says that a thing is past, glued: sp, hxof."""
    groups: tuple[Group, ...]
    points: dict[str, int]
    terms: dict[str, tuple[str, ...]]
    """Other names by code: inclusion terms, and titles of the same thing in ICD-10."""


@cache
def tables() -> Tables:
    """The tables as they are shipped. Do not change what is in them."""
    small = frozenset(row[0] for row in _rows("small_words"))
    same = {row[0]: row[1] for row in _rows("same_words")}
    meanings: dict[str, Meaning] = {}
    spellings: dict[str, str] = {}
    other_ways: dict[str, Meaning] = {}
    for written, words, codes, history in _rows("abbreviations"):
        meaning = Meaning(_split(words), tuple(codes.split()), tuple(history.split()))
        for phrase in written.split("|"):
            plain = texts(phrase)
            key = key_of(plain, small)
            meanings[key] = meaning
            spellings[key] = phrase
            for other in other_keys(plain, small, same):
                other_ways.setdefault(other, meaning)
    return Tables(
        meanings=other_ways | meanings,
        same=same,
        pieces={row[0]: tuple(row[1].split()) for row in _rows("pieces")},
        spellings=spellings,
        small=small,
        optional={row[0]: int(row[1]) for row in _rows("optional_words")},
        ends_head=_with_role("ends the head"),
        negates=_with_role("negates"),
        says_nothing=_with_role("says nothing"),
        before=frozenset(glued(texts(row[0])) for row in _rows("before_words")),
        groups=tuple(_group(row) for row in _rows("groups")),
        points={row[0]: int(row[1]) for row in _rows("points")},
        terms=_terms(),
    )


def key_of(words: list[str], small: Collection[str]) -> str:
    """How some words are looked up: without small words, glued; of small words alone, all."""
    kept = [word for word in words if word not in small]
    return glued(kept or words)


def other_keys(words: list[str], small: Collection[str], same: Mapping[str, str]) -> list[str]:
    """Further ways to look some words up: as the words that they are the same as; and in any order.

    >>> other_keys(["rib", "fx"], [], {"fx": "fracture"})
    ['ribfracture', 'fracture rib']
    """
    kept = [word for word in words if word not in small] or words
    told: list[str] = []
    for word in kept:
        told += same.get(word, same.get(singular(word), singular(word))).split(" ")
    return [glued(told), " ".join(sorted(told))]


@cache
def diagnosis_categories() -> dict[str, str]:
    """Titles of the categories above diagnoses: 428 Heart failure. Do not change the mapping."""
    return {row[0]: row[1] for row in _rows("diagnosis_categories")}


@cache
def procedure_categories() -> dict[str, str]:
    """Titles of the two-digit categories of procedures. Do not change the mapping."""
    return {row[0]: row[1] for row in _rows("procedure_categories")}


@cache
def tables_sha256() -> str:
    """Hash of every table and of the ranking's version."""
    digest = hashlib.sha256(f"ranking {RANKING_VERSION}\n".encode())
    for path in sorted(FOLDER.glob("*.tsv")):
        digest.update(f"{path.name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def for_browser() -> dict[str, Any]:
    """The tables as static/desk/search.js takes them, but for terms: those go with their codes."""
    own = tables()
    rows = []
    for written, words, codes, history in _rows("abbreviations"):
        rows.append([written, words, codes, history])
    groups = []
    for group in own.groups:
        groups.append(
            {
                "ranges": group.ranges,
                "words": sorted(group.words),
                "both": group.both,
                "asked": group.asked,
                "unlessAsked": group.unless_asked,
                "ifAsked": group.if_asked,
            }
        )
    return {
        "abbreviations": rows,
        "same": own.same,
        "pieces": own.pieces,
        "small": sorted(own.small),
        "optional": own.optional,
        "endsHead": sorted(own.ends_head),
        "negates": sorted(own.negates),
        "saysNothing": sorted(own.says_nothing),
        "before": sorted(own.before),
        "groups": groups,
        "points": own.points,
    }


def _terms() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, term in _rows("inclusion_terms"):
        found.setdefault(code, []).append(term)
    return {code: tuple(terms) for code, terms in found.items()}


def _with_role(role: str) -> frozenset[str]:
    return frozenset(row[0] for row in _rows("title_words") if row[1] == role)


def _group(row: list[str]) -> Group:
    name, codes, match, words, asked, unless_asked, if_asked = row
    ranges = []
    for span in codes.split():
        kind, _, bounds = span.partition(":")
        first, _, last = bounds.partition("-")
        ranges.append((as_kind(kind), first, last or first))
    return Group(
        name=name,
        ranges=tuple(ranges),
        words=frozenset(words.split()),
        both=match == "both",
        asked=tuple(asked.split()),
        unless_asked=int(unless_asked),
        if_asked=int(if_asked),
    )


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split("|")) if words else ()


def _rows(name: str) -> list[list[str]]:
    """The rows of a table below its heading; lines that begin with # are remarks."""
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    width = len(lines[0].split("\t"))
    rows = []
    for line in lines[1:]:
        if line and not line.startswith("#"):
            row = line.split("\t")
            if len(row) != width:
                raise ValueError(f"{name}.tsv: {width} columns expected in {line[:60]!r}")
            rows.append(row)
    return rows
