"""Titles of codes, and what stands in where a code has none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from icd.codes import CodeRow, Kind, parent, prefix_of_children

ABSENT = "code not in ICD-9-CM v32"
"""Title of a code where neither it nor a parent nor a child has one."""


class HasTitles(Protocol):
    """Anything with a short and a long title."""

    @property
    def short(self) -> str: ...

    @property
    def long(self) -> str: ...


T = TypeVar("T", bound=HasTitles)


@dataclass(frozen=True)
class Title:
    """Short and long title of a code; kind is dx (diagnosis) or proc (procedure)."""

    kind: Kind
    short: str
    long: str


class NearestTitle(Generic[T]):
    """Titles by code; a code without one borrows that of its nearest parent, else of its first
    child.

    >>> titles = NearestTitle({"518.51": Title("dx", "Ac resp flr", "Acute respiratory failure")})
    >>> titles.of("518.5").long
    'Acute respiratory failure'
    >>> titles.of("999.99") is None
    True
    """

    def __init__(self, titles: Mapping[str, T]) -> None:
        self.titles = titles
        self.codes = sorted(titles)

    def of(self, code: str) -> T | None:
        """The title of a dotted code, or the nearest; None where neither a parent nor a child
        has one."""
        above = code
        while above:
            if above in self.titles:
                return self.titles[above]
            above = parent(above)
        return self._of_first_child(code)

    def row(self, code: str, kind: Kind, absent: str = ABSENT) -> CodeRow:
        """The code with its title or the nearest, else with `absent`. Its kind is its own: a
        neighbour lends its title alone.

        >>> titles = NearestTitle({"36.0": Title("proc", "Coronary", "Coronary obstruction")})
        >>> titles.row("36.01", "proc").long, titles.row("99.99", "proc").long
        ('Coronary obstruction', 'code not in ICD-9-CM v32')
        """
        found = self.of(code)
        if found is None:
            return CodeRow(code, kind, absent, absent)
        return CodeRow(code, kind, found.short, found.long)

    def _of_first_child(self, code: str) -> T | None:
        prefix = prefix_of_children(code)
        place = bisect_left(self.codes, prefix)
        if place == len(self.codes) or not self.codes[place].startswith(prefix):
            return None
        return self.titles[self.codes[place]]
