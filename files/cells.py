"""What stands in the cells of both kinds of file: note ids, and codes as somebody wrote them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from icd.codes import Kind

ID_LIMIT = 64
SHOWN_ID = 40
SHORTEST_CODE = 3
LONGEST_CODE = 500
AS_FORMULA = re.compile(r'="([^"=]*)"')
PLAIN = re.compile(r"[\w.]+")
"""A cell without anything that could part it."""
BRACKETS = ("[", "{", "(")
CODE_ALIASES = dict.fromkeys(
    (
        "icd9_codes",
        "icd_codes",
        "icd9",
        "icd_9_codes",
        "icd",
        "icd9_code_list",
        "code_list",
        "labels",
    ),
    "codes",
)
"""Names under which people write the column `codes` of a file of notes."""
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("dx", "d", "diag", "diagnosis", "diagnoses"), "dx"),
    **dict.fromkeys(("proc", "p", "px", "sg", "procedure", "procedures"), "proc"),
}
"""How people write a code's kind -> the kind."""


class CellError(ValueError):
    """A cell that cannot be taken; the message says why and how to mend it."""


@dataclass(frozen=True)
class Written:
    """A code as it was written, trimmed, and its kind where the file says it."""

    text: str
    kind: Kind | None = None


def note_id(value: object, *, limit: int | None = None) -> str:
    """The id of a note, without the blanks around it. A whole number of JSON counts as its
    digits. CellError.

    >>> note_id(" n1 "), note_id(7)
    ('n1', '7')
    """
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise CellError("note_id is not a string; put it in quotes")
    found = value.strip()
    if not found:
        raise CellError("no note_id; every row belongs to a note")
    if limit is not None and len(found) > limit:
        raise CellError(f"the note id {found[:20]}... is over {limit} characters; shorten it")
    if "\n" in found or "\r" in found:
        raise CellError("a line break in a note_id; check that every quote is closed")
    problem = unstorable(found)
    if problem:
        raise CellError(f"the note_id {problem}")
    return found


def patient_id(value: object, *, limit: int | None = None) -> str:
    """The id of a patient, without the blanks around it; "" for none. CellError.

    >>> patient_id(" p1 "), patient_id(7), patient_id(None)
    ('p1', '7', '')
    """
    if value is None:
        return ""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise CellError("the patient is not a string; put it in quotes")
    found = value.strip()
    if limit is not None and len(found) > limit:
        raise CellError(f"the patient's id is over {limit} characters; shorten it")
    if "\n" in found or "\r" in found:
        raise CellError("a line break in a patient's id; check that every quote is closed")
    problem = unstorable(found)
    if problem:
        raise CellError(f"the patient's id {problem}")
    return found


def unwrapped(cell: str) -> str:
    """What stands in a formula that is nothing but a string, by which people keep the zeros of
    their codes in Excel.

    >>> unwrapped('="401.90"'), unwrapped("=A1")
    ('401.90', '=A1')
    """
    found = AS_FORMULA.fullmatch(cell.strip())
    return found[1] if found else cell


def shown_id(found: str) -> str:
    """A note id as messages show it."""
    return found if len(found) <= SHOWN_ID else f"{found[:SHOWN_ID]}..."


def unstorable(text: str) -> str:
    """Why no database would take this text; empty when it would.

    >>> unstorable("fine"), unstorable("a\\x00")
    ('', 'holds a NUL character; remove it')
    """
    if "\x00" in text:
        return "holds a NUL character; remove it"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half a character (a lone \\ud800-\\udfff); write the whole one, in UTF-8"
    return ""


def kind_written(text: str) -> Kind | None:
    """The kind that a cell names; None for an empty one. CellError.

    >>> kind_written("Procedure"), kind_written("ICD9-DX"), kind_written(" ")
    ('proc', 'dx', None)
    """
    if not text.strip():
        return None
    plain = re.sub(r"[\W\d_]+", "", text.lower()).removeprefix("icd").removeprefix("cm")
    plain = plain.removesuffix("code").removesuffix("icd")
    if plain not in KINDS:
        raise CellError("the kind is neither dx nor proc; write one of the two")
    return KINDS[plain]


def split_codes(cell: str) -> list[str]:
    """The codes of a cell: separated by |, by semicolons, by commas where no comma can stand for
    a dot, by blanks where all parts look like codes; or a list of Python or JSON.

    >>> split_codes("428.0|401.9"), split_codes("428.0; 401.9"), split_codes("428,0")
    (['428.0', '401.9'], ['428.0', '401.9'], ['428,0'])
    >>> split_codes("['428.0', '401.9']"), split_codes("428.0 401.9")
    (['428.0', '401.9'], ['428.0', '401.9'])
    """
    text = cell.strip()
    if PLAIN.fullmatch(text):
        return [text]
    if text[:1] in BRACKETS:
        return _of_brackets(text)
    for separator in ("|", ";", ","):
        parts = [part.strip() for part in text.split(separator)]
        if len(parts) > 1 and (
            separator != "," or all(len(part) >= SHORTEST_CODE for part in parts)
        ):
            return [part for part in parts if part]
    parts = text.split()
    if len(parts) > 1 and all(map(looks_like_code, parts)):
        return parts
    return [text] if text else []


def codes_in_cell(cell: str, *, several: bool) -> list[str]:
    """The codes of a cell. `several`: of a column that is named for several codes; else a cell
    is split only where every part of it looks like a code.

    >>> codes_in_cell("428.0;401.9", several=False), codes_in_cell("a;b", several=False)
    (['428.0', '401.9'], ['a;b'])
    """
    parts = split_codes(cell)
    if several or len(parts) < 2 or cell.strip()[:1] in BRACKETS:
        return parts
    return parts if all(map(looks_like_code, parts)) else [cell.strip()]


def _of_brackets(text: str) -> list[str]:
    """The codes of a list as Python, JSON, NumPy or Label Studio write it."""
    if text[0] in "[{":
        try:
            return list(codes_of_value(json.loads(text)))
        except (ValueError, RecursionError):
            pass
    bare = re.sub(r"^(np\.)?(array|set|frozenset)?\(|[\[\](){}'\"]", " ", text)
    parts = [part.strip() for part in bare.split(",")]
    if len(parts) == 1:
        parts = bare.split()
    return [part for part in parts if part]


def codes_of_value(value: object) -> Iterator[str]:
    """The codes of a list, or of what Label Studio says of choices and of a taxonomy, where the
    last of a path is meant. ValueError for anything else.

    >>> list(codes_of_value({"choices": ["428.0"]})), list(codes_of_value([["Heart", "428.0"]]))
    (['428.0'], ['428.0'])
    """
    if isinstance(value, dict):
        value = value.get("choices") or value.get("taxonomy")
    if not isinstance(value, list):
        raise ValueError("no list of codes")
    for item in value:
        last = item[-1] if isinstance(item, list) and item else item
        if isinstance(last, dict):
            yield from codes_of_value(last)
        elif last is not None:
            yield str(last)


def codes_of_list(value: object, kind: Kind | None = None) -> tuple[list[Written], int]:
    """(the codes of a JSON list, how many were null or empty). An item is a string or an object
    with `code`."""
    if not isinstance(value, list):
        raise CellError('codes must be a list of strings, like ["428.0", "401.9"]')
    found = []
    nulls = 0
    for item in value:
        code = item.get("code") if isinstance(item, dict) else item
        if item is None or (isinstance(code, str) and not code.strip()):
            nulls += 1
            continue
        found.append(Written(code_text(code), _kind_of_item(item) or kind))
    return found, nulls


def _kind_of_item(item: Any) -> Kind | None:
    if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
        return None
    return kind_written(item["kind"])


def code_text(code: object) -> str:
    """A code as written, trimmed. CellError where it is no text, or text that no file can hold."""
    if not isinstance(code, str):
        raise CellError("a code is not a string; put codes in quotes, zeros and all")
    text = code.strip()
    if "\n" in text or "\r" in text:
        raise CellError("a line break in a code; check that every quote is closed")
    if len(text) > LONGEST_CODE:
        raise CellError(f"a code of over {LONGEST_CODE} characters is none; is it a note's text?")
    problem = unstorable(text)
    if problem:
        raise CellError(f"a code {problem}")
    return text


CODE = re.compile(
    r"[EVev]\d{2,4}(\.\d{0,2})?|\d{2,5}|\d{1,3}\.\d{0,3}|[A-Z]\d[0-9AB](\.?[0-9A-Z]{1,4})?"
)
"""What codes of ICD look like, with or without their dot, and a little spoilt."""


def looks_like_code(text: str) -> bool:
    """Whether a string has the shape of a code.

    >>> [looks_like_code(text) for text in ("428.0", "v103", "0066", "I50.22", "34.")]
    [True, True, True, True, True]
    >>> [looks_like_code(text) for text in ("n1", "ward", "CHF", "1", "100001", "")]
    [False, False, False, False, False, False]
    """
    return CODE.fullmatch(text.strip()) is not None
