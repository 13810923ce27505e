"""Rows of cells, whatever a table was written as: delimited text, a workbook, Parquet, Feather.

Cells are text. A row's number is the line of the file on which it begins, or the row of the sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from files.delimited import delimited
from files.problems import Problems
from files.source import Source

Row = tuple[int, list[str]]
"""(number, cells)."""
Fits = Callable[[Sequence[str]], int]
"""How many of the columns that are needed a row has, where it is the header."""
MOST_COLUMNS = 25_000
"""Columns of the widest table: a column for each code of ICD-9-CM is 18,449."""
MOST_ROWS_ABOVE = 9
"""Rows above the header: a title, comments."""
NOT_TAKEN = "?"
"""What stands for a cell that is not taken; it tells nothing of its column."""


class SpoiltCells(list[str]):
    """The cells of a row of which some are not taken, such as formulas. NOT_TAKEN stands for
    these, so that a column of them is not mistaken for an empty one."""

    def __init__(self, cells: Sequence[str], why: Mapping[int, str]) -> None:
        """`why`: place of a cell -> what is wrong with it, and how to mend it."""
        super().__init__(cells)
        self.why = why

    def taken(self) -> list[str]:
        """The cells, those empty that are not taken."""
        return ["" if place in self.why else cell for place, cell in enumerate(self)]


@dataclass
class Grid:
    """A table whose header was found."""

    said: list[str]
    """What it was written as: "comma-separated"."""
    header: list[str]
    header_row: int
    rows: Iterator[Row]


def open_grid(source: Source, fits: Fits, most: int, problems: Problems) -> Grid:
    """The rows of a file, header first. `fits` knows a header, `most` is how many columns it
    needs. Without a header within the first rows, the first row is taken for one."""
    if source.form == "workbook":
        from files.workbook import workbook_rows

        said, rows = workbook_rows(source, fits, problems)
    elif source.form in ("parquet", "feather"):
        from files.arrow import arrow_rows

        said, rows = arrow_rows(source, problems)
    elif source.form == "numpy":
        words = "an archive of NumPy is read for a model's scores alone; save the table as CSV"
        raise problems.fatal(0, words)
    else:
        said, rows = delimited(source, fits, problems)
    return _with_header(said, rows, fits, most, problems)


def _with_header(
    said: list[str], rows: Iterator[Row], fits: Fits, most: int, problems: Problems
) -> Grid:
    above: list[Row] = []
    for number, given in rows:
        cells = _taken(given)
        if len(cells) > MOST_COLUMNS:
            raise problems.fatal(
                number, f"over {MOST_COLUMNS:,} columns; check the separator, or give a row a code"
            )
        above.append((number, given))
        if fits(cells) >= most:
            return Grid([*said, *_said_above(above)], cells, number, rows)
        if len(above) > MOST_ROWS_ABOVE:
            break
    if not above:
        return Grid(said, [], 1, rows)
    number, first = above[0]
    return Grid(said, _taken(first), number, chain(above[1:], rows))


def _taken(cells: list[str]) -> list[str]:
    """The cells of a row that may be the header: what is not taken names no column."""
    if type(cells) is not SpoiltCells:
        return cells
    return cells.taken()


def _said_above(above: Sequence[Row]) -> Iterator[str]:
    left = len(above) - 1
    if left:
        rows = "1 row" if left == 1 else f"{left} rows"
        yield f"header in row {above[-1][0]}, {rows} above it left out"
