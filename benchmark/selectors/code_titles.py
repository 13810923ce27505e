"""Codes that raters gave: found by what a coder types, and their titles. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from threading import Lock

from annotation.models import Code, CodeSet
from annotation.selectors.code_search import LONGEST_QUERY, search_list
from benchmark.selectors.notes import titles_of
from icd.codes import CodeRow, as_kind, category
from icd.search import Hit, Index, search
from icd.search.categories import category_title
from icd.tables import kind_of

_building = Lock()


def codes_found(codes: tuple[str, ...], query: str) -> frozenset[str]:
    """Those of the codes that a query finds, as on the coding page.

    Strings that are no codes have no title: they are found by any part of them.
    """
    query = query[:LONGEST_QUERY]
    index, untitled = _searched(codes)
    found = {hit.code for hit in search(index, query, limit=len(codes))}
    part = query.replace(" ", "").casefold()
    if part:
        found.update(code for code in untitled if part in code.replace(" ", "").casefold())
    return frozenset(found)


def found_unused(code_set: CodeSet, codes: Collection[str], query: str, limit: int) -> list[Hit]:
    """Codes of a list that a query finds and that nobody gave, best first."""
    hits = search_list(code_set, query[:LONGEST_QUERY])
    return [hit for hit in hits if hit.code not in codes][:limit]


def group_titles(names: Iterable[str], by: str) -> dict[str, str]:
    """Code, or category -> its title; those without one are left out, as are other groups."""
    names = list(names)
    if by == "code":
        return titles_of(names)
    found = {}
    if by == "category":
        for name in names:
            title = title_of_category(name)
            if title:
                found[name] = title
    return found


def title_of_category(name: str) -> str:
    """Title of a category as `icd.groups` names it; "" where it has none.

    >>> title_of_category("428"), title_of_category("38 proc"), title_of_category(".786.2")
    ('Heart failure', 'Incision, excision, and occlusion of vessels', '')
    """
    bare = name.removesuffix(" proc")
    kind = kind_of(bare)
    if bare != name:
        kind = "proc"
    if kind is None:
        return ""
    title = category_title(category(bare), kind)
    if title == bare:
        return ""
    return title


def _searched(codes: tuple[str, ...]) -> tuple[Index, tuple[str, ...]]:
    with _building:
        return _made_index(codes)


@lru_cache(maxsize=4)
def _made_index(codes: tuple[str, ...]) -> tuple[Index, tuple[str, ...]]:
    """The codes that have titles, to be searched, and the others.

    It takes a tenth of a second for two thousand codes; one of the run shown stays in the process.
    """
    wanted = set(codes)
    rows = []
    for code, kind, short, long in Code.objects.of_systems().values_list(
        "code", "kind", "short_title", "long_title"
    ):
        if code in wanted:
            rows.append(CodeRow(code, as_kind(kind), short, long))
            wanted.discard(code)
    return Index(rows), tuple(sorted(wanted))
