"""Notes from a .txt, .csv or .jsonl file (plain or .gz), or JSONL on standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from files.notes import ENDINGS, stream_notes
from files.problems import Problems, refused
from files.source import ending_of, from_path, from_standard_input

FORMATS = "a .txt, .csv or .jsonl file (.gz of it), or - for JSONL on standard input"


class InputError(ValueError):
    """An option that cannot be followed; the message says why and how to mend it."""


def read_notes(path: str, tell: Callable[[str], object] | None = None) -> Iterator[tuple[str, str]]:
    """(note id, text) of each note, streamed. FileError at the first that is wrong, never with
    its text."""
    if path == "-":
        yield from stream_notes(from_standard_input(), tell)
        return
    ending = ending_of(path)
    if ending not in (*ENDINGS, "txt"):
        raise refused(f"this ending is not known; give {FORMATS}", Path(path).name)
    source = from_path(Path(path))
    if ending == "txt":
        yield source.stem, source.text(Problems(source.name))
        if tell is not None and source.facts:
            tell(f"{source.name} was read as {'; '.join(source.facts)}")
    else:
        yield from stream_notes(source, tell)
