"""The adjudicators' pages: studies with notes to settle, and a note with the codes given to it.

They do not show who gave a code.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from annotation.models import Note, NoteOpening, Role, Study
from annotation.services.custody import opening_record
from benchmark.selectors.panel import ballot_of, docket_of, dockets_of, studies_to_settle
from benchmark.services.settle import SettledMeanwhileError, note_settle
from pages.access import AuthedRequest, roles
from pages.choices import whole

STUDIES_A_PAGE = 10
NOTHING = "no code is ticked; where none belongs to the note, tick “No code belongs to this note”"
NONE_AND_SOME = "codes are ticked, and “No code belongs to this note” too"


@require_GET
@roles(Role.ADJUDICATOR)
def adjudicate(request: AuthedRequest) -> HttpResponse:
    """Each study, how many of its notes are settled, and a button to the next note."""
    studies = Paginator(studies_to_settle(request.user), STUDIES_A_PAGE)
    page = studies.get_page(request.GET.get("page"))
    dockets = [docket for docket in dockets_of(page) if docket.total]
    return render(request, "adjudicate/adjudicate.html", {"dockets": dockets, "page": page})


@require_GET
@roles(Role.ADJUDICATOR)
def settle_next(request: AuthedRequest, slug: str) -> HttpResponse:
    """Go on to the next note in random order; back to the studies where none is left."""
    following = docket_of(_study(request, slug)).next
    if following is None:
        messages.success(request, f"Every note of {slug} is settled. Thank you.")
        return redirect("adjudicate")
    return redirect("settle", slug=slug, note_id=following)


@require_http_methods(["GET", "POST"])
@roles(Role.ADJUDICATOR)
def settle(request: AuthedRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside the codes that somebody gave. The ticked ones become the panel's."""
    study = _study(request, slug)
    docket = docket_of(study)
    if note_id not in docket.members:
        raise Http404("this note is not to be settled")
    note = get_object_or_404(study.notes, pk=note_id)
    status = 200
    further = ""
    if request.method == "POST":
        further = request.POST.get("further", "")
        codes = {*request.POST.getlist("code"), *further.replace(",", " ").split()}
        try:
            _check(codes, none="none" in request.POST)
            revision = whole(request.POST.get("revision", ""))
            note_settle(study=study, note=note, codes=codes, revision=revision, actor=request.user)
        except SettledMeanwhileError as error:
            messages.error(request, f"Not stored: {error}")
            status = 409
        except ValueError as error:
            messages.error(request, f"Not stored: {error}")
            status = 422
        else:
            messages.success(request, _stored(request.path, note, len(codes)))
            return redirect("settle-next", slug=slug)
    opening_record(user=request.user, note=note, way=NoteOpening.Way.SETTLING)
    ballot = ballot_of(study, note)
    if status == 422:
        # The form as it was sent, to be put right.
        ticked = set(request.POST.getlist("code"))
        none = "none" in request.POST
    else:
        ticked = {candidate.code for candidate in ballot.candidates if candidate.chosen}
        none = bool(ballot.revision) and not ticked
    context = {
        "study": study,
        "docket": docket,
        "note": note,
        "ballot": ballot,
        "ticked": ticked,
        "further": further,
        "none": none,
    }
    return render(request, "adjudicate/settle.html", context, status=status)


def _check(codes: set[str], *, none: bool) -> None:
    """ValueError where codes are ticked and "no code" too, or neither."""
    if codes and none:
        raise ValueError(NONE_AND_SOME)
    if not codes and not none:
        raise ValueError(NOTHING)


def _stored(address: str, note: Note, codes: int) -> SafeString:
    """The message that a note is settled, with a link back to it."""
    words = f"{codes} code{pluralize(codes)}" if codes else "no code"
    return format_html(
        'Note <a href="{}">{}</a> is stored with {}.', address, note.external_id, words
    )


def _study(request: AuthedRequest, slug: str) -> Study:
    return get_object_or_404(studies_to_settle(request.user), slug=slug)
