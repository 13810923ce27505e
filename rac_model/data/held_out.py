"""The notes that checkpoints are measured on, tokenised once for all of them, and the codings that come of it."""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import Encoded, encode
from benchmark.metrics.label_space import LabelSpace
from icd.codes import caml_reading, kind_of
from mimic.folder import read_admissions, read_codes, read_splits, split_summaries
from mimic.remarks import Remarks
from mimic.table import MimicError
from mimic.text import tokenise

Reading = Literal["correct", "caml"]


@dataclass(frozen=True)
class HeldOut:
    """Notes of a split in the order of their ids: ids, words, and reference codes as they are read."""

    ids: list[int]
    words: list[list[str]]
    codes: list[set[str]]

    @property
    def sha256(self) -> str:
        """Tells whether two tables are about the same notes."""
        return hashlib.sha256("\n".join(map(str, self.ids)).encode()).hexdigest()

    def reference(self, space: LabelSpace) -> Encoded:
        """Ones (N, L) where the reference has the code, and how many codes of each note lie outside `space`."""
        found = encode(dict(zip(map(str, self.ids), self.codes, strict=True)), list(map(str, self.ids)), space)
        return Encoded(csr_matrix(found.matrix, dtype=np.float32), found.outside)


def read_held_out(folder: Path, splits: Iterable[str], limit: int, reading: Reading) -> dict[str, HeldOut]:
    """The notes of each split, sorted by id, the first `limit` (0: all); the folder is gone through once."""
    remarks = Remarks()
    listed, _, counted = split_summaries(folder, list(splits), remarks)
    ids = {split: found[: limit or None] for split, found in listed.items()}
    split_of = {hadm: split for split, found in ids.items() for hadm in found}
    wanted = Counter({hadm: count for hadm, count in counted.items() if hadm in split_of})
    rows: dict[str, list[tuple[int, list[str], set[str]]]] = {split: [] for split in ids}
    for note in read_admissions(folder, counted=wanted, remarks=remarks):
        words = [sys.intern(word) for word in tokenise(note.text).words]
        rows[split_of[note.hadm_id]].append((note.hadm_id, words, set(read_as(note.codes, reading))))
    for line in remarks.lines():
        print(f"{folder.resolve().name}: {line}", file=sys.stderr)
    for split, found in rows.items():
        if not found:
            raise MimicError(f"{folder.name}: the {split} split has no notes; check the id files and NOTEEVENTS")
        found.sort(key=lambda row: row[0])
    return {split: HeldOut(*map(list, zip(*found, strict=True))) for split, found in rows.items()}


def read_as(codes: Iterable[str], reading: Reading) -> list[str]:
    """Dotted codes as they are, or as published tables have them.

    >>> read_as(["03.31", "401.9"], "caml")
    ['33.1', '401.9']
    """
    return [caml_reading(code, kind_of(code)) if reading == "caml" else code for code in codes]


def training_counts(folders: Sequence[Path], reading: Reading) -> dict[str, int]:
    """How many admissions of the train splits have each code."""
    counts: Counter[str] = Counter()
    for folder in folders:
        for codes in read_codes(folder, read_splits(folder)["train"]).values():
            counts.update(set(read_as(codes, reading)))
    if not counts:
        raise MimicError("the train split of --train-data has no codes; check its id files and DIAGNOSES_ICD")
    return dict(counts)


def codings_csv(codings: Mapping[int, Iterable[str]]) -> bytes:
    """Codings as `python -m benchmark.metrics` reads them: a row a code, an empty code where there is none."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["note_id", "code"])
    for note, codes in codings.items():
        writer.writerows((note, code) for code in sorted(codes) or [""])
    return buffer.getvalue().encode()
