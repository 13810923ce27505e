"""By code: two raters side by side, and a code's own page."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role
from benchmark.metrics.sets.tally import Tally
from benchmark.selectors.notes import titles_of
from benchmark.tables.lines import GROUPINGS, Line, by_code, ordered
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import asked_sort, choice_of, chosen, kept
from pages.columns import A_PAGE, columns
from pages.results import shared


@require_GET
@roles(Role.RESEARCHER)
def codes(request: AuthedRequest, slug: str) -> HttpResponse:
    """One rater by code, category, chapter or kind."""
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    _, tally, rater = chosen(request, study, choice.preset)
    context = shared(choice, view="codes")
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
            "address": kept(request.GET, "preset", "a", "b", "by", "sort").urlencode(),
            "to_notes": kept(request.GET, "preset", "a", "b", by=by).urlencode(),
        }
    return render(request, "by_code/by_code.html", context)


@require_GET
@roles(Role.RESEARCHER)
def code(request: AuthedRequest, slug: str) -> HttpResponse:
    """A code's own page, `?code=`: who found it, what was given instead, where it was missed."""
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    context = shared(choice, view="codes")
    context["code"] = request.GET.get("code", "")
    return render(request, "by_code/code.html", context)


def code_lines(request: HttpRequest, tally: Tally, rater: str) -> tuple[str, list[Line]]:
    """How codes are grouped (`?by=`), and the rater's lines in the order that is asked for."""
    by = request.GET.get("by", "code")
    if by not in GROUPINGS:
        raise Http404("no such group of codes")
    return by, ordered(by_code(tally, rater, by), asked_sort(request, "-missed"))
