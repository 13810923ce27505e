"""Who opened which note: what pages, exports and the API show of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from annotation.models import NoteOpening
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
    rows = NoteOpening.objects.select_related("user")
    if asked.note:
        rows = rows.filter(_of_note(asked.note))
    if asked.person:
        rows = rows.filter(Q(user__username=asked.person) | Q(user=None, account=asked.person))
    if asked.way:
        rows = rows.filter(way=asked.way)
    return rows


def openings_of(note: int) -> QuerySet[NoteOpening]:
    """Of one note, by its number here; newest first."""
    return NoteOpening.objects.filter(note=note).select_related("user")


def opening_rows(asked: Asked) -> Iterator[tuple[object, ...]]:
    """The rows of an export, in the order of HEADER; times are UTC."""
    for row in openings_asked(asked).iterator(ROWS_AT_ONCE):
        person = row.user.username if row.user else row.account
        name = row.user.first_name if row.user else ""
        role = row.user.role if row.user else ""
        at = row.at.isoformat(timespec="seconds")
        yield at, person, name, role, row.external_id, row.note, row.way


def _of_note(text: str) -> Q:
    """The note of an external id, or of a number here that is written #123."""
    digits = text.removeprefix("#")
    if text.startswith("#") and digits.isascii() and digits.isdecimal() and len(digits) <= 18:
        return Q(note=int(digits))
    if unstorable(text):
        return Q(pk__in=[])
    return Q(external_id=text)
