"""A study's coders, and a coder's own page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation.models import Rater, Role
from benchmark.selectors.raters import imported_coders, people_of
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import choice_of


@require_GET
@roles(Role.RESEARCHER)
def coders(request: AuthedRequest, slug: str) -> HttpResponse:
    """Everybody who codes in the study, each with a page."""
    study = visible_study(request, slug)
    found = [*people_of(study), *imported_coders(study)]
    context = {
        "study": study,
        "tab": "coders",
        "choice": choice_of(request, study),
        "coders": found,
    }
    return render(request, "coders/coders.html", context)


@require_GET
@roles(Role.RESEARCHER)
def coder(request: AuthedRequest, slug: str, rater_id: int) -> HttpResponse:
    """How a coder does, on which codes."""
    study = visible_study(request, slug)
    found = get_object_or_404(Rater, pk=rater_id, kind=Rater.Kind.CODER)
    context = {
        "study": study,
        "tab": "coders",
        "choice": choice_of(request, study),
        "coder": found,
    }
    return render(request, "coders/coder.html", context)


@require_GET
@roles(Role.RESEARCHER)
def feedback(request: AuthedRequest, slug: str, rater_id: int, extension: str) -> HttpResponse:
    """A coder's figures as a file to hand over; never the notes' text."""
    raise NotImplementedError
