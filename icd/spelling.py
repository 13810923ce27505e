"""What a string that is no code may have been: spoilt by a spreadsheet, without its dot,
mistyped, of ICD-10."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from icd.codes import KINDS, Kind, category_width, dotted, has_shape, undotted

ICD10_CM = re.compile(r"[A-Z][0-9][0-9AB][0-9A-Z]{0,4}")
ICD10_PCS = re.compile(r"[0-9B-DFGHX][0-9A-HJ-NP-Z]{6}")
LONGEST = 5
"""Characters of the longest code, without its dot."""
MISREAD = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", ",": ".", ";": "."})


def spreadsheet_candidates(code: str, known: Collection[str]) -> list[str]:
    """Known codes, other than `code` itself, that a spreadsheet reading numbers would have
    turned into `code`.

    A number loses its leading zeros and those at the end of its fraction.

    >>> spreadsheet_candidates("250", {"250.00", "250.01"})
    ['250.00']
    >>> spreadsheet_candidates("8.45", {"008.45", "08.45"})
    ['008.45', '08.45']
    """
    whole, _, fraction = code.partition(".")
    if not _is_number(whole) or (fraction and not _is_number(fraction)):
        return []
    if whole.startswith("0") and whole != "0":
        return []
    whole = whole.lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    spellings = set()
    for kind in KINDS:
        padded = whole.zfill(category_width(whole, kind))
        for width in range(len(fraction), 3):
            spellings.add(f"{padded}.{fraction.ljust(width, '0')}" if width else padded)
    return sorted(spelling for spelling in spellings if spelling in known and spelling != code)


def undotted_candidates(code: str, known: Collection[str], kinds: Collection[Kind]) -> list[str]:
    """Known codes of these kinds that are `code` without their dot.

    >>> undotted_candidates("0066", {"00.66", "006.6", "066.0"}, ["dx", "proc"])
    ['00.66', '006.6']
    """
    if "." in code or not code.isalnum():
        return []
    return sorted({dotted(code, kind) for kind in kinds if dotted(code, kind) in known})


def lost_zeros_candidates(code: str, known: Collection[str], kinds: Collection[Kind]) -> list[str]:
    """Known codes of these kinds that are `code` without their dot and without the zeros at
    their beginning.

    >>> lost_zeros_candidates("66", {"00.66", "006.6", "66.0"}, ["dx", "proc"])
    ['00.66', '006.6']
    """
    if not _is_number(code) or code.startswith("0"):
        return []
    found: set[str] = set()
    for width in range(len(code) + 1, LONGEST + 1):
        found.update(undotted_candidates(code.zfill(width), known, kinds))
    return sorted(found)


def written_alike(typed: str, codes: Iterable[str]) -> list[str]:
    """Those of the codes that are what somebody typed, but for dots, spaces and capitals.

    >>> written_alike("4280", ["428.0", "42.80", "401.9"]), written_alike("v1254", ["V12.54"])
    (['428.0', '42.80'], ['V12.54'])
    """
    wanted = _bare(typed)
    return [code for code in codes if _bare(code) == wanted]


def _bare(typed: str) -> str:
    return typed.replace(".", "").replace(" ", "").casefold()


def looks_like_icd10(code: str) -> bool:
    """Whether a string, dotted or not, has the shape of an ICD-10 code and cannot be one of
    ICD-9.

    E and V begin codes of both systems: what has the shape of a code of ICD-9 is left to it,
    unless its dot stands where ICD-10 has it.

    >>> [looks_like_icd10(code) for code in ("I50.22", "I10", "E11.65", "E116.5", "0DJ08ZZ")]
    [True, True, True, True, True]
    >>> [looks_like_icd10(code) for code in ("E849.0", "V10.3", "428.0", "CHF", "1234567", "X1")]
    [False, False, False, False, False, False]
    """
    bare = undotted(code)
    if ICD10_PCS.fullmatch(bare) and not bare.isdigit():
        return True
    if not ICD10_CM.fullmatch(bare):
        return False
    if re.fullmatch(r"E\d\d\..+", code):
        return True
    return not has_shape(dotted(bare, "dx"), "dx")


def without_slips(code: str) -> str:
    """The string without what fingers and scanners add: stray marks, blanks, a letter for a
    figure.

    >>> [without_slips(code) for code in (".786.2", "428,0", "428.O", "V 10.3", "ICD9:401.9")]
    ['786.2', '428.0', '428.0', 'V10.3', '401.9']
    """
    bare = re.sub(r"(?i)^icd[-_ ]?9?(-cm)?[:\s]+", "", code)
    bare = bare.translate(MISREAD).upper()
    bare = re.sub(r"[^0-9EV.]", "", bare)
    return re.sub(r"\.{2,}", ".", bare).strip(".")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
