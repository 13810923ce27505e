"""A table of a study's results: on a page of its own, or alone for a fold of the page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import choice_of
from pages.downloads import asked_table
from pages.results import shared


@require_GET
@roles(Role.RESEARCHER)
def result_table(request: AuthedRequest, slug: str, table: str) -> HttpResponse:
    """One table by its name in addresses; htmx asks for it alone, when a fold is opened."""
    study = visible_study(request, slug)
    choice = choice_of(request, study)
    found = asked_table(request, study, choice.preset, table)
    if found is None:
        raise Http404("no such table")
    context = {**shared(choice, view="summary"), "table": found, "name": table}
    if request.htmx:
        return render(request, "results/table_part.html", context)
    return render(request, "results/table.html", context)
