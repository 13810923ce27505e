"""By code: two raters side by side, a line a code or a group of codes."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from annotation.models import Role
from benchmark.metrics.tables.rendering import Table
from benchmark.selectors.code_titles import found_unused
from benchmark.tables.codes.files import pair_table
from benchmark.tables.codes.rows import CodeLine, Share
from benchmark.tables.lines import GROUPINGS
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import Choice, choice_of
from pages.code_list import SIZES, CodeList, asked_of, code_list
from pages.numbered import numbered
from pages.results import shared

MOST = 2_500
"""Of a page of all: more are too much for a browser, and a file has them."""
UNUSED = 8
Counted: TypeAlias = list[tuple[str, str, int]]
"""(list of notes, words, count) of cells that lead to notes."""
NOUNS = {
    "code": ("code", "codes"),
    "category": ("category", "categories"),
    "chapter": ("chapter", "chapters"),
    "kind": ("kind", "kinds"),
    "frequency": ("band of frequency", "bands of frequency"),
}
ORDERS = {
    "-gap": "the largest gap first",
    "-ahead": "{a} ahead first",
    "ahead": "{b} ahead first",
    "-reference": "the most frequent first",
    "-missed-a": "the most missed by {a}",
    "-missed-b": "the most missed by {b}",
    "-added-a": "the most added by {a}",
    "-added-b": "the most added by {b}",
    "recall-a": "the least found by {a}",
    "recall-b": "the least found by {b}",
    "agree": "the least agreed on with each other",
    "name": "by code",
}
"""Orders to choose from; heads of columns give the others."""
FIGURES = {
    "name": "name",
    "reference": "frequency",
    "gap": "gap",
    "ahead": "gap",
    "agree": "agreement",
    "recall": "share found",
    "precision": "share of codes given that are right",
    "jaccard": "Jaccard",
    "given": "codes given",
    "found": "codes found",
    "missed": "codes missed",
    "added": "codes added",
}


@require_GET
@roles(Role.RESEARCHER)
def codes(request: AuthedRequest, slug: str) -> HttpResponse:
    """Two raters by code, category, chapter, kind or frequency."""
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    context = shared(choice, view="codes")
    asked = asked_of(request)
    context["bar_kept"] = list(asked.params.items())
    if choice.raters:
        context |= _list_context(request, code_list(request, choice))
    return render(request, "by_code/by_code.html", context)


def codes_table(request: HttpRequest, choice: Choice) -> Table:
    """What the page's address lists, as a table to download; with rare codes unless it says."""
    found = code_list(request, choice, hide_rare=False)
    lines = found.lines()
    title = f"{choice.a} by {found.asked.by}, against the {choice.preset.against}"
    if choice.b:
        title = f"{choice.a} (A) and {choice.b} (B) by {found.asked.by}"
        title += f", against the {choice.preset.against}"
    corner = found.asked.by.capitalize()
    return pair_table(title, corner, lines, found.titles(lines), choice.b)


def _list_context(request: HttpRequest, found: CodeList) -> dict[str, Any]:
    choice, asked = found.choice, found.asked
    on_page = MOST if asked.size == "all" else int(asked.size)
    paginator = Paginator(range(len(found.places)), on_page)
    page = paginator.get_page(request.GET.get("page"))
    lines = found.lines(max(page.start_index() - 1, 0), page.end_index())
    titles = found.titles(lines)
    singular, plural = NOUNS[asked.by]
    heads = _heads(found)
    return {
        "list": found,
        "asked": asked,
        "noun": singular,
        "count_noun": singular if len(found.places) == 1 else plural,
        "hidden_noun": singular if found.hidden == 1 else plural,
        "total": len(found.places),
        "total_words": f"{len(found.places):,}",
        "hidden_words": f"{found.hidden:,}",
        "order": order_words(asked.sort, choice),
        "orders": _orders(asked.sort, choice),
        "heads": heads,
        "over": _over(choice),
        "rater_heads": _rater_heads(heads, choice),
        "groupings": [(by, NOUNS[by][0]) for by in GROUPINGS],
        "lines": [_row(line, titles.get(line.name, ""), choice) for line in lines],
        "to_notes": choice.link("results-notes", by=asked.by),
        "to_code": choice.link("results-code", by=asked.by),
        "kept": _form_kept(choice, found),
        "chips": _chips(found),
        "page": page,
        "pages": numbered(page, lambda number: found.address(page=str(number))),
        "sizes": _sizes(found),
        "show_hidden": found.address(least="0"),
        "everything": choice.link("results-codes"),
        "file": "?" + found.address(least=str(found.least)).partition("?")[2],
        "unused": _unused(found),
    }


def order_words(sort: str, choice: Choice) -> str:
    """How a list is sorted, for a heading."""
    if sort in ORDERS:
        return ORDERS[sort].format(a=choice.a, b=choice.b)
    first = "largest" if sort.startswith("-") else "smallest"
    figure, _, rater = sort.removeprefix("-").partition("-")
    if figure == "name":
        return "by code, the last first"
    words = f"{first} {FIGURES[figure]} first"
    if rater:
        words += f", {choice.a if rater == 'a' else choice.b}"
    return words


def _orders(sort: str, choice: Choice) -> list[tuple[str, str]]:
    """What the field offers: the order of now among them."""
    found = {}
    for value in ORDERS:
        if choice.b or "{b}" not in ORDERS[value]:
            found[value] = order_words(value, choice)
    found.setdefault(sort, order_words(sort, choice))
    return list(found.items())


def _heads(found: CodeList) -> dict[str, dict[str, str]]:
    """Of each column that sorts: where its link leads, and how the list is sorted by it now.

    `state` is in the words of the attribute aria-sort. A column begins with its largest figure,
    names with A; the same one turns round.
    """
    heads = {}
    now = found.asked.sort
    names = ["name", "reference", "gap", "agree"]
    for figure in ("recall", "precision", "missed", "added"):
        names += [f"{figure}-a", f"{figure}-b"]
    for name in names:
        state, arrow = "none", ""
        following = name if name == "name" else f"-{name}"
        if now == f"-{name}":
            state, arrow, following = "descending", "\u00a0↓", name
        elif now == name:
            state, arrow, following = "ascending", "\u00a0↑", f"-{name}"
        address = found.address(sort=following)
        heads[name.replace("-", "_")] = {"address": address, "state": state, "arrow": arrow}
    return heads


def _over(choice: Choice) -> list[tuple[str, str]]:
    """(word, meaning) of what stands over the columns of each rater."""
    against = choice.against
    return [
        ("Recall", f"Of the codes that {against} gave, the share that the rater gave too."),
        (
            "Precision",
            f"Of the codes that the rater gave, the share that {against} gave too.",
        ),
        ("Missed", f"{capfirst(against)} gave the code, the rater did not."),
        ("Added", f"The rater gave the code, {against} did not."),
    ]


def _rater_heads(
    heads: dict[str, dict[str, str]], choice: Choice
) -> list[tuple[dict[str, str], str, str, str]]:
    """(head, mark, rater, figure) of the columns that A has, and B where there is one."""
    found = []
    for figure in ("recall", "precision", "missed", "added"):
        found.append((heads[f"{figure}_a"], "A", choice.a, figure))
        if choice.b:
            found.append((heads[f"{figure}_b"], "B", choice.b, figure))
    return found


def _row(line: CodeLine, title: str, choice: Choice) -> tuple[CodeLine, str, list[Share], Counted]:
    """(line, title, shares of its cells, counts of its cells)."""
    shares = [line.a.recall]
    if choice.b:
        shares.append(line.b.recall)
    shares.append(line.a.precision)
    if choice.b:
        shares.append(line.b.precision)
    return line, title, shares, _counts(line, choice)


def _counts(line: CodeLine, choice: Choice) -> Counted:
    """(list of notes, words, count) of the cells of missed and added."""
    found = [("missed-a", f"missed by {choice.a}", line.a.missed)]
    if choice.b:
        found.append(("missed-b", f"missed by {choice.b}", line.b.missed))
    found.append(("added-a", f"added by {choice.a}", line.a.added))
    if choice.b:
        found.append(("added-b", f"added by {choice.b}", line.b.added))
    return found


def _form_kept(choice: Choice, found: CodeList) -> list[tuple[str, str]]:
    """What the filters' form carries on beside its own fields."""
    pairs = dict(choice.params)
    if found.asked.size != SIZES[0]:
        pairs["rows"] = found.asked.size
    for by, group in found.asked.within.items():
        if by != "chapter":
            pairs[by] = group
    return list(pairs.items())


def _chips(found: CodeList) -> list[tuple[str, str]]:
    """(words, address without it) of what the list is narrowed to, beside the form's fields."""
    chips = []
    for by, group in found.asked.within.items():
        if by != "chapter":
            chips.append((f"{by}: {group}", found.address(**{by: ""})))
    return chips


def _sizes(found: CodeList) -> list[tuple[str, str]]:
    """(words, address) of the numbers of lines a page may have; no address for that of now."""
    total = len(found.places)
    links = []
    for each in SIZES:
        words = each
        if each == "all":
            words = f"all {total:,}"
            if total > MOST:
                words = f"{MOST:,} of {total:,}"
        links.append((words, "" if each == found.asked.size else found.address(rows=each)))
    return links


def _unused(found: CodeList) -> list[tuple[str, str, str]]:
    """(code, title, address) of codes of the list that a search finds and nobody gave."""
    choice, query = found.choice, found.asked.query
    if not query:
        return []
    codes = set(choice.sides.axes.codes)
    hits = found_unused(choice.study.code_set, codes, query, UNUSED)
    return [(hit.code, hit.title, choice.link("results-code", code=hit.code)) for hit in hits]
