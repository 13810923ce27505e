"""How ICD-9-CM codes are written: dots, kinds, categories and parents. Rules about strings,
without any table.

Codes are in upper case. Unless a function says otherwise they are dotted: a dotted string is a
diagnosis or a procedure, never both, while 1,593 strings without their dot are both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["dx", "proc"]
"""dx: a diagnosis; proc: a procedure."""
KINDS: tuple[Kind, ...] = get_args(Kind)
KIND_NAMES: dict[Kind, str] = {"dx": "diagnoses", "proc": "procedures"}
SHAPES: dict[Kind, re.Pattern[str]] = {
    "dx": re.compile(
        r"(?!000|V00)(?:\d{3}|V[0-8]\d|V9[01])(?:\.\d{1,2})?"
        r"|E(?:0[0-2]\d|030|[89]\d\d)(?:\.\d)?",
        re.ASCII,
    ),
    "proc": re.compile(r"\d{2}(?:\.\d{1,2})?", re.ASCII),
}
"""What a dotted code or category looks like. The book has the diagnoses 001 to 999, V01 to V91,
E000 to E030 and E800 to E999, and the procedures 00 to 99; E100 and V97 are of ICD-10 alone."""


def as_kind(text: str) -> Kind:
    """A kind that was read from a file or a database. ValueError where it is none."""
    for kind in KINDS:
        if text == kind:
            return kind
    raise ValueError(f"kind must be {' or '.join(KINDS)}, not {text!r}")


@dataclass(frozen=True)
class CodeRow:
    """A code with its kind and titles."""

    code: str
    kind: Kind
    short: str
    long: str

    @property
    def title(self) -> str:
        """What a model's title encoder reads: long and short title."""
        return f"{self.long} {self.short}"

    @property
    def category(self) -> tuple[Kind, str]:
        """The category that the code shares with others of its kind."""
        return self.kind, category(self.code)


def dotted(code: str, kind: Kind) -> str:
    """Put the dot into an undotted code; a code that has its dot is returned as it is.

    >>> dotted("4019", "dx"), dotted("E8490", "dx"), dotted("0066", "proc"), dotted("042", "dx")
    ('401.9', 'E849.0', '00.66', '042')
    """
    width = category_width(code, kind)
    if "." in code or len(code) <= width:
        return code
    return f"{code[:width]}.{code[width:]}"


def undotted(code: str) -> str:
    """A code as MIMIC and CMS write it. Its kind is needed to put the dot back.

    >>> undotted("401.9"), undotted("40.19"), undotted("042")
    ('4019', '4019', '042')
    """
    return code.replace(".", "")


def category_width(code: str, kind: Kind) -> int:
    """Characters before the dot: two of a procedure, four of an E code, three of other
    diagnoses."""
    if as_kind(kind) == "proc":
        return 2
    return 4 if code.startswith("E") else 3


def has_shape(code: str, kind: Kind) -> bool:
    """Whether a dotted string looks like a code or a category of this kind, whether or not there
    is such a code.

    >>> has_shape("038.9", "dx"), has_shape("038.9", "proc"), has_shape("8.4", "proc")
    (True, False, False)
    """
    return SHAPES[as_kind(kind)].fullmatch(code) is not None


def kind_by_shape(code: str) -> Kind | None:
    """The kind of code that a dotted string looks like; None where it looks like none.

    For strings of which nothing else is known. Where a table, a column or a list tells the kind,
    that holds; `icd.tables.kind_of` asks the tables first.

    >>> [kind_by_shape(code) for code in ("038.9", "38.93", "38", "V10", ".786.2", "E11.65")]
    ['dx', 'proc', 'proc', 'dx', None, None]
    """
    for kind in KINDS:
        if has_shape(code, kind):
            return kind
    return None


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


def caml_reading(code: str, kind: Kind) -> str:
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
    return str(float(caml_text(code)))


def caml_text(procedure: str) -> str:
    """A procedure as CAML's preprocessing writes it before it is read as a number again: some
    parts of its tables are not.

    >>> caml_text("00.34"), caml_text("99.10")
    ('34.', '99.10')
    """
    digits = str(int(undotted(procedure)))
    return f"{digits[:2]}.{digits[2:]}"
