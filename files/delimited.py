"""Delimited text: which separator, and the rows with the number of the line each begins on."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from files.problems import Problems
from files.source import MOST_CHARACTERS, Source

SEPARATORS = {
    ",": "comma-separated",
    ";": "semicolon-separated",
    "\t": "tab-separated",
    "|": "separated by vertical bars",
}
BLANKS = " "
"""Stands for columns that blanks set apart."""
MOST_BLANK = 100_000
"""Blank lines before the first that is not; after so many the file counts as empty."""
MOST_COLUMNS = 25_000
LONGEST_HEADER = 100_000
"""Characters of a line that may be a header though it is not the first."""
LOOKED_AT = 10
"""Lines that are looked at to find the separator."""


def delimited(
    source: Source, fits: Callable[[Sequence[str]], int], problems: Problems
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """(what is to be said, rows). The separator is the one by which one of the first lines fits
    best as a header."""
    csv.field_size_limit(MOST_CHARACTERS)
    lines = source.lines(problems)
    skipped, head = _first_lines(lines)
    if not head:
        return [SEPARATORS[","]], iter(())
    separator = _told_separator(head[0]) if head else ""
    if separator:
        skipped, head = skipped + 1, head[1:]
    separator = separator or _found_separator(head, fits, skipped, problems)
    said = [SEPARATORS.get(separator, f"separated by {separator}")]
    if separator == BLANKS:
        return ["separated by blanks"], _by_blanks(chain(head, lines), skipped)
    quote = _quote(head, separator)
    if quote == "'":
        said.append("quoted by apostrophes")
    loose = any(f"{separator} " in line for line in head[:1])
    reader = csv.reader(
        chain(head, lines),
        delimiter=separator,
        quotechar=quote,
        skipinitialspace=loose,
        strict=True,
    )
    return said, _numbered(reader, skipped, problems)


def _first_lines(lines: Iterator[str]) -> tuple[int, list[str]]:
    """(how many blank lines come before, the first lines that are not read as rows yet)."""
    for skipped, line in enumerate(lines):
        if line.strip():
            return skipped, [line, *islice(lines, LOOKED_AT - 1)]
        if skipped == MOST_BLANK:
            break
    return 0, []


def cells_of(line: str, separator: str) -> list[str]:
    """One line in cells, whether or not it is well formed."""
    if separator == BLANKS:
        return line.split()
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _told_separator(line: str) -> str:
    """Of the line "sep=;" that Excel reads and writes."""
    found = re.fullmatch(r"\"?sep=(.)\"?\s*", line, re.IGNORECASE)
    return found[1] if found else ""


def _found_separator(
    head: Sequence[str], fits: Callable[[Sequence[str]], int], skipped: int, problems: Problems
) -> str:
    """The separator by which a line is a header with most of the needed columns: the first such
    line, then the one with most columns. A comma where all give the same."""
    if head and _too_wide(head[0]):
        words = f"over {MOST_COLUMNS:,} columns; check the separator, or give a row a code"
        raise problems.fatal(skipped + 1, words, "too many columns")
    best, best_score = ",", (-1, -1, -1)
    for place, line in enumerate(head):
        if len(line) > LONGEST_HEADER and place:
            continue
        for separator in (*SEPARATORS, BLANKS):
            cells = cells_of(line, separator)
            wide = len(cells) if separator != BLANKS else 0
            score = (fits(cells), -place, wide)
            if score > best_score:
                best, best_score = separator, score
        if best_score[0] > 1:
            break
    return best


def _too_wide(line: str) -> bool:
    return any(line.count(separator) > MOST_COLUMNS for separator in SEPARATORS)


def _quote(head: Sequence[str], separator: str) -> str:
    """The sign around cells: an apostrophe where it is around every cell of the first line."""
    cells = head[0].strip().split(separator) if head else []
    in_apostrophes = [cell.strip().startswith("'") and cell.strip().endswith("'") for cell in cells]
    return "'" if cells and all(in_apostrophes) else '"'


def _by_blanks(lines: Iterator[str], skipped: int) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=skipped + 1):
        cells = line.split()
        if cells:
            yield number, cells


def _numbered(
    reader: Iterator[list[str]], skipped: int, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """(line on which a row begins, cells), blank rows left out."""
    start = skipped + 1
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield start, cells
            start = skipped + reader.line_num + 1  # type: ignore[attr-defined]
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
