"""The columns that a page of lines can be sorted by."""

from __future__ import annotations

from django.http import HttpRequest

from benchmark.tables.lines import FIGURES
from pages.choices import asked_sort, kept

A_PAGE = 100
"""Lines on a page."""


def columns(request: HttpRequest, default: str) -> list[dict[str, str]]:
    """The columns that a page can be sorted by.

    `name`; `query`, where the column's link leads; `state`, how the page is sorted by it now, in
    the words of the attribute aria-sort. `default` is the sort of an address that names none.
    """
    sort = asked_sort(request, default)
    sorted_by = sort.lstrip("-")
    found = []
    for name in ("name", *FIGURES):
        # Another column begins with its largest figure, names with A; the same one turns round.
        state = "none"
        following = name if name == "name" else f"-{name}"
        if name == sorted_by and sort.startswith("-"):
            state = "descending"
            following = name
        elif name == sorted_by:
            state = "ascending"
            following = f"-{name}"
        query = kept(request.GET, "preset", "a", "b", "by", "of", "show", sort=following)
        found.append({"name": name, "query": query.urlencode(), "state": state})
    return found
