"""The study's sample from a MIMIC-shaped folder: notes drawn at random from a split, and the shortlist."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from files.notes import NoteRow
from rac_model.mimic import MimicError, read_admissions, read_splits


@dataclass(frozen=True)
class Sample:
    """`rows` are the notes drawn, `shortlist` the codes to tick from, `details` how both came about."""

    rows: list[NoteRow]
    shortlist: list[str]
    split: str
    synthetic: bool
    details: dict[str, object]


def draw_sample(
    folder: Path,
    *,
    size: int,
    seed: int,
    split: str = "test",
    shortlist_size: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Sample:
    """`size` admissions of `split`, drawn with `seed`; the shortlist is the split's distinct codes, or its
    `shortlist_size` most frequent (ties by code). Raises MimicError when the split is too small.
    """
    ids = read_splits(folder)[split]
    if size > len(ids):
        raise MimicError(
            f"the {split} split of {folder.name} has {len(ids)} admissions, fewer than the {size} asked for"
        )
    drawn = set(random.Random(f"sample {seed}").sample(sorted(ids), size))
    frequency: Counter[str] = Counter()
    rows = []
    for done, admission in enumerate(read_admissions(folder, set(ids)), start=1):
        frequency.update(admission.codes)
        if admission.hadm_id in drawn:
            rows.append(NoteRow(str(admission.hadm_id), admission.text, admission.codes))
        progress(done)
    shortlist = shortlist_of(frequency, shortlist_size)
    listed = set(shortlist)
    details = {
        "split": split,
        "split_admissions": len(ids),
        "split_distinct_codes": len(frequency),
        "sample": size,
        "seed": seed,
        "shortlist": len(shortlist),
        "reference_codes_outside_shortlist": sum(code not in listed for row in rows for code in row.codes or ()),
    }
    rows.sort(key=lambda row: row.note_id)
    return Sample(rows, shortlist, split, (folder / "SYNTHETIC").exists(), details)


def shortlist_of(frequency: Counter[str], size: int | None) -> list[str]:
    """The `size` most frequent codes (all when None), ties by code; never padded; in code order."""
    by_frequency = sorted(frequency, key=lambda code: (-frequency[code], code))
    return sorted(by_frequency[:size])
