"""Pages of adjudicators: studies with notes to settle, and a note with what the raters gave, without who gave it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotation.models import Role, Study
from annotation.permissions import roles
from benchmark.panel import ballot_of, docket_of, studies_to_settle
from benchmark.services.panel import SettledMeanwhileError, note_settle


@require_GET
@roles(Role.ADJUDICATOR)
def adjudicate(request: HttpRequest) -> HttpResponse:
    """Each study, how many of its notes are settled, and the way to the next."""
    dockets = [docket_of(study) for study in studies_to_settle(request.user)]
    return render(request, "adjudicate.html", {"dockets": [docket for docket in dockets if docket.notes]})


@require_GET
@roles(Role.ADJUDICATOR)
def settle_next(request: HttpRequest, slug: str) -> HttpResponse:
    """On to the next note by lot, or back to the studies where none is left."""
    following = docket_of(_study(request, slug)).next
    if following is None:
        messages.success(request, f"Every note of {slug} is settled. Thank you.")
        return redirect("adjudicate")
    return redirect("settle", slug=slug, note_id=following)


@require_http_methods(["GET", "POST"])
@roles(Role.ADJUDICATOR)
def settle(request: HttpRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside the codes that somebody gave; ticked ones are what the panel says."""
    study = _study(request, slug)
    docket = docket_of(study)
    note = get_object_or_404(study.notes, pk=note_id if note_id in docket.notes else 0)
    status, further = 200, ""
    if request.method == "POST":
        further = request.POST.get("further", "")
        codes = {*request.POST.getlist("code"), *further.replace(",", " ").split()}
        revision = request.POST.get("revision", "")
        try:
            note_settle(
                study=study, note=note, codes=codes, revision=int(revision) if revision.isdecimal() else -1,
                actor=request.user,
            )  # fmt: skip
        except ValueError as error:
            messages.error(request, f"Not stored: {error}")
            status = 409 if isinstance(error, SettledMeanwhileError) else 422
        else:
            return redirect("settle-next", slug=slug)
    ballot = ballot_of(study, note)
    ticked = set(request.POST.getlist("code")) if status == 422 else {c.code for c in ballot.candidates if c.chosen}
    context = {"study": study, "docket": docket, "note": note, "ballot": ballot, "ticked": ticked, "further": further}
    return render(request, "settle.html", context, status=status)


def _study(request: HttpRequest, slug: str) -> Study:
    return get_object_or_404(studies_to_settle(request.user), slug=slug)
