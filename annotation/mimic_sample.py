"""The study's sample from a MIMIC-shaped folder: notes drawn at random from a split, and the shortlist."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from files.notes import NoteRow
from icd.codes import Kind
from mimic.folder import CODE_TABLES, read_admissions, split_summaries
from mimic.remarks import Remarks
from mimic.table import MimicError


class SampleDetails(TypedDict):
    """How a sample came about, as its batch keeps it."""

    split: str
    split_admissions: int
    split_distinct_codes: int
    sample: int
    seed: int
    shortlist: int
    reference_codes_outside_shortlist: int
    remarks: list[str]


@dataclass(frozen=True)
class Sample:
    """`rows` are the notes drawn, `shortlist` the codes to tick from, `kinds` those of the split's codes by their
    tables, `details` how all came about."""

    rows: list[NoteRow]
    shortlist: list[str]
    kinds: dict[str, Kind]
    split: str
    synthetic: bool
    details: SampleDetails


def draw_sample(
    folder: Path,
    *,
    size: int,
    seed: int,
    split: str = "test",
    shortlist_size: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Sample:
    """`size` admissions of `split`, drawn with `seed` from those that have a summary; the shortlist is the split's
    distinct codes, or its `shortlist_size` most frequent (ties by code).

    MimicError where the folder cannot be read as it should, or has too few notes; ValueError for a size below 1.
    """
    _check_sizes(size, shortlist_size)
    remarks = Remarks()
    found, listed_ids, counted = split_summaries(folder, [split], remarks)
    ids, listed_number = found[split], listed_ids[split]
    if size > len(ids):
        lacking = f" that have a summary, of {listed_number:,}" if len(ids) < listed_number else ""
        raise MimicError(
            f"the {split} split of {folder} has {len(ids):,} admissions{lacking}, fewer than the {size:,} asked for; "
            f"give --sample {len(ids)} or less, or another --split"
        )
    drawn = set(random.Random(f"sample {seed}").sample(ids, size))
    frequency: Counter[str] = Counter()
    kinds: dict[str, Kind] = {}
    rows = []
    for done, admission in enumerate(
        read_admissions(folder, counted=counted, remarks=remarks), start=1
    ):
        frequency.update(admission.codes)
        kinds.update(admission.kinds)
        if admission.hadm_id in drawn:
            rows.append(NoteRow(str(admission.hadm_id), admission.text, admission.codes))
        progress(done)
    if not frequency:
        tables = " or ".join(table for table, _ in CODE_TABLES)
        raise MimicError(
            f"no admission of the {split} split has a code in {tables}; do they belong to these notes?"
        )
    shortlist = shortlist_of(frequency, shortlist_size)
    listed = set(shortlist)
    details: SampleDetails = {
        "split": split,
        "split_admissions": listed_number,
        "split_distinct_codes": len(frequency),
        "sample": size,
        "seed": seed,
        "shortlist": len(shortlist),
        "reference_codes_outside_shortlist": sum(
            code not in listed for row in rows for code in row.codes or ()
        ),
        "remarks": remarks.lines(),
    }
    rows.sort(key=lambda row: row.note_id)
    return Sample(rows, shortlist, kinds, split, (folder / "SYNTHETIC").exists(), details)


def _check_sizes(size: int, shortlist_size: int | None) -> None:
    if size < 1:
        raise ValueError(f"--sample {size}: draw at least 1 note")
    if shortlist_size is not None and shortlist_size < 1:
        raise ValueError(
            f"--shortlist-size {shortlist_size}: a list has at least 1 code; leave it out for all codes"
        )


def shortlist_of(frequency: Counter[str], size: int | None) -> list[str]:
    """The `size` most frequent codes (all when None), ties by code; never padded; in code order."""
    by_frequency = sorted(frequency, key=lambda code: (-frequency[code], code))
    return sorted(by_frequency[:size])
