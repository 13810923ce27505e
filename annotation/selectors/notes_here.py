"""Which notes of a file are here already, by their ids and by their texts."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from annotation.models import Note
from annotation.notes_found import HereAlready, Named
from files.notes import NoteRow

NO_TEXT = hashlib.sha256(b"").hexdigest()
"""The SHA-256 of notes that came without their text, with codings alone."""
AT_ONCE = 500
"""Notes that one query asks after."""


class NotesHere:
    """Takes the notes of a file one by one and says which batches have them."""

    def __init__(self) -> None:
        self.twice = Named()
        """Notes with the text of an earlier one of the file."""
        self._texts: set[bytes] = set()
        self._waiting: dict[str, str] = {}
        self._found: dict[int, HereAlready] = {}

    def add(self, row: NoteRow) -> None:
        """One more note of the file."""
        digest = hashlib.sha256(row.text.encode())
        first_half = digest.digest()[:16]
        if first_half in self._texts:
            self.twice.add(row.note_id)
        self._texts.add(first_half)
        self._waiting[row.note_id] = digest.hexdigest()
        if len(self._waiting) >= AT_ONCE:
            self._look()

    def batches(self) -> list[HereAlready]:
        """A line for each batch that has some of the notes, oldest first."""
        self._look()
        return [self._found[pk] for pk in sorted(self._found)]

    def _look(self) -> None:
        """Ask the database after the notes that wait."""
        if not self._waiting:
            return
        of_text: dict[str, str] = {}
        for note, sha256 in self._waiting.items():
            of_text.setdefault(sha256, note)
        ids_here = set()
        for note, sha256, pk, name in _known(Note.objects.filter(external_id__in=self._waiting)):
            ids_here.add((pk, note))
            batch = self._found.setdefault(pk, HereAlready(pk, name))
            kind = batch.same if self._waiting[note] == sha256 else batch.other_text
            kind.add(note)
        for note, sha256, pk, name in _known(Note.objects.filter(sha256__in=of_text)):
            given = of_text[sha256]
            if note != given and (pk, given) not in ids_here:
                batch = self._found.setdefault(pk, HereAlready(pk, name))
                batch.other_id.add(given)
        self._waiting = {}


def _known(notes: QuerySet[Note]) -> QuerySet[Note, tuple[str, str, int, str]]:
    with_text = notes.filter(batch__whole=True).exclude(sha256=NO_TEXT)
    in_order = with_text.order_by("batch_id", "external_id")
    return in_order.values_list("external_id", "sha256", "batch_id", "batch__name")
