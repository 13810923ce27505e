"""Codes made ready to be searched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from icd.codes import CodeRow, category, undotted
from icd.search.tables import Group, Tables, tables
from icd.search.titles import read_term, read_title
from icd.search.words import singular, texts

DENIED: Final = -1
TITLE: Final = 0
SHORT: Final = 1
FIRST_TERM: Final = 2
"""Fields of a code: its long title, its short one, then its inclusion terms. DENIED: the part of
the long title that is behind a without; what is found there counts as in the title, only less."""

LONGEST_SHORT: Final = 5
"""Letters of an abbreviation in a short title; longer words are cut or squeezed: pneumothorx."""

Place = tuple[int, int]
"""A code by its number, and the field in which a word stands."""
Found = dict[int, dict[int, int]]
"""Code by its number -> field -> points of a word there."""


@dataclass(frozen=True)
class Entry:
    """A code, and what the ranking asks of it."""

    code: str
    kind: str
    title: str
    bare: str
    """The code without its dot."""
    terms: tuple[str, ...]
    head: frozenset[str]
    tail: frozenset[str]
    """Words of the title, see icd.search.titles."""
    all_words: frozenset[str]
    """Every word of the title but small ones."""
    words: tuple[int, ...]
    """Number of distinct words in each field, but for small ones."""
    standing: int
    """Points that no query changes: unspecified above other, and the frequency."""
    groups: tuple[int, ...]
    """Numbers of the groups that it belongs to."""


class Index:
    """Codes to be searched.

    `frequencies`: how many training stays have each code, None where nobody counted.
    """

    def __init__(
        self,
        rows: Iterable[CodeRow],
        frequencies: Mapping[str, int] | None = None,
        own: Tables | None = None,
    ) -> None:
        self.tables = own or tables()
        self.entries: list[Entry] = []
        self.places: dict[str, list[Place]] = {}
        for row in sorted(rows, key=lambda row: (row.code, row.kind)):
            self._add(row, (frequencies or {}).get(row.code, 0))
        self.vocabulary = sorted(self.places)
        self.numbers: dict[str, int] = {}
        for number, entry in enumerate(self.entries):
            self.numbers.setdefault(entry.code, number)
        self._known: dict[str, Found] = {}
        self.known_words: dict[str, int] = {}
        """For icd.search.slips, which fills it."""

    def _add(self, row: CodeRow, stays: int) -> None:
        terms = self.tables.terms.get(row.code, ()) if row.kind == "dx" else ()
        title = read_title(row.long, self.tables)
        short = frozenset(texts(row.short))
        fields = [title.said, frozenset(word for word in short if len(word) <= LONGEST_SHORT)]
        fields += [read_term(term, self.tables) for term in terms]
        number = len(self.entries)
        for word in title.denied:
            self.places.setdefault(word, []).append((number, DENIED))
        for field, words in enumerate(fields):
            for word in words:
                self.places.setdefault(word, []).append((number, field))
        entry = Entry(
            code=row.code,
            kind=row.kind,
            title=row.long,
            bare=undotted(row.code),
            terms=terms,
            head=title.head,
            tail=title.tail,
            all_words=(title.said | title.denied) - self.tables.small,
            words=tuple(len(words - self.tables.small) for words in fields),
            standing=self._standing(texts(row.long), short) + prior(stays),
            groups=self._groups(row, title.said),
        )
        self.entries.append(entry)

    def _standing(self, long: list[str], short: frozenset[str]) -> int:
        points = self.tables.points
        total = 0
        unspecified = long.count("unspecified")
        if unspecified or "otherwise" in long or "nos" in short:
            total += points["unspecified"]
        total += points["unspecified again"] * max(0, unspecified - 1)
        if "without" in long and ("mention" in long or "complication" in long):
            total += points["without"]
        if "initial" in long and "episode" in long:
            total += points["initial"]
        if "other" in long:
            total += points["other"]
        if "elsewhere" in long and "not" in long:
            total += points["elsewhere"]
        return total

    def _groups(self, row: CodeRow, long: frozenset[str]) -> tuple[int, ...]:
        found = []
        for number, group in enumerate(self.tables.groups):
            named = bool(group.words & long)
            inside = _within(row, group)
            if (named and inside) if group.both else (named or inside):
                found.append(number)
        return tuple(found)

    def found(self, word: str) -> Found:
        """Where a word of a query stands, or a word that begins with it. Do not change it."""
        known = self._known.get(word)
        if known is None:
            known = self._look_up(word)
            if len(self._known) > 2_000:
                self._known.clear()
            self._known[word] = known
        return known

    def _look_up(self, word: str) -> Found:
        points = self.tables.points
        whole = (points["title whole"], points["short whole"], points["term whole"])
        prefix = (points["title prefix"], points["short prefix"], points["term prefix"])
        found: Found = {}
        if "." not in word:
            place = bisect_left(self.vocabulary, word)
            while place < len(self.vocabulary) and self.vocabulary[place].startswith(word):
                other = self.vocabulary[place]
                worth = whole if singular(other) == singular(word) else prefix
                if len(word) > 1 or other == word:
                    self._note(other, worth, found)
                place += 1
            if singular(word) != word:
                self._note(singular(word), whole, found)
        self._look_up_code(word, whole[TITLE], found)
        return found

    def _note(self, word: str, worth: tuple[int, int, int], found: Found) -> None:
        for number, field in self.places.get(word, ()):
            fields = found.setdefault(number, {})
            points = self.tables.points["title negated"]
            if field != DENIED:
                points = worth[min(field, FIRST_TERM)]
            field = max(field, TITLE)
            fields[field] = max(fields.get(field, 0), points)

    def _look_up_code(self, word: str, worth: int, found: Found) -> None:
        """A word of a query may be the beginning of a code: 428, V58, 250.6."""
        if len(word) < 3 or not any(letter.isdigit() for letter in word):
            return
        for number in self.codes_with(word.upper()):
            found.setdefault(number, {})[TITLE] = worth

    def codes_with(self, beginning: str) -> list[int]:
        """Numbers of the codes that begin with this; a dot counts where there is one."""
        found = []
        for number, entry in enumerate(self.entries):
            text = entry.code if "." in beginning else entry.bare
            if text.startswith(beginning):
                found.append(number)
        return found


def prior(stays: int) -> int:
    """Points for a frequency: 16 for each doubling, straight between. Whole numbers throughout,
    so that every machine finds the same.

    >>> prior(0), prior(1), prior(2), prior(3), prior(1_000)
    (0, 16, 24, 32, 159)
    """
    count = stays + 1
    doublings = count.bit_length() - 1
    return 16 * doublings + (16 * count) // (1 << doublings) - 16


def _within(row: CodeRow, group: Group) -> bool:
    own = category(row.code)
    for kind, first, last in group.ranges:
        if row.kind == kind and len(own) == len(first) and first <= own <= last:
            return True
    return False
