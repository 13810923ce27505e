"""What an address asks of a list of notes, which By note shows and a note's page walks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.http import Http404, HttpRequest

from benchmark.metrics.codings import IntArray
from benchmark.scoring.sides import Sides
from benchmark.selectors.beside import own_coders
from benchmark.selectors.code_titles import group_titles
from benchmark.selectors.note_lists import note_facts, words_of
from benchmark.tables.lines import GROUPINGS
from benchmark.tables.notes.list_words import Names, how_many, named, narrowed, sentence
from benchmark.tables.notes.lists import (
    ALL_SHOWS,
    NO_FACTS,
    NOBODY,
    SORTS,
    Asked,
    Facts,
    listed,
)
from pages.choices import Choice, whole
from pages.redirects import SHOW as SHOW_BEFORE

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
OF = "{of}"
A_CODE = {
    "code": "",
    "category": "a code of ",
    "chapter": "a code of ",
    "kind": "a code of ",
    "frequency": "a code that is ",
}
"""How codes asked after begin in a sentence, by how they are grouped."""
EVERY = "both-a-b"
"""What a page names as its list where nothing in particular is shown."""


@dataclass(frozen=True)
class Said:
    """A sentence around the codes asked after, which are a link."""

    count: str
    """How many notes there are."""
    before: str
    after: str


@dataclass(frozen=True)
class NoteList:
    """Some notes of a study's newest benchmark, in an order."""

    choice: Choice
    asked: Asked
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of codes that the page knows already."""

    @property
    def sides(self) -> Sides:
        if self.asked.show in NOBODY:
            return self.choice.everybody
        return self.choice.sides

    @cached_property
    def facts(self) -> Facts:
        """Of all notes of the run, whether they are listed or not."""
        assert self.choice.run is not None  # or there were no raters
        return note_facts(self.choice.study, self.choice.run, self.choice.sides.axes.notes)

    @cached_property
    def rows(self) -> IntArray:
        """Of the notes, in order."""
        return listed(self.sides, *self.pair, self.asked, self.facts_asked)

    @property
    def facts_asked(self) -> Facts:
        """As many as the list depends on."""
        if self.asked.of_facts:
            return self.facts
        return NO_FACTS

    def notes(self, rows: IntArray) -> list[str]:
        """The ids of notes."""
        return [self.sides.axes.notes[row] for row in rows.tolist()]

    def coders(self, rows: IntArray) -> list[str]:
        """The notes' own coders; "" where a note has none."""
        if "facts" in self.__dict__:
            return [self.facts.coder[row] for row in rows.tolist()]
        names = self.notes(rows)
        coders = own_coders(self.choice.study, names)
        return [coders.get(name, "") for name in names]

    @cached_property
    def lengths(self) -> IntArray:
        """(notes,) of all notes of the run, in words; UNKNOWN where the text is not here."""
        assert self.choice.run is not None
        return words_of(self.choice.run, len(self.choice.sides.axes.notes))

    def walk(self, note: int, **changes: object) -> str:
        """The page of a note, which walks this list."""
        return self.link("note", note, show=self.asked.show or EVERY, **changes)

    @property
    def compared(self) -> int:
        """On how many notes the two are compared."""
        return len(self.choice.sides.counted(*(name for name in self.pair if name)))

    @property
    def pair(self) -> tuple[str, str]:
        return self.choice.a, self.choice.b

    @property
    def params(self) -> dict[str, str]:
        """The list, for another address."""
        return params_of(self.asked)

    def link(self, name: str, *args: object, **changes: object) -> str:
        """The address of a page of this study with this list, or with some of it changed."""
        return self.choice.link(name, *args, **{**self.params, **changes})

    @property
    def names(self) -> Names:
        kinds = self.choice.kinds
        a, b = self.choice.a, self.choice.b
        second = named(b, kinds[b]) if b else ""
        return Names(named(a, kinds[a]), second, self.choice.against)

    @cached_property
    def title(self) -> str:
        """Of the code or group asked after; "" where it has none."""
        if not self.asked.of:
            return ""
        if self.asked.by == "code" and self.asked.of in self.titles:
            return self.titles[self.asked.of]
        return group_titles([self.asked.of], self.asked.by).get(self.asked.of, "")

    @cached_property
    def said(self) -> Said:
        """What is listed, in words."""
        of = A_CODE[self.asked.by] + OF if self.asked.of else ""
        words = sentence(self.asked.show, self.names, of)
        before, _, after = words.partition(OF)
        more = narrowed(self.asked.coder, self.asked.least, self.asked.most)
        return Said(how_many(len(self.rows)), before, after + more)

    @property
    def words(self) -> str:
        """The same as plain text."""
        of = f"{self.asked.of} {self.title}".strip()
        return f"{self.said.count} {self.said.before}{of}{self.said.after}"


def list_of(
    request: HttpRequest, choice: Choice, titles: Mapping[str, str] | None = None
) -> NoteList | None:
    """The list that an address asks for; None where there is nothing to make one of."""
    asked = asked_of(request)
    if not choice.raters:
        return None
    return NoteList(choice, asked, titles or {})


def asked_of(request: HttpRequest) -> Asked:
    """404 for a list, a grouping or an order that there is not."""
    get = request.GET
    show = get.get("show", "")
    show = SHOW_BEFORE.get(show, show)
    by = get.get("by") or "code"
    sort = get.get("sort", "")
    hyphen = "-" if sort.startswith("-") else ""
    name = sort.removeprefix("-")
    name = BEFORE.get(name, name)
    if (show and show not in ALL_SHOWS) or by not in GROUPINGS or (sort and name not in SORTS):
        raise Http404("no such notes")
    if show == EVERY:
        show = ""
    return Asked(
        show=show,
        by=by,
        of=get.get("of", ""),
        coder=get.get("coder", ""),
        least=_number(get.get("least", "")),
        most=_number(get.get("most", "")),
        sort=hyphen + name,
    )


def params_of(asked: Asked) -> dict[str, str]:
    """The same for another address; what a page shows without being asked is left out."""
    found = {"show": asked.show, "of": asked.of, "coder": asked.coder, "sort": asked.sort}
    if asked.of and asked.by != "code":
        found["by"] = asked.by
    if asked.least is not None:
        found["least"] = str(asked.least)
    if asked.most is not None:
        found["most"] = str(asked.most)
    return {name: value for name, value in found.items() if value}


def _number(text: str) -> int | None:
    found = whole(text)
    if found < 0:
        return None
    return found
