"""A study's page: how far its coders and models are, and what can be done with it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Rater, Role
from annotation.selectors.asked import opening_of, webhooks_refused
from annotation.selectors.codes import search_changed
from annotation.selectors.desk import copies_waiting
from annotation.selectors.queues import study_progress
from annotation.selectors.removal import removed_of
from annotation.selectors.studies import notes_without_text
from annotation.selectors.study_life import reopening_words, reopenings_told
from annotation.services.drafts import draft_refusal
from annotation.services.study_life import reopening_refusal
from benchmark.selectors.model_store import runnable
from benchmark.selectors.panel import settled_count
from benchmark.selectors.raters import imported_raters
from benchmark.selectors.runs import runs_progress
from pages.access import AuthedRequest, roles, visible_study


@require_GET
@roles(Role.RESEARCHER)
def study(request: AuthedRequest, slug: str) -> HttpResponse:
    """The whole page; htmx asks for the part with the progress alone, or that with the opening."""
    found = visible_study(request, slug)
    opening = opening_of(found)
    if request.htmx and request.htmx.target == "opening":
        if opening is None or not opening.going_on:
            return HttpResponseClientRefresh()
        return render(request, "study/opening.html", {"study": found, "opening": opening})
    models = Rater.objects.filter(kind=Rater.Kind.MODEL)
    context = {
        "study": found,
        "tab": "overview",
        "opening": opening,
        "webhooks_refused": webhooks_refused(found),
        "search_changed": search_changed(found),
        "copies": copies_waiting(found),
        "poll_seconds": settings.POLL_SECONDS,
        "progress": study_progress(found),
        "runs": runs_progress(list(found.model_runs.select_related("rater"))),
        "models": [rater for rater in models if runnable(rater)],
        "quarantined": found.quarantined.select_related("workspace__rater")[:50],
        "notes": found.notes.count(),
        "imported": imported_raters(found),
        "settled": settled_count(found),
        "exports": found.exports.all(),
        "without_text": notes_without_text(found),
        "removed": removed_of(found),
    }
    if request.htmx:
        return render(request, "study/progress.html", context)
    context |= {
        "can_reopen": request.user.is_admin and not reopening_refusal(found),
        "reopened": [reopening_words(told) for told in reopenings_told(found)],
        "draft_refusal": draft_refusal(found, found.protocol_sha256),
    }
    return render(request, "study/study.html", context)


@require_GET
@roles(Role.RESEARCHER)
def study_runs(request: AuthedRequest, slug: str) -> HttpResponse:
    """The models' runs and imported codings of the study."""
    found = visible_study(request, slug)
    return render(request, "study/runs_page.html", {"study": found, "tab": "runs"})


@require_GET
@roles(Role.RESEARCHER)
def study_settings(request: AuthedRequest, slug: str) -> HttpResponse:
    """What is decided about the study, and what ends it."""
    found = visible_study(request, slug)
    return render(request, "study/settings_page.html", {"study": found, "tab": "settings"})
