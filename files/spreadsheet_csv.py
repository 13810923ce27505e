"""CSV that people open in a spreadsheet: no cell of it is run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, or hides that it does."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def harmless(cell: object) -> object:
    """The cell with an apostrophe before it where a spreadsheet would run it; numbers stay numbers.

    >>> harmless("=1+1"), harmless("-0.25"), harmless("-"), harmless("@Ada"), harmless("428.0")
    ("'=1+1", '-0.25', '-', "'@Ada", '428.0')
    """
    if not isinstance(cell, str) or not cell.startswith(STARTS):
        return cell
    if cell == "-" or NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


GUARDED = re.compile(f"'*[{''.join(map(re.escape, STARTS))}]")
"""The beginning of a cell that `guarded` puts an apostrophe before."""


def guarded(cell: str) -> str:
    """As `harmless`, in a way that `unguarded` takes back to the last character.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("fine"), unguarded("''=1+1")
    ("'=1+1", "''=1+1", 'fine', "'=1+1")
    """
    return f"'{cell}" if GUARDED.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    if cell.startswith("'") and GUARDED.match(cell):
        return cell[1:]
    return cell


def spreadsheet_csv(rows: Iterable[Sequence[object]]) -> str:
    """Rows, the header first, as CSV.

    What is to be read back exactly (bundles, JSON) is not written by this.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return buffer.getvalue()
