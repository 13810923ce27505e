"""Storing batches of notes: all rows or none."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from annotation.models import Batch, Coding, CodingItem, Note, Rater, User
from annotation.services.codes import codes_ensure
from annotation.services.events import event_record
from files.notes import NoteRow
from icd.codes import Kind

AT_ONCE = 500
"""Notes that are stored together."""
LONGEST_NAME = 120
"""Characters of a batch's name."""


def sha256_of(text: str) -> str:
    """The hash that a note's text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def batch_create(
    *,
    name: str,
    sha256: str,
    origin: str,
    rows: Iterable[NoteRow],
    split: str,
    user: User | None,
    details: Mapping[str, object] | None = None,
    as_written: Collection[str] = (),
    kinds: Mapping[str, Kind] | None = None,
    for_practice: bool = False,
) -> tuple[Batch, bool]:
    """Store notes and, where the rows have codes, the reference codings that come with them.

    The rows may come one after the other; `kinds` may be filled meanwhile. It and `as_written` are
    those of `codes_ensure`. Returns the batch and True: it is new.
    """
    batch = Batch.objects.create(
        name=name,
        sha256=sha256,
        origin=origin,
        details=details or {},
        for_practice=for_practice,
        uploaded_by=user,
    )
    reference = _Reference(batch, as_written, kinds or {})
    count = 0
    for some in _some_at_once(rows):
        new = []
        for row in some:
            new.append(
                Note(
                    batch_id=batch.pk,
                    external_id=row.note_id,
                    text=row.text,
                    sha256=sha256_of(row.text),
                    split=split,
                    patient=row.patient,
                )
            )
        reference.store(Note.objects.bulk_create(new), some)
        count += len(some)
    event_record(actor=user, verb="batch.created", object=f"batch:{batch.pk}", notes=count)
    return batch, True


def batch_rename(*, batch: Batch, name: str, actor: User) -> None:
    """Give a batch another name. Its reference's stays as it is in tables. ValueError."""
    plain = " ".join(name.split())
    if not plain:
        raise ValueError("a batch needs a name")
    before = batch.name
    batch.name = plain[:LONGEST_NAME]
    batch.save(update_fields=["name"])
    named = {"before": before, "name": batch.name}
    event_record(actor=actor, verb="batch.renamed", object=f"batch:{batch.pk}", **named)


def _some_at_once(rows: Iterable[NoteRow]) -> Iterator[list[NoteRow]]:
    """The rows, some hundred at a time: their texts are not all in memory at once."""
    some: list[NoteRow] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


class _Reference:
    """The reference that comes with a batch: made with the first note that has codes.

    A note without codes (None) gets no coding; one with an empty list gets an empty coding.
    """

    def __init__(
        self, batch: Batch, as_written: Collection[str], kinds: Mapping[str, Kind]
    ) -> None:
        self.batch = batch
        self.as_written = as_written
        self.kinds = kinds
        self.rater: Rater | None = None
        self.codes: dict[str, int] = {}
        self.now = timezone.now()

    def store(self, notes: Sequence[Note], rows: Sequence[NoteRow]) -> None:
        """Store the codes of some notes as the reference's codings."""
        coded = []
        given: set[str] = set()
        for note, row in zip(notes, rows, strict=True):
            if row.codes is not None:
                coded.append((note, row))
                given.update(row.codes)
        if not coded:
            return
        new = given - self.codes.keys()
        rows_of_codes = codes_ensure(new, kinds=self.kinds, as_written=self.as_written)
        for code, code_row in rows_of_codes.items():
            self.codes[code] = code_row.pk
        codings = []
        for note, _ in coded:
            codings.append(self._coding(note))
        Coding.objects.bulk_create(codings)
        items = []  # by ids: with a hundred thousand of them, rows would cost seconds
        for coding, (_, row) in zip(codings, coded, strict=True):
            ranks = row.ranks or {}
            for code in row.codes or ():
                rank = ranks.get(code)
                items.append(CodingItem(coding_id=coding.pk, code_id=self.codes[code], rank=rank))
        CodingItem.objects.bulk_create(items, batch_size=2000)

    def _coding(self, note: Note) -> Coding:
        if self.rater is None:
            name = f"reference of batch {self.batch.pk}, {self.batch.name}"[:80]
            self.rater = Rater.objects.create(kind=Rater.Kind.REFERENCE, name=name)
        key = f"reference:{self.batch.pk}:{note.pk}"
        return Coding(
            note_id=note.pk, rater_id=self.rater.pk, submitted_at=self.now, source_key=key
        )
