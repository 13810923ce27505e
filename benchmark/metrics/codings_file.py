"""Read files of codings: CSV, JSONL or PSV. Codes and note ids stay strings, to the last zero.

CSV: header note_id,code, then a row a code; an empty code says "coded, with no code".
JSONL: {"note_id": "n1", "codes": ["401.9", {"code": "428.0"}]} a line. PSV: n1|401.9|428.0 a line.
A byte-order mark, CRLF and blank lines are accepted. A repeated (note, code) collapses and is counted.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Line = tuple[str, list[str]]
"""A note id and the codes that one line gives it."""


class BadFileError(ValueError):
    """A file that cannot be read; the message names the file, the row or line and the fix."""


@dataclass(frozen=True)
class CodingsFile:
    """What a file says."""

    codings: dict[str, set[str]]
    repeats: int
    """(note, code) pairs given more than once, each time after the first."""
    places: dict[tuple[str, str], int] = field(default_factory=dict, compare=False)
    """(note, code) -> the row or line that says it first; (note, "") -> the note's first."""


def read_codings(source: str, input_format: str | None = None) -> CodingsFile:
    """The codings of a file, or of standard input for "-" (JSONL unless `input_format` says otherwise).

    The format is that of the file's ending unless `input_format` ("csv", "jsonl" or "psv") is given. BadFileError.
    """
    name = "standard input" if source == "-" else Path(source).name
    parse = _parser(source, name, input_format)
    return parse(read_text(source, name), name)


def parse_codings(name: str, data: bytes) -> CodingsFile:
    """The codings of an uploaded file, its format by its name's ending. BadFileError."""
    return _parser(name, name, None)(_decoded(name, data), name)


def read_text(source: str, name: str) -> str:
    """The text of a file or of standard input, without a byte-order mark."""
    return _decoded(name, sys.stdin.buffer.read() if source == "-" else read_bytes(Path(source)))


def read_bytes(path: Path) -> bytes:
    """What is in a file. BadFileError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFileError(f"{path} cannot be read ({error.strerror}); check the path") from None


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadFileError(f"{name} line {line}: not UTF-8; save the file as UTF-8") from None


def csv_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """(row number, trimmed fields) of each row that is not blank; the header is row 1."""
    reader = csv.reader((f"{line}\n" for line in text.split("\n")), strict=True)
    start = 1
    try:
        for row in reader:
            if any("\n" in field or "\r" in field for field in row):
                raise csv.Error
            if any(field.strip() for field in row) or len(row) > 1:
                yield start, [field.strip() for field in row]
            start = reader.line_num + 1
    except csv.Error:
        raise BadFileError(f"{name} row {start}: a quote is not closed, or a field spans lines; mend it") from None


def _parser(source: str, name: str, input_format: str | None) -> Callable[[str, str], CodingsFile]:
    known = input_format or ("jsonl" if source == "-" else Path(source).suffix.lower().removeprefix("."))
    if known not in PARSERS:
        raise BadFileError(f"{name}: the ending is not .csv, .jsonl or .psv; rename it or say --input-format")
    return PARSERS[known]


def _csv(text: str, name: str) -> CodingsFile:
    rows = csv_rows(text, name)
    _, header = next(rows, (1, []))
    if sorted(field.lower() for field in header) != ["code", "note_id"]:
        raise BadFileError(f"{name} row 1: the header is {_shown(header)}; it must be note_id,code")
    note_at = [field.lower() for field in header].index("note_id")
    codings: dict[str, set[str]] = {}
    empty: dict[str, int] = {}
    places: dict[tuple[str, str], int] = {}
    repeats = 0
    for number, row in rows:
        if len(row) != 2:
            raise BadFileError(f"{name} row {number}: not two fields; write note_id,code, a row for each code")
        note, code = _note(row[note_at], f"{name} row {number}"), row[1 - note_at]
        given = codings.setdefault(note, set())
        repeats += code in given if code else note in empty
        places.setdefault((note, ""), number)
        places.setdefault((note, code), number)
        if code:
            given.add(code)
        else:
            empty[note] = number
    for note, number in empty.items():
        if codings[note]:
            raise BadFileError(f"{name} row {number}: note {note} has no code here and codes elsewhere; remove one")
    return CodingsFile(codings, repeats, places)


def _jsonl(text: str, name: str) -> CodingsFile:
    return _collected(((n, _json_line(line, f"{name} line {n}")) for n, line in _lines(text)), name)


def _psv(text: str, name: str) -> CodingsFile:
    return _collected(((n, _psv_line(line, f"{name} line {n}")) for n, line in _lines(text)), name)


PARSERS: dict[str, Callable[[str, str], CodingsFile]] = {"csv": _csv, "jsonl": _jsonl, "psv": _psv}


def _lines(text: str) -> Iterator[tuple[int, str]]:
    numbered = enumerate((line.strip() for line in text.split("\n")), start=1)
    return ((number, line) for number, line in numbered if line)


def _collected(lines: Iterator[tuple[int, Line]], name: str) -> CodingsFile:
    places: dict[tuple[str, str], int] = {}
    codings: dict[str, set[str]] = {}
    repeats = 0
    for number, (note, codes) in lines:
        if note in codings:
            raise BadFileError(
                f"{name} line {number}: note {note} is already on line {places[note, '']}; give each note one line"
            )
        places |= dict.fromkeys([(note, ""), *((note, code) for code in codes)], number)
        codings[note] = set(codes)
        repeats += len(codes) - len(codings[note])
    return CodingsFile(codings, repeats, places)


def _json_line(line: str, where: str) -> Line:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise BadFileError(f"{where}: not JSON; write one object a line") from None
    if not isinstance(value, dict) or "note_id" not in value or not isinstance(value.get("codes"), list):
        raise BadFileError(f'{where}: not {{"note_id": "...", "codes": [...]}}; write one such object a line')
    note = value["note_id"]
    note = str(note) if type(note) is int else note
    if not isinstance(note, str):
        raise BadFileError(f"{where}: note_id is not a string; put it in quotes")
    return _note(note.strip(), where), [_json_code(item, where) for item in value["codes"]]


def _json_code(item: Any, where: str) -> str:
    code = item.get("code") if isinstance(item, dict) else item
    if not isinstance(code, str):
        raise BadFileError(f"{where}: code {json.dumps(code)} is not a string; put it in quotes, zeros and all")
    return _code(code.strip(), where)


def _psv_line(line: str, where: str) -> Line:
    note, *codes = (field.strip() for field in line.split("|"))
    if codes == [""]:
        codes = []
    return _note(note, where), [_code(code, where) for code in codes]


def _note(note: str, where: str) -> str:
    if not note:
        raise BadFileError(f"{where}: no note_id; every code belongs to a note")
    return _writable(note, where)


def _code(code: str, where: str) -> str:
    if not code:
        raise BadFileError(f"{where}: an empty code among the codes; remove it")
    return _writable(code, where)


def _writable(text: str, where: str) -> str:
    """JSON can escape half of a surrogate pair, which no file can hold."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadFileError(f"{where}: a \\ud800-\\udfff escape is half a character; write the whole one")
    return text


def _shown(header: Sequence[str]) -> str:
    return ",".join(header)[:80] or "missing"
