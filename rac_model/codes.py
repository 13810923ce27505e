"""The code list of a model: dotted codes with kind and titles, and what stands in where a title is missing."""

from __future__ import annotations

import csv
import hashlib
import io
from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass

from rac_model.mimic import Title

HEADER = ("code", "kind", "short_title", "long_title")


@dataclass(frozen=True)
class CodeRow:
    """A code that a model can give."""

    code: str
    kind: str
    short: str
    long: str

    @property
    def title(self) -> str:
        """What the title encoder reads: long and short title."""
        return f"{self.long} {self.short}"


def code_rows(codes: Collection[str], titles: Mapping[str, Title]) -> list[CodeRow]:
    """The codes, sorted, each with its own title, else that of its nearest parent or child, else its own string."""
    known = sorted(titles)
    return [_row(code, titles, known) for code in sorted(codes)]


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
    return [CodeRow(*row) for row in reader]


def _row(code: str, titles: Mapping[str, Title], known: list[str]) -> CodeRow:
    title = titles.get(code) or _parent(code, titles) or _child(code, titles, known)
    if title is None:
        return CodeRow(code, "proc" if code.find(".") == 2 else "dx", code, code)
    return CodeRow(code, title.kind, title.short, title.long)


def _parent(code: str, titles: Mapping[str, Title]) -> Title | None:
    shorter = (code[:end].rstrip(".") for end in range(len(code) - 1, 1, -1))
    return next((titles[parent] for parent in shorter if parent in titles), None)


def _child(code: str, titles: Mapping[str, Title], known: list[str]) -> Title | None:
    place = bisect_left(known, code)
    return titles[known[place]] if place < len(known) and known[place].startswith(code) else None
