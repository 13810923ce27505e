"""Write a synthetic folder in MIMIC-III's schema, stay by stay, with as many processes as asked for."""

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
from mimic.synthetic.csv_tables import (
    HEADERS,
    TRUTH,
    header,
    quote,
    stay_rows,
)
from mimic.synthetic.stays import (
    BLOCK,
    check_seed,
    hadm_id,
    make_stay,
    patients,
)
from mimic.synthetic.wording import STYLES
from mimic.synthetic.world import world

DEMO_SEED, DEMO_TEST_NOTES = 2021, 3580
"""The demo's corpus, and the fewest test notes of it that carry the study's 4,075 distinct codes."""
MARK = "SYNTHETIC"
NOTICE = """This folder is synthetic. No patient, stay or note in it is real.
Notes: {notes}. Seed: {seed}. Form: {form}. Forms: {forms}.
"""


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
    """Write `notes` admissions into the folder `out`; the same arguments write the same bytes, whatever `jobs`.

    `splits` are the admissions of train, dev and test (sum = notes), else CAML's shares. `forms` are the words codes
    are said by, one of surface.STYLES. `titles` limits the two D_ICD tables to these dotted codes. `progress` is called
    with the number of notes just written.
    ValueError for a seed, sizes or forms out of range, OutputError where `out` holds files that are not synthetic.
    """
    check_seed(seed, notes)
    if forms not in STYLES:
        raise ValueError(f"no corpus of forms {forms}; choose one of {', '.join(STYLES)}")
    parts = split_stays(seed, notes, splits or _shares(notes))
    _check_out(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text(NOTICE.format(notes=notes, seed=seed, form="short" if short else "full", forms=forms))
    for split, stays in parts.items():
        (out / f"{split}_full_hadm_ids.csv").write_text("".join(f"{hadm_id(seed, k)}\n" for k in stays))
    _write_titles(out, titles)
    with contextlib.ExitStack() as stack:
        files = {table: stack.enter_context(_open(out, table)) for table in HEADERS if not table.startswith("D_ICD")}
        files[TRUTH] = stack.enter_context((out / f"{TRUTH}.jsonl").open("w", encoding="utf-8", newline=""))
        _write_rows(files, stack.enter_context(_blocks(Job(seed, notes, short, forms), jobs)), progress)


def _check_out(out: Path) -> None:
    """OutputError where `out` is a file or a link, or holds files that are not synthetic."""
    check_folder(out)
    notice = out / MARK
    if not out.is_dir() or not any(out.iterdir()):
        return
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if notice.read_text(encoding="utf-8").startswith(NOTICE[: NOTICE.index("{")]):
            names = [f"{table}.csv" for table in HEADERS] + [f"{split}_full_hadm_ids.csv" for split in SPLITS]
            check_names(out, [MARK, *names, f"{TRUTH}.jsonl"], ours=True, writer="make_synthetic_mimic")
            return
    raise OutputError(f"{out} holds files that are not synthetic; give a new or empty folder")


def split_stays(seed: int, notes: int, sizes: tuple[int, int, int]) -> dict[str, list[int]]:
    """Stays of each split, sizes given for train, dev and test: a patient goes whole to the first of test, dev and
    train that has room, so the test split is the same whatever the size of the others. Where only a patient of
    several stays is left and no split has room for all of them, the roomiest takes one too many.

    >>> {name: len(stays) for name, stays in split_stays(5, 100, (80, 5, 15)).items()}
    {'train': 80, 'dev': 5, 'test': 15}
    """
    if sum(sizes) != notes or min(sizes) < 0:
        raise ValueError(f"splits {sizes} must be three counts that add up to {notes} notes")
    room = dict(zip(SPLITS, sizes, strict=True))
    parts: dict[str, list[int]] = {split: [] for split in SPLITS}
    for stays in patients(seed, notes):
        fits = [split for split in reversed(SPLITS) if room[split] >= len(stays)]
        split = fits[0] if fits else max(SPLITS, key=room.__getitem__)
        room[split] -= len(stays)
        parts[split].extend(stays)
    return parts


def _shares(notes: int) -> tuple[int, int, int]:
    _, dev, test = (round(notes * size / sum(SPLIT_SIZES)) for size in SPLIT_SIZES)
    return notes - dev - test, dev, test


def _open(out: Path, table: str) -> TextIO:
    file = (out / f"{table}.csv").open("w", encoding="utf-8", newline="")
    file.write(header(table))
    return file


def _write_titles(out: Path, wanted: Collection[str] | None) -> None:
    for table, kind in TITLE_TABLES:
        rows = [row for row in read_icd9_tables() if row.kind == kind and (wanted is None or row.code in wanted)]
        with _open(out, table) as file:
            for number, row in enumerate(rows, 1):
                cells = (undotted(row.code), row.short, row.long)
                file.write(f"{number},{','.join(map(quote, cells))}\n")


class Job(NamedTuple):
    """What every process has to know."""

    seed: int
    notes: int
    short: bool
    style: str


@contextlib.contextmanager
def _blocks(job: Job, jobs: int) -> Iterator[Iterator[list[tuple[str, str]]]]:
    """Rows of each block of stays, in order; made here or in `jobs` processes that share the world by forking."""
    make = partial(_block_rows, job)
    starts = range(0, job.notes, BLOCK)
    if jobs <= 1:
        yield map(make, starts)
        return
    world()
    with get_context("fork").Pool(jobs) as pool:
        yield pool.imap(make, starts, chunksize=4)


def _block_rows(job: Job, start: int) -> list[tuple[str, str]]:
    stays = (make_stay(world(), job.seed, k) for k in range(start, min(start + BLOCK, job.notes)))
    return [row for stay in stays for row in stay_rows(world(), job.seed, stay, job.short, job.style)]


def _write_rows(
    files: dict[str, TextIO], blocks: Iterator[list[tuple[str, str]]], progress: Callable[[int], None] | None
) -> None:
    numbers: Counter[str] = Counter()
    for rows in blocks:
        for table, line in rows:
            numbers[table] += 1
            files[table].write(f"{line}\n" if table == TRUTH else f"{numbers[table]},{line}\n")
        if progress:
            progress(sum(table == "ADMISSIONS" for table, _ in rows))
