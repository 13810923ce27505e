"""The rows of a file of notes that cannot be stored, as a file to mend: the same columns, and
before them each row's number and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from files.cells import ID_LIMIT
from files.notes import CheckedNote, NoteReader
from files.problems import FileError, Problems
from files.source import from_stream
from files.spreadsheet_csv import guarded
from icd.check import CodeCheck

ROW, REASON = "row_in_file", "what_to_mend"
"""The columns that are added; a file with mended rows may have them still."""
OF_JSON = ("note_id", "text", "codes", "dx_codes", "proc_codes", "patient")


@dataclass
class Reasons(Problems):
    """Problems by their rows, for as long as the rows are not written."""

    waiting: dict[int, list[str]] = field(default_factory=dict)

    def add(self, row: int, message: str, cause: str = "", mend: str = "") -> None:
        said = f"{message}; {mend}" if mend else message
        self.waiting.setdefault(row, []).append(said)
        super().add(row, message, cause, mend)


def rows_to_mend(
    name: str,
    stream: IO[bytes],
    check: CodeCheck,
    *,
    limit: int | None = None,
    earlier: frozenset[str] = frozenset(),
    mended: bool = False,
) -> Iterator[Sequence[str]]:
    """The header, then each bad row of the file, cells whole; for CSV that spreadsheets open.

    A row that could not be taken apart has its number and the reason alone; a cell that is not
    taken, such as a formula, is empty. `earlier` and
    `mended` are as for NoteReader.
    """
    reasons = Reasons(name)
    source = from_stream(name, stream, limit=limit)
    reader = NoteReader(source, reasons, id_limit=ID_LIMIT, earlier=earlier, mended=mended)
    reader.spoilt = {}
    header_is_due = True
    try:
        for note in reader.checked(check):
            if header_is_due:
                yield _header(reader)
                header_is_due = False
            if note.good:
                continue
            own = reasons.waiting.pop(note.raw.row, [])
            yield from _bare(reader, reasons)
            yield _row(reader, note, own)
    except FileError:
        pass  # a file that cannot be read to its end is refused whole; here are the rows before
    if header_is_due:
        yield _header(reader)
    yield from _bare(reader, reasons)


def _header(reader: NoteReader) -> list[str]:
    columns = [name for name in reader.header if name not in (ROW, REASON)] or list(OF_JSON)
    return [ROW, REASON, *(guarded(name) for name in columns)]


def _bare(reader: NoteReader, reasons: Reasons) -> Iterator[list[str]]:
    """The rows that could not be taken apart, or have a cell that is not taken."""
    spoilt = reader.spoilt or {}
    for row in sorted(reasons.waiting):
        cells = _own_cells(reader, spoilt.pop(row, ()))
        yield [str(row), "; ".join(reasons.waiting[row]), *cells]
    reasons.waiting.clear()


def _own_cells(reader: NoteReader, cells: Sequence[str]) -> list[str]:
    """The cells of a row without those that an earlier file of this kind added."""
    found = []
    for name, cell in zip(reader.header, cells, strict=False):
        if name not in (ROW, REASON):
            found.append(guarded(cell))
    return found


def _row(reader: NoteReader, note: CheckedNote, own: Sequence[str]) -> list[str]:
    raw = note.raw
    if reader.header:
        cells = _own_cells(reader, raw.cells)
    else:
        cells = [guarded(cell) for cell in (raw.note_id, raw.text, *_codes(note), raw.patient)]
    return [str(raw.row), "; ".join(own), *cells]


def _codes(note: CheckedNote) -> list[str]:
    """The cells of codes of a JSON object: those without a kind, diagnoses, procedures."""
    cells = []
    for kind in (None, "dx", "proc"):
        of_kind = [code.text for code in note.raw.codes or () if code.kind == kind]
        cells.append("|".join(of_kind))
    return cells
