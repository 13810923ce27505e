"""Pages of coders and admins: the queue, the way into Label Studio, batches, and the service checks."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from annotation import selectors
from annotation.forms import BatchUploadForm
from annotation.label_studio import WEBHOOK_HEADER, LabelStudioError
from annotation.models import Assignment, Role, Study
from annotation.permissions import roles
from annotation.services.batches import batch_upload
from annotation.services.people import Leaving, workstation_leave, workstation_leave_owed
from annotation.services.studies import guideline_acknowledge
from annotation.services.sync import coder_pull
from annotation.services.workstation import admin_sign_in_url, sign_in_url, workstation
from annotation.tasks import poke
from annotation.uploaded import Report, report_of, uploaded_bytes
from config.queue import quick_connection, redis_client
from files.problems import FileError

UNREACHABLE = (
    "Label Studio cannot be reached just now; try again in a minute. What you submitted or saved is safe. "
    "Ticks that were not saved yet are kept in the browser that you ticked them in, until you log out there."
)


LEFT_ALONE = (
    "You are logged out here. Label Studio cannot be reached: your session there ends as soon as it answers, and "
    "ticks that were not saved stay in this browser. Log in and out again in a few minutes."
)

SUBMITTED_A_PAGE = 100


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page, by role."""
    if request.user.role == Role.CODER and not request.user.is_admin:
        return redirect("queue")
    if request.user.role == Role.ADJUDICATOR and not request.user.is_admin:
        return redirect("adjudicate")
    studies = selectors.studies_of(request.user).select_related("batch", "code_set")
    return render(request, "home.html", {"studies": studies})


class LogOut(LogoutView):
    """Out of here, and out of Label Studio. A coder's browser passes through Label Studio, where it keeps ticks that
    were not sent; whoever does not get there is logged out all the same."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        leaving = Leaving()
        if request.user.is_authenticated:
            leaving = workstation_leave(user=request.user)
        response = super().post(request, *args, **kwargs)
        if leaving.owed:
            messages.warning(request, LEFT_ALONE)
        return redirect(leaving.address) if leaving.address else response


@require_GET
@roles(Role.CODER)
def queue(request: HttpRequest) -> HttpResponse:
    """What is left and what is next, a study at a time; of the notes submitted a page (`?study=&page=`)."""
    queues = [
        (queue, Paginator(queue.submitted, SUBMITTED_A_PAGE).get_page(_page_of(request, queue.study)))
        for queue in selectors.queues_of(request.user)
    ]
    return render(request, "queue.html", {"queues": queues})


def _page_of(request: HttpRequest, study: Study) -> str:
    """The page asked for, if it is this study's."""
    asked = request.GET.get("study") == study.slug
    return request.GET.get("page", "1") if asked else "1"


@require_POST
@roles(Role.CODER)
def acknowledge(request: HttpRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.filter(workspaces__rater__user=request.user).distinct(), slug=slug)
    guideline_acknowledge(study=study, user=request.user)
    return redirect("queue")


@require_POST
@roles(Role.CODER)
def code_next(request: HttpRequest, slug: str) -> HttpResponse:
    """Straight into Label Studio, on the next note of the queue."""
    coder_pull(request.user)
    queue = next((q for q in selectors.queues_of(request.user) if q.study.slug == slug), None)
    if queue is None:
        raise PermissionDenied("you are not a coder of this study")
    if queue.next is None:
        messages.info(request, "All your notes are coded. Thank you.")
        return redirect("queue")
    return _enter(request, queue.next)


@require_GET
@roles(Role.CODER)
def code_next_anywhere(request: HttpRequest) -> HttpResponse:
    """Where the bar in Label Studio leads: on to the next note of the same queue, or back to the queue at its end."""
    coder_pull(request.user)
    queue = next((q for q in selectors.queues_of(request.user) if q.next), None)
    return _enter(request, queue.next) if queue and queue.next else redirect("queue")


@require_POST
@roles(Role.CODER)
def reopen(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """One's own note again, to look at or to change."""
    assignment = get_object_or_404(Assignment, pk=assignment_id, rater__user=request.user)
    return _enter(request, assignment)


def _enter(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    if assignment.study.status != Study.Status.OPEN:
        raise PermissionDenied("this study is closed")
    if not selectors.has_acknowledged(assignment.study, request.user):
        messages.warning(request, "Please read and accept the guideline first.")
        return redirect("queue")
    try:
        workstation().health()
        workstation_leave_owed(request.user)
        return redirect(sign_in_url(assignment))
    except LabelStudioError:
        messages.error(request, UNREACHABLE)
        return redirect("queue")


@require_POST
@roles()
def label_studio_enter(request: HttpRequest) -> HttpResponse:
    """Into Label Studio as its administrator; there is no password for it."""
    try:
        workstation().health()
    except LabelStudioError:
        messages.error(request, "Label Studio cannot be reached just now; try again in a minute.")
        return redirect("home")
    return redirect(admin_sign_in_url(request.user))


@roles(Role.RESEARCHER)
def batches(request: HttpRequest) -> HttpResponse:
    """Batches that are in, and for admins the upload with its report of wrong rows."""
    form, report, status = BatchUploadForm(), None, 200
    if request.method == "POST":
        if not request.user.is_admin:
            raise PermissionDenied("only an admin may upload notes")
        form = BatchUploadForm(request.POST, request.FILES)
        if form.is_valid():
            report = _upload(request, form.cleaned_data["file"])
            if report is None:
                return redirect("batches")
        status = 422
    context = {"form": form, "report": report, "batches": selectors.batches_with_counts()}
    return render(request, "batches.html", context, status=status)


def _upload(request: HttpRequest, file: UploadedFile) -> Report | None:
    """Store the batch and say how it was read; a report of what is wrong where it is refused."""
    try:
        batch, new = batch_upload(name=file.name or "", data=uploaded_bytes(file), user=request.user)
    except FileError as error:
        return report_of(error)
    if not new:
        messages.success(request, f"{batch.name} was here already; nothing changed.")
        return None
    messages.success(request, f"{batch.name}: {batch.notes.count()} notes are in.")
    messages.info(request, f"Read as {batch.details['read_as']}.")
    for remark in batch.details["remarks"]:
        messages.info(request, f"{capfirst(remark)}.")
    return None


@csrf_exempt
@require_POST
def label_studio_webhook(request: HttpRequest, project_id: int) -> HttpResponse:
    """A poke from Label Studio: something changed in this project. The body is not read."""
    given = request.headers.get(WEBHOOK_HEADER, "")
    if not settings.WEBHOOK_SECRET or not secrets.compare_digest(given.encode(), settings.WEBHOOK_SECRET.encode()):
        raise PermissionDenied("wrong webhook secret")
    poke(project_id)
    return HttpResponse(status=204)


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part this site needs answers; 503 names those that do not."""
    checks = {"database": _database, "redis": _redis, "label_studio": workstation().health}
    states = {name: _state(check) for name, check in checks.items()}
    ready = all(state == "ok" for state in states.values())
    return JsonResponse({"status": "ok" if ready else "not ready", **states}, status=200 if ready else 503)


def _state(check) -> str:  # noqa: ANN001
    try:
        check()
    except Exception as error:
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    with quick_connection() as queue:
        redis_client(queue).ping()
