"""How ICD-9-CM codes are written: dots, kinds, categories and parents. Rules about strings,
without any table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["dx", "proc"]
"""dx: a diagnosis; proc: a procedure."""

DIAGNOSIS = re.compile(r"(?:\d{3}|V\d{2})(?:\.\d{1,2})?|E\d{3}(?:\.\d)?")
PROCEDURE = re.compile(r"\d{2}(?:\.\d{1,2})?")


@dataclass(frozen=True)
class CodeRow:
    """A code with its titles."""

    code: str
    kind: str
    short: str
    long: str

    @property
    def title(self) -> str:
        """What a model's title encoder reads: long and short title."""
        return f"{self.long} {self.short}"


def dotted(code: str, kind: str) -> str:
    """Put the dot into an undotted code; a code that has its dot is returned as it is.

    >>> dotted("4019", "dx"), dotted("E8490", "dx"), dotted("0066", "proc"), dotted("042", "dx")
    ('401.9', 'E849.0', '00.66', '042')
    """
    width = category_width(code, kind)
    if "." in code or len(code) <= width:
        return code
    return f"{code[:width]}.{code[width:]}"


def category_width(code: str, kind: str) -> int:
    """Characters before the dot: two of a procedure, four of an E code, three of other
    diagnoses."""
    if kind not in ("dx", "proc"):
        raise ValueError(f"kind must be dx or proc, not {kind!r}")
    if kind == "proc":
        return 2
    return 4 if code.startswith("E") else 3


def shaped_as(code: str) -> Kind | None:
    """The kind of code that a dotted string has the shape of, whether or not there is such a
    code.

    >>> [shaped_as(code) for code in ("038.9", "38.93", "38", "V10", ".786.2")]
    ['dx', 'proc', 'proc', 'dx', None]
    """
    if DIAGNOSIS.fullmatch(code):
        return "dx"
    if PROCEDURE.fullmatch(code):
        return "proc"
    return None


def kind_of(code: str) -> Kind:
    """Kind of a dotted code of which nothing else is known; where a table or a column tells the
    kind, that holds.

    "proc" where two digits stand before the dot (or one, where a published table lost the zero),
    else "dx".

    >>> kind_of("038.9"), kind_of("38.93"), kind_of("38"), kind_of("8.4"), kind_of("V10")
    ('dx', 'proc', 'proc', 'proc', 'dx')
    """
    before = category(code)
    return "proc" if before.isdigit() and len(before) <= 2 else "dx"


def category(code: str) -> str:
    """The part before the dot: three characters of a diagnosis (four of an E code), two of a
    procedure.

    >>> category("250.01"), category("E849.0"), category("38.93")
    ('250', 'E849', '38')
    """
    return code.partition(".")[0]


def parent(code: str) -> str:
    """The nearest shorter code, "" above a category.

    >>> parent("250.01"), parent("250.0"), parent("250")
    ('250.0', '250', '')
    """
    return code[:-1].rstrip(".") if "." in code else ""


def prefix_of_children(code: str) -> str:
    """What every code below this one begins with: below 40 lies 40.11, and 401.9 does not.

    >>> prefix_of_children("40"), prefix_of_children("250.0")
    ('40.', '250.0')
    """
    return code if "." in code else f"{code}."


def caml_reading(code: str, kind: str) -> str:
    """A dotted code as published tables have it: a procedure read as an integer, dotted after
    two digits, then a float.

    Many to one: leading and trailing zeros are lost, so 252 of MIMIC's procedure codes change
    their name.

    >>> caml_reading("00.66", "proc"), caml_reading("03.31", "proc"), caml_reading("99.10", "proc")
    ('66.0', '33.1', '99.1')
    >>> caml_reading("250.00", "dx"), caml_reading("96.04", "proc")
    ('250.00', '96.04')
    """
    if kind != "proc":
        return code
    digits = str(int(code.replace(".", "")))
    return str(float(f"{digits[:2]}.{digits[2:]}"))
