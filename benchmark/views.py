"""Pages of researchers: a study, its comparison, its notes, and the runs of models."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.label_studio import LabelStudioError
from annotation.models import Assignment, Note, Rater, Role, Study
from annotation.permissions import roles
from annotation.selectors import may_see_reference, study_notes, study_progress
from annotation.services.studies import study_close
from annotation.upload import UploadError
from benchmark import selectors
from benchmark.charts import bars
from benchmark.forms import CodingsForm
from benchmark.highlight import Why, marked
from benchmark.metrics.certainty import differences_table, intervals_table
from benchmark.metrics.rendering import Table
from benchmark.metrics.rendering import render as render_table
from benchmark.metrics.table2 import BY, evaluation_csv, parts_table, table2, training_table
from benchmark.models import ModelRun
from benchmark.services.compare import NothingToCompareError, benchmark_run
from benchmark.services.imports import codings_import
from benchmark.services.runs import chunks_retry, run_create
from benchmark.table1 import study_table
from benchmark.tasks import poke

DOWNLOADS = {
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "tex": "application/x-tex; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


def visible_study(request: HttpRequest, slug: str) -> Study:
    """The study, for those who may see results; a coder of it gets 403 while it is open."""
    study = get_object_or_404(Study.objects.select_related("batch", "code_set", "reference"), slug=slug)
    if not may_see_reference(request.user, study):
        raise PermissionDenied("this study is open and you code in it: its results stay hidden until it closes")
    return study


@require_GET
@roles(Role.RESEARCHER)
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """How far everybody is; htmx asks for the progress part alone."""
    found = visible_study(request, slug)
    context = {
        "study": found,
        "progress": study_progress(found),
        "runs": [selectors.run_progress(run) for run in found.model_runs.select_related("rater")],
        "models": Rater.objects.filter(kind=Rater.Kind.MODEL),
        "quarantined": found.quarantined.select_related("workspace__rater")[:50],
        "notes": found.batch.notes.count(),
    }
    return render(request, "study_progress.html" if request.htmx else "study.html", context)


@require_POST
@roles(Role.RESEARCHER)
def study_run_model(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    rater = get_object_or_404(Rater, pk=request.POST.get("model"), kind=Rater.Kind.MODEL)
    run = run_create(study=found, rater=rater, actor=request.user, poke=poke)
    return redirect("run", run_id=run.pk)


@require_POST
@roles(Role.RESEARCHER)
def study_benchmark(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    try:
        benchmark_run(study=found, actor=request.user)
    except NothingToCompareError as error:
        messages.error(request, str(error))
        return redirect("study", slug=slug)
    return redirect("compare", slug=slug)


@require_POST
@roles(Role.RESEARCHER)
def study_close_view(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        study_close(study=visible_study(request, slug), actor=request.user)
    except (LabelStudioError, ValueError) as error:
        messages.error(request, f"{slug} is not closed: {error}")
    else:
        messages.success(request, f"{slug} is closed; no more answers are taken.")
    return redirect("study", slug=slug)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_import(request: HttpRequest, slug: str) -> HttpResponse:
    """Codings from outside: the form, and what was wrong with a file."""
    found, form, errors = visible_study(request, slug), CodingsForm(request.POST or None, request.FILES or None), []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rater, new = codings_import(
                study=found, name=given["rater"], kind=given["kind"], file=given["file"].name,
                data=given["file"].read(), actor=request.user,
            )  # fmt: skip
        except UploadError as error:
            errors = error.errors
        except ValueError as error:
            form.add_error("rater", str(error))
        else:
            messages.success(request, f"{rater.name}: {new} new codings. Run the benchmark to see them in Table 1.")
            return redirect("study", slug=slug)
    status = 422 if errors or form.errors else 200
    return render(request, "import.html", {"study": found, "form": form, "errors": errors}, status=status)


@require_GET
@roles(Role.RESEARCHER)
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Table 1 with the paper's rows beside it, its micro figures as a chart, and below it the newest Table 2."""
    found = visible_study(request, slug)
    newest = selectors.newest_benchmark(found)
    context: dict[str, object] = {"study": found, "benchmark": newest, **table2_context()}
    if newest:
        context |= {
            "table": study_table(newest),
            "chart": bars(chart_rows(newest.result)),
            "details": details_of(newest.result),
            "downloads": DOWNLOADS,
        }
    return render(request, "compare.html", context)


def details_of(result: dict) -> list[Table]:
    """How sure Table 1 is. Runs of before there were paired tests have intervals alone."""
    tables = [intervals_table(result)]
    return [*tables, differences_table(result)] if result.get("differences") else tables


def table2_context() -> dict[str, object]:
    """The newest Table 2 and its parts; empty without one."""
    evaluation = selectors.newest_evaluation()
    if evaluation is None:
        return {}
    result = evaluation.result
    details = [parts_table(result, by) for by in BY]
    return {
        "evaluation": evaluation,
        "table2": table2(result),
        "details2": [*details, training_table(result)],
        "result2": result,
        "downloads": DOWNLOADS,
    }


def chart_rows(result: dict) -> list[tuple[str, dict[str, float]]]:
    """(rater, its micro Jaccard, precision and recall in per cent) from a stored result."""
    picked = ("jaccard", "precision", "recall")
    return [(name, {m: 100 * row["micro"][m] for m in picked}) for name, row in result["raters"].items()]


@require_GET
@roles(Role.RESEARCHER)
def table1_download(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    found = visible_study(request, slug)
    newest = selectors.newest_benchmark(found)
    if newest is None or extension not in DOWNLOADS:
        raise Http404("no such table")
    text = render_table(study_table(newest), "text" if extension == "txt" else extension)
    headers = {"Content-Disposition": f'attachment; filename="{slug}-table1.{extension}"'}
    return HttpResponse(text, content_type=DOWNLOADS[extension], headers=headers)


@require_GET
@roles(Role.RESEARCHER)
def table2_download(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    found = visible_study(request, slug)
    newest = selectors.newest_evaluation()
    if newest is None or extension not in DOWNLOADS:
        raise Http404("no such table")
    result = newest.result
    if extension == "csv":
        text = evaluation_csv(result)
    else:
        text = render_table(table2(result), "text" if extension == "txt" else extension)
    headers = {"Content-Disposition": f'attachment; filename="{found.slug}-table2.{extension}"'}
    return HttpResponse(text, content_type=DOWNLOADS[extension], headers=headers)


@require_GET
@roles(Role.RESEARCHER)
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    rows = (
        study_notes(found)
        .defer("text")
        .annotate(coded_by=Count("codings__rater", filter=Q(codings__study=found), distinct=True))
    )
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "notes.html", {"study": found, "page": page})


@require_GET
@roles(Role.RESEARCHER)
def note(request: HttpRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside each rater's codes; `?rater=&code=` marks where that model looked for that code."""
    found = visible_study(request, slug)
    row = get_object_or_404(Note, pk=note_id, batch=found.batch_id)
    context = {
        "study": found,
        "note": row,
        "side": selectors.note_side_by_side(found, row),
        "assigned": Assignment.objects.filter(study=found, note=row).select_related("rater"),
        **looked(row.text, selectors.note_evidence(found, row), request.GET.get("rater"), request.GET.get("code")),
    }
    return render(request, "note.html", context)


def looked(text: str, given: dict[Rater, list[Why]], rater: str | None, code: str | None) -> dict[str, object]:
    """The text in pieces, each model's codes with the pieces they light, and what is said of the chosen one."""
    flat = [(model, why) for model, whys in given.items() for why in whys]
    asked = [(str(model.pk), why.code) for model, why in flat]
    chosen = asked.index((rater, code)) if (rater, code) in asked else None
    pieces, codes = marked(text, [why for _, why in flat], chosen)
    first = flat[chosen][0] if chosen is not None else next(iter(given), None)
    models = [
        {
            "rater": model,
            "open": model == first,
            "codes": [c for (m, _), c in zip(flat, codes, strict=True) if m == model],
        }
        for model in given
    ]
    words = f"{first.name}, {codes[chosen].words}" if chosen is not None else ""
    return {"pieces": pieces, "models": models, "chosen": codes[chosen] if chosen is not None else None, "words": words}


@require_GET
@roles(Role.RESEARCHER)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    found = get_object_or_404(ModelRun.objects.select_related("study", "rater"), pk=run_id)
    visible_study(request, found.study.slug)
    context = {"progress": selectors.run_progress(found), "card": selectors.model_card(found.checkpoint_sha256)}
    context["out_of_reach"] = selectors.codes_out_of_reach(found)
    return render(request, "run_progress.html" if request.htmx else "run.html", context)


@require_POST
@roles(Role.RESEARCHER)
def run_retry(request: HttpRequest, run_id: int) -> HttpResponse:
    found = get_object_or_404(ModelRun, pk=run_id)
    visible_study(request, found.study.slug)
    again = chunks_retry(run=found, actor=request.user, poke=poke)
    messages.success(request, f"{again} failed chunk{'s' if again != 1 else ''} will be tried again.")
    return redirect("run", run_id=run_id)
