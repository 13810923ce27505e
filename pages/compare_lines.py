"""One rater by code or by note; every count leads to its notes."""

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


@require_GET
@roles(Role.RESEARCHER)
def codes(request: AuthedRequest, slug: str) -> HttpResponse:
    """One rater by code, category, chapter or kind, sortable; every count leads to its notes."""
    study, preset = visible_study(request, slug), asked_preset(request)
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
    """One rater by note, worst first; `?by=&of=&show=` keeps the notes with some codes missed, added or agreed."""
    study, preset = visible_study(request, slug), asked_preset(request)
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
            "show": SHOW[request.GET.get("show", "missed")].format(against=preset.against)
            if of
            else "",
            "title": titles_of([of]).get(of, "") if of else "",
            "address": kept(request.GET, "preset", "rater", "sort", "by", "of", "show").urlencode(),
            "filters": kept(request.GET, "by", "of", "show").items(),
            "to_note": kept(request.GET, "preset", "by", "of", "show", whose=rater).urlencode()
            if of
            else "",
        }
    return render(request, "compare/notes.html", context)


def code_lines(request: HttpRequest, tally: Tally, rater: str) -> tuple[str, list[Line]]:
    by = request.GET.get("by", "code")
    if by not in GROUPINGS:
        raise Http404("no such group of codes")
    return by, ordered(by_code(tally, rater, by), asked_sort(request, "-missed"))


def note_lines(
    request: HttpRequest, newest: BenchmarkRun, preset: Preset, tally: Tally, rater: str
) -> tuple[list[Line], str]:
    """The notes asked for, and the code or group of codes that was asked after, "" for none."""
    lines, of = by_note(tally, rater), request.GET.get("of", "")
    if of:
        by, show = request.GET.get("by", "code"), request.GET.get("show", "missed")
        if by not in GROUPINGS or show not in SHOW:
            raise Http404("no such notes")
        group = grouping(by, tally)
        columns = [place for place, code in enumerate(tally.codes) if group(code) == of]
        try:
            true, given = members_of(newest, preset, tally, rater)
        except LookupError as error:
            raise Http404("the raters have changed since; run the benchmark again") from error
        listed = shown(counts_of(true, given, columns), show)
        lines = [line for line, is_listed in zip(lines, listed, strict=True) if is_listed]
    return ordered(lines, asked_sort(request, "jaccard")), of


def columns(request: HttpRequest, default: str) -> list[dict[str, str]]:
    """The sortable columns: name, where its link leads, and how it is sorted now, as aria-sort says it."""
    sort, found = asked_sort(request, default), []
    for name in ("name", *FIGURES):
        mine = sort.lstrip("-") == name
        turned = (
            name if (mine and sort.startswith("-")) or (not mine and name == "name") else f"-{name}"
        )
        query = kept(request.GET, "preset", "rater", "by", "of", "show", sort=turned)
        state = "none" if not mine else "descending" if sort.startswith("-") else "ascending"
        found.append({"name": name, "query": query.urlencode(), "state": state})
    return found
