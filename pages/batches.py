"""The batches of notes: the list, and a page for each."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_POST

from annotation.event_names import PURGE_ASKED, PURGED, PUT_BACK, WITHDRAWN
from annotation.models import Batch, Event, Purge, Role, Upload
from annotation.selectors.batches import (
    batch_figures,
    batch_notes,
    batch_rows,
    batch_uses,
    practised_in,
)
from annotation.selectors.removal import in_use, purge_of
from annotation.selectors.studies import batches_with_counts
from annotation.selectors.uploads import uploads_of
from annotation.services.batches import batch_rename
from files.spreadsheet_csv import spreadsheet_csv
from pages.access import AuthedRequest, roles
from pages.forms import BatchUploadForm
from pages.uploads import limit_words, refused_as_json, upload_taken, wants_json

NOTES_A_PAGE = 50
HAPPENED = {
    "batch.created": "added {notes} notes",
    "batch.renamed": "renamed it from {before} to {name}",
    WITHDRAWN: "withdrew it",
    PUT_BACK: "put it back",
    PURGE_ASKED: "asked for its notes to be removed for good",
    PURGED: "its notes are removed, receipt {purge}",
}
"""Verb of an event -> its words, with what its data says."""
SHOWN_APART = ("read_as", "remarks", "left_out", "left_out_rows")
"""Keys of a batch's details that have their own place on the page."""


@roles(Role.RESEARCHER)
def batches(request: AuthedRequest) -> HttpResponseBase:
    """The batches that are here; for admins the upload, and what waits to be confirmed."""
    form = BatchUploadForm()
    status = 200
    if request.method == "POST":
        if not request.user.is_admin:
            raise PermissionDenied("only an admin may upload notes")
        form = BatchUploadForm(request.POST, request.FILES)
        taken = upload_taken(request, form)
        if taken is not None:
            return taken
        if wants_json(request):
            return refused_as_json(form)
        status = 422
    context = {
        "form": form,
        "limit": settings.UPLOAD_LIMIT,
        "limit_words": limit_words(),
        "waiting": uploads_of(request.user, Upload.Kind.NOTES),
        "batches": batches_with_counts(),
        "purges": Purge.objects.all(),
    }
    return render(request, "batches/batches.html", context, status=status)


@require_GET
@roles(Role.RESEARCHER)
def batch(request: AuthedRequest, batch_id: int) -> HttpResponse:
    """A batch: its figures, where it is used, how its file was read, its notes."""
    found = _batch(batch_id)
    find = request.GET.get("find", "").strip()
    page = Paginator(batch_notes(found, find), NOTES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": found,
        "figures": batch_figures(found),
        "uses": batch_uses(found, request.user),
        "practised": practised_in(found),
        "find": find,
        "page": page,
        "rows": batch_rows(found, list(page), request.user),
        "facts": _facts(found),
        "remarks": [capfirst(str(remark)) for remark in found.details.get("remarks", [])],
        "happened": _happened(found),
        "in_use": in_use(found),
        "purge": purge_of(found),
    }
    return render(request, "batches/batch.html", context)


@require_POST
@roles(Role.ADMIN)
def batch_name(request: AuthedRequest, batch_id: int) -> HttpResponse:
    """Give a batch another name."""
    found = _batch(batch_id)
    try:
        batch_rename(batch=found, name=request.POST.get("name", ""), actor=request.user)
    except ValueError as error:
        messages.error(request, f"{capfirst(str(error))}.")
    return redirect("batch", batch_id=found.pk)


@require_GET
@roles(Role.RESEARCHER)
def batch_left_out(request: AuthedRequest, batch_id: int) -> HttpResponse:
    """The rows of its file that somebody chose to leave out, and why: numbers and reasons."""
    found = _batch(batch_id)
    rows = found.details.get("left_out_rows")
    if rows is None:
        raise Http404("no row was left out")
    text = spreadsheet_csv([("file", "row", "cause", "message"), *rows])
    headers = {"Content-Disposition": f'attachment; filename="batch-{found.pk}-left-out.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _happened(batch: Batch) -> list[tuple[Event, str]]:
    """The events of a batch in words, the newest first."""
    found = []
    for event in Event.objects.filter(object=f"batch:{batch.pk}").select_related("actor"):
        words = HAPPENED.get(event.verb, event.verb)
        found.append((event, words.format(**event.data)))
    return found


def _facts(batch: Batch) -> list[tuple[str, object]]:
    """What else its details say in a word or a number each, such as the seed of a sample."""
    found: list[tuple[str, object]] = []
    for key, value in batch.details.items():
        if key not in SHOWN_APART and isinstance(value, str | int | float):
            found.append((capfirst(key.replace("_", " ")), value))
    return found


def _batch(batch_id: int) -> Batch:
    return get_object_or_404(Batch.objects.select_related("uploaded_by"), pk=batch_id)
