"""A study's own pages: where it stands and what comes next, its runs, its settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Rater, Role, Study
from annotation.selectors.asked import Opening, opening_of, webhooks_refused
from annotation.selectors.codes import search_changed
from annotation.selectors.desk import copies_waiting
from annotation.selectors.removal import removed_of
from annotation.selectors.studies import notes_without_text
from annotation.selectors.study_life import reopening_words, reopenings_told
from annotation.services.drafts import draft_refusal
from annotation.services.study_life import reopening_refusal
from annotation.services.titles import study_retitle
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.benchmarks import benchmarks_made
from benchmark.selectors.inputs import available
from benchmark.selectors.model_store import runnable
from benchmark.selectors.next_step import next_step
from benchmark.selectors.panel import settled_count
from benchmark.selectors.raters import imported_raters, people_of
from benchmark.selectors.record import what_happened
from benchmark.selectors.runs import runs_progress
from benchmark.selectors.standing import Standing, standing_of
from benchmark.selectors.work import coder_facts
from pages.access import AuthedRequest, roles, visible_study
from pages.study_cards import (
    VERDICTS,
    against,
    answer_words,
    decimals_shown,
    holds,
    step_address,
)

LAST_EVENTS = 7
ALL_EVENTS = 200


@require_GET
@roles(Role.RESEARCHER)
def study(request: AuthedRequest, slug: str) -> HttpResponse:
    """Where the study stands, and the one thing to do next.

    htmx asks for the part with the progress alone, or that with the opening.
    """
    found = visible_study(request, slug)
    opening = opening_of(found)
    if request.htmx and request.htmx.target == "opening":
        if opening is None or not opening.going_on:
            return HttpResponseClientRefresh()
        return render(request, "study/opening.html", {"study": found, "opening": opening})
    now = standing_of(found)
    context = {"study": found, "tab": "overview", "now": now, **_progress(found, now)}
    if request.htmx:
        return render(request, "study/progress.html", context)
    step = next_step(now)
    context |= {
        "opening": opening,
        "step": step,
        "step_address": step_address(found, step),
        "stages": stages(now, opening),
        "holds": holds(now),
        **_answer(now),
        **_notices(found),
    }
    return render(request, "study/study.html", context)


def _progress(study: Study, now: Standing) -> dict[str, Any]:
    """What moves while coders and models are at work."""
    minutes = {facts.rater_id: facts.median_minutes for facts in coder_facts(study)}
    return {
        "coders": [(coder, minutes.get(coder.rater.pk)) for coder in now.coders],
        "runs": runs_progress(list(study.model_runs.select_related("rater"))),
        "imported": imported_raters(study),
        "settled": now.settled,
        "quarantined": study.quarantined.select_related("workspace__rater")[:50],
        "happened": what_happened(study, LAST_EVENTS),
        "moves": study.status == Study.Status.OPEN or now.models.under_way,
    }


def _answer(now: Standing) -> dict[str, Any]:
    """The answer so far, in a sentence and two marks; nothing before a benchmark."""
    glance = now.glance
    if glance is None:
        return {"glance": None}
    tone, verdict = VERDICTS.get(glance.verdict, ("", ""))
    return {
        "glance": glance,
        "decimals": decimals_shown(glance),
        "answer": answer_words(glance, against(now.study), now.notes),
        "verdict": verdict,
        "tone": tone,
        "marks": [("a", glance.a), ("b", glance.b)],
    }


def _notices(study: Study) -> dict[str, Any]:
    """What somebody should know who looks at the study."""
    return {
        "webhooks_refused": webhooks_refused(study),
        "search_changed": search_changed(study),
        "copies": copies_waiting(study),
        "poll_seconds": settings.POLL_SECONDS,
        "removed": removed_of(study),
        "reopened": [reopening_words(told) for told in reopenings_told(study)],
    }


@dataclass(frozen=True)
class Stage:
    """One of the five stages of a study."""

    name: str
    about: str
    at: datetime | None
    is_done: bool
    is_now: bool

    @property
    def state(self) -> str:
        """In a word: done, now or later."""
        if self.is_done:
            return "done"
        if self.is_now:
            return "now"
        return "later"


def stages(now: Standing, opening: Opening | None) -> list[Stage]:
    """Draft, open, coding, score, closed: what is done, and where it stands."""
    study = now.study
    opened = study.status != Study.Status.DRAFT
    closed = study.status == Study.Status.CLOSED
    coded = opened and not now.left and now.newest_coding > 0
    scored = now.run is not None and not now.scoring_due and coded
    opens = "coders can begin"
    if opening and opening.going_on:
        opens = f"{opening.loaded:,} of {opening.notes:,} notes loaded"
    answers = f"{now.done:,} of {now.total:,} answers"
    if not now.coders:
        answers = "codings come from files"
        if coded:
            answers = "codings came from files"
    done = [opened, opened, coded, scored, closed]
    parts = [
        ("Draft", holds(now), now.drafted_at if not opened else None),
        ("Open", "" if opened else opens, study.opened_at),
        ("Coding", answers, None),
        ("Score", _score_words(now, scored), now.run.asked_at if now.run else None),
        ("Closed", "" if closed else "answers are fixed", study.closed_at),
    ]
    if not opened:
        current = 0 if opening is None else 1
    else:
        current = next((place for place, is_done in enumerate(done) if not is_done), len(done))
    found = []
    for place, (name, about, at) in enumerate(parts):
        found.append(Stage(name, about, at, done[place], place == current))
    return found


def _score_words(now: Standing, scored: bool) -> str:
    if now.study.reference_id is None:
        return "no reference yet"
    if now.being_scored:
        return "being scored"
    if scored and now.settled:
        return f"{now.settled:,} notes settled"
    if now.run is None:
        return "everybody by one ruler"
    if not scored:
        return "codings came since"
    return ""


@require_GET
@roles(Role.RESEARCHER)
def study_runs(request: AuthedRequest, slug: str) -> HttpResponse:
    """What has coded and scored the study: models, files, the panel, benchmarks; and more of it.

    htmx asks for the models' runs alone.
    """
    found = visible_study(request, slug)
    runs = runs_progress(list(found.model_runs.select_related("rater")))
    context: dict[str, Any] = {
        "study": found,
        "tab": "runs",
        "runs": runs,
        "moves": any(row.state in ("waiting", "running") for row in runs),
    }
    if request.htmx:
        return render(request, "study/runs.html", context)
    models = Rater.objects.filter(kind=Rater.Kind.MODEL)
    context |= {
        "models": [rater for rater in models if runnable(rater)],
        "imported": imported_raters(found),
        "settled": settled_count(found),
        "notes": found.notes.count(),
        "without_text": notes_without_text(found),
        "removed": removed_of(found),
        "benchmarks": [(PRESETS[run.preset], run) for run in benchmarks_made(found)],
        "presets": available(found),
    }
    return render(request, "study/runs_page.html", context)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_settings(request: AuthedRequest, slug: str) -> HttpResponse:
    """What is decided about the study, and what ends it; a title is sent here.

    htmx asks for the exports alone.
    """
    found = visible_study(request, slug)
    if request.method == "POST":
        return _retitled(request, found)
    exports = list(found.exports.all())
    context: dict[str, Any] = {
        "study": found,
        "tab": "settings",
        "exports": exports,
        "making": any(not export.is_ended for export in exports),
    }
    if request.htmx:
        return render(request, "study/exports.html", context)
    context |= {
        "coders": people_of(found),
        "notes": found.notes.count(),
        "codes": found.code_set.codes.count(),
        "removed": removed_of(found),
        "draft_refusal": draft_refusal(found, found.protocol_sha256),
        "can_reopen": request.user.is_admin and not reopening_refusal(found),
        "happened": what_happened(found, ALL_EVENTS),
    }
    return render(request, "study/settings_page.html", context)


def _retitled(request: AuthedRequest, study: Study) -> HttpResponse:
    try:
        study_retitle(study=study, title=request.POST.get("title", ""), actor=request.user)
    except ValidationError as error:
        messages.error(request, f"The title stays as it was: {'; '.join(error.messages)}")
    else:
        messages.success(request, f"The study is called {study.name}.")
    return redirect("study-settings", slug=study.slug)
