"""Storing what was drawn from a folder like MIMIC-III: sample, shortlist and practice notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from annotation.mimic_sample import Sample
from annotation.models import Batch, CodeSet, CodingItem, OutsideCounts, Rater, Study, User
from annotation.selectors.removal import purge_of, removed_before
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codes import code_set_create, icd9_load
from files.notes import NoteRow


@dataclass(frozen=True)
class Loaded:
    """What became of a sample."""

    batch: Batch
    new: bool
    practice: Batch | None
    """The batch of its practice notes; None where none were drawn."""
    patients_filled: int
    """Notes that were here without their patient, and have it now."""
    ranks_filled: int
    """Codes of the reference that were here without their rank, and have it now."""


@transaction.atomic
def batch_from_sample(sample: Sample, *, name: str, user: User | None = None) -> Loaded:
    """Store a sample as a batch, and its shortlist as the code set `name`.

    Its practice notes become a batch of their own. A sample that is here already stays as it is;
    what an earlier version did not keep is added: patients, ranks, frequencies, counts of other
    stays, practice notes.
    """
    icd9_load()
    digest = _sha256([sample.split, sample.shortlist, _content(sample.rows)])
    batch = Batch.objects.filter(sha256=digest).first()
    new = batch is None
    filled = ranks = 0
    if batch and purge_of(batch):
        raise ValueError(removed_before(batch))
    if batch is None:
        code_set_create(name=name, codes=sample.shortlist, kinds=sample.kinds)
        batch, _ = batch_create(
            name=name,
            sha256=digest,
            origin=_origin(sample),
            rows=sample.rows,
            split=sample.split,
            user=user,
            details={**sample.details, "code_set": name},
            kinds=sample.kinds,
        )
    else:
        filled = _patients_fill(batch, sample.rows)
        ranks = _ranks_fill(batch, sample.rows)
    outside = {"stays": sample.outside.stays, "counts": sample.outside.counts}
    OutsideCounts.objects.get_or_create(batch=batch, defaults=outside)
    _frequencies_fill(str(batch.details.get("code_set", "")), sample.frequencies)
    practice = _practice_store(sample, f"{batch.name} practice", user)
    return Loaded(batch, new, practice, filled, ranks)


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _content(rows: Sequence[NoteRow]) -> list[list[object]]:
    """What a batch is known by: its notes and their reference."""
    return [[row.note_id, sha256_of(row.text), row.codes] for row in rows]


def _origin(sample: Sample) -> str:
    return Batch.Origin.SYNTHETIC if sample.synthetic else Batch.Origin.MIMIC


def _patients_fill(batch: Batch, rows: Sequence[NoteRow]) -> int:
    """Give notes that lack it their patient. Returns how many."""
    patient_of = {row.note_id: row.patient for row in rows}
    notes = list(batch.notes.filter(patient="").only("external_id"))
    for note in notes:
        note.patient = patient_of.get(note.external_id, "")
    batch.notes.bulk_update(notes, ["patient"], batch_size=500)
    return len(notes)


def _ranks_fill(batch: Batch, rows: Sequence[NoteRow]) -> int:
    """Give the reference's codes that lack it their rank. Returns how many have it now."""
    ranks_of = {row.note_id: row.ranks or {} for row in rows}
    reference = CodingItem.objects.filter(
        coding__note__batch=batch, coding__rater__kind=Rater.Kind.REFERENCE, rank=None
    )
    filled = []
    for item in reference.select_related("code", "coding__note").defer("coding__note__text"):
        item.rank = ranks_of.get(item.coding.note.external_id, {}).get(item.code.code)
        if item.rank is not None:
            filled.append(item)
    CodingItem.objects.bulk_update(filled, ["rank"], batch_size=500)
    return len(filled)


def _frequencies_fill(name: str, frequencies: dict[str, int] | None) -> None:
    """Store how many training stays have each code, where the list does not say so yet.

    Not where a protocol holds the list without them: the search of such a study must not change.
    """
    held = Study.objects.exclude(search_sha256="").values("code_set")
    without = CodeSet.objects.filter(name=name, frequencies__isnull=True).exclude(pk__in=held)
    without.update(frequencies=frequencies)


def _practice_store(sample: Sample, name: str, user: User | None) -> Batch | None:
    """The batch of the practice notes, made where it is not here yet."""
    if not sample.practice:
        return None
    digest = _sha256(["practice", sample.split, _content(sample.practice)])
    existing = Batch.objects.filter(sha256=digest).first()
    if existing and purge_of(existing):
        raise ValueError(removed_before(existing))
    if existing:
        return existing
    batch, _ = batch_create(
        name=name[:120],
        sha256=digest,
        origin=_origin(sample),
        rows=sample.practice,
        split=sample.split,
        user=user,
        details={"split": sample.split, "seed": sample.details["seed"]},
        kinds=sample.kinds,
        for_practice=True,
    )
    return batch
