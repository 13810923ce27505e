"""Pages of researchers: a study, its notes, and the runs of models. Their comparison: compare_views.py."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Assignment, Rater, Role
from annotation.permissions import roles, visible_study, whole
from annotation.questions import Question, question_page
from annotation.selectors import notes_without_text, opening_of, study_progress, webhooks_refused
from annotation.services.drafts import draft_refusal
from annotation.services.study_life import reopening_refusal
from annotation.study_selectors import reopening_words, reopenings_told
from annotation.uploaded import report_of, uploaded_bytes
from benchmark import selectors
from benchmark.forms import CodingsForm, CodingsStudyForm
from benchmark.highlight import Why, marked
from benchmark.models import Export, ModelRun
from benchmark.panel import settled_count
from benchmark.presets import PRESETS, NothingToCompareError
from benchmark.services.bundles import study_export
from benchmark.services.compare import benchmark_ask
from benchmark.services.exports import export_ask, export_parts
from benchmark.services.imports import codings_import, study_from_codings
from benchmark.services.registry import runnable
from benchmark.services.runs import chunks_retry, run_create
from benchmark.tasks import poke, queue_export, queue_scoring
from files.problems import FileError
from icd.groups import GROUPS

NOTES_A_PAGE = 50


def kept(query: QueryDict, *names: str, **changes: str) -> QueryDict:
    """A query with some of another's parameters, and with changes."""
    found = QueryDict(mutable=True)
    for name, value in ({name: query.get(name) for name in names} | changes).items():
        if value:
            found[name] = value
    return found


@require_GET
@roles(Role.RESEARCHER)
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """How far everybody is; htmx asks for the progress part alone, or for how far its opening is."""
    found = visible_study(request, slug)
    opening = opening_of(found)
    if request.htmx and request.htmx.target == "opening":
        if opening is None or not opening.going_on:
            return HttpResponseClientRefresh()
        return render(request, "study_opening.html", {"study": found, "opening": opening})
    context = {
        "study": found,
        "opening": opening,
        "webhooks_refused": webhooks_refused(found),
        "poll_seconds": settings.POLL_SECONDS,
        "progress": study_progress(found),
        "runs": selectors.runs_progress(list(found.model_runs.select_related("rater"))),
        "models": [rater for rater in Rater.objects.filter(kind=Rater.Kind.MODEL) if runnable(rater)],
        "quarantined": found.quarantined.select_related("workspace__rater")[:50],
        "notes": found.notes.count(),
        "imported": selectors.imported_raters(found),
        "settled": settled_count(found),
        "exports": found.exports.all(),
        "without_text": notes_without_text(found),
    }
    if not request.htmx:
        context |= {
            "can_reopen": request.user.is_admin and not reopening_refusal(found),
            "reopened": [reopening_words(told) for told in reopenings_told(found)],
            "draft_refusal": draft_refusal(found, found.protocol_sha256),
        }
    return render(request, "study_progress.html" if request.htmx else "study.html", context)


@require_POST
@roles(Role.RESEARCHER)
def study_run_model(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    rater = get_object_or_404(Rater, pk=whole(request.POST.get("model")), kind=Rater.Kind.MODEL)
    try:
        run = run_create(study=found, rater=rater, actor=request.user, poke=poke)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("study", slug=slug)
    return redirect("run", run_id=run.pk)


@require_POST
@roles(Role.RESEARCHER)
def study_benchmark(request: HttpRequest, slug: str) -> HttpResponse:
    """Refused at once, or shown on the compare page when a worker has scored it."""
    found, preset = visible_study(request, slug), request.POST.get("preset", "paper")
    if preset not in PRESETS:
        raise Http404("no such preset")
    try:
        benchmark_ask(study=found, preset=preset, actor=request.user, queue=queue_scoring)
    except NothingToCompareError as error:
        messages.error(request, str(error))
        return redirect("study", slug=slug)
    address = reverse("compare", kwargs={"slug": slug})
    return redirect(address if preset == "paper" else f"{address}?preset={preset}")


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_export_view(request: HttpRequest, slug: str) -> HttpResponse:
    """The study's bundle; with the notes' text for admins alone, who are asked first (GET). A large one is made by a
    worker: the study's page says how far it is."""
    found = visible_study(request, slug)
    asks = request.method == "GET"
    with_text = asks or "text" in request.POST
    if with_text and not request.user.is_admin:
        raise PermissionDenied("only an admin may take the text of notes away")
    if asks:
        question = Question(
            title=f"Export {slug} with the notes' text?",
            button="Export with the notes' text",
            back=reverse("study", kwargs={"slug": slug}),
            facts=[
                f"The file holds the text of {found.notes.count():,} notes: patient data, where they are real.",
                "What has left this installation cannot be called back. The export is recorded with your name.",
            ],
            fields=[("text", "yes")],
        )
        return question_page(request, question)
    if selectors.is_large(found):
        export_ask(study=found, actor=request.user, with_text=with_text, queue=queue_export)
        messages.info(request, "The study is large: a worker makes the file. This page says when it is there.")
        return redirect("study", slug=slug)
    data = study_export(study=found, actor=request.user, with_text=with_text)
    headers = {"Content-Disposition": f'attachment; filename="{slug}.zip"'}
    return HttpResponse(data, content_type="application/zip", headers=headers)


@require_GET
@roles(Role.RESEARCHER)
def study_export_take(request: HttpRequest, slug: str, export_id: int) -> StreamingHttpResponse:
    """A bundle that a worker made, a part at a time."""
    found = visible_study(request, slug)
    export = get_object_or_404(found.exports, pk=export_id, state=Export.State.DONE)
    if export.with_text and not request.user.is_admin:
        raise PermissionDenied("only an admin may take the text of notes away")
    headers = {"Content-Disposition": f'attachment; filename="{slug}.zip"', "Content-Length": str(export.size)}
    return StreamingHttpResponse(export_parts(export), content_type="application/zip", headers=headers)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_import(request: HttpRequest, slug: str) -> HttpResponse:
    """Codings from outside: the form, and what was wrong with a file."""
    found = visible_study(request, slug)
    form, report = CodingsForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rater, new = codings_import(
                study=found,
                name=given["rater"],
                kind=given["kind"],
                file=given["file"].name,
                data=uploaded_bytes(given["file"]),
                actor=request.user,
                unknown=given["unknown"],
                tell=lambda sentence: messages.info(request, f"{capfirst(sentence)}."),
            )
        except FileError as error:
            report = report_of(error)
        except ValueError as error:
            form.add_error("rater", str(error))
        else:
            messages.success(request, f"{rater.name}: {new} new codings. Run the benchmark to see them in Table 1.")
            return redirect("study", slug=slug)
    status = 422 if report or form.errors else 200
    return render(request, "import.html", {"study": found, "form": form, "report": report}, status=status)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_of_codings(request: HttpRequest) -> HttpResponse:
    """A study of nothing but codings: the reference's file makes it, raters' files are imported into it."""
    form, report = CodingsStudyForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = study_from_codings(
                slug=form.cleaned_data["slug"],
                file=file.name,
                data=uploaded_bytes(file),
                actor=request.user,
                unknown=form.cleaned_data["unknown"],
                tell=lambda sentence: messages.info(request, f"{capfirst(sentence)}."),
            )
        except FileError as error:
            report = report_of(error)
        except ValueError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, f"{made.slug}: {made.notes.count()} notes. Now import what raters gave them.")
            return redirect("study-import", slug=made.slug)
    status = 422 if report or form.errors else 200
    return render(request, "import.html", {"form": form, "report": report}, status=status)


@require_GET
@roles(Role.RESEARCHER)
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    page = Paginator(selectors.notes_of(found), NOTES_A_PAGE).get_page(request.GET.get("page"))
    rows = selectors.with_raters(found, list(page))
    return render(request, "notes.html", {"study": found, "page": page, "rows": rows})


@require_GET
@roles(Role.RESEARCHER)
def note(request: HttpRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside each rater's codes; `?rater=&code=` marks where that model looked for that code.

    From a count of the compare pages it has that count's choices in its address (`of`, `by`, `show`, `preset`, and
    `whose` for the rater): the codes counted are marked, and a link leads back.
    """
    found = visible_study(request, slug)
    row = get_object_or_404(found.notes, pk=note_id)
    side, of = selectors.note_side_by_side(found, row), request.GET.get("of", "")
    group = GROUPS.get(request.GET.get("by", "code"), lambda _: "")
    context = {
        "study": found,
        "note": row,
        "side": side,
        "of": of,
        "counted": {each.code for each in side.rows if of and group(each.code) == of},
        "back": kept(request.GET, "preset", "by", "of", "show", rater=request.GET.get("whose", "")).urlencode(),
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
    asked = request.POST.get("chunk", "")
    only = whole(asked) if asked else None
    if only == -1:
        raise Http404("no such part of the run")
    again = chunks_retry(run=found, actor=request.user, poke=poke, only=only)
    messages.success(request, f"{again} note{'s' if again != 1 else ''} will be tried again.")
    return redirect("run", run_id=run_id)
