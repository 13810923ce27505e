"""The first page of each role, and logging out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotation.models import Batch, Role, Study
from annotation.selectors.queues import notes_left
from annotation.selectors.studies import studies_of
from annotation.services.people import Leaving, workstation_leave
from pages.access import AuthedRequest
from pages.choices import kept
from pages.study_cards import Card, cards_of, to_do_words

LEFT_ALONE = (
    "You are logged out here. Label Studio cannot be reached: your session there ends as soon as "
    "it answers, and ticks that were not saved stay in this browser. "
    "Log in and out again in a few minutes."
)


STUDIES_A_PAGE = 20
MOST_TO_DO = 8
"""Things to do that are listed; of more it says how many."""
STATES: dict[str, str] = {
    "": "Not closed",
    Study.Status.DRAFT: "Draft",
    Study.Status.OPEN: "Open",
    Study.Status.CLOSED: "Closed",
}
"""`?state=` of an address -> what the studies in it are called."""


@require_GET
@login_required
def home(request: AuthedRequest) -> HttpResponse:
    """The first page: the queue for coders, notes to settle for adjudicators, else the studies."""
    if request.user.role == Role.CODER and not request.user.is_admin:
        return redirect("queue")
    if request.user.role == Role.ADJUDICATOR and not request.user.is_admin:
        return redirect("adjudicate")
    state = request.GET.get("state", "")
    if state not in STATES:
        raise Http404("no such state of a study")
    studies = studies_of(request.user).select_related("batch")
    alive = list(studies.exclude(status=Study.Status.CLOSED))
    closed = studies.filter(status=Study.Status.CLOSED)
    counts = Counter(study.status for study in alive)
    counts[""] = len(alive)
    counts[Study.Status.CLOSED] = closed.count()
    cards = cards_of(alive)
    asked_page = request.GET.get("page")
    page: Page[Study] | Page[Card]
    if state == Study.Status.CLOSED:
        page = Paginator(closed, STUDIES_A_PAGE).get_page(asked_page)
        shown = cards_of(list(page))
    else:
        of_state = [card for card in cards if state in ("", card.study.status)]
        page = Paginator(of_state, STUDIES_A_PAGE).get_page(asked_page)
        shown = list(page)
    to_do = [*own_work(request), *waiting(cards)]
    context = {
        "page": page,
        "cards": shown,
        "state": state,
        "state_name": STATES[state].lower(),
        "segments": [(name, words, counts[name]) for name, words in STATES.items()],
        "any_study": sum(counts.values()) > 0,
        "synthetic": any(card.study.batch.origin == Batch.Origin.SYNTHETIC for card in shown),
        "to_do": to_do[:MOST_TO_DO],
        "to_do_count": len(to_do),
        "address": kept(request.GET, "state").urlencode(),
    }
    return render(request, "home/home.html", context)


@dataclass(frozen=True)
class ToDo:
    """Something that waits for the person who looks."""

    words: str
    about: str
    address: str


def own_work(request: AuthedRequest) -> list[ToDo]:
    """The person's own notes to code."""
    found = []
    for study, left in notes_left(request.user):
        about = "1 note left" if left == 1 else f"{left:,} notes left"
        address = f"{reverse('queue')}?study={study.slug}"
        found.append(ToDo(f"Code in {study.name}", about, address))
    return found


def waiting(cards: Sequence[Card]) -> list[ToDo]:
    """What goes on only when a researcher does it. Benchmarks are asked for on the study's page."""
    found = []
    for card in cards:
        if card.step.waits_for_you:
            words, about = to_do_words(card)
            address = card.address or reverse("study", args=[card.study.slug])
            found.append(ToDo(words, about, address))
    return found


class LogOut(LogoutView):
    """Log out here and in Label Studio.

    A coder's browser is sent through a page of Label Studio, which sends ticks that the browser
    still keeps. Who does not get there is logged out all the same.
    """

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        leaving = Leaving()
        if request.user.is_authenticated:
            leaving = workstation_leave(user=request.user)
        response = super().post(request, *args, **kwargs)
        if leaving.owed:
            messages.warning(request, LEFT_ALONE)
        if leaving.address:
            return redirect(leaving.address)
        return response
