"""A coder's queue, and the way into Label Studio."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation.label_studio.client import LabelStudioError
from annotation.models import Assignment, Role, Study
from annotation.selectors.queues import has_acknowledged, queues_of
from annotation.services.people import workstation_leave_owed
from annotation.services.studies import guideline_acknowledge
from annotation.services.sync import coder_pull
from annotation.services.workstation import admin_sign_in_url, sign_in_url, workstation
from pages.access import AuthedRequest, roles

UNREACHABLE = (
    "Label Studio cannot be reached just now; try again in a minute. What you submitted or saved is safe. "
    "Ticks that were not saved yet are kept in the browser that you ticked them in, until you log out there."
)

SUBMITTED_A_PAGE = 100


@require_GET
@roles(Role.CODER)
def queue(request: AuthedRequest) -> HttpResponse:
    """What is left and what is next, a study at a time; of the notes submitted a page (`?study=&page=`)."""
    queues = [
        (
            queue,
            Paginator(queue.submitted, SUBMITTED_A_PAGE).get_page(_page_of(request, queue.study)),
        )
        for queue in queues_of(request.user)
    ]
    return render(request, "queue/queue.html", {"queues": queues})


def _page_of(request: AuthedRequest, study: Study) -> str:
    """The page asked for, if it is this study's."""
    asked = request.GET.get("study") == study.slug
    return request.GET.get("page", "1") if asked else "1"


@require_POST
@roles(Role.CODER)
def acknowledge(request: AuthedRequest, slug: str) -> HttpResponse:
    study = get_object_or_404(
        Study.objects.filter(workspaces__rater__user=request.user).distinct(), slug=slug
    )
    guideline_acknowledge(study=study, user=request.user)
    return redirect("queue")


@require_POST
@roles(Role.CODER)
def code_next(request: AuthedRequest, slug: str) -> HttpResponse:
    """Straight into Label Studio, on the next note of the queue."""
    coder_pull(request.user)
    queue = next((q for q in queues_of(request.user) if q.study.slug == slug), None)
    if queue is None:
        raise PermissionDenied("you are not a coder of this study")
    if queue.next is None:
        messages.info(request, "All your notes are coded. Thank you.")
        return redirect("queue")
    return _enter(request, queue.next)


@require_GET
@roles(Role.CODER)
def code_next_anywhere(request: AuthedRequest) -> HttpResponse:
    """Where the bar in Label Studio leads: on to the next note of the same queue, or back to the queue at its end."""
    coder_pull(request.user)
    queue = next((q for q in queues_of(request.user) if q.next), None)
    return _enter(request, queue.next) if queue and queue.next else redirect("queue")


@require_POST
@roles(Role.CODER)
def reopen(request: AuthedRequest, assignment_id: int) -> HttpResponse:
    """One's own note again, to look at or to change."""
    assignment = get_object_or_404(Assignment, pk=assignment_id, rater__user=request.user)
    return _enter(request, assignment)


def _enter(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    if assignment.study.status != Study.Status.OPEN:
        raise PermissionDenied("this study is closed")
    if not has_acknowledged(assignment.study, request.user):
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
def label_studio_enter(request: AuthedRequest) -> HttpResponse:
    """Into Label Studio as its administrator; there is no password for it."""
    try:
        workstation().health()
    except LabelStudioError:
        messages.error(request, "Label Studio cannot be reached just now; try again in a minute.")
        return redirect("home")
    return redirect(admin_sign_in_url(request.user))
