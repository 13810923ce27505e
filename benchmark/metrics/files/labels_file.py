"""Read a label list: a code a line, or a CSV file with a `code` column (such as a checkpoint's
codes.csv)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.metrics.label_space import LabelSpace
from files.problems import Problems
from files.source import Source, from_path
from files.table import Columns, first_cells, read_table

COLUMNS = Columns(("code",), example="code, or a code a line without a header")


@dataclass(frozen=True)
class LabelsFile:
    """A label space named after its file."""

    space: LabelSpace
    repeats: int
    """Lines that named a code once more; they collapsed."""


def read_labels(path: str) -> LabelsFile:
    """The codes in file order. FileError where there are none."""
    source = from_path(Path(path))
    problems = Problems(source.name)
    if source.ending == "csv" and len(first_cells(source)) > 1:
        codes = list(_csv_codes(source, problems))
    else:
        codes = list(_line_codes(source, problems))
    problems.refuse()
    if not codes:
        raise problems.fatal(0, "no code in it; write a code a line")
    distinct = tuple(dict.fromkeys(codes))
    return LabelsFile(LabelSpace(source.stem, distinct), len(codes) - len(distinct))


def _line_codes(source: Source, problems: Problems) -> Iterator[str]:
    """A code a line; a first line "code" is a header."""
    first = True
    for line in source.lines(problems):
        code = line.strip().strip('"')
        if code and not (first and code.lower() == "code"):
            yield code
        first = first and not code


def _csv_codes(source: Source, problems: Problems) -> Iterator[str]:
    """The cells of the column `code`."""
    table = read_table(source, COLUMNS, problems)
    for row, cells in table.rows(problems):
        code = cells[table.places["code"]].strip()
        if code:
            yield code
        else:
            problems.add(row, "no code; write one or remove the row")
