"""What somebody typed to ask for the notes of a code: its number, or words of its title."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from django.http import HttpRequest

from annotation.selectors.code_search import LONGEST_QUERY
from benchmark.selectors.code_titles import codes_found, group_titles
from benchmark.tables.two_raters import groups_of
from icd.spelling import written_alike
from pages.note_list import NoteList

MOST = 12
"""Codes to choose from."""


@dataclass(frozen=True)
class CodesFound:
    """What a search for a code found among the codes that somebody gave."""

    query: str = ""
    one: str = ""
    """The code, or category, that was meant."""
    by: str = "code"
    """What `one` is."""
    choices: list[tuple[str, str, str, int]] = field(default_factory=list)
    """(code, title, address of its notes, how many the reference has), the most frequent first."""
    more: int = 0
    """How many more there are."""


def codes_asked(request: HttpRequest, found: NoteList) -> CodesFound:
    """What `?q=` means."""
    query = " ".join(request.GET.get("q", "").split())[:LONGEST_QUERY]
    if not query:
        return CodesFound()
    codes = found.choice.sides.axes.codes
    exact = _named(query, codes)
    if exact:
        return CodesFound(query, exact)
    categories, _ = groups_of(found.choice.sides, "category", np.zeros(0, np.int64))
    for name in (query.upper(), f"{query} proc"):
        if name in categories:
            return CodesFound(query, name, "category")
    hits = codes_found(codes, query)
    if len(hits) == 1:
        return CodesFound(query, next(iter(hits)))
    return _to_choose(query, found, sorted(hits))


def _named(query: str, codes: tuple[str, ...]) -> str:
    """The code that is written so, with or without its dot; "" where there is none."""
    written = written_alike(query, codes)
    if len(written) == 1:
        return written[0]
    return query if query in codes else ""


def _to_choose(query: str, found: NoteList, hits: list[str]) -> CodesFound:
    sides = found.choice.sides
    rows = sides.counted(*(name for name in found.pair if name))
    times = np.asarray(sides.true[rows].sum(axis=0)).ravel()
    column = {code: at for at, code in enumerate(sides.axes.codes)}
    hits.sort(key=lambda code: -times[column[code]])
    titles = group_titles(hits[:MOST], "code")
    choices = []
    for code in hits[:MOST]:
        address = found.link("results-notes", by="", of=code)
        choices.append((code, titles.get(code, ""), address, int(times[column[code]])))
    return CodesFound(query, choices=choices, more=max(0, len(hits) - MOST))
