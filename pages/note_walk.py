"""Where a note stands in the list that it was opened from, and its neighbours in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from annotation.models import Note, Study
from benchmark.selectors.notes import neighbours_of
from pages.choices import Choice
from pages.note_list import NoteList, list_of

A_PAGE = 50
"""Notes on a page of By note, unless somebody asks otherwise."""
LISTED_BY = ("show", "of", "coder", "least", "most", "sort")
"""Any of these in an address says that the note was opened from a list."""


@dataclass(frozen=True)
class Walk:
    """A list with a note in it."""

    total: int
    place: int | None
    """From 1; None where the note is not in the list."""
    previous: str = ""
    """An address; "" at the first."""
    following: str = ""
    first: str = ""
    """Of the list's first note, for a note that is not in it."""
    list: NoteList | None = None
    """None: all notes of the study, by id."""

    @property
    def page(self) -> int | None:
        """Of the list on By note, at its usual length; None for the first."""
        if self.place is None or self.place <= A_PAGE:
            return None
        return (self.place - 1) // A_PAGE + 1


def walk_of(request: HttpRequest, choice: Choice, note: Note, titles: Mapping[str, str]) -> Walk:
    """The list of the address, else all notes of the study. `titles`: of the note's own codes."""
    found = None
    if any(request.GET.get(name) for name in LISTED_BY):
        found = list_of(request, choice, titles)
    if found is None:
        return _of_study(choice, note)
    names = found.notes(found.rows)
    if note.external_id not in names:
        return Walk(len(names), None, first=_first(found, names), list=found)
    at = names.index(note.external_id)
    beside = {names[at - 1] if at else "", *names[at + 1 : at + 2]} - {""}
    pks = _pks(choice.study, beside)

    def address(place: int) -> str:
        if not 0 <= place < len(names):
            return ""
        return found.walk(pks[names[place]])

    return Walk(len(names), at + 1, address(at - 1), address(at + 1), list=found)


def _of_study(choice: Choice, note: Note) -> Walk:
    near = neighbours_of(choice.study, note)
    previous = choice.link("note", near.previous) if near.previous else ""
    following = choice.link("note", near.following) if near.following else ""
    return Walk(near.total, near.place, previous, following)


def _first(found: NoteList, names: list[str]) -> str:
    if not names:
        return ""
    return found.walk(_pks(found.choice.study, {names[0]})[names[0]])


def _pks(study: Study, names: set[str]) -> dict[str, int]:
    here = study.notes.filter(external_id__in=names).order_by()
    return dict(here.values_list("external_id", "pk"))
