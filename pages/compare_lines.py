"""The pages that show one rater by code, or by note. Each count links to the notes behind it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role
from benchmark.metrics.sets.members import counts_of
from benchmark.metrics.sets.tally import Tally
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import Preset
from benchmark.selectors.note_lists import members_of
from benchmark.selectors.notes import titles_of
from benchmark.tables.lines import (
    FIGURES,
    GROUPINGS,
    Line,
    by_code,
    by_note,
    grouping,
    ordered,
    shown,
)
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import SHOW, asked_preset, asked_sort, chosen, kept
from pages.compare import shared

A_PAGE = 100
"""Lines on a page."""


@require_GET
@roles(Role.RESEARCHER)
def codes(request: AuthedRequest, slug: str) -> HttpResponse:
    """One rater by code, category, chapter or kind."""
    study = visible_study(request, slug)
    preset = asked_preset(request, study)
    newest, tally, rater = chosen(request, study, preset)
    context = shared(request, study, preset, newest)
    if tally:
        by, lines = code_lines(request, tally, rater)
        page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
        titles = titles_of(line.name for line in page)
        context |= {
            "rater": rater,
            "raters": list(tally.by_note),
            "by": by,
            "groups": GROUPINGS,
            "page": page,
            "lines": [(line, titles.get(line.name, "")) for line in page],
            "columns": columns(request, "-missed"),
            "address": kept(request.GET, "preset", "rater", "by", "sort").urlencode(),
            "to_notes": kept(request.GET, "preset", by=by, rater=rater).urlencode(),
        }
    return render(request, "compare/codes.html", context)


@require_GET
@roles(Role.RESEARCHER)
def notes(request: AuthedRequest, slug: str) -> HttpResponse:
    """One rater by note, worst first.

    The page behind a count has `?by=&of=&show=` in its address: only notes on which the rater
    missed, added or agreed on (`show`) the code or group of codes `of`.
    """
    study = visible_study(request, slug)
    preset = asked_preset(request, study)
    newest, tally, rater = chosen(request, study, preset)
    context = shared(request, study, preset, newest)
    if newest and tally:
        lines, of = note_lines(request, newest, preset, tally, rater)
        page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
        rows = study.notes.filter(external_id__in=[line.name for line in page])
        pks = dict(rows.values_list("external_id", "pk"))
        context |= {
            "rater": rater,
            "raters": list(tally.by_note),
            "page": page,
            "columns": columns(request, "jaccard"),
            "lines": [(line, pks[line.name]) for line in page],
            "of": of,
            "show": "",
            "title": "",
            "address": kept(request.GET, "preset", "rater", "sort", "by", "of", "show").urlencode(),
            "filters": kept(request.GET, "by", "of", "show").items(),
            "to_note": "",
        }
        if of:
            show = SHOW[request.GET.get("show", "missed")]
            to_note = kept(request.GET, "preset", "by", "of", "show", whose=rater)
            context["show"] = show.format(against=preset.against)
            context["title"] = titles_of([of]).get(of, "")
            context["to_note"] = to_note.urlencode()
    return render(request, "compare/notes.html", context)


def code_lines(request: HttpRequest, tally: Tally, rater: str) -> tuple[str, list[Line]]:
    """How codes are grouped (`?by=`), and the rater's lines in the order that is asked for."""
    by = request.GET.get("by", "code")
    if by not in GROUPINGS:
        raise Http404("no such group of codes")
    return by, ordered(by_code(tally, rater, by), asked_sort(request, "-missed"))


def note_lines(
    request: HttpRequest, newest: BenchmarkRun, preset: Preset, tally: Tally, rater: str
) -> tuple[list[Line], str]:
    """The rater's lines in the order that is asked for, and the code or group that is asked after.

    The second is "" where all notes are asked for.
    """
    lines = by_note(tally, rater)
    of = request.GET.get("of", "")
    if of:
        by = request.GET.get("by", "code")
        show = request.GET.get("show", "missed")
        if by not in GROUPINGS or show not in SHOW:
            raise Http404("no such notes")
        group = grouping(by, tally)
        places = [place for place, code in enumerate(tally.codes) if group(code) == of]
        try:
            true, given = members_of(newest, preset, tally, rater)
        except LookupError as error:
            raise Http404("the raters have changed since; run the benchmark again") from error
        listed = shown(counts_of(true, given, places), show)
        lines = [line for line, is_listed in zip(lines, listed, strict=True) if is_listed]
    return ordered(lines, asked_sort(request, "jaccard")), of


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
        query = kept(request.GET, "preset", "rater", "by", "of", "show", sort=following)
        found.append({"name": name, "query": query.urlencode(), "state": state})
    return found
