"""Notes from a .txt, .csv or .jsonl file (plain or .gz), or JSONL on standard input."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

FORMATS = "a .txt, .csv or .jsonl file (.gz of it), or - for JSONL on standard input"


class InputError(ValueError):
    """A file of notes that cannot be read; the message names the file, the row and the fix, never a text."""


def read_notes(source: str) -> Iterator[tuple[str, str]]:
    """(note id, text) of each note, streamed."""
    if source == "-":
        yield from _jsonl(sys.stdin, "standard input")
        return
    path = Path(source)
    name = path.name.removesuffix(".gz")
    reader = {".csv": _csv, ".jsonl": _jsonl}.get(Path(name).suffix)
    if reader is None and Path(name).suffix != ".txt":
        raise InputError(f"{path.name}: this ending is not known; give {FORMATS}")
    with _opened(path) as file:
        if reader is None:
            yield Path(name).stem, file.read()
        else:
            yield from reader(file, path.name)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or error}") from None


def _csv(file: Iterable[str], name: str) -> Iterator[tuple[str, str]]:
    csv.field_size_limit(2**31 - 1)
    rows = csv.reader(file)
    header = next(rows, [])
    if "note_id" not in header or "text" not in header:
        raise InputError(f"{name}: the header must have note_id and text, it has {', '.join(header) or 'nothing'}")
    note_id, text = header.index("note_id"), header.index("text")
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise InputError(
                f"{name} row {number}: {len(row)} fields where the header has {len(header)}; quote the text"
            )
        yield row[note_id], row[text]


def _jsonl(file: Iterable[str], name: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            note = json.loads(line)
            yield str(note["note_id"]), str(note["text"])
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f'{name} line {number}: not {{"note_id": ..., "text": ...}}; write one object a line'
            ) from None
