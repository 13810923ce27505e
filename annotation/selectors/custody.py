"""Who opened which note: what pages, exports and the API show of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from annotation.models import NoteOpening, User
from files.cells import unstorable

HEADER = ("at", "person", "name", "role", "note_id", "note_number", "way")
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Asked:
    """Which openings are asked for; empty text asks for all."""

    note: str = ""
    """A note's id, as its source has it, or #123: its number here."""
    person: str = ""
    """A user name, or the account that ran a command."""
    way: str = ""


def openings_asked(asked: Asked) -> QuerySet[NoteOpening]:
    """Newest first."""
    rows = NoteOpening.objects.all()
    if asked.note:
        rows = rows.filter(_of_note(asked.note))
    if asked.person:
        rows = rows.filter(_by_person(asked.person))
    if asked.way:
        rows = rows.filter(way=asked.way)
    return rows


def with_people(ids: Sequence[int]) -> list[NoteOpening]:
    """The openings of these ids, newest first, with who it was.

    A list turns its pages over ids, which an index holds: without reading the rows before them.
    """
    return list(NoteOpening.objects.filter(pk__in=ids).select_related("user"))


def openings_of(note: int) -> QuerySet[NoteOpening]:
    """Of one note, by its number here; newest first."""
    return NoteOpening.objects.filter(note=note).select_related("user")


def opening_rows(asked: Asked) -> Iterator[tuple[object, ...]]:
    """The rows of an export, in the order of HEADER; times are UTC."""
    people = User.objects.in_bulk()
    rows = openings_asked(asked).values_list("at", "user", "account", "external_id", "note", "way")
    for at, user, account, external_id, note, way in rows.iterator(ROWS_AT_ONCE):
        who = (account, "", "")
        if user:
            person = people[user]
            who = (person.username, person.first_name, person.role)
        yield at.isoformat(timespec="seconds"), *who, external_id, note, way


def _by_person(name: str) -> Q:
    """The person of that user name; where there is none, the account of a command."""
    if unstorable(name):
        return Q(pk__in=[])
    # The id is looked up first: a condition on the joined name would read every opening.
    user = User.objects.filter(username=name).values_list("pk", flat=True).first()
    if user is None:
        return Q(user=None, account=name)
    return Q(user=user)


def _of_note(text: str) -> Q:
    """The note of an external id, or of a number here that is written #123."""
    digits = text.removeprefix("#")
    if text.startswith("#") and digits.isascii() and digits.isdecimal() and len(digits) <= 18:
        return Q(note=int(digits))
    if unstorable(text):
        return Q(pk__in=[])
    return Q(external_id=text)
