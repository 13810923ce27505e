"""A list of codes as the browser takes it: static/desk/search/index.js makes its index of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icd.chapters import CHAPTERS
from icd.codes import CodeRow, Kind, as_kind, category, parent
from icd.search.categories import category_title
from icd.search.tables import for_browser, tables
from icd.tables import children, kinds, nearest_titles


def browser_data(rows: Sequence[CodeRow], frequencies: Mapping[str, int] | None) -> dict[str, Any]:
    """What the browser's index of these codes is made of: JSON values alone.

    codes: [code, kind, long title, short title]; terms: code -> other names; frequencies: code ->
    training stays, or null; categories: kind -> category -> title, of those above the codes;
    others: [code, kind, title] of the codes that share a category with a listed one and are not
    listed; chapters: kind -> [first category, name]; tables: see `icd.search.tables`.
    """
    listed = {row.code for row in rows}
    own_terms = {}
    for row in rows:
        if row.kind == "dx" and row.code in tables().terms:
            own_terms[row.code] = tables().terms[row.code]
    return {
        "codes": [[row.code, row.kind, row.long, row.short] for row in rows],
        "terms": own_terms,
        "frequencies": _of_listed(frequencies, listed),
        "categories": _categories(rows),
        "others": _others(rows, listed),
        "chapters": CHAPTERS,
        "tables": for_browser(),
    }


def _of_listed(frequencies: Mapping[str, int] | None, listed: set[str]) -> dict[str, int] | None:
    if frequencies is None:
        return None
    return {code: count for code, count in sorted(frequencies.items()) if code in listed}


def _categories(rows: Sequence[CodeRow]) -> dict[Kind, dict[str, str]]:
    """Titles of all that stands above these codes, and above those that share their category."""
    found: dict[Kind, dict[str, str]] = {"dx": {}, "proc": {}}
    for top, kind in _tops(rows):
        for code in [*children(top), *_of_category(rows, top, kind)]:
            above = parent(code)
            while above:
                if above not in found[kind] and above not in kinds():
                    found[kind][above] = category_title(above, kind)
                above = parent(above)
    return found


def _of_category(rows: Sequence[CodeRow], top: str, kind: Kind) -> list[str]:
    return [row.code for row in rows if row.kind == kind and row.code.startswith(f"{top}.")]


def _others(rows: Sequence[CodeRow], listed: set[str]) -> list[tuple[str, Kind, str]]:
    found = []
    for top, kind in _tops(rows):
        for code in children(top):
            if code not in listed:
                found.append((code, kind, nearest_titles().titles[code].long))
    return found


def _tops(rows: Sequence[CodeRow]) -> list[tuple[str, Kind]]:
    """The categories before the dot, in order."""
    return sorted({(category(row.code), as_kind(row.kind)) for row in rows})
