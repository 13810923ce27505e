"""Read a folder of MIMIC-III: admissions with their summaries and codes, splits, code titles.

Files may be .csv or .csv.gz, names and headers in either case. Pre-processing follows Mullenbach et
al. 2018: every row of category "Discharge summary" (reports and addenda), texts of an admission
joined by one space in file order, diagnoses and procedures. Rows marked as errors are left out, and
one that stands there twice is read once.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from icd.codes import Kind
from icd.titles import Title
from mimic.codes import CodeColumn
from mimic.remarks import Remarks
from mimic.table import (
    WHOLE_NUMBER,
    MimicError,
    find_file,
    is_blank,
    read_rows,
    table_path,
    whole_number,
)

Ranks = defaultdict[int, dict[str, int]]
"""Admission -> dotted code -> its SEQ_NUM: its place among the diagnoses, or the procedures, of the
admission; 1 is the principal one."""

CATEGORY = "Discharge summary"
CODE_TABLES: tuple[tuple[str, Kind], ...] = (("DIAGNOSES_ICD", "dx"), ("PROCEDURES_ICD", "proc"))
TITLE_TABLES: tuple[tuple[str, Kind], ...] = (
    ("D_ICD_DIAGNOSES", "dx"),
    ("D_ICD_PROCEDURES", "proc"),
)
LAST_RANK = 9_999
"""SEQ_NUM goes up to 39; a larger number than this is no rank."""
SPLITS = ("train", "dev", "test")
SPLIT_SIZES = (47_723, 1_631, 3_372)
"""Admissions in CAML's splits; their shares are those of a seeded split."""


@dataclass(frozen=True)
class Admission:
    """One hospital stay: its text (summaries and addenda, joined) and its codes."""

    hadm_id: int
    subject_id: int
    text: str
    kinds: Mapping[str, Kind]
    """Dotted code -> its kind, which is that of the table it stands in."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The dotted codes, distinct and sorted."""
        return tuple(sorted(self.kinds))


def sources(folder: Path) -> list[Path]:
    """The files that the notes, their codes, titles and splits are read from."""
    tables = ("NOTEEVENTS", *(table for table, _ in CODE_TABLES + TITLE_TABLES))
    found = [table_path(folder, table) for table in tables]
    return found + [path for path in id_files(folder).values() if path is not None]


def id_files(folder: Path) -> dict[str, Path | None]:
    """CAML's file of admission ids of each split, None where it is not there."""
    return {split: find_file(folder, f"{split}_full_hadm_ids.csv") for split in SPLITS}


def count_summaries(
    folder: Path,
    hadm_ids: Collection[int] | None = None,
    remarks: Remarks | None = None,
    patients: dict[int, int] | None = None,
) -> Counter[int]:
    """Admission -> how many rows its summary has; of all admissions, or those in `hadm_ids`.

    `patients` is filled: admission -> its patient.
    """
    if remarks is None:
        remarks = Remarks()
    wanted = None if hadm_ids is None else set(hadm_ids)
    rows: Counter[int] = Counter()
    for summary in _summaries(folder, wanted, remarks):
        rows[summary.hadm_id] += 1
        if patients is not None:
            patients[summary.hadm_id] = summary.subject_id
    return rows


def split_summaries(
    folder: Path,
    splits: Collection[str],
    remarks: Remarks,
    patients: dict[int, int] | None = None,
) -> tuple[dict[str, list[int]], dict[str, int], Counter[int]]:
    """(admissions of each split that have a summary, how many each split lists, `count_summaries`).

    Admissions are sorted; the counts, and `patients`, are of all the splits. MimicError where a
    split lists admissions and none of them has a summary.
    """
    everything = read_splits(folder)
    listed = {split: everything[split] for split in splits}
    wanted = list(chain.from_iterable(listed.values()))
    counted = count_summaries(folder, wanted, remarks, patients)
    found: dict[str, list[int]] = {}
    for split, ids in listed.items():
        found[split] = sorted(hadm_id for hadm_id in ids if hadm_id in counted)
        if ids and not found[split]:
            raise MimicError(
                f"none of the {len(ids):,} ids of the {split} split is in the folder, as an "
                f"admission with a row of category {CATEGORY}; check that NOTEEVENTS and "
                f"{split}_full_hadm_ids.csv belong together"
            )
        if len(found[split]) < len(ids):
            remarks.without_note[split] = (len(ids) - len(found[split]), len(ids))
    return found, {split: len(ids) for split, ids in listed.items()}, counted


def read_admissions(
    folder: Path,
    hadm_ids: Collection[int] | None = None,
    *,
    counted: Counter[int] | None = None,
    remarks: Remarks | None = None,
    ranks: Ranks | None = None,
) -> Iterator[Admission]:
    """Every admission that has a discharge summary, or those of them in `hadm_ids`.

    NOTEEVENTS is read twice, so that an admission leaves memory with its last row: the order is
    that of the last rows. `counted`, by `count_summaries`, spares the first reading. An admission
    without codes has an empty `kinds`. `ranks` is filled before the first admission comes.
    """
    if remarks is None:
        remarks = Remarks()
    if counted is None:
        counted = count_summaries(folder, hadm_ids)
    left = Counter(counted)
    codes = _codes(folder, left, remarks, ranks)
    parts: dict[int, list[Summary]] = defaultdict(list)
    for summary in _summaries(folder, left, Remarks(), text=True):
        hadm_id = summary.hadm_id
        if summary in parts[hadm_id]:
            remarks.repeated += 1
        else:
            parts[hadm_id].append(summary)
        left[hadm_id] -= 1
        if not left[hadm_id]:
            text = " ".join(part.text for part in parts.pop(hadm_id))
            yield Admission(hadm_id, summary.subject_id, text, codes.pop(hadm_id, {}))


def read_splits(folder: Path, seed: int = 0) -> dict[str, list[int]]:
    """Admission ids of train, dev and test: CAML's id files, else a seeded split by patient."""
    table_path(folder, "NOTEEVENTS")
    paths = id_files(folder)
    missing = [f"{split}_full_hadm_ids.csv" for split, path in paths.items() if path is None]
    if len(missing) == len(paths):
        return split_by_subject(_subjects(folder), seed)
    if missing:
        raise MimicError(f"{folder}: {', '.join(missing)} missing; give all three id files or none")
    splits = {split: _read_ids(path) for split, path in paths.items() if path is not None}
    times_listed = Counter(chain.from_iterable(splits.values()))
    for hadm_id, times in times_listed.items():
        if times > 1:
            raise MimicError(
                f"{folder}: admission {hadm_id} is listed twice in the id files; list each once"
            )
    return splits


def _subjects(folder: Path) -> dict[int, int]:
    """The patient of every admission that has a summary. MimicError where no admission has one."""
    found = {summary.hadm_id: summary.subject_id for summary in _summaries(folder, None, Remarks())}
    if not found:
        name = table_path(folder, "NOTEEVENTS").name
        raise MimicError(
            f"{name}: no row of category {CATEGORY} that names its admission; is it MIMIC-III's?"
        )
    return found


def split_by_subject(subject_of: dict[int, int], seed: int) -> dict[str, list[int]]:
    """Split admissions so that all stays of a patient lie in one split; sizes near CAML's shares.

    >>> subject_of = {hadm_id: hadm_id // 2 for hadm_id in range(1000)}
    >>> {split: len(ids) for split, ids in split_by_subject(subject_of, 1).items()}
    {'train': 904, 'dev': 32, 'test': 64}
    """
    stays: dict[int, list[int]] = defaultdict(list)
    for hadm, subject in subject_of.items():
        stays[subject].append(hadm)
    subjects = sorted(stays)
    random.Random(seed).shuffle(subjects)
    parts: dict[str, list[int]] = {split: [] for split in SPLITS}
    _, dev_size, test_size = SPLIT_SIZES
    dev_goal = len(subject_of) * dev_size / sum(SPLIT_SIZES)
    test_goal = len(subject_of) * test_size / sum(SPLIT_SIZES)
    for subject in subjects:
        if len(parts["test"]) < test_goal:
            split = "test"
        elif len(parts["dev"]) < dev_goal:
            split = "dev"
        else:
            split = "train"
        parts[split].extend(stays[subject])
    return {split: sorted(ids) for split, ids in parts.items()}


def read_codes(folder: Path, hadm_ids: Collection[int]) -> dict[int, dict[str, Kind]]:
    """Admission -> its dotted codes and their kinds, where it has any. No note is read."""
    return _codes(folder, set(hadm_ids), Remarks())


def read_titles(folder: Path) -> dict[str, Title]:
    """Titles by dotted code, from D_ICD_DIAGNOSES and D_ICD_PROCEDURES."""
    titles: dict[str, Title] = {}
    for table, kind in TITLE_TABLES:
        path = table_path(folder, table)
        column = CodeColumn(path.name, kind)
        for row, (written, short, long) in read_rows(
            path, ("ICD9_CODE", "SHORT_TITLE", "LONG_TITLE")
        ):
            code = column.read(written, row)
            if code is not None:
                titles[code] = Title(kind, short, long)
        column.finish()
    return titles


class Summary(NamedTuple):
    """A row of category "Discharge summary" that belongs to an admission."""

    hadm_id: int
    subject_id: int
    row_id: str
    text: str


def _summaries(
    folder: Path, wanted: Collection[int] | None, remarks: Remarks, text: bool = False
) -> Iterator[Summary]:
    """Each summary of the wanted admissions; without its text unless asked for."""
    path = table_path(folder, "NOTEEVENTS")
    columns = ("CATEGORY", "HADM_ID", "SUBJECT_ID", "TEXT")
    for row, fields in read_rows(path, columns, optional=("ISERROR", "ROW_ID")):
        category, hadm, subject, note, is_error, row_id = fields
        if not _is_summary(category):
            continue
        if _is_error(is_error):
            remarks.marked_wrong += 1
            continue
        if is_blank(hadm):
            remarks.without_admission += 1
            continue
        hadm_id = whole_number(hadm, "HADM_ID", path.name, row)
        if wanted is None or hadm_id in wanted:
            subject_id = whole_number(subject, "SUBJECT_ID", path.name, row)
            yield Summary(hadm_id, subject_id, row_id, note if text else "")


@lru_cache(maxsize=256)
def _is_summary(category: str) -> bool:
    """Whether a row's category is that of summaries, in whatever case, padded or not."""
    return " ".join(category.split()).casefold() == CATEGORY.casefold()


def _is_error(value: str) -> bool:
    """Whether ISERROR is set: 1, or 1.0 where the column was saved as floats."""
    return value.strip() in ("1", "1.0")


def _codes(
    folder: Path, wanted: Collection[int], remarks: Remarks, ranks: Ranks | None = None
) -> dict[int, dict[str, Kind]]:
    """Admission -> its dotted codes and their kinds, of the wanted admissions that have any.

    Empty and repeated rows leave no trace. The whole tables are checked. `ranks` is filled with
    the SEQ_NUM of each code, the first of them where a code stands there twice.
    """
    codes: dict[int, dict[str, Kind]] = defaultdict(dict)
    for table, kind in CODE_TABLES:
        path = table_path(folder, table)
        column = CodeColumn(path.name, kind)
        columns = ("HADM_ID", "ICD9_CODE")
        for row, (hadm, written, seq) in read_rows(path, columns, optional=("SEQ_NUM",)):
            code = column.read(written, row)
            if code is None or is_blank(hadm):
                continue
            hadm_id = whole_number(hadm, "HADM_ID", path.name, row)
            if hadm_id in wanted:
                codes[hadm_id][code] = kind
                if ranks is not None:
                    _rank(ranks[hadm_id], code, seq)
        remarks.codes[table] = column.finish()
    return codes


def _rank(ranks: dict[str, int], code: str, written: str) -> None:
    """Keep the rank of a code; none where the cell has no whole number from 1 to LAST_RANK."""
    found = WHOLE_NUMBER.fullmatch(written.strip())
    if found is None or len(found[1]) > len(str(LAST_RANK)):
        return
    rank = int(found[1])
    if 1 <= rank <= LAST_RANK:
        ranks[code] = min(rank, ranks.get(code, rank))


def _read_ids(path: Path) -> list[int]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise MimicError(f"{path.name} is not UTF-8; write one admission id a line") from None
    ids = []
    for row, line in enumerate(lines, 1):
        value = line.strip().strip('"')
        if value and not (row == 1 and value.upper() == "HADM_ID"):
            ids.append(whole_number(value, "admission id", path.name, row))
    return ids
