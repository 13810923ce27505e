"""Delimited text: which separator, which columns, and the rows with the number of the line each
begins on."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from files.problems import Problems
from files.source import MOST_CHARACTERS, Source

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SHOWN_HEADER = 80
MOST_BLANK = 100_000
"""Blank lines before the header, after which there is none."""
MOST_COLUMNS = 50_000
"""Columns of the widest table: one with a column a code has fewer."""


@dataclass(frozen=True)
class Columns:
    """The columns that a kind of file has. `aliases`: other names under which people write them."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    example: str = ""
    """The header as it should be, for messages."""

    def known(self, name: str) -> str | None:
        """The column that a name of the header means; None for one that is ignored."""
        plain = plain_name(name)
        if plain in (*self.needed, *self.optional):
            return plain
        return self.aliases.get(plain)


@dataclass
class Table:
    """A delimited file whose header was read."""

    header: list[str]
    places: dict[str, int]
    """Column -> its place in a row."""
    width: int
    facts: list[str]
    reader: Iterator[tuple[int, list[str]]]

    def rows(self, problems: Problems) -> Iterator[tuple[int, list[str]]]:
        """(line on which the row begins, cells) of each row that is not blank and has the
        header's width."""
        for line, cells in self.reader:
            if len(cells) == self.width:
                yield line, cells
            elif any(cell.strip() for cell in cells):
                problems.add(
                    line,
                    f"the number of cells, {len(cells)}, differs from the header's, {self.width}; "
                    "quote what holds separators",
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
    csv.field_size_limit(MOST_CHARACTERS)
    lines = source.lines(problems)
    skipped, first = _first_line(lines)
    if "\r" in first.rstrip("\r\n") and not first.endswith("\n"):
        raise problems.fatal(
            0, "the lines end as on an old Mac (CR alone); save the file with ordinary line ends"
        )
    if not first.strip():
        raise problems.fatal(1, _lacking([], columns.needed, columns.example))
    if max(first.count(separator) for separator in SEPARATORS) >= MOST_COLUMNS:
        raise problems.fatal(
            1,
            f"the header has over {MOST_COLUMNS:,} columns; give a table with the header "
            f"{columns.example}",
        )
    facts = list(source.facts)
    separator = _told_separator(first)
    if separator:
        skipped, first = skipped + 1, next(lines, "")
    separator = separator or _found_separator(first, columns)
    if separator != ",":
        facts.append(f"separated by {SEPARATORS.get(separator, separator)}")
    loose = re.search(rf"{re.escape(separator)} ", first) is not None
    reader = _numbered(chain([first], lines), separator, loose, skipped, problems)
    header = next(reader, (1, []))[1]
    return Table(header, _places(header, columns, problems, facts), len(header), facts, reader)


def _first_line(lines: Iterator[str]) -> tuple[int, str]:
    """(how many blank lines come before, the first line that is not blank)."""
    for skipped, line in enumerate(lines):
        if line.strip():
            return skipped, line
        if skipped == MOST_BLANK:
            break
    return 0, ""


def first_cells(source: Source) -> list[str]:
    """The cells of the first line, without reading on; by commas."""
    return [plain_name(cell) for cell in _cells(source.first_line, ",")]


def _cells(line: str, separator: str) -> list[str]:
    """One line in cells, whether or not it is well formed."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _told_separator(line: str) -> str:
    """Of the line "sep=;" that Excel reads and writes."""
    found = re.fullmatch(r"\"?sep=(.)\"?\s*", line, re.IGNORECASE)
    return found[1] if found else ""


def _found_separator(line: str, columns: Columns) -> str:
    """The separator that gives most of the needed columns, then most columns; a comma where all
    give the same."""
    best, best_score = ",", (-1, -1)
    for separator in SEPARATORS:
        cells = _cells(line, separator)
        named = {columns.known(cell) for cell in cells}
        score = (sum(name in named for name in columns.needed), len(cells))
        if score > best_score:
            best, best_score = separator, score
    return best


def _numbered(
    lines: Iterator[str], separator: str, loose: bool, skipped: int, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """(line on which a row begins, cells), blank rows left out."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=loose, strict=True)
    start = skipped + 1
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield start, cells
            start = skipped + reader.line_num + 1
    except csv.Error as error:
        raise problems.fatal(start, _broken(str(error)), "not well-formed CSV") from None


def _broken(error: str) -> str:
    if "field larger" in error:
        cell = f"a cell has over {MOST_CHARACTERS:,} characters"
        return f"a quote is not closed, or {cell}; the rest was not read"
    if "unexpected end" in error:
        return "a quote is not closed before the file ends"
    if "new-line" in error:
        return (
            "a line break of an old Mac (CR alone) in a cell without quotes; the rest was not read"
        )
    return "a quote in a quoted cell is not doubled; the rest was not read"


def _places(
    header: Sequence[str], columns: Columns, problems: Problems, facts: list[str]
) -> dict[str, int]:
    names = [plain_name(name) for name in header]
    doubled = [name for name, count in Counter(names).items() if count > 1 and name]
    if doubled:
        raise problems.fatal(
            1, f"the header has {shown_names(doubled)} twice; name each column once"
        )
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if columns.known(name) == name:
            places[name] = place
    ignored = []
    for place, name in enumerate(names):
        meant = columns.known(name)
        if meant is None or (meant != name and meant in places):
            ignored.append(header[place].strip() or "a column without a name")
        elif meant != name:
            places[meant] = place
            facts.append(f"column {shown_names([header[place]])} read as {meant}")
    missing = [name for name in columns.needed if name not in places]
    if missing:
        raise problems.fatal(1, _lacking(header, missing, columns.example))
    if ignored:
        facts.append(f"ignored: {shown_names(ignored)}")
    return places


def _lacking(header: Sequence[str], missing: Sequence[str], example: str) -> str:
    """Shows the header where it is one: a file without a header begins with text of a note."""
    names = [name.strip() for name in header]
    looks_like_names = (
        all(len(name) <= 30 and name.isprintable() for name in names) and len(names) <= 40
    )
    shown = f"is {shown_names(names)}" if looks_like_names and names else "is missing"
    return f"the header {shown}; it must be {example}; missing: {', '.join(missing)}"


def shown_names(names: Sequence[str]) -> str:
    """Names of columns as messages show them: cut, since a file without a header begins with
    text."""
    text = ", ".join(name.strip() for name in names)
    return text if len(text) <= SHOWN_HEADER else f"{text[:SHOWN_HEADER]} ..."
