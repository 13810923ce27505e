"""The CSV files of a MIMIC-III folder: found by name, gzipped or not, read strictly, row by row.

What MIMIC-III's files vary in is taken: file names and headers in either case, quoted or not, a
byte-order mark, both line ends, ids that were saved as floats. What would be read wrongly is
refused in words that name the file, the row and the fix.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from icd.check import NO_CODE

LONGEST_FIELD = 2**24
"""Characters: a longer one is the rest of a file after a quote that never closes."""
WHOLE_NUMBER = re.compile(r"([0-9]+)(?:\.0*)?", re.ASCII)
ESCAPE = (
    'write each " inside a text as "" (not as \\"), for example by saving again with pandas and no '
    "escapechar"
)


class MimicError(ValueError):
    """Something in the folder cannot be read; the message names the file, the row and the fix."""


def table_path(folder: Path, table: str) -> Path:
    """Path of a table's file, plain or gzipped, its name in either case."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise MimicError(f"{folder} {what}; give the folder that holds MIMIC-III's CSV files")
    found = find_file(folder, f"{table}.csv", f"{table}.csv.gz")
    if found is None:
        raise MimicError(
            f"{folder}: no {table}.csv or {table}.csv.gz; "
            "point to the folder that holds MIMIC-III's CSV files"
        )
    return found


def find_file(folder: Path, *names: str) -> Path | None:
    """The first file of these names that is there; else one whose name differs in case alone."""
    for name in names:
        if (folder / name).is_file():
            return folder / name
    wanted = {name.lower() for name in names}
    found = sorted(
        path for path in folder.iterdir() if path.name.lower() in wanted and path.is_file()
    )
    if len(found) > 1:
        raise MimicError(f"{folder}: both {found[0].name} and {found[1].name} are there; keep one")
    return found[0] if found else None


def read_rows(
    path: Path, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, Sequence[str]]]:
    """(number of the row, from 1; its fields in these columns).

    An optional column that is absent reads as "". A header that comes again, as in a table appended
    to itself, is no row.
    """
    with _opened(path) as file:
        csv.field_size_limit(LONGEST_FIELD)
        number = 0
        first_line = file.readline()
        rows = csv.reader(file, strict=True)
        try:
            raw_header: list[str] = next(csv.reader([first_line]), [])
            fields_of, width = _field_picker(path, raw_header, columns, optional)
            for row in rows:
                if row == raw_header or not row:
                    continue
                number += 1
                if len(row) != width:
                    raise MimicError(
                        f"{path.name} row {number}: {len(row)} fields where the header has "
                        f"{width}; {ESCAPE}"
                    )
                row.append("")  # what an absent column reads
                yield number, fields_of(row)
        except csv.Error as error:
            raise MimicError(
                f"{path.name} row {number + 1} (line {rows.line_num + 1}): "
                f"its quotes do not match ({error}); {ESCAPE}"
            ) from None


def whole_number(value: str, what: str, name: str, row: int) -> int:
    """An id. A column with gaps, saved by pandas, has 100001.0 for 100001."""
    found = WHOLE_NUMBER.fullmatch(value.strip())
    if found is None:
        raise MimicError(
            f"{name} row {row}: {what} is not a whole number; "
            "check that the file is MIMIC-III's and whole"
        )
    return int(found[1])


def is_blank(value: str) -> bool:
    """Whether a field says that there is nothing: empty, NULL, nan, \\N."""
    return value.strip().lower() in NO_CODE


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    is_gzip = path.name.lower().endswith(".gz")
    try:
        if is_gzip:
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
                yield file
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield file
    except UnicodeDecodeError:
        raise MimicError(
            f"{path.name} is not UTF-8 (or is compressed); save it as a CSV file in UTF-8"
        ) from None
    except gzip.BadGzipFile:
        raise MimicError(
            f"{path.name} is no gzip file; name it .csv if it is plain, or copy it again"
        ) from None
    except (EOFError, zlib.error):
        raise MimicError(f"{path.name} is damaged or cut short; copy it again") from None


def _field_picker(
    path: Path, raw_header: list[str], columns: Sequence[str], optional: Sequence[str]
) -> tuple[Callable[[list[str]], Sequence[str]], int]:
    """(a function from a row to its fields in these columns, width of the header).

    The function takes rows with one empty field more than the header: absent columns read that one.
    """
    header = [name.strip().upper() for name in raw_header]
    absent = sorted(set(columns) - set(header))
    if absent:
        raise MimicError(f"{path.name}: no column {', '.join(absent)}; {_header_mend(header)}")
    for name in (*columns, *optional):
        if header.count(name) > 1:
            raise MimicError(f"{path.name}: the column {name} is there twice; keep one")
    places = []
    for name in (*columns, *optional):
        places.append(header.index(name) if name in header else len(header))
    return itemgetter(*places), len(header)


def _header_mend(header: list[str]) -> str:
    if not header:
        return "the file is empty; copy it again"
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in header[0]:
            return f"its columns are separated by {name}; save it with commas"
    return "its header must be MIMIC-III's"
