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


def caml_reading(code: str, kind: str) -> str:
    """A dotted code as published tables have it: a procedure read as an integer, dotted after two digits, then a float.

    Many to one: leading and trailing zeros are lost, so 252 of MIMIC's procedure codes change their name.

    >>> caml_reading("00.66", "proc"), caml_reading("03.31", "proc"), caml_reading("99.10", "proc")
    ('66.0', '33.1', '99.1')
    >>> caml_reading("250.00", "dx"), caml_reading("96.04", "proc")
    ('250.00', '96.04')
    """
    if kind != "proc":
        return code
    digits = str(int(code.replace(".", "")))
    return str(float(f"{digits[:2]}.{digits[2:]}"))


def category(code: str) -> str:
    """The part before the dot: three characters of a diagnosis (four of an E code), two digits of a procedure."""
    return code.partition(".")[0]


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
