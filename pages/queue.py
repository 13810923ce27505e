"""A coder's queue, and the way into the next note: on our own page, or in Label Studio."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotation.label_studio.client import LabelStudioError
from annotation.models import Assignment, Rater, Role, Study
from annotation.selectors.clocks import ACTIVE
from annotation.selectors.desk import is_coded_here
from annotation.selectors.pace import Pace, pace_of
from annotation.selectors.practice import practised_by
from annotation.selectors.queues import Queue, has_acknowledged, queues_of
from annotation.selectors.sent import (
    SHOW,
    Show,
    codes_a_note,
    sent_assignments,
    sent_counts,
    sent_notes,
)
from annotation.services.people import workstation_leave_owed
from annotation.services.studies import guideline_acknowledge
from annotation.services.sync import coder_pull
from annotation.services.workstation import (
    COMES_UP_IN,
    admin_sign_in_url,
    sign_in_url,
    workstation,
)
from benchmark.selectors.coder_page import closed_studies_of
from pages.access import AuthedRequest, roles
from pages.pace_chart import chart_of

UNREACHABLE = (
    "Label Studio cannot be reached just now; try again in a minute. "
    "What you submitted or saved is safe. Ticks that were not saved yet are kept "
    "in the browser that you ticked them in, until you log out there."
)

SENT_A_PAGE = 50
MEASURED = 5
"""Notes of a day without which its pace says nothing of those to come."""
FILTERS: dict[Show, str] = {
    "all": "All",
    "changed": "Changed, not sent",
    "none": "No listed code applies",
    "unlisted": "Needed code not listed",
}


@require_GET
@roles(Role.CODER)
def queue(request: AuthedRequest) -> HttpResponse:
    """A coder's notes: the study in hand with all that was sent, other studies below it.

    `?study=` puts another study first, `show=` chooses among its sent notes, `page=` turns them.
    """
    queues = queues_of(request.user)
    asked = [each for each in queues if each.study.slug == request.GET.get("study")]
    shown = next(iter(asked or queues), None)
    content: dict[str, object] = {
        "shown": shown,
        "others": [each for each in queues if each is not shown],
        "closed": closed_studies_of(request.user),
    }
    rater = getattr(request.user, "rater", None)
    if shown and rater and not shown.waits_for_reading:
        content |= _details(request, shown, rater)
    return render(request, "queue/queue.html", content)


def _details(request: AuthedRequest, shown: Queue, rater: Rater) -> dict[str, object]:
    """What the page says of one study beside how to go on."""
    show = request.GET.get("show", "all")
    if show not in SHOW:
        show = "all"
    rows = sent_assignments(shown.study, rater).filter(SHOW[cast(Show, show)])
    page = Paginator(rows, SENT_A_PAGE).get_page(request.GET.get("page"))
    counts = sent_counts(shown.study, rater)
    pace = pace_of(rater, shown.study)
    practice = practised_by(shown.study, rater)
    left = [each for each in practice if each.answer is None]
    return {
        "page": page,
        "sent": sent_notes(list(page.object_list)),
        "filters": [(name, words, counts[name]) for name, words in FILTERS.items()],
        "show": show,
        "address": f"study={shown.study.slug}&show={show}",
        "pace": pace,
        "active": pace.clock == ACTIVE,
        "chart": chart_of(pace.days),
        "hours_left": _hours_left(shown, pace),
        "codes_a_note": codes_a_note(shown.study, rater),
        "practice": practice,
        "practice_done": len(practice) - len(left),
        "practice_next": next(iter(left or practice), None),
        "has_page": Study.Interface.PAGE in shown.study.arms,
        "has_label_studio": shown.study.arms != [Study.Interface.PAGE],
        "interfaces": [Study.Interface(arm).label for arm in shown.study.arms],
    }


def _hours_left(shown: Queue, pace: Pace) -> float | None:
    """How long the notes that are left take at the pace of the coder's last day.

    None where nothing is left, where too little was measured, or by a clock with pauses in it.
    """
    if not shown.left or pace.clock != ACTIVE or not pace.days:
        return None
    last = pace.days[0]
    if last.notes < MEASURED or last.median_minutes is None:
        return None
    return shown.left * last.median_minutes / 60


@require_POST
@roles(Role.CODER)
def acknowledge(request: AuthedRequest, slug: str) -> HttpResponse:
    """The coder says that the guideline is read; that of a draft may change, and is not shown."""
    own = Study.objects.filter(workspaces__rater__user=request.user).distinct()
    own = own.exclude(status=Study.Status.DRAFT)
    study = get_object_or_404(own, slug=slug)
    guideline_acknowledge(study=study, user=request.user)
    return redirect(f"{reverse('queue')}?study={slug}")


@require_POST
@roles(Role.CODER)
def code_next(request: AuthedRequest, slug: str) -> HttpResponse:
    """Go to the next note of a study's queue."""
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

    The study in hand comes first. The bar on top of Label Studio's page leads here.
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
    """Open a note for its coder: on our page, or in Label Studio after signing in there.

    Back to the queue where that cannot be.
    """
    if assignment.study.status != Study.Status.OPEN:
        raise PermissionDenied("this study is closed")
    if not has_acknowledged(assignment.study, request.user):
        messages.warning(request, "Please read and accept the guideline first.")
        return redirect("queue")
    if is_coded_here(assignment):
        return redirect("desk", assignment.pk)
    try:
        workstation(COMES_UP_IN).health()
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
