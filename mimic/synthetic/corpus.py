"""Write a synthetic folder in MIMIC-III's schema, with as many processes as wanted."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TextIO

from files.output import OutputError, check_folder, check_names
from icd.codes import undotted
from icd.tables import read_icd9_tables
from mimic.folder import SPLIT_SIZES, SPLITS, TITLE_TABLES
from mimic.synthetic.csv_tables import HEADERS, TRUTH, header, quote, stay_rows
from mimic.synthetic.stays import BLOCK, check_seed, hadm_id, make_stay, patients
from mimic.synthetic.wording import STYLES
from mimic.synthetic.world import world

DEMO_SEED = 2021
DEMO_TEST_NOTES = 3580
"""The fewest test notes of the demo's corpus that carry the study's 4,075 distinct codes."""
NOTICE_FILE = "SYNTHETIC"
NOTICE_HEAD = """This folder is synthetic. No patient, stay or note in it is real.
Notes: """
NOTICE = NOTICE_HEAD + "{notes}. Seed: {seed}. Form: {form}. Forms: {forms}.\n"

Row = tuple[str, str]
"""(table, line without its ROW_ID)."""


def write_corpus(
    out: Path,
    *,
    notes: int,
    seed: int,
    jobs: int = 1,
    short: bool = False,
    forms: str = "all",
    splits: tuple[int, int, int] | None = None,
    titles: Collection[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write `notes` admissions into the folder `out`.

    The same arguments write the same bytes, whatever `jobs`. `splits` are the admissions of train,
    dev and test (sum = notes), else CAML's shares. `forms` are the words that codes are said by,
    one of wording.STYLES. `titles` limits the two D_ICD tables to these dotted codes. `progress` is
    called with the number of notes just written.
    ValueError for a seed, sizes or forms out of range; OutputError where `out` holds files that are
    not synthetic.
    """
    check_seed(seed, notes)
    if forms not in STYLES:
        raise ValueError(f"no corpus of forms {forms}; choose one of {', '.join(STYLES)}")
    stays_of = split_stays(seed, notes, splits or _shares(notes))
    _check_out(out)
    out.mkdir(parents=True, exist_ok=True)
    form = "short" if short else "full"
    notice = NOTICE.format(notes=notes, seed=seed, form=form, forms=forms)
    (out / NOTICE_FILE).write_text(notice)
    for split, stays in stays_of.items():
        ids = "".join(f"{hadm_id(seed, number)}\n" for number in stays)
        (out / f"{split}_full_hadm_ids.csv").write_text(ids)
    _write_titles(out, titles)
    with contextlib.ExitStack() as stack:
        files: dict[str, TextIO] = {}
        for table in HEADERS:
            if not table.startswith("D_ICD"):
                files[table] = stack.enter_context(_open(out, table))
        truth = (out / f"{TRUTH}.jsonl").open("w", encoding="utf-8", newline="")
        files[TRUTH] = stack.enter_context(truth)
        blocks = stack.enter_context(_blocks(Job(seed, notes, short, forms), jobs))
        _write_rows(files, blocks, progress)


def _check_out(out: Path) -> None:
    """OutputError where `out` is a file or a link, or holds files that are not synthetic."""
    check_folder(out)
    if not out.is_dir() or not any(out.iterdir()):
        return
    if not _is_synthetic(out):
        raise OutputError(f"{out} holds files that are not synthetic; give a new or empty folder")
    names = [NOTICE_FILE, f"{TRUTH}.jsonl"]
    names += [f"{table}.csv" for table in HEADERS]
    names += [f"{split}_full_hadm_ids.csv" for split in SPLITS]
    check_names(out, names, ours=True, writer="make_synthetic_mimic")


def _is_synthetic(folder: Path) -> bool:
    """Whether the folder's notice says so."""
    try:
        return (folder / NOTICE_FILE).read_text(encoding="utf-8").startswith(NOTICE_HEAD)
    except (OSError, UnicodeDecodeError):
        return False


def split_stays(seed: int, notes: int, sizes: tuple[int, int, int]) -> dict[str, list[int]]:
    """Stays of each split, for the sizes of train, dev and test.

    A patient goes whole to the first of test, dev and train that has room, so the test split is the
    same whatever the size of the others. Where only a patient of several stays is left and no split
    has room for all of them, the roomiest takes one too many.

    >>> {name: len(stays) for name, stays in split_stays(5, 100, (80, 5, 15)).items()}
    {'train': 80, 'dev': 5, 'test': 15}
    """
    if sum(sizes) != notes or min(sizes) < 0:
        raise ValueError(f"splits {sizes} must be three counts that add up to {notes} notes")
    room = dict(zip(SPLITS, sizes, strict=True))
    stays_of: dict[str, list[int]] = {split: [] for split in SPLITS}
    for stays in patients(seed, notes):
        fitting = [split for split in reversed(SPLITS) if room[split] >= len(stays)]
        split = fitting[0] if fitting else max(SPLITS, key=room.__getitem__)
        room[split] -= len(stays)
        stays_of[split].extend(stays)
    return stays_of


def _shares(notes: int) -> tuple[int, int, int]:
    """Sizes of train, dev and test in CAML's shares."""
    _, dev_size, test_size = SPLIT_SIZES
    dev = round(notes * dev_size / sum(SPLIT_SIZES))
    test = round(notes * test_size / sum(SPLIT_SIZES))
    return notes - dev - test, dev, test


def _open(out: Path, table: str) -> TextIO:
    """A new file of a table, with its header."""
    file = (out / f"{table}.csv").open("w", encoding="utf-8", newline="")
    file.write(header(table))
    return file


def _write_titles(out: Path, wanted: Collection[str] | None) -> None:
    for table, kind in TITLE_TABLES:
        number = 0
        with _open(out, table) as file:
            for row in read_icd9_tables():
                if row.kind != kind or (wanted is not None and row.code not in wanted):
                    continue
                number += 1
                cells = (quote(undotted(row.code)), quote(row.short), quote(row.long))
                file.write(f"{number},{','.join(cells)}\n")


class Job(NamedTuple):
    """What every process has to know."""

    seed: int
    notes: int
    short: bool
    style: str


@contextlib.contextmanager
def _blocks(job: Job, jobs: int) -> Iterator[Iterator[list[Row]]]:
    """Rows of each block of stays, in order.

    They are made here, or in `jobs` processes that share the world by forking.
    """
    make = partial(_block_rows, job)
    starts = range(0, job.notes, BLOCK)
    if jobs <= 1:
        yield map(make, starts)
        return
    world()
    with get_context("fork").Pool(jobs) as pool:
        yield pool.imap(make, starts, chunksize=4)


def _block_rows(job: Job, start: int) -> list[Row]:
    rows: list[Row] = []
    for number in range(start, min(start + BLOCK, job.notes)):
        stay = make_stay(world(), job.seed, number)
        rows += stay_rows(world(), job.seed, stay, job.short, job.style)
    return rows


def _write_rows(
    files: dict[str, TextIO],
    blocks: Iterator[list[Row]],
    progress: Callable[[int], None] | None,
) -> None:
    """Put the rows of every block into their files; those of a table are numbered."""
    row_ids: Counter[str] = Counter()
    for rows in blocks:
        admissions = 0
        for table, line in rows:
            if table == TRUTH:
                files[table].write(f"{line}\n")
                continue
            row_ids[table] += 1
            files[table].write(f"{row_ids[table]},{line}\n")
            admissions += table == "ADMISSIONS"
        if progress:
            progress(admissions)
