"""The page of the batches of notes, and the upload of another one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst

from annotation.models import Role
from annotation.selectors.studies import batches_with_counts
from annotation.services.batches import batch_upload
from annotation.uploaded import Report, report_of, uploaded_bytes
from files.problems import FileError
from pages.access import AuthedRequest, roles
from pages.forms import BatchUploadForm


@roles(Role.RESEARCHER)
def batches(request: AuthedRequest) -> HttpResponse:
    """The batches that are here; for admins the upload, and what is wrong with a refused file."""
    form = BatchUploadForm()
    report = None
    status = 200
    if request.method == "POST":
        if not request.user.is_admin:
            raise PermissionDenied("only an admin may upload notes")
        form = BatchUploadForm(request.POST, request.FILES)
        if form.is_valid():
            report = _upload(request, form.cleaned_data["file"], form.cleaned_data["for_practice"])
            if report is None:
                return redirect("batches")
        status = 422
    context = {"form": form, "report": report, "batches": batches_with_counts()}
    return render(request, "batches/batches.html", context, status=status)


def _upload(request: AuthedRequest, file: UploadedFile[bytes], for_practice: bool) -> Report | None:
    """Store the batch and say how it was read. Returns a report where the file is refused."""
    try:
        batch, new = batch_upload(
            name=file.name or "",
            data=uploaded_bytes(file),
            user=request.user,
            for_practice=for_practice,
        )
    except FileError as error:
        return report_of(error)
    if not new:
        messages.success(request, f"{batch.name} was here already; nothing changed.")
        return None
    purpose = ", for practice" if for_practice else ""
    messages.success(request, f"{batch.name}: {batch.notes.count()} notes are in{purpose}.")
    messages.info(request, f"Read as {batch.details['read_as']}.")
    for remark in batch.details["remarks"]:
        messages.info(request, f"{capfirst(remark)}.")
    return None
