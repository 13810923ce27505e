"""Storing batches of notes: all rows or none. The same content a second time changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.models import Batch, Coding, CodingItem, Note, Rater, User
from annotation.selectors.codes import check_of_installation
from annotation.services.codes import codes_ensure, icd9_load
from annotation.services.events import event_record
from files.notes import NoteRow, parse_notes
from files.problems import refused
from files.source import from_bytes
from icd.codes import Kind

AT_ONCE = 500
"""Notes that one query asks after."""
SHOWN = 5
"""Notes that a remark names; of the others it gives the number."""


def sha256_of(text: str) -> str:
    """The hash that a note's text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def batch_upload(
    *, name: str, data: bytes, user: User | None, for_practice: bool = False
) -> tuple[Batch, bool]:
    """Store a file of notes (CSV or JSONL) as a batch. Returns the batch and whether it is new.

    Its `details` say how the file was read, and what was merged, ignored or here already.
    Raises FileError with the wrong rows and the reasons; then nothing was stored.
    """
    digest = hashlib.sha256(data).hexdigest()
    existing = Batch.objects.filter(sha256=digest).first()
    if existing:
        if existing.for_practice != for_practice:
            raise refused(_here_for_another_use(existing))
        return existing, False
    icd9_load()
    source = from_bytes(name, data, limit=settings.UPLOAD_LIMIT)
    file = parse_notes(source, check_of_installation())
    remarks = [*file.remarks, *here_already(file.rows)]
    if for_practice:
        remarks += _of_no_use_for_practice(file.rows)
    details = {"read_as": file.read_as, "remarks": remarks}
    try:
        return batch_create(
            name=name[-120:],
            sha256=digest,
            origin=Batch.Origin.OWN,
            rows=file.rows,
            split="",
            user=user,
            details=details,
            kinds=file.kinds,
            for_practice=for_practice,
        )
    except IntegrityError:
        return Batch.objects.get(sha256=digest), False  # the same file came in twice at once


def _here_for_another_use(batch: Batch) -> str:
    if batch.for_practice:
        use = "for practice, and a practice note must not be in a study"
    else:
        use = "for studies, and a note of a study must not be practised on"
    return f"this file is here already as {batch.name}, {use}; give other notes"


def _of_no_use_for_practice(rows: Sequence[NoteRow]) -> list[str]:
    """What is to be said where a coder would have nothing to compare an answer with."""
    bare = [row.note_id for row in rows if row.codes is None]
    if not bare:
        return []
    return [
        f"{len(bare)} of these {len(rows)} notes have no reference codes: nobody practises on them"
    ]


def here_already(rows: Sequence[NoteRow]) -> list[str]:
    """A sentence for each batch that holds some of these notes already, with the same text."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(rows), AT_ONCE):
        hashes = {row.note_id: sha256_of(row.text) for row in rows[start : start + AT_ONCE]}
        notes = Note.objects.filter(external_id__in=list(hashes))
        in_order = notes.order_by("batch_id", "external_id")
        for note, sha256, batch in in_order.values_list("external_id", "sha256", "batch__name"):
            if hashes[note] == sha256:
                found.setdefault(batch, []).append(note)
    return [_here_in(batch, notes, len(rows)) for batch, notes in found.items()]


def _here_in(batch: str, notes: Sequence[str], total: int) -> str:
    """The sentence about one batch; `total` is the number of notes in the file."""
    verb = "is" if len(notes) == 1 else "are"
    shown = ", ".join(notes[:SHOWN])
    if len(notes) > SHOWN:
        shown += " ..."
    return (
        f"{len(notes)} of these {total} notes {verb} here already, with the same text, "
        f"in batch {batch}: {shown}"
    )


@transaction.atomic
def batch_create(
    *,
    name: str,
    sha256: str,
    origin: str,
    rows: Sequence[NoteRow],
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
    new = []
    for row in rows:
        new.append(
            Note(
                batch=batch,
                external_id=row.note_id,
                text=row.text,
                sha256=sha256_of(row.text),
                split=split,
                patient=row.patient,
            )
        )
    notes = Note.objects.bulk_create(new, batch_size=200)
    _reference_store(batch, notes, rows, as_written, kinds)
    event_record(actor=user, verb="batch.created", object=f"batch:{batch.pk}", notes=len(notes))
    return batch, True


def _reference_store(
    batch: Batch,
    notes: list[Note],
    rows: Sequence[NoteRow],
    as_written: Collection[str],
    kinds: Mapping[str, Kind] | None,
) -> None:
    """Store the codes of the rows as the codings of the batch's reference.

    A row without codes (None) gets no coding; a row with an empty list gets an empty one.
    """
    coded = []
    given: set[str] = set()
    for note, row in zip(notes, rows, strict=True):
        if row.codes is not None:
            coded.append((note, row))
            given.update(row.codes)
    if not coded:
        return
    name = f"reference of batch {batch.pk}, {batch.name}"[:80]
    rater = Rater.objects.create(kind=Rater.Kind.REFERENCE, name=name)
    code_rows = codes_ensure(given, kinds=kinds, as_written=as_written)
    now = timezone.now()
    new = []
    for note, _ in coded:
        key = f"reference:{batch.pk}:{note.pk}"
        new.append(Coding(note=note, rater=rater, submitted_at=now, source_key=key))
    codings = Coding.objects.bulk_create(new)
    items = []
    for coding, (_, row) in zip(codings, coded, strict=True):
        ranks = row.ranks or {}
        for code in row.codes or ():
            items.append(CodingItem(coding=coding, code=code_rows[code], rank=ranks.get(code)))
    CodingItem.objects.bulk_create(items, batch_size=2000)
