"""Read a label list: a code a line, or a CSV file with a `code` column (such as a checkpoint's codes.csv)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.metrics.codings_file import BadFileError, csv_rows, read_text
from benchmark.metrics.label_space import LabelSpace


@dataclass(frozen=True)
class LabelsFile:
    """A label space named after its file."""

    space: LabelSpace
    repeats: int
    """Lines that named a code once more; they collapsed."""


def read_labels(source: str) -> LabelsFile:
    """The codes in file order. BadFileError where there are none."""
    path = Path(source)
    text = read_text(source, path.name)
    codes = list(_csv_codes(text, path.name) if path.suffix.lower() == ".csv" else _line_codes(text))
    if not codes:
        raise BadFileError(f"{path.name}: no code in it; write a code a line")
    distinct = tuple(dict.fromkeys(codes))
    return LabelsFile(LabelSpace(path.stem, distinct), len(codes) - len(distinct))


def _line_codes(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return iter(lines[1:] if lines[:1] == ["code"] else lines)


def _csv_codes(text: str, name: str) -> Iterator[str]:
    rows = list(csv_rows(text, name))
    header = [field.lower() for field in rows[0][1]] if rows else []
    if "code" in header:
        column, rows = header.index("code"), rows[1:]
    elif len(header) > 1:
        raise BadFileError(f"{name} row 1: no column is called code; name it so, or give one code a line")
    else:
        column = 0
    for number, row in rows:
        if len(row) != len(header):
            raise BadFileError(f"{name} row {number}: not {len(header)} fields as in row 1; mend the row")
        if not row[column]:
            raise BadFileError(f"{name} row {number}: no code; write one or remove the row")
        yield row[column]
