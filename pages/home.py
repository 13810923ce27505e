"""The first page of each role, and the way out."""

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
    "You are logged out here. Label Studio cannot be reached: your session there ends as soon as it answers, and "
    "ticks that were not saved stay in this browser. Log in and out again in a few minutes."
)


@require_GET
@login_required
def home(request: AuthedRequest) -> HttpResponse:
    """The first page, by role."""
    if request.user.role == Role.CODER and not request.user.is_admin:
        return redirect("queue")
    if request.user.role == Role.ADJUDICATOR and not request.user.is_admin:
        return redirect("adjudicate")
    studies = studies_of(request.user).select_related("batch", "code_set")
    return render(request, "home/home.html", {"studies": studies})


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
