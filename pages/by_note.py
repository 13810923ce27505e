"""By note: two raters side by side, and the notes behind every count."""

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
from benchmark.tables.lines import GROUPINGS, Line, by_note, grouping, ordered, shown
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import SHOW, asked_sort, choice_of, chosen, kept
from pages.columns import A_PAGE, columns
from pages.results import shared


@require_GET
@roles(Role.RESEARCHER)
def notes(request: AuthedRequest, slug: str) -> HttpResponse:
    """One rater by note, worst first.

    The page behind a count has `?by=&of=&show=` in its address: only notes on which the rater
    missed, added or agreed on (`show`) the code or group of codes `of`.
    """
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    preset = choice.preset
    newest, tally, rater = chosen(request, study, preset)
    context = shared(choice, view="notes")
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
            "address": kept(
                request.GET, "preset", "a", "b", "sort", "by", "of", "show"
            ).urlencode(),
            "filters": kept(request.GET, "by", "of", "show").items(),
            "to_note": "",
        }
        if of:
            show = SHOW[request.GET.get("show", "missed")]
            to_note = kept(request.GET, "preset", "a", "b", "by", "of", "show")
            context["show"] = show.format(against=preset.against)
            context["title"] = titles_of([of]).get(of, "")
            context["to_note"] = to_note.urlencode()
    return render(request, "by_note/by_note.html", context)


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
