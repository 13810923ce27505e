"""Batches of notes coming in: all rows or none, and the same content twice changes nothing."""

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
SHOWN = 5


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def batch_upload(*, name: str, data: bytes, user: User | None) -> tuple[Batch, bool]:
    """A file of notes (CSV or JSONL) becomes a batch. Returns it and whether it is new.

    What the file was read as, and what was folded, ignored or is here already, is in its `details`. Raises FileError
    with the rows and reasons; then nothing has changed.
    """
    digest = hashlib.sha256(data).hexdigest()
    existing = Batch.objects.filter(sha256=digest).first()
    if existing:
        return existing, False
    icd9_load()
    file = parse_notes(from_bytes(name, data, limit=settings.UPLOAD_LIMIT), check_of_installation())
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
    """A sentence for each batch that has notes of these ids with the same text."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(rows), AT_ONCE):
        hashes = {row.note_id: sha256_of(row.text) for row in rows[start : start + AT_ONCE]}
        notes = Note.objects.filter(external_id__in=list(hashes)).order_by(
            "batch_id", "external_id"
        )
        for note, sha256, batch in notes.values_list("external_id", "sha256", "batch__name"):
            if hashes[note] == sha256:
                found.setdefault(batch, []).append(note)
    return [_known(batch, notes, len(rows)) for batch, notes in found.items()]


def _known(batch: str, notes: Sequence[str], of: int) -> str:
    more = " ..." if len(notes) > SHOWN else ""
    verb = "is" if len(notes) == 1 else "are"
    shown = ", ".join(notes[:SHOWN])
    return f"{len(notes)} of these {of} notes {verb} here already, with the same text, in batch {batch}: {shown}{more}"


def batch_from_sample(sample: Sample, *, name: str, user: User | None = None) -> tuple[Batch, bool]:
    """A seeded sample of a MIMIC-shaped folder becomes a batch, with its shortlist as the code set `name`."""
    content = [
        sample.split,
        sample.shortlist,
        [[row.note_id, sha256_of(row.text), row.codes] for row in sample.rows],
    ]
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
    """Notes and, where the rows carry codes, the reference codings that come with them.

    `kinds`: as for `codes_ensure`. `as_written`: which of these codes are none of the code system and are kept as
    they are.
    """
    batch = Batch.objects.create(
        name=name, sha256=sha256, origin=origin, details=details or {}, uploaded_by=user
    )
    notes = Note.objects.bulk_create(
        [
            Note(
                batch=batch,
                external_id=r.note_id,
                text=r.text,
                sha256=sha256_of(r.text),
                split=split,
            )
            for r in rows
        ],
        batch_size=200,
    )
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
    coded = [
        (note, row.codes) for note, row in zip(notes, rows, strict=True) if row.codes is not None
    ]
    if not coded:
        return
    rater = Rater.objects.create(
        kind=Rater.Kind.REFERENCE, name=f"reference of batch {batch.pk}, {batch.name}"[:80]
    )
    codes = codes_ensure(
        [code for _, given in coded for code in given], kinds=kinds, as_written=as_written
    )
    now = timezone.now()
    codings = Coding.objects.bulk_create(
        [
            Coding(
                note=note,
                rater=rater,
                submitted_at=now,
                source_key=f"reference:{batch.pk}:{note.pk}",
            )
            for note, _ in coded
        ]
    )
    items = [
        CodingItem(coding=coding, code=codes[code])
        for coding, (_, given) in zip(codings, coded, strict=True)
        for code in given
    ]
    CodingItem.objects.bulk_create(items, batch_size=2000)
