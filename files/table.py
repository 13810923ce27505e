"""Tables: which columns they have, and the rows with the number of the line each begins on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from files.delimited import SEPARATORS, cells_of
from files.grid import Grid, SpoiltCells, open_grid
from files.problems import Problems
from files.source import Source

PLAIN = (SEPARATORS[","], "an Excel workbook", "Parquet", "Feather")
"""What a table is said to be where its form says all of it."""
SHOWN_HEADER = 80


@dataclass(frozen=True)
class Columns:
    """The columns that a kind of file has. `aliases`: other names under which people write them."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    example: str = ""
    """The header as it should be, for messages."""

    def fits(self, names: Sequence[str]) -> int:
        """How many of the needed columns a header has."""
        found = {self.known(name) for name in names}
        return sum(name in found for name in self.needed)

    def known(self, name: str) -> str | None:
        """The column that a name of the header means; None for one that is ignored."""
        plain = plain_name(name)
        if plain in (*self.needed, *self.optional):
            return plain
        return self.aliases.get(plain)


@dataclass
class Table:
    """A table whose header was read."""

    header: list[str]
    places: dict[str, int]
    """Column -> its place in a row."""
    width: int
    facts: list[str]
    reader: Iterator[tuple[int, list[str]]]
    used: Collection[int]
    """The places that are read; what is wrong with a cell elsewhere does not matter."""
    spoilt: dict[int, list[str]] | None = None
    """Where they are to be kept: line -> the cells of a row that has such a cell."""

    def rows(self, problems: Problems) -> Iterator[tuple[int, list[str]]]:
        """(line on which the row begins, cells) of each row that is not blank and has the
        header's width."""
        for line, cells in self.reader:
            if type(cells) is SpoiltCells:
                wrong = [cells.why[place] for place in sorted(self.used) if place in cells.why]
                if wrong:
                    problems.add(line, wrong[0])
                    if self.spoilt is not None:
                        self.spoilt[line] = cells.taken()
                    continue
            if len(cells) == self.width:
                if cells[0].strip() or any(map(str.strip, cells)):
                    yield line, cells
            elif len(cells) > self.width and not any(map(str.strip, cells[self.width :])):
                yield line, cells[: self.width]
            elif any(cell.strip() for cell in cells):
                problems.add(
                    line,
                    f"the number of cells, {len(cells)}, differs from the header's, {self.width}; "
                    "quote what holds separators, or give every column a name",
                    "the number of cells differs from the header's",
                )


def plain_name(name: str) -> str:
    """A column's name without case, blanks and hyphens.

    >>> plain_name(" Note-ID "), plain_name("ICD9 Codes")
    ('note_id', 'icd9_codes')
    """
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def read_table(source: Source, columns: Columns, problems: Problems) -> Table:
    """Find out the separator and the columns. FileError for a header without the needed ones."""
    grid = open_grid(source, columns.fits, len(columns.needed), problems)
    source.facts[:0] = [said for said in grid.said if said not in PLAIN]
    places = _places(grid, columns, problems, source.facts)
    used = places.values()
    return Table(grid.header, places, len(grid.header), source.facts, grid.rows, used)


def first_cells(source: Source) -> list[str]:
    """The cells of the first line, without reading on; by commas."""
    return [plain_name(cell) for cell in cells_of(source.first_line, ",")]


def _places(grid: Grid, columns: Columns, problems: Problems, facts: list[str]) -> dict[str, int]:
    header = grid.header
    names = [plain_name(name) for name in header]
    doubled = [name for name, count in Counter(names).items() if count > 1 and name]
    if doubled:
        raise problems.fatal(
            grid.header_row, f"the header has {shown_names(doubled)} twice; name each column once"
        )
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if columns.known(name) == name:
            places[name] = place
    ignored = []
    renamed: dict[str, str] = {}
    for place, name in enumerate(names):
        meant = columns.known(name)
        if meant in renamed:
            both = f"{renamed[meant]} and {header[place].strip()}"
            words = f"{meant} may be in {both}; name the right column {meant}"
            raise problems.fatal(grid.header_row, words)
        if meant is None or (meant != name and meant in places):
            ignored.append(header[place].strip() or "a column without a name")
        elif meant != name:
            places[meant] = place
            renamed[meant] = header[place].strip()
            facts.append(f"column {shown_names([header[place]])} read as {meant}")
    missing = [name for name in columns.needed if name not in places]
    if missing:
        raise problems.fatal(grid.header_row, _lacking(header, missing, columns.example))
    if ignored:
        facts.append(f"ignored: {shown_names(ignored)}")
    return places


def _lacking(header: Sequence[str], missing: Sequence[str], example: str) -> str:
    if not any(map(str.strip, header)):
        return f"the header is missing, for the file is empty; it must be {example}"
    shown = shown_header(header)
    said = f"is {shown}" if shown else "is missing"
    return f"the header {said}; it must be {example}; missing: {', '.join(missing)}"


def shown_header(header: Sequence[str]) -> str:
    """A header as messages show it; "" where it looks like none: a file without a header begins
    with text of a note."""
    names = [name.strip() for name in header]
    short = all(len(name) <= 30 and name.isprintable() for name in names)
    return shown_names(names) if short and len(names) <= 40 else ""


def shown_names(names: Sequence[str]) -> str:
    """Names of columns as messages show them: cut, since a file without a header begins with
    text; and what no page or database can hold as a mark.

    >>> shown_names(["ward", "a\\x00b"])
    'ward, a�b'
    """
    joined = ", ".join(name.strip() for name in names)
    text = "".join(sign if sign.isprintable() else "�" for sign in joined)
    return text if len(text) <= SHOWN_HEADER else f"{text[:SHOWN_HEADER]} ..."
