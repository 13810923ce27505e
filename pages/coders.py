"""A study's coders, and a coder's own page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation.models import Rater, Role, Study
from annotation.selectors.queues import study_progress
from benchmark.selectors.coder_page import (
    coder_of,
    is_own_page,
    may_see_coder,
    own_page_of,
    page_of,
    side_name,
)
from benchmark.selectors.coders import best_model, coder_lines
from benchmark.selectors.inputs import available
from benchmark.selectors.notes import titles_of
from benchmark.selectors.raters import imported_coders
from benchmark.selectors.sides import Listed
from benchmark.tables.clocks import CLOCKS
from benchmark.tables.coder.charts import histogram_chart, line_chart
from benchmark.tables.coder.codes import Confusion
from benchmark.tables.coder.feedback import FORMATS, Feedback, feedback_of, written
from benchmark.tables.coder.page import CoderPage
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import TEXTS, Choice, choice_of, own_choice, study_link
from pages.downloads import XLSX

MOST_NOTES = 12
"""Notes of a confusion that are named."""


@require_GET
@roles(Role.RESEARCHER)
def coders(request: AuthedRequest, slug: str) -> HttpResponse:
    """Everybody who codes in the study, each with a page."""
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    progress = study_progress(study)
    imported = list(imported_coders(study))
    context = {
        "study": study,
        "tab": "coders",
        "choice": choice,
        "preset": choice.preset,
        "benchmark": choice.run,
        "lines": coder_lines(study, choice.run, choice.raters, progress, imported),
        "beside": best_model(choice.raters),
    }
    return render(request, "coders/coders.html", context)


@require_GET
@roles(Role.RESEARCHER, Role.CODER)
def coder(request: AuthedRequest, slug: str, rater_id: int) -> HttpResponse:
    """How a coder does, on which codes.

    Its coder reads it too, once the study is closed, by a page without other coders or links.
    """
    shown = _shown(request, slug, rater_id)
    context = _context(shown)
    if shown.own:
        return render(request, "coders/own.html", context)
    return render(request, "coders/coder.html", context)


@require_GET
@roles(Role.RESEARCHER, Role.CODER)
def feedback(request: AuthedRequest, slug: str, rater_id: int, extension: str) -> HttpResponse:
    """A coder's figures as a file to hand over; never the notes' text, nor another coder."""
    shown = _shown(request, slug, rater_id, for_coder=True)
    if extension not in FORMATS:
        raise Http404("no such format")
    if shown.page is None or shown.page.figures is None:
        raise Http404("there are no figures of this coder yet")
    content = written(_feedback(shown, shown.page), extension)
    content_type = XLSX
    if extension in TEXTS:
        content_type = f"{TEXTS[extension]}; charset=utf-8"
    # The name of a file says nothing of who it is about.
    name = f"{shown.study.slug}-coder-{shown.coder.pk}-feedback.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


@dataclass(frozen=True)
class Shown:
    """A coder's page, and who reads it."""

    study: Study
    coder: Rater
    own: bool
    """Whether the coder reads it."""
    choice: Choice
    """The coder as its first rater, the one beside as its second."""
    page: CoderPage | None
    """None without a benchmark that has the coder."""


def _shown(request: AuthedRequest, slug: str, rater_id: int, for_coder: bool = False) -> Shown:
    """404 for who is no coder of the study, 403 for who may not read of the coder.

    `for_coder`: with nothing in it that its coder may not read, whoever asks.
    """
    studies = Study.objects.select_related("batch", "code_set", "reference")
    study = get_object_or_404(studies, slug=slug)
    found = coder_of(study, rater_id)
    if found is None or not may_see_coder(request.user, found, study):
        if request.user.is_researcher:
            visible_study(request, slug)
            raise Http404("no such coder in this study")
        # Who may not look is not told who codes here.
        raise PermissionDenied("how a coder did opens to that coder once the study is closed")
    own = not request.user.is_researcher and is_own_page(request.user, found, study)
    choice = own_choice(study) if own else choice_of(request, study)
    side = side_name(choice.raters, found)
    if not side or choice.run is None:
        return Shown(study, found, own, choice, None)
    alone = own or for_coder
    beside = _beside(choice, side, alone)
    read = own_page_of if alone else page_of
    choice.run.study = study
    page = read(choice.run, choice.raters, found, beside, choice.against)
    return Shown(study, found, own, replace(choice, a=side, b=beside), page)


def _beside(choice: Choice, side: str, alone: bool) -> str:
    """The rater beside the coder: the one of the address, else the best model; "" without any.

    Never the coders together, for on the coder's notes these are the coder. `alone`: no other
    coder either.
    """
    names = [choice.b, choice.a]
    if side in names:
        names = [name for name in names if name != side]
    allowed = {each.name for each in besides(choice, side)}
    if alone:
        allowed = {each.name for each in choice.raters if each.kind == "model"}
    for name in names:
        if name in allowed:
            return name
    return best_model(choice.raters)


def besides(choice: Choice, side: str) -> list[Listed]:
    """Who can stand beside a coder."""
    return [each for each in choice.raters if each.kind != "people" and each.name != side]


def _context(shown: Shown) -> dict[str, Any]:
    page = shown.page
    context: dict[str, Any] = {
        "study": shown.study,
        "tab": "coders",
        "coder": shown.coder,
        "links": not shown.own,
        "page": page,
        "preset": shown.choice.preset,
        "benchmark": shown.choice.run,
        "against": shown.choice.against,
        "files": _files(shown),
    }
    if not shown.own:
        presets = available(shown.study)
        context |= {
            "choice": shown.choice,
            "besides": besides(shown.choice, shown.choice.a),
            "spaces": presets,
        }
        if page:
            context["confusions"] = _with_notes(shown.study, page)
    if page:
        context.setdefault("confusions", [(pair, []) for pair in page.family.confusions])
        context |= {
            "titles": titles_of(page.codes),
            "chart": line_chart(page.course.stretches),
            "histogram": histogram_chart(page.bars),
            "clock": CLOCKS.get(page.course.clock, ""),
        }
    return context


def _files(shown: Shown) -> list[tuple[str, str]]:
    """The formats of the file, each with its address; the coder's own carries no choices."""
    found = []
    for extension in FORMATS:
        address = shown.choice.link("coder-feedback", shown.coder.pk, extension)
        if shown.own:
            address = study_link(shown.study, {}, "coder-feedback", shown.coder.pk, extension)
        found.append((extension, address))
    return found


def _with_notes(study: Study, page: CoderPage) -> list[tuple[Confusion, list[tuple[int, str]]]]:
    """Each confusion with its first notes: the id and the name of each."""
    names: set[str] = set()
    for pair in page.family.confusions:
        names.update(pair.names[:MOST_NOTES])
    notes = study.notes.filter(external_id__in=names).order_by()
    ids = dict(notes.values_list("external_id", "pk"))
    found = []
    for pair in page.family.confusions:
        shown = [(ids[name], name) for name in pair.names[:MOST_NOTES] if name in ids]
        found.append((pair, shown))
    return found


def _feedback(shown: Shown, page: CoderPage) -> Feedback:
    return feedback_of(
        page,
        study=shown.study.name,
        which=shown.choice.preset.which,
        titles=titles_of(page.codes),
        clock=CLOCKS.get(page.course.clock, ""),
        simulated=shown.coder.simulated,
    )
