"""PSV of codings: n1|401.9|428.0 a line, without a header."""

from __future__ import annotations

from files.cells import CellError, codes_of_list, looks_like_code, note_id
from files.naming import header_fits
from files.problems import Problems
from files.raters import Raters
from files.source import Source

PSV = "PSV, a note id and its codes a line"
CANNOT = "a cell that cannot be taken"


def is_psv(line: str, *, sure: bool) -> bool:
    """Whether a file with this first line is PSV. `sure`: its name or its user says so, and only
    a header speaks against it.

    >>> is_psv("n1|428.0|401.9", sure=False), is_psv("note_id|code", sure=True)
    (True, False)
    """
    cells = [cell.strip(' "') for cell in line.split("|")]
    if header_fits(cells) > 1:
        return False
    return sure or (len(cells) > 1 and all(looks_like_code(cell) for cell in cells[1:] if cell))


def read_psv(source: Source, raters: Raters, problems: Problems) -> list[str]:
    """Read all lines; what is to be said of them."""
    collected = raters.named(None)
    for row, line in enumerate(source.lines(problems), start=1):
        if not line.strip():
            continue
        note, *codes = line.strip().split("|")
        if len(codes) == 1 and not codes[0].strip():
            codes = []
        try:
            written, empty = codes_of_list(codes)
            collected.add_note(row, note_id(note), written)
        except CellError as error:
            problems.add(row, str(error), CANNOT)
            continue
        collected.nulls += empty
    return [PSV]
