"""Excel workbooks (.xlsx): the rows of the sheet that has a header we know. No formula is run."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from files.problems import FileError, Problems
from files.source import Source

Row = tuple[int, list[str]]
MOST_SHEETS = 200
LONGEST_CELL = 32_767
"""Characters of the longest cell of Excel, which cuts what is longer."""
LOOKED_AT = 10
"""Rows of a sheet that are looked at for a header."""
FIXED = re.compile(r"(0+)(?:\\?\.(0+))?")
"""A number format that shows zeros: 000, 0.00, 000.00."""
BROKEN = (
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    OverflowError,
    NotImplementedError,
    SyntaxError,
)
"""What the library raises for a file that only looks like a workbook."""


def workbook_rows(
    source: Source, fits: Callable[[Sequence[str]], int], problems: Problems
) -> tuple[list[str], Iterator[Row]]:
    """(what is to be said, rows) of the first sheet with a header that fits best. FileError for
    a workbook that is broken."""
    try:
        return _found_sheet(source, fits, problems)
    except FileError:
        raise
    except BROKEN as error:
        raise _broken(problems) from error


def _found_sheet(
    source: Source, fits: Callable[[Sequence[str]], int], problems: Problems
) -> tuple[list[str], Iterator[Row]]:
    from openpyxl import load_workbook

    book = load_workbook(source.binary(), read_only=True, data_only=False, keep_links=False)
    sheets = book.worksheets[:MOST_SHEETS]
    if not sheets:
        raise problems.fatal(0, "the workbook has no sheet of cells")
    best, best_fit = sheets[0], -1
    for sheet in sheets:
        fit = max((fits(cells) for cells in _first_rows(sheet)), default=0)
        if fit > best_fit:
            best, best_fit = sheet, fit
    said = ["an Excel workbook"]
    if len(book.sheetnames) > 1:
        others = len(book.sheetnames) - 1
        said.append(f"sheet {best.title}, {others} other{'' if others == 1 else 's'} left out")
    return said, _rows(best, problems)


def _first_rows(sheet: Any) -> Iterator[list[str]]:
    for _, cells in zip(range(LOOKED_AT), _cells(sheet), strict=False):
        shown = []
        for cell in cells:
            shown.append("" if cell.value is None else str(cell.value))
        yield shown


def _cells(sheet: Any) -> Iterator[Sequence[Any]]:
    # What a sheet says of its size may be wrong, or very large.
    sheet.reset_dimensions()
    return iter(sheet.iter_rows())


def _rows(sheet: Any, problems: Problems) -> Iterator[Row]:
    """(number, cells) of each row that is not empty, all as wide as the first."""
    width = 0
    try:
        for number, cells in enumerate(_cells(sheet), start=1):
            shown = _shown(number, cells, problems)
            if shown is None or not any(shown):
                continue
            while len(shown) > width and not shown[-1]:
                shown.pop()
            width = max(width, len(shown))
            shown += [""] * (width - len(shown))
            yield number, shown
    except BROKEN as error:
        if isinstance(error, FileError):
            raise
        raise _broken(problems) from error


def _shown(number: int, cells: Sequence[Any], problems: Problems) -> list[str] | None:
    """The row as it shows; None, with the problem noted, where it has a formula or a date."""
    shown = []
    for cell in cells:
        value = cell.value
        if value is None:
            shown.append("")
        elif isinstance(value, str) and cell.data_type != "f" and len(value) < LONGEST_CELL:
            shown.append(value)
        else:
            text = _of_value(value, cell)
            if text is None:
                _refuse(number, cell, problems)
                return None
            shown.append(text)
    return shown


def _of_value(value: object, cell: Any) -> str | None:
    """A cell that is no text as it shows: numbers with the zeros that their format shows. None
    for what is refused."""
    if cell.data_type in ("f", "e", "d") or isinstance(value, str):
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    return None


def _number(value: float, number_format: str) -> str:
    fixed = FIXED.fullmatch(number_format)
    if fixed is None:
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        return str(whole)
    decimals = len(fixed[2] or "")
    width = len(fixed[1]) + (decimals + 1 if decimals else 0)
    return f"{value:0{width}.{decimals}f}"


def _refuse(number: int, cell: Any, problems: Problems) -> None:
    if isinstance(cell.value, str) and len(cell.value) >= LONGEST_CELL:
        words = f"a cell has {LONGEST_CELL:,} characters, the most that Excel keeps: its end may be"
        problems.add(number, f"{words} cut off; give the text as CSV or JSONL")
    elif cell.data_type == "f":
        words = "a cell has a formula, which is not run; paste the values instead"
        problems.add(number, words)
    elif cell.data_type == "e":
        problems.add(number, f"a cell has an error of Excel ({str(cell.value)[:10]}); mend it")
    elif isinstance(cell.value, datetime.date | datetime.time | datetime.timedelta):
        words = "a cell is a date; a code that Excel took for one must be written as text"
        problems.add(number, words)
    else:
        problems.add(number, "a cell is neither text nor a number; write it as text")


def _broken(problems: Problems) -> FileError:
    return problems.fatal(0, "the workbook is broken or not complete; save it again")
