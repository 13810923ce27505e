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
    "Label Studio cannot be reached just now; try again in a minute. "
    "What you submitted or saved is safe. Ticks that were not saved yet are kept "
    "in the browser that you ticked them in, until you log out there."
)

SUBMITTED_A_PAGE = 100


@require_GET
@roles(Role.CODER)
def queue(request: AuthedRequest) -> HttpResponse:
    """A coder's notes, study by study: what is left, what is next, and what was submitted.

    Submitted notes come by the page; `?study=&page=` asks for another page of one study.
    """
    queues = []
    for each in queues_of(request.user):
        submitted = Paginator(each.submitted, SUBMITTED_A_PAGE)
        queues.append((each, submitted.get_page(_page_of(request, each.study))))
    return render(request, "queue/queue.html", {"queues": queues})


def _page_of(request: AuthedRequest, study: Study) -> str:
    """The page of submitted notes that is asked for of this study; else the first."""
    if request.GET.get("study") != study.slug:
        return "1"
    return request.GET.get("page", "1")


@require_POST
@roles(Role.CODER)
def acknowledge(request: AuthedRequest, slug: str) -> HttpResponse:
    """The coder says that the guideline is read."""
    own = Study.objects.filter(workspaces__rater__user=request.user).distinct()
    study = get_object_or_404(own, slug=slug)
    guideline_acknowledge(study=study, user=request.user)
    return redirect("queue")


@require_POST
@roles(Role.CODER)
def code_next(request: AuthedRequest, slug: str) -> HttpResponse:
    """Go to Label Studio, to the next note of a study's queue."""
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
    """Go to the next note in any of the coder's queues; back to the page of queues at their end.

    The bar on top of Label Studio's page leads here.
    """
    coder_pull(request.user)
    for each in queues_of(request.user):
        if each.next:
            return _enter(request, each.next)
    return redirect("queue")


@require_POST
@roles(Role.CODER)
def reopen(request: AuthedRequest, assignment_id: int) -> HttpResponse:
    """Go to a note that the coder has coded already, to look at or to change."""
    assignment = get_object_or_404(Assignment, pk=assignment_id, rater__user=request.user)
    return _enter(request, assignment)


def _enter(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    """Sign the coder in to Label Studio, on this note; back to the queue where that cannot be."""
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
    """Sign an admin in to Label Studio as its administrator, whose account has no password."""
    try:
        workstation().health()
    except LabelStudioError:
        messages.error(request, "Label Studio cannot be reached just now; try again in a minute.")
        return redirect("home")
    return redirect(admin_sign_in_url(request.user))
