"""Read a folder of MIMIC-III CSV files: admissions with their summaries and codes, splits, code titles.

Files may be .csv or .csv.gz, headers in either case. Pre-processing follows Mullenbach et al. 2018: every row of
category "Discharge summary" (reports and addenda), texts of an admission joined by one space in file order,
diagnoses and procedures.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icd.codes import Kind, dotted
from icd.titles import Title

CATEGORY = "Discharge summary"
CODE_TABLES: tuple[tuple[str, Kind], ...] = (("DIAGNOSES_ICD", "dx"), ("PROCEDURES_ICD", "proc"))
TITLE_TABLES: tuple[tuple[str, Kind], ...] = (("D_ICD_DIAGNOSES", "dx"), ("D_ICD_PROCEDURES", "proc"))
SPLITS = ("train", "dev", "test")
SPLIT_SIZES = (47_723, 1_631, 3_372)
"""Admissions in CAML's splits; their shares are those of a seeded split."""


class MimicError(ValueError):
    """Something in the folder cannot be read; the message names the file, the row and the fix."""


@dataclass(frozen=True)
class Admission:
    """One hospital stay: its text (summaries and addenda) and its dotted codes, distinct and sorted."""

    hadm_id: int
    subject_id: int
    text: str
    codes: tuple[str, ...]


def table_path(folder: Path, table: str) -> Path:
    """Path of a table's file, plain or gzipped."""
    for name in (f"{table}.csv", f"{table}.csv.gz"):
        if (folder / name).is_file():
            return folder / name
    raise MimicError(
        f"{folder.name}: no {table}.csv or {table}.csv.gz; point to the folder that holds MIMIC-III's CSV files"
    )


def sources(folder: Path) -> list[Path]:
    """The files that the notes, their codes, titles and splits are read from."""
    tables = ("NOTEEVENTS", *(table for table, _ in CODE_TABLES + TITLE_TABLES))
    ids = [folder / f"{split}_full_hadm_ids.csv" for split in SPLITS]
    return [table_path(folder, table) for table in tables] + [path for path in ids if path.is_file()]


def read_admissions(folder: Path, hadm_ids: Collection[int] | None = None) -> Iterator[Admission]:
    """Yield every admission that has a discharge summary, or those in `hadm_ids`.

    NOTEEVENTS is read twice, so that an admission leaves memory with its last row: the order is that of the last rows.
    An admission without codes has an empty tuple.
    """
    wanted = None if hadm_ids is None else set(hadm_ids)
    left = Counter(hadm for hadm, _, _ in _summaries(folder, wanted, text=False))
    codes = _codes(folder, left)
    texts: dict[int, list[str]] = defaultdict(list)
    for hadm, subject, text in _summaries(folder, wanted, text=True):
        texts[hadm].append(text)
        left[hadm] -= 1
        if not left[hadm]:
            yield Admission(hadm, subject, " ".join(texts.pop(hadm)), tuple(sorted(codes.pop(hadm, ()))))


def read_splits(folder: Path, seed: int = 0) -> dict[str, list[int]]:
    """Admission ids of train, dev and test: CAML's three id files, else a seeded split by patient."""
    paths = [folder / f"{split}_full_hadm_ids.csv" for split in SPLITS]
    missing = [path.name for path in paths if not path.is_file()]
    if len(missing) == len(paths):
        return split_by_subject({hadm: subject for hadm, subject, _ in _summaries(folder, None, text=False)}, seed)
    if missing:
        raise MimicError(f"{folder.name}: {', '.join(missing)} missing; give all three id files or none")
    splits = {split: _read_ids(path) for split, path in zip(SPLITS, paths, strict=True)}
    ids = [hadm for split in splits.values() for hadm in split]
    if len(ids) != len(set(ids)):
        twice = next(hadm for hadm, count in Counter(ids).items() if count > 1)
        raise MimicError(f"{folder.name}: admission {twice} is listed twice in the id files; list each once")
    return splits


def split_by_subject(subject_of: dict[int, int], seed: int) -> dict[str, list[int]]:
    """Split admissions so that all stays of a patient lie in one part; sizes near CAML's shares.

    >>> {k: len(v) for k, v in split_by_subject({hadm: hadm // 2 for hadm in range(1000)}, 1).items()}
    {'train': 904, 'dev': 32, 'test': 64}
    """
    stays: dict[int, list[int]] = defaultdict(list)
    for hadm, subject in subject_of.items():
        stays[subject].append(hadm)
    subjects = sorted(stays)
    random.Random(seed).shuffle(subjects)
    parts: dict[str, list[int]] = {split: [] for split in SPLITS}
    goal = {s: len(subject_of) * n / sum(SPLIT_SIZES) for s, n in zip(SPLITS, SPLIT_SIZES, strict=True)}
    for subject in subjects:
        part = next((s for s in ("test", "dev") if len(parts[s]) < goal[s]), "train")
        parts[part].extend(stays[subject])
    return {split: sorted(ids) for split, ids in parts.items()}


def read_codes(folder: Path, hadm_ids: Collection[int]) -> dict[int, set[str]]:
    """Dotted codes of those of the admissions that have any, without reading a note."""
    return _codes(folder, set(hadm_ids))


def read_titles(folder: Path) -> dict[str, Title]:
    """Titles by dotted code, from D_ICD_DIAGNOSES and D_ICD_PROCEDURES."""
    titles: dict[str, Title] = {}
    for table, kind in TITLE_TABLES:
        for _, chunk in _chunks(folder, table, ("ICD9_CODE", "SHORT_TITLE", "LONG_TITLE")):
            for code, short, long in zip(chunk.ICD9_CODE, chunk.SHORT_TITLE, chunk.LONG_TITLE, strict=True):
                titles[dotted(code, kind)] = Title(kind, short, long)
    return titles


def _summaries(folder: Path, wanted: Collection[int] | None, text: bool) -> Iterator[tuple[int, int, str]]:
    """(hadm_id, subject_id, text or "") of each discharge summary row that belongs to an admission."""
    columns = ("SUBJECT_ID", "HADM_ID", "CATEGORY") + (("TEXT",) if text else ())
    name = table_path(folder, "NOTEEVENTS").name
    for first_row, chunk in _chunks(folder, "NOTEEVENTS", columns):
        keep = chunk[(chunk.CATEGORY.str.strip() == CATEGORY) & (chunk.HADM_ID != "")]
        texts = keep.TEXT if text else [""] * len(keep)
        for row, hadm, subject, note in zip(keep.index, keep.HADM_ID, keep.SUBJECT_ID, texts, strict=True):
            hadm_id = _int(hadm, "HADM_ID", name, first_row + row)
            if wanted is None or hadm_id in wanted:
                yield hadm_id, _int(subject, "SUBJECT_ID", name, first_row + row), note


def _codes(folder: Path, wanted: Collection[int]) -> dict[int, set[str]]:
    """Dotted codes by admission; empty and repeated rows leave no trace."""
    codes: dict[int, set[str]] = defaultdict(set)
    for table, kind in CODE_TABLES:
        name = table_path(folder, table).name
        for first_row, chunk in _chunks(folder, table, ("HADM_ID", "ICD9_CODE")):
            keep = chunk[(chunk.ICD9_CODE.str.strip() != "") & (chunk.HADM_ID != "")]
            for row, hadm, code in zip(keep.index, keep.HADM_ID, keep.ICD9_CODE, strict=True):
                hadm_id = _int(hadm, "HADM_ID", name, first_row + row)
                if hadm_id in wanted:
                    codes[hadm_id].add(dotted(code.strip(), kind))
    return codes


def _chunks(folder: Path, table: str, columns: Sequence[str], size: int = 4096) -> Iterator[tuple[int, Any]]:
    """(number of the chunk's first data row, counted from 1, frame of strings with an index from 0)."""
    import pandas as pd  # only here: what codes notes needs this module's names, but reads no folder

    path = table_path(folder, table)
    try:
        header = list(pd.read_csv(path, nrows=0, dtype=str).columns)
        absent = set(columns) - {name.upper() for name in header}
        if absent:
            raise MimicError(f"{path.name}: no column {', '.join(sorted(absent))}; its header must be MIMIC-III's")
        used = [name for name in header if name.upper() in columns]
        row = 1
        for chunk in pd.read_csv(path, usecols=used, dtype=str, keep_default_na=False, chunksize=size):
            yield row, chunk.rename(columns=str.upper).reset_index(drop=True)
            row += len(chunk)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, EOFError) as error:
        raise MimicError(f"{path.name}: not a readable CSV file ({type(error).__name__}); copy it again") from None


def _read_ids(path: Path) -> list[int]:
    lines = [line.strip().strip('"') for line in path.read_text().splitlines()]
    start = 1 if lines and lines[0].upper() == "HADM_ID" else 0
    return [_int(line, "admission id", path.name, row) for row, line in enumerate(lines, 1) if row > start and line]


def _int(value: str, what: str, name: str, row: int) -> int:
    if not value.isascii() or not value.isdigit():
        raise MimicError(
            f"{name} row {row}: {what} is not a whole number; check that the file is MIMIC-III's and whole"
        )
    return int(value)
