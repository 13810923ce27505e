"""The code list of a model: dotted codes with their kinds and titles."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import astuple

from icd.codes import CodeRow, Kind, as_kind
from icd.titles import NearestTitle, Title

HEADER = ("code", "kind", "short_title", "long_title")


def code_rows(kinds: Mapping[str, Kind], titles: Mapping[str, Title]) -> list[CodeRow]:
    """The codes of `kinds`, sorted, with their titles.

    A code without one has that of its nearest parent or child, else the code itself.
    """
    nearest = NearestTitle(titles)
    return [nearest.row(code, kinds[code], absent=code) for code in sorted(kinds)]


def codes_sha256(codes: Collection[str]) -> str:
    """Hash of a code list, order included."""
    return hashlib.sha256("\n".join(codes).encode()).hexdigest()


def to_csv(rows: list[CodeRow]) -> str:
    """The rows as CSV text with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(astuple(row) for row in rows)
    return buffer.getvalue()


def from_csv(text: str) -> list[CodeRow]:
    """The rows that `to_csv` wrote."""
    reader = csv.reader(io.StringIO(text))
    if tuple(next(reader, ())) != HEADER:
        raise ValueError(f"the header must be {','.join(HEADER)}")
    return [CodeRow(code, as_kind(kind), short, long) for code, kind, short, long in reader]
