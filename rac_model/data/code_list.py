"""The code list of a model: dotted codes with kind and titles, and what stands in where a title is missing."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import astuple

from icd.codes import CodeRow, Kind, kind_of
from icd.titles import NearestTitle, Title

HEADER = ("code", "kind", "short_title", "long_title")


def code_rows(codes: Collection[str], titles: Mapping[str, Title]) -> list[CodeRow]:
    """The codes, sorted, each with its own title, else that of its nearest parent or child, else its own string."""
    nearest = NearestTitle(titles)
    return [_row(code, titles, nearest) for code in sorted(codes)]


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
    return [CodeRow(code, _kind(kind), short, long) for code, kind, short, long in reader]


def _kind(text: str) -> Kind:
    if text == "dx":
        return "dx"
    if text == "proc":
        return "proc"
    raise ValueError(f"kind must be dx or proc, not {text!r}")


def _row(code: str, titles: Mapping[str, Title], nearest: NearestTitle[Title]) -> CodeRow:
    """The kind is that of the code's own title; a neighbour lends its title alone."""
    kind = titles[code].kind if code in titles else kind_of(code)
    title = nearest.of(code)
    if title is None:
        return CodeRow(code, kind, code, code)
    return CodeRow(code, kind, title.short, title.long)
