"""Storing batches of notes: all rows or none. The same content a second time changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.mimic_sample import Sample
from annotation.models import Batch, Coding, CodingItem, Note, Rater, User
from annotation.selectors.codes import check_of_installation
from annotation.services.codes import code_set_create, codes_ensure, icd9_load
from annotation.services.events import event_record
from files.notes import NoteRow, parse_notes
from files.source import from_bytes
from icd.codes import Kind

AT_ONCE = 500
"""Notes that one query asks after."""
SHOWN = 5
"""Notes that a remark names; of the others it gives the number."""


def sha256_of(text: str) -> str:
    """The hash that a note's text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def batch_upload(*, name: str, data: bytes, user: User | None) -> tuple[Batch, bool]:
    """Store a file of notes (CSV or JSONL) as a batch. Returns the batch and whether it is new.

    Its `details` say how the file was read, and what was merged, ignored or here already.
    Raises FileError with the wrong rows and the reasons; then nothing was stored.
    """
    digest = hashlib.sha256(data).hexdigest()
    existing = Batch.objects.filter(sha256=digest).first()
    if existing:
        return existing, False
    icd9_load()
    source = from_bytes(name, data, limit=settings.UPLOAD_LIMIT)
    file = parse_notes(source, check_of_installation())
    details = {"read_as": file.read_as, "remarks": [*file.remarks, *here_already(file.rows)]}
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
        )
    except IntegrityError:
        return Batch.objects.get(sha256=digest), False  # the same file came in twice at once


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


def batch_from_sample(sample: Sample, *, name: str, user: User | None = None) -> tuple[Batch, bool]:
    """Store a sample of a MIMIC folder as a batch, and its shortlist as the code set `name`.

    Returns the batch and whether it is new.
    """
    rows = [[row.note_id, sha256_of(row.text), row.codes] for row in sample.rows]
    content = [sample.split, sample.shortlist, rows]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    existing = Batch.objects.filter(sha256=digest).first()
    if existing:
        return existing, False
    icd9_load()
    origin = Batch.Origin.SYNTHETIC if sample.synthetic else Batch.Origin.MIMIC
    with transaction.atomic():
        code_set_create(name=name, codes=sample.shortlist, kinds=sample.kinds)
        return batch_create(
            name=name,
            sha256=digest,
            origin=origin,
            rows=sample.rows,
            split=sample.split,
            user=user,
            details={**sample.details, "code_set": name},
            kinds=sample.kinds,
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
) -> tuple[Batch, bool]:
    """Store notes and, where the rows have codes, the reference codings that come with them.

    `kinds` and `as_written` are those of `codes_ensure`. Returns the batch and True: it is new.
    """
    batch = Batch.objects.create(
        name=name, sha256=sha256, origin=origin, details=details or {}, uploaded_by=user
    )
    new = []
    for row in rows:
        sha256 = sha256_of(row.text)
        new.append(
            Note(batch=batch, external_id=row.note_id, text=row.text, sha256=sha256, split=split)
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
            coded.append((note, row.codes))
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
    for coding, (_, codes) in zip(codings, coded, strict=True):
        for code in codes:
            items.append(CodingItem(coding=coding, code=code_rows[code]))
    CodingItem.objects.bulk_create(items, batch_size=2000)
