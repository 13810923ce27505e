"""A study's list of notes, and a note's page: its text beside who gave it which codes."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from annotation.models import Assignment, Note, NoteOpening, Rater, Role
from annotation.selectors.custody import openings_of
from annotation.selectors.removal import removed_of
from annotation.services.custody import opening_record
from benchmark.selectors.beside import own_coders
from benchmark.selectors.notes import (
    SideBySide,
    notes_of,
    side_and_evidence,
    with_raters,
)
from benchmark.tables.notes.highlight import Why
from benchmark.tables.notes.list_words import Names, named
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import Choice, carried, choice_of, study_link
from pages.note_codes import Pair, asked_codes, given_of, note_codes, pair_of, titles_for
from pages.note_walk import Walk, walk_of
from pages.numbered import numbered
from pages.results import shared

NOTES_A_PAGE = 50
OPENINGS_SHOWN = 20
LONGEST_ID = 64


@require_http_methods(["GET", "HEAD", "POST"])
@roles(Role.RESEARCHER)
def notes(request: AuthedRequest, slug: str) -> HttpResponse:
    """The notes of a study, each with its coder and the raters that have coded it.

    An id that is searched for comes in the body of a POST, so that it stands in no log: the note
    itself where there is one of that id, else those that begin with it.
    """
    found = visible_study(request, slug)
    listed = notes_of(found)
    asked = request.POST.get("id", "").strip()[:LONGEST_ID]
    if asked:
        exact = listed.filter(external_id=asked).values_list("pk", flat=True).first()
        if exact is not None:
            return HttpResponseRedirect(study_link(found, carried(request), "note", exact))
        listed = listed.filter(external_id__startswith=asked)
    page = Paginator(listed, NOTES_A_PAGE).get_page(request.GET.get("page"))
    coders = own_coders(found, [note.external_id for note in page])
    rows = []
    for each, raters in with_raters(found, list(page)):
        rows.append((each, coders.get(each.external_id, ""), raters))
    context = {
        "study": found,
        "tab": "notes",
        "page": page,
        "pages": numbered(
            page, lambda number: study_link(found, carried(request), "notes", page=number)
        ),
        "rows": rows,
        "asked": asked,
        "removed": removed_of(found),
    }
    return render(request, "notes/notes.html", context)


@require_GET
@roles(Role.RESEARCHER)
def note(request: AuthedRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside its codes, by who gave them.

    Whoever comes from a list has it in the address (`by`, `of`, `show` ...): the note is one of so
    many, and the evidence of the code asked after is on. `?rater=&code=` marks where that model
    looked for that code.
    """
    study = visible_study(request, slug)
    row = get_object_or_404(study.notes, pk=note_id)
    opening_record(user=request.user, note=row, way=NoteOpening.Way.NOTE)
    choice = choice_of(request, study)
    side, evidence = side_and_evidence(study, row)
    assigned = list(Assignment.objects.filter(study=study, note=row).select_related("rater"))
    own = next((each.rater for each in assigned if each.role == "primary"), None)
    pair = pair_of(choice, side, own, [request.GET.get("a", ""), request.GET.get("b", "")])
    walk = walk_of(request, choice, row, {each.code: each.title for each in side.rows})
    context = shared(choice, view="note")
    context |= {
        "tab": "notes",
        "note": row,
        "words": len(row.text.split()),
        "assigned": assigned,
        "side": side,
        "pair": pair,
        "walk": walk,
        **_codes(request, choice, row, side, evidence, pair, walk),
    }
    if request.user.is_admin:
        of_note = openings_of(row.pk)
        context |= {"openings": of_note[:OPENINGS_SHOWN], "opened": of_note.count()}
    return render(request, "notes/note.html", context)


def _codes(
    request: HttpRequest,
    choice: Choice,
    row: Note,
    side: SideBySide,
    evidence: dict[Rater, list[Why]],
    pair: Pair,
    walk: Walk,
) -> dict[str, Any]:
    """The note's codes, for its page."""
    of, by = request.GET.get("of", ""), request.GET.get("by") or "code"
    given = given_of(choice, row.external_id, side, pair)
    kinds = choice.kinds
    against = choice.against
    names = Names(
        named(pair.a, kinds.get(pair.a, "")), named(pair.b, kinds.get(pair.b, "")), against
    )
    led_here = asked_codes(by, of)
    codes = note_codes(
        text=row.text,
        given=given,
        pair=pair,
        names=names,
        evidence=evidence,
        titles=titles_for(side, given),
        asked=led_here,
        chosen=(request.GET.get("code", ""), request.GET.get("rater", "")),
    )
    return {
        "codes": codes,
        "names": names,
        "of": of,
        "by": by,
        "counted": {each.code for each in side.rows if led_here(each.code)},
        "look_address": _look_address(request),
        "bar_kept": _kept(request, walk),
        "list_address": walk.list.link("results-notes", page=walk.page) if walk.list else "",
    }


def _look_address(request: HttpRequest) -> str:
    """This page's address but for the evidence that is on, up to where that is named."""
    query = request.GET.copy()
    for name in ("code", "rater"):
        query.pop(name, None)
    if not query:
        return "?"
    return f"?{query.urlencode()}&"


def _kept(request: HttpRequest, walk: Walk) -> list[tuple[str, str]]:
    """What the bar keeps: the list, so that other raters are shown on the same one."""
    if walk.list is None:
        return []
    kept = dict(walk.list.params)
    kept.setdefault("show", request.GET.get("show", "both-a-b"))
    return list(kept.items())
