"""Ways to group codes by what they are: category, chapter, kind.

The groups are of strings, since strings are all that a benchmark keeps of what raters gave; some of
them are no codes. The kind of a string is the tables'; only a string that no table has, such as a
retired procedure, is grouped by its shape.
"""

from __future__ import annotations

from collections.abc import Callable

from icd.chapters import NO_CHAPTER, chapter_of
from icd.codes import KIND_NAMES, category
from icd.tables import kind_of


def category_group(code: str) -> str:
    """A code's category; a procedure's says that it is one, for 38 and 038 differ in one character.

    >>> category_group("038.9"), category_group("38.93"), category_group(".786.2")
    ('038', '38 proc', '.786.2')
    """
    kind = kind_of(code)
    if kind is None:
        return code
    return f"{category(code)} proc" if kind == "proc" else category(code)


def kind_group(code: str) -> str:
    """Diagnoses, procedures, or what is no code at all."""
    kind = kind_of(code)
    return KIND_NAMES[kind].capitalize() if kind else NO_CHAPTER


GROUPS: dict[str, Callable[[str], str]] = {
    "code": str,
    "category": category_group,
    "chapter": chapter_of,
    "kind": kind_group,
}
"""Name of a way to group codes -> the group of a dotted code."""
