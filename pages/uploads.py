"""A file of notes on its way in: dropped, checked by a worker, looked at, confirmed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Role, Upload
from annotation.notes_found import notes_found
from annotation.selectors.codes import check_of_installation
from annotation.selectors.uploads import bad_rows, first_notes, how_far
from annotation.services.notes_in import upload_work_on
from annotation.services.uploads import (
    upload_again,
    upload_confirm,
    upload_discard,
    upload_keep,
    upload_mend,
)
from annotation.tasks import queue_upload
from files.problems import FileError
from files.templates import EXAMPLE, empty_csv, example_jsonl, template_xlsx
from pages.access import AuthedRequest, roles
from pages.choices import TEXTS
from pages.downloads import XLSX
from pages.forms import BatchUploadForm, ConfirmForm, MendForm

State = Upload.State
AWAY = "?queue=away"
"""What an upload's address ends in where no worker could be asked."""
Given = ParamSpec("Given")


def limit_words() -> str:
    """The most that a file may hold, for people."""
    return f"{settings.UPLOAD_LIMIT // 2**20} MiB"


def kept_file(
    request: AuthedRequest, form: forms.Form, kind: str, asked: dict[str, object]
) -> Upload | None:
    """Keep the file of a form. None, with the form's error, where it is too large."""
    try:
        return upload_keep(
            owner=request.user, kind=kind, file=form.cleaned_data["file"], asked=asked
        )
    except FileError as error:
        form.add_error("file", f"{capfirst(str(error))}.")
        return None


def upload_taken(request: AuthedRequest, form: BatchUploadForm) -> HttpResponseBase | None:
    """Keep the file, ask a worker to check it, and go on to its page. None: the form is wrong."""
    if not form.is_valid():
        return None
    asked = {"for_practice": form.cleaned_data["for_practice"]}
    taken = kept_file(request, form, Upload.Kind.NOTES, asked)
    if taken is None:
        return None
    return _go_on(request, taken)


def refused_as_json(form: BatchUploadForm | MendForm) -> JsonResponse:
    """What is wrong with a form, for the script that sends files."""
    return JsonResponse({"error": " ".join(_words(form))}, status=422)


def wants_json(request: AuthedRequest) -> bool:
    """Whether the script asks that shows how much of a file has arrived."""
    return request.headers.get("Accept") == "application/json"


def _go_on(request: AuthedRequest, upload: Upload) -> HttpResponseBase:
    """Ask a worker, and go to the upload's page; it says at once where the queue is away."""
    address = reverse("upload", args=[upload.pk])
    if not queue_upload(upload.pk):
        address += AWAY
    if wants_json(request):
        return JsonResponse({"to": address})
    return redirect(address)


def _words(form: BatchUploadForm | MendForm) -> list[str]:
    words = []
    for errors in form.errors.values():
        words += [str(error) for error in errors]
    return words


Page = Callable[Concatenate[AuthedRequest, Upload, Given], HttpResponseBase]


def _of_owner(page: Page[Given]) -> Callable[..., HttpResponseBase]:
    """Give the page the upload of its address: for admins alone, and each sees but the own."""

    @wraps(page)
    def found(
        request: AuthedRequest, upload_id: int, *args: Given.args, **kwargs: Given.kwargs
    ) -> HttpResponseBase:
        own = Upload.objects.select_related("batch").filter(owner=request.user)
        upload = get_object_or_404(own, pk=upload_id, kind=Upload.Kind.NOTES)
        return page(request, upload, *args, **kwargs)

    return found


@require_GET
@roles(Role.ADMIN)
@_of_owner
def upload(request: AuthedRequest, upload: Upload) -> HttpResponse:
    """How far an upload is, what was found in it, and what is to be decided.

    htmx asks for the progress alone; when the work is done the page loads itself anew.
    """
    if request.htmx and not upload.at_work:
        return HttpResponseClientRefresh()
    found = notes_found(upload.found) if upload.found else None
    context: dict[str, object] = {
        "upload": upload,
        "found": found,
        "far": how_far(upload),
        "limit": limit_words(),
        "step": _step(upload),
        "away": "queue" in request.GET,
    }
    if request.htmx:
        return render(request, "uploads/progress.html", context)
    if upload.state in (State.CHECKED, State.REFUSED) and found and found.to_mend:
        context["first"] = first_notes(upload, check_of_installation())
        context["form"] = ConfirmForm(initial={"name": _plain_name(upload), "origin": "own"})
        context["mend_form"] = MendForm()
    return render(request, "uploads/upload.html", context)


def _step(upload: Upload) -> int:
    """Which of the four steps is to be done: file, check, look, confirm; 5: none."""
    if upload.state in (State.WAITING, State.CHECKING):
        return 2
    if upload.state in (State.CHECKED, State.REFUSED):
        return 3
    if upload.state in (State.CONFIRMED, State.STORING):
        return 4
    return 5


def _plain_name(upload: Upload) -> str:
    """A name for the batch, to be changed: the file's without its ending."""
    for ending in (
        ".gz",
        ".csv",
        ".tsv",
        ".jsonl",
        ".ndjson",
        ".json",
        ".xlsx",
        ".parquet",
        ".feather",
    ):
        if upload.name.lower().endswith(ending) and len(upload.name) > len(ending):
            upload_name = upload.name[: -len(ending)]
            return upload_name if ending != ".gz" else upload_name.rpartition(".")[0]
    return upload.name


@require_POST
@roles(Role.ADMIN)
@_of_owner
def upload_here(request: AuthedRequest, upload: Upload) -> HttpResponse:
    """Check or store it in this very request: where no worker comes."""
    if upload.state == State.REFUSED and upload.error:
        upload_again(upload=upload)
    upload_work_on(upload.pk)
    return redirect("upload", upload_id=upload.pk)


@require_POST
@roles(Role.ADMIN)
@_of_owner
def upload_confirm_view(request: AuthedRequest, upload: Upload) -> HttpResponseBase:
    """Have the good rows stored; bad ones are left out where that was ticked, else all must be
    good."""
    form = ConfirmForm(request.POST)
    leave_out = bool(request.POST.get("leave_out"))
    found = notes_found(upload.found) if upload.found else None
    if not form.is_valid():
        messages.error(request, "Nothing was stored: give the batch a name.")
    elif upload.state == State.DISCARDED:
        messages.error(request, f"Nothing was stored: {upload.name} was discarded.")
    elif found is None or not found.good:
        messages.error(request, "Nothing was stored: there is no good row.")
    elif found.bad and not leave_out:
        messages.error(
            request,
            f"Nothing was stored: {found.bad:,} rows are still to mend. "
            "Give a file with these rows mended, or tick that they are left out.",
        )
    else:
        try:
            asked = {**form.cleaned_data, "leave_out": leave_out}
            upload_confirm(upload=upload, actor=request.user, **asked)
            return _go_on(request, upload)
        except ValueError as error:
            messages.error(request, f"{capfirst(str(error))}.")
    return redirect("upload", upload_id=upload.pk)


@require_POST
@roles(Role.ADMIN)
@_of_owner
def upload_mend_view(request: AuthedRequest, upload: Upload) -> HttpResponseBase:
    """Take a file with mended rows: these and the good ones that wait are checked together."""
    form = MendForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload_mend(upload=upload, file=form.cleaned_data["file"])
        except (FileError, ValueError) as error:
            form.add_error("file", f"{capfirst(str(error))}.")
        else:
            return _go_on(request, upload)
    if wants_json(request):
        return refused_as_json(form)
    for sentence in _words(form):
        messages.error(request, sentence)
    return redirect("upload", upload_id=upload.pk)


@require_POST
@roles(Role.ADMIN)
@_of_owner
def upload_discard_view(request: AuthedRequest, upload: Upload) -> HttpResponse:
    """Forget the file."""
    try:
        upload_discard(upload=upload, actor=request.user)
    except ValueError as error:
        messages.error(request, f"{capfirst(str(error))}.")
        return redirect("upload", upload_id=upload.pk)
    messages.success(request, f"{upload.name} is discarded; nothing of it was stored.")
    return redirect("batches")


@require_GET
@roles(Role.ADMIN)
@_of_owner
def upload_rows(request: AuthedRequest, upload: Upload) -> StreamingHttpResponse:
    """The rows to mend, whole, with the reasons: for the person who brought them."""
    if upload.state not in (State.REFUSED, State.CHECKED) or not upload.found.get("bad"):
        raise Http404("no row of it is to be mended")
    headers = {"Content-Disposition": f'attachment; filename="to-mend-{upload.pk}.csv"'}
    return StreamingHttpResponse(
        _csv_lines(upload), content_type="text/csv; charset=utf-8", headers=headers
    )


def _csv_lines(upload: Upload) -> Iterator[bytes]:
    """With a byte-order mark, by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf"
    for row in bad_rows(upload, check_of_installation()):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue().encode()


@require_GET
@roles(Role.RESEARCHER)
def template(request: AuthedRequest, extension: str) -> HttpResponse:
    """A file to fill in: an empty table for a spreadsheet, or an example of three notes."""
    contents: dict[str, tuple[Callable[[], bytes], str]] = {
        "csv": (empty_csv, TEXTS["csv"]),
        "xlsx": (template_xlsx, XLSX),
        "jsonl": (example_jsonl, "application/jsonl"),
    }
    if extension not in contents:
        raise Http404("no such template")
    make, content_type = contents[extension]
    headers = {"Content-Disposition": f'attachment; filename="{EXAMPLE}.{extension}"'}
    return HttpResponse(make(), content_type=content_type, headers=headers)
