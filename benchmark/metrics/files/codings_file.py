"""Files of codings for the metrics command line: from a path or standard input, codes as any
strings."""

from __future__ import annotations

from pathlib import Path

from files.codings import CodingsFile, form_of, parse_codings
from files.problems import refused
from files.source import from_path, from_standard_input


def read_codings(source: str, input_format: str | None = None) -> CodingsFile:
    """The codings of a file, or of standard input for "-" (JSONL unless `input_format` says
    otherwise).

    The format is that of the file's ending unless `input_format` ("csv", "jsonl" or "psv") is
    given. FileError.
    """
    if source == "-":
        file = from_standard_input()
        form = form_of(file, input_format)
    else:
        file = from_path(Path(source))
        form = form_of(file, input_format)
    if form is None:
        raise refused(
            "the ending is not .csv, .tsv, .jsonl or .psv; rename it or say --input-format",
            file.name,
        )
    return parse_codings(file, form)
