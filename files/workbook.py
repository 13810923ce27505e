"""Excel workbooks (.xlsx): the rows of the sheet that has a header we know. No formula is run.

openpyxl reads them, within what `files.magic` and `files.workbook_limits` let through.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from files.problems import FileError, Problems
from files.source import Source
from files.workbook_limits import CUT, LONGEST_CELL, content_of

# They would name what is in a cell.
warnings.filterwarnings("ignore", module=r"openpyxl\.")

Row = tuple[int, list[str]]
Fits = Callable[[Sequence[str]], int]
MOST_SHEETS = 200
MOST_LOOKED = 500_000
"""Cells of them all."""
MOST_COLUMNS = 16_384
"""Those of Excel."""
MOST_CELLS = 10_000_000
"""Of a sheet, those between its first and its last column that are empty among them."""
LOOKED_AT = 10
"""Rows of a sheet that are looked at for a header."""
FIXED = re.compile(r"(0{1,20})(?:\\?\.(0{1,20}))?")
"""A number format that shows zeros: 000, 0.00, 000.00."""
WORKBOOK = "an Excel workbook"
FORMULA = "a cell has a formula, which is not run; paste the values instead"
ERROR = "a cell has an error of Excel; mend it"
A_DATE = "a cell is a date; a code that Excel took for one must be written as text"
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # of XML
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the library raises for a file that only looks like a workbook."""


class CellProblemError(ValueError):
    """A cell that is not taken; the message says why."""


def workbook_rows(
    source: Source, fits: Fits, problems: Problems
) -> tuple[list[str], Iterator[Row]]:
    """(what is to be said, rows) of the first sheet with a header that fits best. FileError for
    a workbook that is broken or too large."""
    try:
        return _opened(source, fits, problems)
    except FileError:
        raise
    except BROKEN:
        raise _broken(problems) from None


def _opened(source: Source, fits: Fits, problems: Problems) -> tuple[list[str], Iterator[Row]]:
    from openpyxl import load_workbook

    content = content_of(source.binary(), problems)
    book = load_workbook(source.binary(), read_only=True, data_only=True, keep_links=False)
    sheets = book.worksheets
    if not sheets:
        words = "the workbook has no sheet of cells; save it as .xlsx (not Strict) or as CSV"
        raise problems.fatal(0, words)
    best = _best_sheet(sheets, fits)
    said = [WORKBOOK]
    others = len(sheets) - 1
    if others:
        said.append(f"sheet {best.title}, {others} other{'' if others == 1 else 's'} left out")
    formulas = content.formulas.get(best._worksheet_path, set())
    return said, _rows(best, formulas, problems)


def _best_sheet(sheets: Sequence[Any], fits: Fits) -> Any:
    """The first sheet with the header that fits best."""
    best, best_fit, looked = sheets[0], -1, 0
    if len(sheets) == 1:
        return best
    for sheet in sheets[:MOST_SHEETS]:
        for cells in islice(_cells(sheet), LOOKED_AT):
            looked += len(cells)
            fit = fits(["" if cell.value is None else str(cell.value) for cell in cells])
            if fit > best_fit:
                best, best_fit = sheet, fit
        if looked > MOST_LOOKED:
            break
    return best


def _cells(sheet: Any) -> Iterator[Sequence[Any]]:
    """The cells of each row, the empty rows between them as well."""
    # What a sheet says of its size may be wrong, or very large.
    sheet.reset_dimensions()
    for cells in sheet.iter_rows():
        if len(cells) > MOST_COLUMNS:
            raise ValueError("a cell out of its place")
        yield cells


def _rows(sheet: Any, formulas: set[int], problems: Problems) -> Iterator[Row]:
    """(number, cells) of each row that is not empty, all as wide as the widest so far."""
    width = 0
    seen = 0
    try:
        for number, cells in enumerate(_cells(sheet), start=1):
            seen += len(cells)
            if seen > MOST_CELLS:
                raise problems.fatal(number, f"over {MOST_CELLS:,} cells; save it as CSV")
            try:
                shown = _row(cells, number in formulas)
            except CellProblemError as error:
                problems.add(number, str(error))
                continue
            while len(shown) > width and not shown[-1]:
                shown.pop()
            if any(shown):
                width = max(width, len(shown))
                shown += [""] * (width - len(shown))
                yield number, shown
    except FileError:
        raise
    except BROKEN:
        raise _broken(problems) from None


def _row(cells: Sequence[Any], formula: bool) -> list[str]:
    """A row as it shows. CellProblemError."""
    if formula:
        raise CellProblemError(FORMULA)
    return [_shown(cell) for cell in cells]


def _shown(cell: Any) -> str:
    """A cell as it shows. CellProblemError."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        raise CellProblemError(ERROR)
    if isinstance(value, str):
        if len(value) >= LONGEST_CELL:
            raise CellProblemError(CUT)
        return value
    if cell.data_type == "d":
        raise CellProblemError(A_DATE)
    if isinstance(value, bool):
        return "1" if value else "0"
    return _number(value, str(cell.number_format or ""))


def _number(value: float, number_format: str) -> str:
    """A number as it shows, with the zeros of its format; without one, to 15 figures.

    >>> _number(250, ""), _number(250, "000.00"), _number(401.90000000000003, "")
    ('250', '250.00', '401.9')
    """
    fixed = FIXED.fullmatch(number_format)
    if fixed is None:
        whole = float(value).is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else f"{value:.15g}"
    decimals = len(fixed[2] or "")
    width = len(fixed[1]) + (decimals + 1 if decimals else 0)
    return f"{value:0{width}.{decimals}f}"


def _broken(problems: Problems) -> FileError:
    return problems.fatal(0, "the workbook is broken or not complete; save it again")
