"""Drawing a study's notes from a folder like MIMIC-III, the shortlist for its coders, and notes for
practice."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypedDict

from files.notes import NoteRow
from icd.codes import Kind
from mimic.folder import (
    CODE_TABLES,
    Admission,
    Ranks,
    read_admissions,
    read_codes,
    read_splits,
    split_summaries,
)
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
class OutsideFrequencies:
    """How many stays have each code, of those that no study has."""

    stays: int
    counts: dict[str, int]


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
    practice: list[NoteRow]
    """Further notes of the split, of no patient of `rows`, by id."""
    outside: OutsideFrequencies
    """Of the stays of the whole folder that no study has."""
    frequencies: dict[str, int] | None
    """Code -> how many training stays have it, those of `rows` and `practice` left out; None where
    the folder has no training split."""


def draw_sample(
    folder: Path,
    *,
    size: int,
    seed: int,
    split: str = "test",
    shortlist_size: int | None = None,
    practice: int = 0,
    in_studies: Collection[int] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> Sample:
    """Draw `size` admissions of a split, with `seed`, from those that have a discharge summary.

    The shortlist is the split's distinct codes, or its `shortlist_size` most frequent ones (ties
    by code). `practice` more are drawn for practice, with a seed of their own, as far as there are
    other patients. `in_studies`: admissions that studies have already; they are not counted among
    the stays outside. `progress` is told how many admissions are read. Raises MimicError where the
    folder cannot be read or has too few notes, ValueError for a size below 1, or a `practice`
    below 0.
    """
    _check_sizes(size, shortlist_size, practice)
    remarks = Remarks()
    patients: dict[int, int] = {}
    found, listed_ids, counted = split_summaries(folder, [split], remarks, patients)
    ids = found[split]
    in_split = listed_ids[split]
    if size > len(ids):
        raise MimicError(_too_few(folder, split, size=size, found=len(ids), in_split=in_split))
    drawn = set(random.Random(f"sample {seed}").sample(ids, size))
    to_practise = _drawn_for_practice(folder, patients, drawn, practice, seed)
    ranks: Ranks = defaultdict(dict)
    admissions = read_admissions(folder, counted=counted, remarks=remarks, ranks=ranks)
    read = _read(admissions, ranks, drawn, to_practise, progress)
    if not read.frequency:
        tables = " or ".join(table for table, _ in CODE_TABLES)
        raise MimicError(
            f"no admission of the {split} split has a code in {tables}; "
            "do they belong to these notes?"
        )
    shortlist = shortlist_of(read.frequency, shortlist_size)
    details: SampleDetails = {
        "split": split,
        "split_admissions": in_split,
        "split_distinct_codes": len(read.frequency),
        "sample": size,
        "seed": seed,
        "shortlist": len(shortlist),
        "reference_codes_outside_shortlist": _codes_outside(shortlist, read.rows),
        "remarks": remarks.lines(),
    }
    return Sample(
        rows=read.rows,
        shortlist=shortlist,
        kinds=read.kinds,
        split=split,
        synthetic=(folder / "SYNTHETIC").exists(),
        details=details,
        practice=read.practice,
        outside=_outside(folder, {*drawn, *to_practise, *in_studies}),
        frequencies=_training_frequencies(folder, drawn | to_practise),
    )


@dataclass
class _Read:
    """What one pass over the admissions of a split found."""

    frequency: Counter[str] = field(default_factory=Counter)
    """Code -> admissions of the split that have it."""
    kinds: dict[str, Kind] = field(default_factory=dict)
    rows: list[NoteRow] = field(default_factory=list)
    practice: list[NoteRow] = field(default_factory=list)


def _read(
    admissions: Iterable[Admission],
    ranks: Ranks,
    drawn: Collection[int],
    to_practise: Collection[int],
    progress: Callable[[int], None],
) -> _Read:
    """Go through the admissions of a split once, and keep the notes that were drawn, by id."""
    read = _Read()
    for done, admission in enumerate(admissions, start=1):
        read.frequency.update(admission.codes)
        read.kinds.update(admission.kinds)
        if admission.hadm_id in drawn:
            read.rows.append(_row(admission, ranks))
        if admission.hadm_id in to_practise:
            read.practice.append(_row(admission, ranks))
        progress(done)
    read.rows.sort(key=lambda row: row.note_id)
    read.practice.sort(key=lambda row: row.note_id)
    return read


def _row(admission: Admission, ranks: Ranks) -> NoteRow:
    return NoteRow(
        str(admission.hadm_id),
        admission.text,
        admission.codes,
        str(admission.subject_id),
        ranks.get(admission.hadm_id),
    )


def _drawn_for_practice(
    folder: Path, patients: Mapping[int, int], drawn: Collection[int], size: int, seed: int
) -> set[int]:
    """Up to `size` further admissions, each with a code and of a patient of its own.

    `patients`: admission -> patient, of the whole split; `drawn`: the admissions of the sample.
    """
    if size == 0:
        return set()
    taken = {patients[hadm_id] for hadm_id in drawn}
    others = sorted(hadm_id for hadm_id, patient in patients.items() if patient not in taken)
    coded = read_codes(folder, others)
    chosen: set[int] = set()
    for hadm_id in random.Random(f"practice {seed}").sample(others, len(others)):
        if len(chosen) == size:
            break
        if hadm_id in coded and patients[hadm_id] not in taken:
            chosen.add(hadm_id)
            taken.add(patients[hadm_id])
    return chosen


def _training_frequencies(folder: Path, without: Collection[int]) -> dict[str, int] | None:
    """Code -> how many admissions of the training split have it; None where there is no such split.

    Admissions in `without` are not counted: a search must not know the codes of what is coded.
    """
    training = set(read_splits(folder)["train"]).difference(without)
    if not training:
        return None
    frequency: Counter[str] = Counter()
    for kinds in read_codes(folder, training).values():
        frequency.update(kinds.keys())
    return dict(sorted(frequency.items()))


def _outside(folder: Path, without: Collection[int]) -> OutsideFrequencies:
    """Count the codes of the folder's admissions but for those in `without`.

    All splits count: the counts say which codes are frequent, whoever learned from the stays.
    """
    stays = set(chain.from_iterable(read_splits(folder).values())).difference(without)
    frequency: Counter[str] = Counter()
    for kinds in read_codes(folder, stays).values():
        frequency.update(kinds.keys())
    return OutsideFrequencies(len(stays), dict(sorted(frequency.items())))


def _check_sizes(size: int, shortlist_size: int | None, practice: int) -> None:
    if size < 1:
        raise ValueError(f"--sample {size}: draw at least 1 note")
    if practice < 0:
        raise ValueError(f"--practice {practice}: draw some, or 0 for none")
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
