"""Ways to group codes by what they are: category, chapter, kind."""

from __future__ import annotations

from collections.abc import Callable

from icd.chapters import NO_CHAPTER, chapter_of
from icd.codes import category, kind_of, shaped_as

KINDS = {"dx": "Diagnoses", "proc": "Procedures"}


def category_group(code: str) -> str:
    """A code's category; a procedure's says that it is one, for 38 and 038 differ in one character.

    >>> category_group("038.9"), category_group("38.93"), category_group(".786.2")
    ('038', '38 proc', '.786.2')
    """
    if shaped_as(code) is None:
        return code
    return f"{category(code)} proc" if kind_of(code) == "proc" else category(code)


def kind_group(code: str) -> str:
    """Diagnoses, procedures, or what is no code at all."""
    return KINDS[kind_of(code)] if shaped_as(code) else NO_CHAPTER


GROUPS: dict[str, Callable[[str], str]] = {
    "code": str,
    "category": category_group,
    "chapter": chapter_of,
    "kind": kind_group,
}
"""Name of a way to group codes -> the group of a dotted code."""
