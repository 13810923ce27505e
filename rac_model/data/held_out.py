"""The notes that checkpoints are measured on, tokenised once for all of them; codings as CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import Encoded, encode
from benchmark.metrics.label_space import LabelSpace
from files.code_files import CountsFile
from icd.codes import Kind, caml_reading
from mimic.folder import read_admissions, read_codes, read_splits, split_summaries
from mimic.remarks import Remarks
from mimic.table import MimicError
from mimic.text import tokenise

Reading = Literal["correct", "caml"]


@dataclass(frozen=True)
class HeldOut:
    """Notes of a split in the order of their ids: ids, words, and reference codes."""

    ids: list[int] = field(default_factory=list)
    words: list[list[str]] = field(default_factory=list)
    codes: list[set[str]] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    """Code of any of the notes, as it is read -> its kind."""

    @property
    def sha256(self) -> str:
        """Hash of the ids, which tells whether two tables are about the same notes."""
        return hashlib.sha256("\n".join(self._names).encode()).hexdigest()

    @property
    def _names(self) -> list[str]:
        return [str(hadm_id) for hadm_id in self.ids]

    def reference(self, space: LabelSpace) -> Encoded:
        """Ones (N, L) where the reference has a code of `space`, and how many lie outside it."""
        codes_of = dict(zip(self._names, self.codes, strict=True))
        found = encode(codes_of, self._names, space)
        return Encoded(csr_matrix(found.matrix, dtype=np.float32), found.outside)


def read_held_out(
    folder: Path, splits: Iterable[str], limit: int, reading: Reading
) -> dict[str, HeldOut]:
    """The notes of each split, sorted by id, the first `limit` of them (0: all).

    The folder is gone through once; what was left out is said on standard error. MimicError where a
    split has no notes.
    """
    remarks = Remarks()
    listed, _, counted = split_summaries(folder, list(splits), remarks)
    split_of: dict[int, str] = {}
    for split, ids in listed.items():
        split_of.update(dict.fromkeys(ids[: limit or None], split))
    wanted = Counter({hadm_id: counted[hadm_id] for hadm_id in counted if hadm_id in split_of})
    notes: dict[str, list[_Note]] = {split: [] for split in listed}
    for admission in read_admissions(folder, counted=wanted, remarks=remarks):
        # Interned: notes share most of their words, and memory then holds each word once.
        words = [sys.intern(word) for word in tokenise(admission.text).words]
        note = _Note(admission.hadm_id, words, kinds_as(admission.kinds, reading))
        notes[split_of[admission.hadm_id]].append(note)
    for line in remarks.lines():
        print(f"{folder.resolve().name}: {line}", file=sys.stderr)
    return {split: _held_out(folder, split, found) for split, found in notes.items()}


class _Note(NamedTuple):
    hadm_id: int
    words: list[str]
    kinds: dict[str, Kind]


def _held_out(folder: Path, split: str, notes: list[_Note]) -> HeldOut:
    if not notes:
        raise MimicError(
            f"{folder.name}: the {split} split has no notes; check the id files and NOTEEVENTS"
        )
    part = HeldOut()
    for note in sorted(notes, key=lambda note: note.hadm_id):
        part.ids.append(note.hadm_id)
        part.words.append(note.words)
        part.codes.append(set(note.kinds))
        part.kinds.update(note.kinds)
    return part


def read_as(code: str, kind: Kind, reading: Reading) -> str:
    """A dotted code as it is, or as published tables have it.

    >>> read_as("03.31", "proc", "caml"), read_as("401.9", "dx", "caml")
    ('33.1', '401.9')
    """
    if reading == "caml":
        return caml_reading(code, kind)
    return code


def kinds_as(kinds: Mapping[str, Kind], reading: Reading) -> dict[str, Kind]:
    """Codes as they are read and their kinds; two may be read as one."""
    return {read_as(code, kind, reading): kind for code, kind in kinds.items()}


@dataclass(frozen=True)
class TrainingCounts(CountsFile):
    """How many admissions of the train splits have each code, and how many there are."""

    kinds: Mapping[str, Kind]
    """Of each of these codes."""


def training_counts(folders: Sequence[Path], reading: Reading) -> TrainingCounts:
    """The counts of these folders together. MimicError where no admission has a code."""
    counts: Counter[str] = Counter()
    kinds: dict[str, Kind] = {}
    admissions = 0
    for folder in folders:
        train_ids = read_splits(folder)["train"]
        admissions += len(set(train_ids))
        for of_admission in read_codes(folder, train_ids).values():
            found = kinds_as(of_admission, reading)
            counts.update(found.keys())
            kinds.update(found)
    if not counts:
        raise MimicError(
            "the train split of --train-data has no codes; check its id files and DIAGNOSES_ICD"
        )
    return TrainingCounts(dict(counts), admissions, kinds)


def codings_csv(codings: Mapping[int, Iterable[str]]) -> bytes:
    """Codings as `python -m benchmark.metrics` reads them.

    A row a code; a note without codes has a row with an empty one.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["note_id", "code"])
    for note, codes in codings.items():
        for code in sorted(codes) or [""]:
            writer.writerow((note, code))
    return buffer.getvalue().encode()
