"""Storing batches of notes: all rows or none."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from annotation.models import Batch, Coding, CodingItem, Note, Rater, User
from annotation.services.codes import codes_ensure
from annotation.services.events import event_record
from files.cells import unstorable
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

    `kinds` and `as_written` are those of `codes_ensure`. Returns the batch and True: it is new.
    """
    batch = Batch.objects.create(
        name=name,
        sha256=sha256,
        origin=origin,
        details=details or {},
        for_practice=for_practice,
        uploaded_by=user,
    )
    growing = GrowingBatch(batch, split, as_written, kinds or {})
    for some in some_at_once(rows):
        growing.add(some)
    growing.created(user)
    return batch, True


def batch_forget(batch: Batch) -> None:
    """Remove a batch that was not stored to its end, some hundred notes at a time."""
    pks = list(batch.notes.values_list("pk", flat=True))
    for start in range(0, len(pks), AT_ONCE):
        some = pks[start : start + AT_ONCE]
        with transaction.atomic():
            codings = Coding.objects.filter(note__in=some)
            CodingItem.objects.filter(coding__in=codings).delete()
            codings.delete()
            Note.objects.filter(pk__in=some).delete()
    with transaction.atomic():
        Rater.objects.filter(kind=Rater.Kind.REFERENCE, name=reference_name(batch)).delete()
        batch.delete()


def batch_rename(*, batch: Batch, name: str, actor: User) -> None:
    """Give a batch another name. Its reference's stays as it is in tables. ValueError."""
    plain = " ".join(name.split())
    if not plain:
        raise ValueError("a batch needs a name")
    problem = unstorable(plain)
    if problem:
        raise ValueError(f"the name {problem}")
    before = batch.name
    batch.name = plain[:LONGEST_NAME]
    batch.save(update_fields=["name"])
    named = {"before": before, "name": batch.name}
    event_record(actor=actor, verb="batch.renamed", object=f"batch:{batch.pk}", **named)


def some_at_once(rows: Iterable[NoteRow]) -> Iterator[list[NoteRow]]:
    """The rows, some hundred at a time: their texts are not all in memory at once."""
    some: list[NoteRow] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def reference_name(batch: Batch) -> str:
    """The name of the rater that a batch's own codes are the codings of."""
    return f"reference of batch {batch.pk}, {batch.name}"[:80]


class GrowingBatch:
    """A batch to which notes are added, with their reference's codings.

    The reference is made with the first note that has codes. A note without codes (None) gets no
    coding; one with an empty list gets an empty coding. `kinds` may be filled meanwhile.
    """

    def __init__(
        self, batch: Batch, split: str, as_written: Collection[str], kinds: Mapping[str, Kind]
    ) -> None:
        self.batch = batch
        self.split = split
        self.as_written = as_written
        self.kinds = kinds
        self.count = 0
        self.rater: Rater | None = None
        self.codes: dict[str, int] = {}
        self.now = timezone.now()

    def add(self, rows: Sequence[NoteRow]) -> None:
        """Store some notes; the caller has the transaction."""
        new = []
        for row in rows:
            new.append(
                Note(
                    batch_id=self.batch.pk,
                    external_id=row.note_id,
                    text=row.text,
                    sha256=sha256_of(row.text),
                    split=self.split,
                    patient=row.patient,
                )
            )
        self._reference_store(Note.objects.bulk_create(new), rows)
        self.count += len(rows)

    def created(self, user: User | None) -> None:
        """Record that all are here."""
        event_record(
            actor=user, verb="batch.created", object=f"batch:{self.batch.pk}", notes=self.count
        )

    def _reference_store(self, notes: Sequence[Note], rows: Sequence[NoteRow]) -> None:
        coded = []
        given: set[str] = set()
        for note, row in zip(notes, rows, strict=True):
            if row.codes is not None:
                coded.append((note, row))
                given.update(row.codes)
        if not coded:
            return
        self._codes_know(given - self.codes.keys())
        codings = [self._coding(note) for note, _ in coded]
        Coding.objects.bulk_create(codings)
        items = []  # by ids: with a hundred thousand of them, rows would cost seconds
        for coding, (_, row) in zip(codings, coded, strict=True):
            ranks = row.ranks or {}
            for code in row.codes or ():
                rank = ranks.get(code)
                items.append(CodingItem(coding_id=coding.pk, code_id=self.codes[code], rank=rank))
        CodingItem.objects.bulk_create(items, batch_size=2000)

    def _codes_know(self, new: Collection[str]) -> None:
        found = codes_ensure(new, kinds=self.kinds, as_written=self.as_written)
        for code, row in found.items():
            self.codes[code] = row.pk

    def _coding(self, note: Note) -> Coding:
        if self.rater is None:
            self.rater = Rater.objects.create(
                kind=Rater.Kind.REFERENCE, name=reference_name(self.batch)
            )
        key = f"reference:{self.batch.pk}:{note.pk}"
        return Coding(
            note_id=note.pk, rater_id=self.rater.pk, submitted_at=self.now, source_key=key
        )
