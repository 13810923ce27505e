"""The page of a model's run: how far it is, and a button that tries failed parts again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Role
from benchmark.models import ModelRun
from benchmark.selectors.runs import codes_out_of_reach, model_card, run_progress
from benchmark.services.runs import chunks_retry
from benchmark.tasks import poke
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import whole


@require_GET
@roles(Role.RESEARCHER)
def run(request: AuthedRequest, run_id: int) -> HttpResponse:
    """How far a run is; htmx asks for the progress part alone."""
    found = get_object_or_404(ModelRun.objects.select_related("study", "rater"), pk=run_id)
    visible_study(request, found.study.slug)
    context = {
        "progress": run_progress(found),
        "card": model_card(found.checkpoint_sha256),
        "out_of_reach": codes_out_of_reach(found),
    }
    template = "runs/progress.html" if request.htmx else "runs/run.html"
    return render(request, template, context)


@require_POST
@roles(Role.RESEARCHER)
def run_retry(request: AuthedRequest, run_id: int) -> HttpResponse:
    """Try one failed part (`chunk`) of a run again, or all of them."""
    found = get_object_or_404(ModelRun, pk=run_id)
    visible_study(request, found.study.slug)
    asked = request.POST.get("chunk", "")
    only = whole(asked) if asked else None
    if only == -1:
        raise Http404("no such part of the run")
    again = chunks_retry(run=found, actor=request.user, poke=poke, only=only)
    messages.success(request, f"{again} note{pluralize(again)} will be tried again.")
    return redirect("run", run_id=run_id)
