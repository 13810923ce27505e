"""Drawing a study's notes from a folder like MIMIC-III, and the shortlist for its coders."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from files.notes import NoteRow
from icd.codes import Kind
from mimic.folder import CODE_TABLES, read_admissions, split_summaries
from mimic.remarks import Remarks
from mimic.table import MimicError


class SampleDetails(TypedDict):
    """How a sample was drawn, as its batch stores it."""

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
    """Notes drawn from one split of a folder, and what a study of them needs."""

    rows: list[NoteRow]
    """The notes with their reference codes, by id."""
    shortlist: list[str]
    """The codes that coders tick from."""
    kinds: dict[str, Kind]
    """Diagnosis or procedure, for each code of the split: its table tells."""
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
    """Draw `size` admissions of a split, with `seed`, from those that have a discharge summary.

    The shortlist is the split's distinct codes, or its `shortlist_size` most frequent ones (ties
    by code). `progress` is told how many admissions are read. Raises MimicError where the folder
    cannot be read or has too few notes, ValueError for a size below 1.
    """
    _check_sizes(size, shortlist_size)
    remarks = Remarks()
    found, listed_ids, counted = split_summaries(folder, [split], remarks)
    ids = found[split]
    in_split = listed_ids[split]
    if size > len(ids):
        raise MimicError(_too_few(folder, split, size=size, found=len(ids), in_split=in_split))
    drawn = set(random.Random(f"sample {seed}").sample(ids, size))
    frequency: Counter[str] = Counter()
    kinds: dict[str, Kind] = {}
    rows = []
    admissions = read_admissions(folder, counted=counted, remarks=remarks)
    for done, admission in enumerate(admissions, start=1):
        frequency.update(admission.codes)
        kinds.update(admission.kinds)
        if admission.hadm_id in drawn:
            rows.append(NoteRow(str(admission.hadm_id), admission.text, admission.codes))
        progress(done)
    if not frequency:
        tables = " or ".join(table for table, _ in CODE_TABLES)
        raise MimicError(
            f"no admission of the {split} split has a code in {tables}; "
            "do they belong to these notes?"
        )
    shortlist = shortlist_of(frequency, shortlist_size)
    details: SampleDetails = {
        "split": split,
        "split_admissions": in_split,
        "split_distinct_codes": len(frequency),
        "sample": size,
        "seed": seed,
        "shortlist": len(shortlist),
        "reference_codes_outside_shortlist": _codes_outside(shortlist, rows),
        "remarks": remarks.lines(),
    }
    rows.sort(key=lambda row: row.note_id)
    synthetic = (folder / "SYNTHETIC").exists()
    return Sample(rows, shortlist, kinds, split, synthetic, details)


def _check_sizes(size: int, shortlist_size: int | None) -> None:
    if size < 1:
        raise ValueError(f"--sample {size}: draw at least 1 note")
    if shortlist_size is not None and shortlist_size < 1:
        raise ValueError(
            f"--shortlist-size {shortlist_size}: a list has at least 1 code; "
            "leave it out for all codes"
        )


def _too_few(folder: Path, split: str, *, size: int, found: int, in_split: int) -> str:
    """What to say where a split has fewer admissions with a summary than were asked for."""
    of_all = ""
    if found < in_split:
        of_all = f" that have a summary, of {in_split:,}"
    return (
        f"the {split} split of {folder} has {found:,} admissions{of_all}, "
        f"fewer than the {size:,} asked for; give --sample {found} or less, or another --split"
    )


def _codes_outside(shortlist: Sequence[str], rows: Sequence[NoteRow]) -> int:
    """How many reference codes of the notes no coder can tick."""
    listed = set(shortlist)
    outside = 0
    for row in rows:
        for code in row.codes or ():
            if code not in listed:
                outside += 1
    return outside


def shortlist_of(frequency: Counter[str], size: int | None) -> list[str]:
    """The `size` most frequent codes (None: all; ties by code), in code order.

    Shorter than `size` where there are not so many codes.
    """
    by_frequency = sorted(frequency, key=lambda code: (-frequency[code], code))
    return sorted(by_frequency[:size])
