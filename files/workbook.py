"""Excel workbooks (.xlsx): the rows of the sheet that has a header we know. No formula is run.

Read piece by piece with expat, and not with openpyxl, which was tried: what a workbook costs it is
told by no size that can be looked up before (docs/architecture.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from files.grid import NOT_TAKEN, SpoiltCells
from files.problems import FileError, Problems
from files.source import Source
from files.workbook_xml import DATE, LONGEST_CELL, Attributes, Book, BrokenBookError, local, parse

Row = tuple[int, list[str]]
MOST_SHEETS = 200
LOOKED_AT = 10
"""Rows of a sheet that are looked at for a header."""
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
"""Those of Excel."""
MOST_CELLS = 60_000_000
FIXED = re.compile(r"(0+)(?:\\?\.(0+))?")
"""A number format that shows zeros: 000, 0.00, 000.00."""
WORKBOOK = "an Excel workbook"
FORMULA = "a cell has a formula, which is not run; paste the values instead"
ERROR = "a cell has an error of Excel; mend it"
A_DATE = "a cell is a date; a code that Excel took for one must be written as text"
CUT = (
    f"a cell has {LONGEST_CELL:,} characters, the most that Excel keeps: its end may be cut off; "
    "give the text as CSV or JSONL"
)


class CellProblemError(ValueError):
    """A cell that is not taken; the message says why."""


@dataclass
class _Cell:
    """A cell that is being read."""

    column: int
    kind: str
    style: int
    formula: bool = False
    parts: list[str] = field(default_factory=list)
    length: int = 0


@dataclass
class _Sheet:
    """Reads the rows of a sheet."""

    book: Book
    problems: Problems
    done: list[Row] = field(default_factory=list)
    """The rows that were read and not handed on."""
    number: int = 0
    cells: list[str] = field(default_factory=list)
    cell: _Cell | None = None
    collects: bool = False
    spoken: bool = False
    wrong: dict[int, str] = field(default_factory=dict)
    """Place of a cell of the row that is not taken -> what is wrong with it."""
    seen: int = 0
    """Cells so far, empty ones among them."""

    def start(self, name: str, attributes: Attributes) -> None:
        name = local(name)
        if name == "row":
            self._begin_row(attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f" and self.cell is not None:
            self.cell.formula = True
        elif name == "rPh":
            self.spoken = True
        else:
            self.collects = name in ("v", "t") and not self.spoken

    def _begin_row(self, attributes: Attributes) -> None:
        given = attributes.get("r", "")
        self.number = int(given) if given.isdigit() else self.number + 1
        if self.number > MOST_ROWS or len(self.done) > MOST_ROWS:
            raise self.problems.fatal(0, f"over {MOST_ROWS:,} rows; no sheet of Excel has as many")
        self.cells = []
        self.wrong = {}

    def _begin_cell(self, attributes: Attributes) -> None:
        column = len(self.cells)
        if "r" in attributes:
            column = _column(attributes["r"])
        if not len(self.cells) <= column < MOST_COLUMNS:
            raise BrokenBookError("a cell out of its place")
        style = attributes.get("s", "")
        self.cell = _Cell(column, attributes.get("t", "n"), int(style) if style.isdigit() else -1)

    def text(self, data: str) -> None:
        if not self.collects or self.cell is None:
            return
        self.cell.length += len(data)
        if self.cell.length > LONGEST_CELL:
            raise self.problems.fatal(self.number, CUT)
        self.cell.parts.append(data)

    def end(self, name: str) -> None:
        name = local(name)
        self.collects = False
        if name == "rPh":
            self.spoken = False
        elif name == "c" and self.cell is not None:
            self._end_cell(self.cell)
            self.cell = None
        elif name == "row":
            self._end_row()

    def _end_cell(self, cell: _Cell) -> None:
        missing = cell.column - len(self.cells)
        if missing:
            self.cells += [""] * missing
        try:
            self.cells.append(self._shown(cell))
        except CellProblemError as error:
            self.wrong[cell.column] = str(error)
            self.cells.append(NOT_TAKEN)

    def _end_row(self) -> None:
        self.seen += len(self.cells)
        if self.seen > MOST_CELLS:
            raise self.problems.fatal(self.number, f"over {MOST_CELLS:,} cells; save it as CSV")
        if self.wrong:
            self.done.append((self.number, SpoiltCells(self.cells, self.wrong)))
        elif any(self.cells):
            self.done.append((self.number, self.cells))

    def _shown(self, cell: _Cell) -> str:
        """The cell as it shows. CellProblemError."""
        if cell.formula:
            raise CellProblemError(FORMULA)
        text = "".join(cell.parts)
        if cell.kind == "s":
            place = int(text or -1)
            if not 0 <= place < len(self.book.strings):
                raise BrokenBookError("a text that is not there")
            text = self.book.strings[place]
        if cell.kind in ("s", "inlineStr", "str"):
            if len(text) >= LONGEST_CELL:
                raise CellProblemError(CUT)
            return text
        if cell.kind == "e":
            raise CellProblemError(ERROR)
        if cell.kind == "b" or not text:
            return text
        styles = self.book.formats
        number_format = styles[cell.style] if 0 <= cell.style < len(styles) else ""
        if cell.kind == "d" or number_format == DATE:
            raise CellProblemError(A_DATE)
        return _number(text, number_format)


def _column(reference: str) -> int:
    """The place of a cell in its row.

    >>> _column("A1"), _column("AB12")
    (0, 27)
    """
    place = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        place = place * 26 + ord(letter) - 64
    return place - 1


def _number(text: str, number_format: str) -> str:
    """A number as it shows, with the zeros of its format; without one, to 15 figures.

    >>> _number("250", ""), _number("250", "000.00"), _number("401.90000000000003", "")
    ('250', '250.00', '401.9')
    """
    value = float(text)
    fixed = FIXED.fullmatch(number_format)
    if fixed is None:
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    decimals = len(fixed[2] or "")
    width = len(fixed[1]) + (decimals + 1 if decimals else 0)
    return f"{value:0{width}.{decimals}f}"


def workbook_rows(
    source: Source, fits: Callable[[Sequence[str]], int], problems: Problems
) -> tuple[list[str], Iterator[Row]]:
    """(what is to be said, rows) of the first sheet with a header that fits best. FileError for
    a workbook that is broken."""
    try:
        book = Book(source.binary(), problems)
        part, said = _best_sheet(book, fits, problems)
    except FileError:
        raise
    except ValueError:
        raise _broken(problems) from None
    return [WORKBOOK, *said], _rows(book, part, problems)


def _best_sheet(
    book: Book, fits: Callable[[Sequence[str]], int], problems: Problems
) -> tuple[str, list[str]]:
    """(the part of the sheet with the best header, what is to be said)."""
    if not book.sheets:
        raise problems.fatal(0, "the workbook has no sheet of cells")
    best, best_fit = book.sheets[0], -1
    for sheet in book.sheets[:MOST_SHEETS]:
        rows = _read(book, sheet[1], Problems(problems.name))
        first = [cells for _, cells in islice(rows, LOOKED_AT)]
        fit = max(map(fits, first), default=0)
        if fit > best_fit:
            best, best_fit = sheet, fit
    others = len(book.sheets) - 1
    if not others:
        return best[1], []
    return best[1], [f"sheet {best[0]}, {others} other{'' if others == 1 else 's'} left out"]


def _rows(book: Book, part: str, problems: Problems) -> Iterator[Row]:
    """(number, cells) of each row that is not empty, all as wide as the widest so far."""
    width = 0
    try:
        for number, cells in _read(book, part, problems):
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = max(width, len(cells))
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            yield number, cells
    except FileError:
        raise
    except ValueError:
        raise _broken(problems) from None


def _read(book: Book, part: str, problems: Problems) -> Iterator[Row]:
    sheet = _Sheet(book, problems)
    with book.open(part) as stream:
        for _ in parse(stream, sheet):
            yield from sheet.done
            sheet.done = []


def _broken(problems: Problems) -> FileError:
    return problems.fatal(0, "the workbook is broken or not complete; save it again")
