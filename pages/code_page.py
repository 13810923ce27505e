"""A code's own page: who found it, what was given in its place, where it was missed."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Rater, Role
from benchmark.metrics.codings import IntArray
from benchmark.selectors.code_titles import group_titles, title_of_category
from benchmark.selectors.notes import titles_of
from benchmark.tables.codes.one_code import (
    Difference,
    Instead,
    OfRater,
    columns_of,
    difference,
    everybody_on,
    instead,
    missed_on,
)
from benchmark.tables.codes.rows import CodeLine, code_lines, ordered, ordinal, percent
from benchmark.tables.lines import GROUPINGS
from benchmark.tables.two_raters import PairCounts, pair_counts
from icd.chapters import NO_CHAPTER, chapter_of
from icd.codes import parent
from icd.groups import category_group, kind_group
from icd.tables import kind_of
from pages.access import AuthedRequest, roles, visible_study
from pages.by_code import NOUNS
from pages.choices import Choice, choice_of
from pages.results import shared

LONGEST = 200
"""Characters of a code or of a group's name in an address."""
NOTES = 14
"""Notes that are shown; the others are on By note."""
NEAR = 3
"""Neighbours before it and after."""
LAST_PLACE = 50
"""Places in the list that are worth a word."""
NAMED = 7
"""Codes given instead that are named."""
WITH_KIND = ("code", "category")
"""Of these each is of one kind."""


@require_GET
@roles(Role.RESEARCHER)
def code(request: AuthedRequest, slug: str) -> HttpResponse:
    """`?code=428.0`, or a group of codes: `?code=428&by=category`."""
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    by = request.GET.get("by", "code")
    if by not in GROUPINGS:
        raise Http404("no such group of codes")
    name = request.GET.get("code", "").strip()[:LONGEST]
    context = shared(choice, view="codes")
    context |= {"code": name, "by": by, "bar_kept": [("code", name), ("by", by)]}
    if by == "code":
        context["bar_kept"] = [("code", name)]
    if choice.raters and name:
        context |= OneCode(choice, _as_given(choice, name, by), by).context
    return render(request, "by_code/code.html", context)


def _kind(name: str) -> str:
    """Diagnoses or procedures, of a code or a category as `icd.groups` names it."""
    bare = name.removesuffix(" proc")
    if bare != name:
        return kind_group(f"{bare}.0")
    return kind_group(bare)


def _as_given(choice: Choice, name: str, by: str) -> str:
    """A code as raters wrote it, else in capitals, as codes are written."""
    if by != "code" or name in choice.everybody.axes.codes:
        return name
    return name.upper()


@dataclass(frozen=True)
class OneCode:
    """A code, or a group of codes, of a study's results."""

    choice: Choice
    name: str
    by: str

    @property
    def pair(self) -> list[str]:
        return [name for name in (self.choice.a, self.choice.b) if name]

    @cached_property
    def rows(self) -> IntArray:
        """The notes on which A and B are compared."""
        return self.choice.everybody.counted(*self.pair)

    @cached_property
    def columns(self) -> IntArray:
        return columns_of(self.choice.everybody, self.name, self.by, self.rows)

    @cached_property
    def counts(self) -> PairCounts:
        """Of all codes, or all such groups: this one stands among them."""
        return pair_counts(self.choice.everybody, self.choice.a, self.choice.b, self.by)

    @cached_property
    def line(self) -> CodeLine | None:
        """None where nobody gave it."""
        if self.name not in self.counts.names:
            return None
        return code_lines(self.counts, np.array([self.counts.names.index(self.name)]))[0]

    @cached_property
    def titles(self) -> dict[str, str]:
        """Of all codes that the page names, in one query."""
        if self.by != "code":
            return group_titles([self.name, *self.near], self.by)
        wanted = [self.name, *self.near]
        for _, found in self.instead:
            wanted += [code for code, _ in found.codes]
        return {code: title for code, title in titles_of(wanted).items() if title}

    @cached_property
    def near(self) -> list[str]:
        """Codes of its kind, or such groups, that somebody gave, before it and after it."""
        names = list(self.counts.names)
        if self.by in WITH_KIND:
            own = _kind(self.name)
            names = [name for name in names if _kind(name) == own]
        place = bisect_left(names, self.name)
        after = place + (self.line is not None)
        return [*names[max(0, place - NEAR) : place], *names[after : after + NEAR]]

    @cached_property
    def instead(self) -> list[tuple[str, Instead]]:
        """(rater, what they gave) of A and B."""
        if self.by not in WITH_KIND:
            return []
        sides = self.choice.everybody
        return [(name, instead(sides, self.columns, name, self.rows)) for name in self.pair]

    @cached_property
    def test(self) -> Difference:
        """Of A and B. Only where there are two."""
        return difference(self.choice.everybody, self.columns, *self._two(), self.by)

    @property
    def context(self) -> dict[str, Any]:
        choice = self.choice
        found: dict[str, Any] = {
            "code": self.name,
            "line": self.line,
            "title": self.titles.get(self.name, ""),
            "trail": self._trail(),
            "known": kind_of(self.name) is not None or self.name in self.titles,
            "outside": self.name in choice.everybody.axes.outside,
            "compared": len(self.rows),
            "near": [(name, self.titles.get(name, "")) for name in self.near],
            "to_code": choice.link("results-code", by=self.by),
        }
        if self.line is None:
            found["category"] = self._as_category()
            return found
        raters = everybody_on(choice.everybody, self.columns, *self._two())
        found |= {
            "raters": [self._rater(each) for each in sorted(raters, key=self._pair_first)],
            "noun": NOUNS[self.by][0],
            "frequency": self._frequency(self.line),
            "gap_rank": self._rank("-gap"),
            "listed": len(self.counts.names),
            "listed_words": f"{len(self.counts.names):,}",
            "points": self._points(self.line),
            "lists": self._lists(),
            "instead": [self._instead(name, each) for name, each in self.instead],
            "missed": self._missed(self.line),
        }
        if choice.b:
            found["test"] = self.test
        return found

    def _two(self) -> tuple[str, str]:
        return self.choice.a, self.choice.b

    def _trail(self) -> list[tuple[str, str]]:
        """(words, address) of what stands above: kind, chapter, category."""
        link = self.choice.link
        if self.by == "category":
            bare = self.name.removesuffix(" proc")
            chapter, kind = chapter_of(bare), _kind(self.name)
        elif self.by == "code":
            chapter, kind = chapter_of(self.name), kind_group(self.name)
        else:
            return [("All codes", link("results-codes"))]
        found = [(kind, link("results-codes", kind=kind))]
        if chapter != NO_CHAPTER:
            found.append((chapter, link("results-codes", chapter=chapter)))
        if self.by == "code" and chapter != NO_CHAPTER:
            category = category_group(self.name)
            words = f"{category.removesuffix(' proc')} {title_of_category(category)}"
            found.append((words, link("results-code", code=category, by="category")))
            above = parent(self.name)
            if "." in above:
                found.append((above, link("results-codes", q=above, least="0")))
        return found

    def _as_category(self) -> tuple[str, str] | None:
        """(words, address) of the category that was typed as a code.

        None where it is none, or nobody gave a code of it.
        """
        if self.by != "code":
            return None
        given = {category_group(code) for code in self.choice.everybody.axes.codes}
        for category in (self.name, f"{self.name} proc"):
            if category in given:
                words = f"{self.name} {title_of_category(category)}"
                address = self.choice.link("results-code", code=category, by="category")
                return words, address
        return None

    def _rank(self, sort: str) -> str:
        """Its place among all, as sorted: 1st, 2nd ...; "" where it is far down."""
        order = ordered(self.counts, np.arange(len(self.counts.names)), sort)
        place = 1 + int(np.flatnonzero(order == self.counts.names.index(self.name))[0])
        if place > LAST_PLACE:
            return ""
        return ordinal(place)

    def _frequency(self, line: CodeLine) -> str:
        """Its rank by how often the reference gave it; "" where it has none to speak of."""
        if len(self.counts.names) < 2 or not line.reference:
            return ""
        return self._rank("-reference")

    def _rater(self, each: OfRater) -> dict[str, Any]:
        """One rater's row, with the addresses of the notes that they missed and added."""
        pair = {"a": each.side.name, "b": each.beside}
        suffix = "a"
        if each.side.name == self.choice.b and each.beside == self.choice.a:
            pair = {"a": each.beside, "b": each.side.name}
            suffix = "b"
        asked = {**pair, "by": self.by, "of": self.name}
        link = self.choice.link
        return {
            "name": each.side.name,
            "kind": each.side.kind,
            "notes": each.notes,
            "figures": each.figures,
            "missed": link("results-notes", **{**asked, "show": f"missed-{suffix}"}),
            "added": link("results-notes", **{**asked, "show": f"added-{suffix}"}),
            "mark": self._mark(each.side.name),
            "address": self._page_of(each.side.name),
        }

    def _page_of(self, name: str) -> str:
        """A coder's own page; "" of others."""
        named = self.choice.named.get(name)
        if named is None or named.rater.kind != Rater.Kind.CODER:
            return ""
        return self.choice.link("coder", named.rater.pk)

    def _pair_first(self, each: OfRater) -> int:
        """A, then B, then the others as Table 1 has them."""
        return [*self.pair, each.side.name].index(each.side.name)

    def _mark(self, name: str) -> str:
        """a, b or c: how a rater is drawn."""
        if name == self.choice.a:
            return "a"
        if name == self.choice.b:
            return "b"
        return "c"

    def _points(self, line: CodeLine) -> int | None:
        """How far the shares found are apart, points; None where nothing was to be found."""
        if line.a.recall.value is None or line.b.recall.value is None:
            return None
        return percent(abs(line.a.found - line.b.found), line.reference)

    def _lists(self) -> list[tuple[str, str, int]]:
        """(list of notes, words, how many notes) that lead to By note."""
        sides, columns, rows = self.choice.everybody, self.columns, self.rows
        a, b = self._two()
        missed = {name: missed_on(sides, columns, [name], rows) for name in self.pair}
        found = [("missed-a", f"missed by {a}", int(missed[a].sum()))]
        if b:
            both = missed_on(sides, columns, [a, b], rows)
            found += [
                ("missed-b", f"missed by {b}", int(missed[b].sum())),
                ("missed-both", "missed by both", int(both.sum())),
                ("right-a-only", f"only {a} right", self.test.a_only),
                ("right-b-only", f"only {b} right", self.test.b_only),
            ]
        nobody = missed_on(sides, columns, list(sides.raters), rows)
        found.append(("missed-all", "missed by every rater", int(nobody.sum())))
        return found

    def _instead(self, name: str, found: Instead) -> dict[str, Any]:
        named = found.codes[:NAMED]
        more = len(found.codes) - len(named)
        codes = []
        for place, (code, count) in enumerate(named, 1):
            address = self.choice.link("results-code", code=code)
            end = "." if place == len(found.codes) else ","
            codes.append((code, count, self.titles.get(code, ""), address, end))
        return {
            "name": name,
            "notes": found.notes,
            "times": found.times,
            "different": len(found.codes),
            "codes": codes,
            "more": more,
            "stands_out": [code for code, _ in found.stands_out],
        }

    def _missed(self, line: CodeLine) -> dict[str, Any] | None:
        """The first notes in which it was missed, by the rater who missed it more often."""
        sides, columns = self.choice.everybody, self.columns
        a, b = self._two()
        who, other, show = a, b, "missed-a"
        if b and line.b.missed >= line.a.missed:
            who, other, show = b, a, "missed-b"
        rows = self.rows[missed_on(sides, columns, [who], self.rows)]
        if not len(rows):
            return None
        shown = rows[:NOTES]
        ids = [sides.axes.notes[row] for row in shown]
        stored = self.choice.study.notes.filter(external_id__in=ids)
        pks = dict(stored.values_list("external_id", "pk"))
        of_who = sides.per_note(who, shown)
        lines = []
        for place, row in enumerate(shown):
            each = {
                "note": ids[place],
                "pk": pks.get(ids[place]),
                "coder": ", ".join(self._coders(int(row))),
                "reference": int(of_who.t[place]),
                "found": int(of_who.tp[place]),
            }
            if other:
                each["other_found"] = int(sides.per_note(other, shown[[place]]).tp[0])
                each["other_missed"] = bool(
                    missed_on(sides, columns, [who, other], shown[[place]])[0]
                )
            lines.append(each)
        return {"who": who, "other": other, "show": show, "count": len(rows), "lines": lines}

    def _coders(self, row: int) -> list[str]:
        """Who coded a note."""
        found = []
        for side in self.choice.everybody.raters.values():
            if side.kind == "coder" and side.done[row]:
                found.append(side.name.removesuffix(" (simulated)"))
        return found
