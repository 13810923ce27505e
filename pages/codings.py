"""The pages that import codings from a file: into a study, or as a study of their own.

The file is taken, checked and shown; it is stored when that is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Role, Study, Upload
from annotation.selectors.uploads import how_far
from annotation.services.uploads import upload_again, upload_confirm, upload_discard
from benchmark.services.codings_uploads import LARGE, codings_upload_work, plan_again
from benchmark.tasks import queue_codings
from files.problems import FileError
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import TEXTS
from pages.codings_forms import ChoicesForm, CodingsForm, CodingsStudyForm, StudyChoicesForm
from pages.codings_words import on_the_page
from pages.uploads import kept_file

State = Upload.State


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_import(request: AuthedRequest, slug: str) -> HttpResponse:
    """Give a file of codings of a study's notes."""
    study = visible_study(request, slug)
    form = CodingsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        taken = _take(request, form, {**form.asked(), "study": study.pk})
        if taken is not None:
            return taken
    context = {"study": study, "form": form, "waiting": _waiting(request, study)}
    return render(request, "codings/give.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_of_codings(request: AuthedRequest) -> HttpResponse:
    """Give a file of reference codings that makes a study, without notes' texts.

    The raters' files are imported into it afterwards.
    """
    form = CodingsStudyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        asked = {**form.asked(), "study": None, "slug": form.cleaned_data["slug"]}
        taken = _take(request, form, asked)
        if taken is not None:
            return taken
    context = {"form": form, "waiting": _waiting(request, None)}
    return render(request, "codings/give.html", context, status=422 if form.errors else 200)


def _take(
    request: AuthedRequest, form: CodingsForm | CodingsStudyForm, asked: dict[str, object]
) -> HttpResponse | None:
    """Keep the file, have it checked, and go on to its page. None: the file is too large."""
    upload = kept_file(request, form, Upload.Kind.CODINGS, asked)
    if upload is None:
        return None
    _work(upload)
    return redirect("import", upload_id=upload.pk)


def _work(upload: Upload) -> None:
    """Do what is asked for: now where the file is small, else by a worker."""
    if upload.size > LARGE:
        queue_codings(upload.pk)
    else:
        codings_upload_work(upload.pk)


def _waiting(request: AuthedRequest, study: Study | None) -> list[Upload]:
    """The person's own files that wait to be confirmed."""
    own = Upload.objects.filter(owner=request.user, kind=Upload.Kind.CODINGS)
    wanted = study.pk if study else None
    open_ones = own.exclude(state__in=Upload.ENDED)
    return [upload for upload in open_ones if upload.asked["study"] == wanted]


def _own(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the page the person's own upload, and the study that it goes into, if it may be seen."""

    @wraps(page)
    def found(request: AuthedRequest, upload_id: int) -> HttpResponse:
        own = Upload.objects.filter(owner=request.user, kind=Upload.Kind.CODINGS)
        upload = get_object_or_404(own, pk=upload_id)
        study = None
        if upload.asked["study"]:
            slug = get_object_or_404(Study, pk=upload.asked["study"]).slug
            study = visible_study(request, slug)
        return page(request, upload, study)

    return found


@require_GET
@roles(Role.RESEARCHER)
@_own
def import_page(request: AuthedRequest, upload: Upload, study: Study | None) -> HttpResponse:
    """What was understood of a file and would be stored of it; or what is wrong with it."""
    if upload.state == State.STORED:
        return _stored(request, upload)
    if upload.state == State.DISCARDED:
        messages.info(request, f"{upload.name} was discarded; nothing of it was stored.")
        return redirect(_back(study))
    choices = StudyChoicesForm if study else ChoicesForm
    found = upload.found
    groups = found.get("refused", {}).get("groups", [])
    causes = [{**group, "said": on_the_page(group["said"])} for group in groups]
    context = {
        "study": study,
        "slug": study.slug if study else upload.asked["slug"],
        "upload": upload,
        "found": found,
        "causes": causes,
        "words": on_the_page(found.get("words", "")),
        "far": how_far(upload),
        "step": _step(upload),
        "form": choices(initial=upload.asked),
    }
    status = 422 if upload.state == State.REFUSED else 200
    return render(request, "codings/look.html", context, status=status)


def _step(upload: Upload) -> int:
    """Which of the four steps is to be done: file, check, look, store."""
    if upload.state in (State.WAITING, State.CHECKING):
        return 2
    return 3 if upload.state in (State.CHECKED, State.REFUSED) else 4


def _stored(request: AuthedRequest, upload: Upload) -> HttpResponse:
    """Say what was stored, and go on to the study."""
    found = upload.found
    for sentence in found.get("said", ()):
        messages.info(request, f"{capfirst(sentence)}.")
    if upload.asked["study"]:
        for rater in found["raters"]:
            words = f"{rater['name']}: {rater['new']} new codings."
            messages.success(request, f"{words} Run the benchmark to see them in Table 1.")
        return redirect("study", slug=found["study"])
    study = get_object_or_404(Study, slug=found["study"])
    words = f"{study.slug}: {study.notes.count()} notes. Now import what raters gave them."
    messages.success(request, words)
    return redirect("study-import", slug=study.slug)


@require_POST
@roles(Role.RESEARCHER)
@_own
def import_again(request: AuthedRequest, upload: Upload, study: Study | None) -> HttpResponse:
    """Check the same file with other choices, or do here what no worker has done."""
    form = StudyChoicesForm(request.POST) if study else ChoicesForm(request.POST)
    if upload.at_work:
        codings_upload_work(upload.pk)
    elif not form.is_valid():
        messages.error(request, "Nothing was changed: choose from what is offered.")
    else:
        try:
            upload_again(upload=upload, **form.asked())
        except ValueError as error:
            messages.error(request, f"{capfirst(str(error))}.")
        else:
            upload.refresh_from_db()
            _work(upload)
    return redirect("import", upload_id=upload.pk)


@require_POST
@roles(Role.RESEARCHER)
@_own
def import_confirm(request: AuthedRequest, upload: Upload, study: Study | None) -> HttpResponse:
    """Store what was shown."""
    plan = upload.found.get("plan")
    if upload.state != State.CHECKED or plan is None:
        messages.error(request, f"Nothing was stored: {upload.name} is {upload.state}.")
    elif request.POST.get("shown") != plan["seen"]:
        messages.error(request, "Nothing was stored: it was checked anew meanwhile; look at it.")
    else:
        try:
            upload_confirm(upload=upload, actor=request.user)
        except ValueError as error:
            messages.error(request, f"{capfirst(str(error))}.")
        else:
            _work(upload)
    return redirect("import", upload_id=upload.pk)


@require_POST
@roles(Role.RESEARCHER)
@_own
def import_discard(request: AuthedRequest, upload: Upload, study: Study | None) -> HttpResponse:
    """Forget the file."""
    try:
        upload_discard(upload=upload, actor=request.user)
    except ValueError as error:
        messages.error(request, f"{capfirst(str(error))}.")
        return redirect("import", upload_id=upload.pk)
    messages.success(request, f"{upload.name} is discarded; nothing of it was stored.")
    return redirect(_back(study))


@require_GET
@roles(Role.RESEARCHER)
@_own
def import_errors(request: AuthedRequest, upload: Upload, study: Study | None) -> HttpResponse:
    """Every error of a refused file with its row, as CSV."""
    if upload.state != State.REFUSED or "refused" not in upload.found:
        raise Http404("the file is not refused for its rows")
    try:
        plan_again(upload)
    except FileError as error:
        headers = {"Content-Disposition": f'attachment; filename="errors-{upload.pk}.csv"'}
        return HttpResponse(error.to_csv(), content_type=TEXTS["csv"], headers=headers)
    raise Http404("the file has no errors any more; check it again")


def _back(study: Study | None) -> str:
    """The page where another file can be given."""
    return reverse("study-import", args=[study.slug]) if study else reverse("study-from-codings")
