"""By note: two raters side by side, and the notes behind every count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role
from benchmark.metrics.tables.rendering import Table
from benchmark.selectors.raters import people_of
from benchmark.tables.notes.list_words import menu
from benchmark.tables.notes.lists import UNKNOWN, how_many
from benchmark.tables.notes.rows import note_rows, notes_table
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import Choice, choice_of
from pages.code_asked import CodesFound, codes_asked
from pages.note_list import EVERY, NoteList, list_of, params_of
from pages.note_walk import A_PAGE as LIST_PAGE
from pages.numbered import numbered
from pages.results import shared

SIZES = ("25", "50", "100")
A_PAGE = str(LIST_PAGE)
COUNTED_UP_TO = 2_000
"""Notes of a study whose menu says how many notes each list has: of more it would take long."""
HEADS = (
    ("name", "Note", ""),
    ("coder", "Coder", ""),
    ("words", "Words", "n"),
    ("reference", "", "n"),
    ("given-a", "given", "n"),
    ("given-b", "given", "n"),
    ("found-a", "found", "n"),
    ("found-b", "found", "n"),
    ("jaccard-a", "Jaccard", "n"),
    ("jaccard-b", "Jaccard", "n"),
    ("difference", "A − B", "n"),
    ("jaccard-ab", "A with B", "n"),
)
"""(order, its words, class) of each column that sorts."""
SIMULATED = " (simulated)"
ARROWS = {"none": "", "ascending": "\N{NO-BREAK SPACE}↑", "descending": "\N{NO-BREAK SPACE}↓"}
"""How the list is sorted by a column -> what stands behind its words."""
FROM_A = ("name", "coder")
"""Begin with A; others with the largest."""


@require_GET
@roles(Role.RESEARCHER)
def notes(request: AuthedRequest, slug: str) -> HttpResponse:
    """The notes of two raters, or those behind a count: `?by=&of=&show=&coder=&sort=`.

    `?q=`, what is typed in the search for a code, becomes `of` where it means one code.
    """
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    context = shared(choice, view="notes")
    found = list_of(request, choice)
    if found is None:
        return render(request, "by_note/by_note.html", context)
    codes = codes_asked(request, found)
    if codes.one:
        return HttpResponseRedirect(found.link("results-notes", by=codes.by, of=codes.one))
    context |= _list_context(request, found, codes)
    return render(request, "by_note/by_note.html", context)


def asked_notes(request: HttpRequest, choice: Choice) -> Table | None:
    """What the page's address lists, as a table to download; None where there is no list."""
    found = list_of(request, choice)
    if found is None:
        return None
    title = f"{choice.a} by note, against the {choice.preset.against}"
    if choice.b:
        title = f"{choice.a} (A) and {choice.b} (B) by note, against the {choice.preset.against}"
    title += f": {found.words}"
    return notes_table(title, choice.sides, *found.pair, found.rows, found.facts)


def _list_context(request: HttpRequest, found: NoteList, codes: CodesFound) -> dict[str, Any]:
    choice, asked = found.choice, found.asked
    size = request.GET.get("rows", A_PAGE)
    if size not in SIZES:
        raise Http404("no such number of rows")
    page = Paginator(range(len(found.rows)), int(size)).get_page(request.GET.get("page"))
    code = asked.of if asked.by == "code" else ""
    return {
        "list": found,
        "asked": asked,
        "codes": codes,
        "code": code,
        "page": page,
        "lines": _lines(found, page, code),
        "heads": _heads(found, size),
        "menu": _menu(found),
        "coders": [str(coder) for coder in people_of(choice.study)],
        "bar_kept": list(params_of(asked).items()),
        "pages": numbered(page, lambda number: _address(found, size, page=number)),
        "sizes": [(each, _address(found, each) if each != size else "") for each in SIZES],
        "file": "?" + _address(found, A_PAGE).partition("?")[2],
        "without_code": _address(found, size, of="", by=""),
        "sort": asked.sort,
        "rows": "" if size == A_PAGE else size,
    }


def _lines(found: NoteList, page: Page[int], code: str) -> list[dict[str, Any]]:
    """The rows of a page, with what the database knows of their notes."""
    choice = found.choice
    rows = found.rows[max(page.start_index() - 1, 0) : page.end_index()]
    names = found.notes(rows)
    here = choice.study.notes.filter(external_id__in=names).order_by()
    pks = dict(here.values_list("external_id", "pk"))
    coders = found.coders(rows)
    words = found.lengths[rows]
    lines = []
    for at, row in enumerate(note_rows(choice.sides, *found.pair, rows, code)):
        lines.append(
            {
                "row": row,
                "address": found.walk(pks[row.note]),
                "coder": coders[at],
                "words": None if words[at] == UNKNOWN else int(words[at]),
            }
        )
    return lines


def _address(found: NoteList, size: str, **changes: object) -> str:
    """This page with some of what it is asked for changed."""
    return found.link("results-notes", rows="" if size == A_PAGE else size, **changes)


def _heads(found: NoteList, size: str) -> list[dict[str, str]]:
    """The columns that sort: where each link leads, and how the list is sorted by it now."""
    now = found.asked.order
    heads = []
    for name, words, kind in HEADS:
        second = name.endswith("-b") or name in ("difference", "jaccard-ab")
        if second and not found.choice.b:
            continue
        following = name if name in FROM_A else f"-{name}"
        state = "none"
        if now == f"-{name}":
            state, following = "descending", name
        elif now == name:
            state, following = "ascending", f"-{name}"
        heads.append(
            {
                "name": name,
                "words": words or found.choice.against.capitalize(),
                "mark": name[-1].upper() if name[-2:] in ("-a", "-b") else "",
                "kind": kind,
                "state": state,
                "arrow": ARROWS[state],
                "address": _address(found, size, sort=following),
            }
        )
    return heads


def _menu(found: NoteList) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """What can be shown: (group, [(list, its words, whether it is shown)])."""
    counts = {}
    if len(found.choice.sides.axes.notes) <= COUNTED_UP_TO:
        counts = how_many(found.choice.everybody, *found.pair, found.asked, found.facts_asked)
    shown = found.asked.show or EVERY
    groups = []
    names = found.names
    # An option has little room, and the bar says who is simulated.
    short = replace(names, a=names.a.removesuffix(SIMULATED), b=names.b.removesuffix(SIMULATED))
    for head, choices in menu(short, found.asked.of):
        options = []
        for show, words in choices:
            if show in counts:
                words = f"{words} ({counts[show]:,})"
            options.append((show, words, show == shown))
        groups.append((head, options))
    return groups
