"""The notes that checkpoints are measured on, tokenised once for all of them, and the codings that come of it."""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import Encoded, encode
from benchmark.metrics.label_space import LabelSpace
from icd.codes import Kind, caml_reading
from mimic.folder import read_admissions, read_codes, read_splits, split_summaries
from mimic.remarks import Remarks
from mimic.table import MimicError
from mimic.text import tokenise

Reading = Literal["correct", "caml"]


@dataclass(frozen=True)
class HeldOut:
    """Notes of a split in the order of their ids: ids, words, and reference codes as they are read."""

    ids: list[int] = field(default_factory=list)
    words: list[list[str]] = field(default_factory=list)
    codes: list[set[str]] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    """Code of any of the notes, as it is read -> its kind."""

    @property
    def sha256(self) -> str:
        """Tells whether two tables are about the same notes."""
        return hashlib.sha256("\n".join(map(str, self.ids)).encode()).hexdigest()

    def reference(self, space: LabelSpace) -> Encoded:
        """Ones (N, L) where the reference has the code, and how many codes of each note lie outside `space`."""
        found = encode(
            dict(zip(map(str, self.ids), self.codes, strict=True)), list(map(str, self.ids)), space
        )
        return Encoded(csr_matrix(found.matrix, dtype=np.float32), found.outside)


def read_held_out(
    folder: Path, splits: Iterable[str], limit: int, reading: Reading
) -> dict[str, HeldOut]:
    """The notes of each split, sorted by id, the first `limit` (0: all); the folder is gone through once."""
    remarks = Remarks()
    listed, _, counted = split_summaries(folder, list(splits), remarks)
    ids = {split: found[: limit or None] for split, found in listed.items()}
    split_of = {hadm: split for split, found in ids.items() for hadm in found}
    wanted = Counter({hadm: count for hadm, count in counted.items() if hadm in split_of})
    rows: dict[str, list[tuple[int, list[str], dict[str, Kind]]]] = {split: [] for split in ids}
    for note in read_admissions(folder, counted=wanted, remarks=remarks):
        words = [sys.intern(word) for word in tokenise(note.text).words]
        rows[split_of[note.hadm_id]].append((note.hadm_id, words, kinds_as(note.kinds, reading)))
    for line in remarks.lines():
        print(f"{folder.resolve().name}: {line}", file=sys.stderr)
    held_out: dict[str, HeldOut] = {}
    for split, found in rows.items():
        if not found:
            raise MimicError(
                f"{folder.name}: the {split} split has no notes; check the id files and NOTEEVENTS"
            )
        part = held_out[split] = HeldOut()
        for hadm_id, words, kinds in sorted(found, key=lambda row: row[0]):
            part.ids.append(hadm_id)
            part.words.append(words)
            part.codes.append(set(kinds))
            part.kinds.update(kinds)
    return held_out


def read_as(code: str, kind: Kind, reading: Reading) -> str:
    """A dotted code as it is, or as published tables have it.

    >>> read_as("03.31", "proc", "caml"), read_as("401.9", "dx", "caml")
    ('33.1', '401.9')
    """
    return caml_reading(code, kind) if reading == "caml" else code


def kinds_as(kinds: Mapping[str, Kind], reading: Reading) -> dict[str, Kind]:
    """Codes as they are read and their kinds; two may be read as one."""
    return {read_as(code, kind, reading): kind for code, kind in kinds.items()}


def training_counts(
    folders: Sequence[Path], reading: Reading
) -> tuple[dict[str, int], dict[str, Kind]]:
    """(how many admissions of the train splits have each code, the kind of each of them)."""
    counts: Counter[str] = Counter()
    kinds: dict[str, Kind] = {}
    for folder in folders:
        for of_admission in read_codes(folder, read_splits(folder)["train"]).values():
            found = kinds_as(of_admission, reading)
            counts.update(found.keys())
            kinds.update(found)
    if not counts:
        raise MimicError(
            "the train split of --train-data has no codes; check its id files and DIAGNOSES_ICD"
        )
    return dict(counts), kinds


def codings_csv(codings: Mapping[int, Iterable[str]]) -> bytes:
    """Codings as `python -m benchmark.metrics` reads them: a row a code, an empty code where there is none."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["note_id", "code"])
    for note, codes in codings.items():
        writer.writerows((note, code) for code in sorted(codes) or [""])
    return buffer.getvalue().encode()
