"""What an address asks of a list of codes: which, in what order, how many on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.http import Http404, HttpRequest

from annotation.selectors.code_search import LONGEST_QUERY
from benchmark.metrics.codings import BoolArray, IntArray
from benchmark.selectors.code_titles import codes_found, group_titles
from benchmark.tables.codes.rows import (
    FIRST,
    GROUPED,
    SORTS,
    CodeLine,
    Wanted,
    code_lines,
    kept,
    ordered,
    together,
)
from benchmark.tables.lines import GROUPINGS
from benchmark.tables.two_raters import PairCounts, groups_of, pair_counts
from pages.choices import Choice, whole

LEAST = 5
"""How often the reference has a code that is listed unless somebody asks otherwise."""
SIZES = ("25", "50", "100", "all")
"""Lines on a page, the first unless somebody asks otherwise."""
RARE_HIDDEN = ("code", "category")
"""Of these there are many rare ones; other groups are few, and all are listed."""
BEFORE = {
    "given": "given-a",
    "agreed": "found-a",
    "missed": "missed-a",
    "added": "added-a",
    "precision": "precision-a",
    "recall": "recall-a",
    "jaccard": "jaccard-a",
}
"""Orders of addresses from when the list was of one rater."""


@dataclass(frozen=True)
class Asked:
    """What stands in the address."""

    by: str
    sort: str
    query: str
    within: Mapping[str, str]
    least: int | None
    """None where the address does not say."""
    size: str
    """One of SIZES."""

    @property
    def params(self) -> dict[str, str]:
        """The same for another address; what a page shows without being asked is left out."""
        found = dict(self.within)
        if self.by != "code":
            found["by"] = self.by
        if self.query:
            found["q"] = self.query
        if self.least is not None:
            found["least"] = str(self.least)
        if self.sort != FIRST:
            found["sort"] = self.sort
        if self.size != SIZES[0]:
            found["rows"] = self.size
        return found


def asked_of(request: HttpRequest) -> Asked:
    """404 for a grouping, an order or a length of pages that there is not."""
    by = request.GET.get("by", "code")
    if by not in GROUPINGS:
        raise Http404("no such group of codes")
    sort = request.GET.get("sort", FIRST)
    hyphen = "-" if sort.startswith("-") else ""
    name = sort.removeprefix("-")
    name = BEFORE.get(name, name)
    if name not in SORTS:
        raise Http404("no such order")
    size = request.GET.get("rows", SIZES[0])
    if size not in SIZES:
        raise Http404("no such number of rows")
    within = {}
    for group in GROUPED:
        value = request.GET.get(group, "")
        if value:
            within[group] = value
    least = whole(request.GET.get("least", ""))
    query = " ".join(request.GET.get("q", "").split())[:LONGEST_QUERY]
    return Asked(by, f"{hyphen}{name}", query, within, None if least < 0 else least, size)


@dataclass(frozen=True)
class CodeList:
    """The codes, or groups of codes, that two raters are listed by."""

    choice: Choice
    asked: Asked
    hide_rare: bool = True
    """Whether rare codes are hidden where the address does not say; a file has all."""

    @cached_property
    def rows(self) -> IntArray:
        """Of the notes on which the two are compared."""
        names = [name for name in (self.choice.a, self.choice.b) if name]
        return self.choice.sides.counted(*names)

    @cached_property
    def counts(self) -> PairCounts:
        return pair_counts(self.choice.sides, self.choice.a, self.choice.b, self.asked.by)

    @cached_property
    def wanted(self) -> Wanted:
        asked = self.asked
        found = None
        named: list[str] = []
        if asked.query:
            found = codes_found(self.choice.sides.axes.codes, asked.query)
            if asked.by != "code":
                named = self._named(asked.query.casefold())
        return Wanted(asked.by, asked.sort, asked.within, found, named)

    def _named(self, query: str) -> list[str]:
        """Groups with these words in their names or titles."""
        titles = group_titles(self.counts.names, self.asked.by)
        found = []
        for name in self.counts.names:
            if query in f"{name} {titles.get(name, '')}".casefold():
                found.append(name)
        return found

    @cached_property
    def _kept(self) -> BoolArray:
        return kept(self.choice.sides, self.counts, self.rows, self.wanted)

    @cached_property
    def least(self) -> int:
        """How often the reference has what is listed.

        Without being asked 5; nothing where nothing is so frequent, as where two coders have few
        notes in common.
        """
        if self.asked.least is not None:
            return self.asked.least
        if not self.hide_rare or self.asked.by not in RARE_HIDDEN:
            return 0
        if not (self._kept & (self.counts.reference >= LEAST)).any():
            return 0
        return LEAST

    @cached_property
    def places(self) -> IntArray:
        """What is listed, in its order: places among the counts."""
        listed = self._kept & (self.counts.reference >= self.least)
        return ordered(self.counts, np.flatnonzero(listed), self.asked.sort)

    @property
    def hidden(self) -> int:
        """How many are hidden because they are rare."""
        return int(self._kept.sum()) - len(self.places)

    @cached_property
    def together(self) -> CodeLine | None:
        """All that a search or a choice leaves, rare ones too, as one; None where all are listed.

        Also where it is one alone, which says it itself.
        """
        narrowed = bool(self.asked.query or self.asked.within)
        if not narrowed or self._kept.sum() < 2:
            return None
        return together(self.counts, self._kept, "all of them")

    @cached_property
    def chapters(self) -> tuple[str, ...]:
        return groups_of(self.choice.sides, "chapter", self.rows)[0]

    def lines(self, first: int = 0, last: int | None = None) -> list[CodeLine]:
        """Those from the first place to before the last one."""
        return code_lines(self.counts, self.places[first:last])

    def titles(self, lines: list[CodeLine]) -> dict[str, str]:
        return group_titles([line.name for line in lines], self.asked.by)

    def address(self, **changes: str) -> str:
        """This list's address, with changes; of its first page."""
        return self.choice.link("results-codes", **{**self.asked.params, **changes})


def code_list(request: HttpRequest, choice: Choice, hide_rare: bool = True) -> CodeList:
    """The list that an address asks for. Only where there are raters."""
    return CodeList(choice, asked_of(request), hide_rare)
