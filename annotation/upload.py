"""A file of notes, as people upload it, read into rows: all of them, or a list of what is wrong and where.

CSV `note_id,text[,codes]` (codes separated by `|`) or JSONL `{"note_id", "text", "codes"?}`, plain or gzipped.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from icd.spelling import spreadsheet_candidates

NOTE_ID_LIMIT = 64
MAX_ERRORS = 100


@dataclass(frozen=True)
class NoteRow:
    """One note of an upload; `codes` is None when the file says nothing about its codes."""

    note_id: str
    text: str
    codes: tuple[str, ...] | None


@dataclass(frozen=True)
class RowError:
    """What is wrong on a row (0: the file as a whole), and how to mend it. Never holds note text."""

    row: int
    message: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


class UploadError(ValueError):
    """The upload is refused; `errors` says which rows and why (the first 100)."""

    def __init__(self, errors: list[RowError]) -> None:
        self.errors = errors
        super().__init__("; ".join(str(error) for error in errors[:3]))


@dataclass(frozen=True)
class _Raw:
    row: int
    note_id: object
    text: object
    codes: object


def parse_notes(name: str, data: bytes, known: Collection[str], *, limit: int) -> list[NoteRow]:
    """The rows of file `name`, at most `limit` bytes unpacked. Raises UploadError with every row's error."""
    text = _decode(*_unpack(name, data, limit))
    is_json = ".jsonl" in name.lower()
    raws = list(_json_lines(text) if is_json else _csv_rows(text))
    if not raws:
        raise UploadError([RowError(0, "the file has no notes: it is empty, or holds only a header")])
    return _validated(raws, set(known))


def _fail(message: str, row: int = 0) -> UploadError:
    return UploadError([RowError(row, message)])


def _unpack(name: str, data: bytes, limit: int) -> tuple[str, bytes]:
    lower = name.lower()
    if not lower.removesuffix(".gz").endswith((".csv", ".jsonl")):
        raise _fail("the file's name must end in .csv, .jsonl, .csv.gz or .jsonl.gz")
    if lower.endswith(".gz"):
        try:
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(limit + 1)
        except (OSError, EOFError) as error:
            raise _fail("the file ends in .gz but is not a complete gzip file; compress it again") from error
    if len(data) > limit:
        raise _fail(f"the file is over the limit of {limit // 2**20} MiB; split it into several batches")
    return name, data


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise _fail(f"line {row} of {name} is not UTF-8 (byte {error.start}); save the file as UTF-8") from error


def _csv_rows(text: str) -> Iterator[_Raw]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = [column for column in ("note_id", "text") if column not in (reader.fieldnames or [])]
        if missing and reader.fieldnames:
            raise _fail(f"the column {' and '.join(missing)} is missing; the header must be note_id,text[,codes]")
        has_codes = "codes" in (reader.fieldnames or [])
        for row, cells in enumerate(reader, start=2):
            if None in cells or None in cells.values():
                raise _fail("the number of cells differs from the header's; quote texts that hold commas", row)
            codes = [c.strip() for c in cells["codes"].split("|") if c.strip()] if has_codes else None
            yield _Raw(row, cells["note_id"], cells["text"], codes)
    except csv.Error as error:
        raise _fail(
            f"not a well-formed CSV file near line {reader.line_num}: a quote is not closed or doubled"
        ) from error


def _json_lines(text: str) -> Iterator[_Raw]:
    for row, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise _fail(f"not valid JSON (column {error.colno}); one object a line", row) from error
        if not isinstance(record, dict) or not {"note_id", "text"} <= record.keys():
            raise _fail('each line must be an object with "note_id" and "text"', row)
        yield _Raw(row, record["note_id"], record["text"], record.get("codes"))


def _validated(raws: list[_Raw], known: set[str]) -> list[NoteRow]:
    errors: list[RowError] = []
    first_row: dict[str, int] = {}
    rows = []
    for raw in raws:
        problems = list(_problems(raw, known, first_row))
        errors += [RowError(raw.row, problem) for problem in problems]
        if not problems:
            codes = None if raw.codes is None else tuple(sorted(set(raw.codes)))  # type: ignore[arg-type]
            rows.append(NoteRow(str(raw.note_id), str(raw.text), codes))
    if errors:
        raise UploadError(errors[:MAX_ERRORS])
    return rows


def _problems(raw: _Raw, known: set[str], first_row: dict[str, int]) -> Iterator[str]:
    note_id = raw.note_id
    if not isinstance(note_id, str) or not note_id.strip() or len(note_id) > NOTE_ID_LIMIT:
        yield f"note_id must be text of 1 to {NOTE_ID_LIMIT} characters"
    elif problem := unstorable(note_id):
        yield f"note_id {problem}"
    elif note_id in first_row:
        yield f"note_id {note_id} is already on row {first_row[note_id]}; ids must be unique"
    else:
        first_row[note_id] = raw.row
    if not isinstance(raw.text, str) or not raw.text.strip():
        yield "the text is empty"
    elif problem := unstorable(raw.text):
        yield f"the text {problem}"
    if raw.codes is None:
        return
    if not isinstance(raw.codes, list) or not all(isinstance(code, str) for code in raw.codes):
        yield 'codes must be a list of strings (numbers lose zeros: write "250.00", not 250.00)'
        return
    for code in raw.codes:
        if code not in known:
            yield unknown_code(code, known)


def unstorable(text: str) -> str:
    """Why no database would take this text; empty when it would.

    >>> unstorable("fine"), unstorable("a\\x00")
    ('', 'holds a NUL character; remove it')
    """
    if "\x00" in text:
        return "holds a NUL character; remove it"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "holds half a character (a lone surrogate); encode the file as UTF-8 again"
    return ""


def unknown_code(code: str, known: Collection[str]) -> str:
    """Why a code is refused: spoilt by a spreadsheet (with what it may have been), or simply unknown."""
    candidates = spreadsheet_candidates(code, known)
    if candidates:
        return f"code {code[:20]} looks spoilt by a spreadsheet; it may have been {' or '.join(candidates[:5])}"
    return f"code {code[:20]} is not in the code system; write codes with their dot, like 428.0"
