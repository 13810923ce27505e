"""Files of codings for the metrics command line: from a path or standard input, codes as any
strings."""

from __future__ import annotations

from pathlib import Path

from files.codings import Asked, CodingsFile, parse_codings
from files.source import from_path, from_standard_input


def read_codings(source: str, asked: Asked | None = None) -> CodingsFile:
    """The codings of a file, or of standard input for "-" (JSONL unless `asked` says otherwise).
    FileError."""
    file = from_standard_input() if source == "-" else from_path(Path(source))
    return parse_codings(file, asked)
