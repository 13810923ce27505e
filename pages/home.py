"""The first page of each role, and logging out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from annotation.models import Role
from annotation.selectors.studies import studies_of
from annotation.services.people import Leaving, workstation_leave
from pages.access import AuthedRequest

LEFT_ALONE = (
    "You are logged out here. Label Studio cannot be reached: your session there ends as soon as "
    "it answers, and ticks that were not saved stay in this browser. "
    "Log in and out again in a few minutes."
)


@require_GET
@login_required
def home(request: AuthedRequest) -> HttpResponse:
    """The first page: the queue for coders, notes to settle for adjudicators, else the studies."""
    if request.user.role == Role.CODER and not request.user.is_admin:
        return redirect("queue")
    if request.user.role == Role.ADJUDICATOR and not request.user.is_admin:
        return redirect("adjudicate")
    studies = studies_of(request.user).select_related("batch", "code_set")
    return render(request, "home/home.html", {"studies": studies})


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
