"""What a researcher starts from a study's page: a model's run, a benchmark, an export."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Rater, Role
from annotation.selectors.removal import removed_of
from annotation.services.custody import export_opened
from benchmark.bundle.export import study_export
from benchmark.models import Export
from benchmark.selectors.benchmarks import is_large
from benchmark.selectors.inputs import NothingToCompareError
from benchmark.services.benchmarks import benchmark_ask
from benchmark.services.exports import export_ask, export_parts
from benchmark.services.runs import run_create
from benchmark.tasks import poke, queue_export, queue_scoring
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import preset_named, whole
from pages.questions import Question, question_page, way_to

TEXT_FOR_ADMINS = "only an admin may export the text of notes"


@require_POST
@roles(Role.RESEARCHER)
def study_run_model(request: AuthedRequest, slug: str) -> HttpResponse:
    """Have a model code the study's notes."""
    found = visible_study(request, slug)
    rater = get_object_or_404(Rater, pk=whole(request.POST.get("model")), kind=Rater.Kind.MODEL)
    try:
        run = run_create(study=found, rater=rater, actor=request.user, poke=poke)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("study-runs", slug=slug)
    return redirect("run", run_id=run.pk)


@require_POST
@roles(Role.RESEARCHER)
def study_benchmark(request: AuthedRequest, slug: str) -> HttpResponse:
    """Ask for a benchmark. The results page shows it when a worker has scored it."""
    found = visible_study(request, slug)
    preset = preset_named(request.POST.get("preset", found.preset)).name
    try:
        benchmark_ask(study=found, preset=preset, actor=request.user, queue=queue_scoring)
    except NothingToCompareError as error:
        messages.error(request, str(error))
        return redirect("study", slug=slug)
    address = reverse("results", kwargs={"slug": slug})
    if preset != found.preset:
        address += f"?preset={preset}"
    return redirect(address)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_export_view(request: AuthedRequest, slug: str) -> HttpResponse:
    """The study as a zip file.

    Only admins get the notes' text; GET asks them first whether they mean it. A large file is made
    by a worker, and the study's settings say how far it is.
    """
    found = visible_study(request, slug)
    asks = request.method == "GET"
    with_text = asks or "text" in request.POST
    if with_text and not request.user.is_admin:
        raise PermissionDenied(TEXT_FOR_ADMINS)
    removed = removed_of(found)
    if removed and with_text:
        messages.error(request, f"Nothing was exported. {removed.words}")
        return redirect("study-settings", slug=slug)
    if asks:
        question = Question(
            title=f"Export {slug} with the notes' text?",
            button="Export with the notes' text",
            back=reverse("study-settings", kwargs={"slug": slug}),
            trail=way_to(found),
            facts=[
                f"The file holds the text of {found.notes.count():,} notes: "
                "patient data, where they are real.",
                "What has left this installation cannot be called back. "
                "The export is recorded with your name.",
            ],
            fields=[("text", "yes")],
        )
        return question_page(request, question)
    if is_large(found):
        export_ask(study=found, actor=request.user, with_text=with_text, queue=queue_export)
        messages.info(
            request, "The study is large: a worker makes the file. This page says when it is there."
        )
        return redirect("study-settings", slug=slug)
    data = study_export(study=found, actor=request.user, with_text=with_text)
    headers = {"Content-Disposition": f'attachment; filename="{slug}.zip"'}
    return HttpResponse(data, content_type="application/zip", headers=headers)


@require_GET
@roles(Role.RESEARCHER)
def study_export_take(request: AuthedRequest, slug: str, export_id: int) -> StreamingHttpResponse:
    """A zip file that a worker has made, sent part by part."""
    found = visible_study(request, slug)
    export = get_object_or_404(found.exports, pk=export_id, state=Export.State.DONE)
    if export.with_text and not request.user.is_admin:
        raise PermissionDenied(TEXT_FOR_ADMINS)
    if export.with_text:
        export_opened(user=request.user, study=found)
    headers = {
        "Content-Disposition": f'attachment; filename="{slug}.zip"',
        "Content-Length": str(export.size),
    }
    return StreamingHttpResponse(
        export_parts(export), content_type="application/zip", headers=headers
    )
