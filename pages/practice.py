"""The practice set on our own coding page: the same page, over notes that do not count.

A practice note's reference is in no answer but that to its Submit. Drafts of it are not kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Batch, Code, Note, NoteOpening, Rater, Role, Study
from annotation.selectors.practice import Practised, practice_reference, practised_by
from annotation.selectors.queues import has_acknowledged
from annotation.services.custody import opening_record
from annotation.services.desk import DeskRefusal
from annotation.services.practice import practice_fix, practice_submit
from pages.access import AuthedRequest, has_role, roles
from pages.desk import GUIDELINE, NO_CODER, json_body, refused, study_data, ticked_in

Practice = Callable[[AuthedRequest, Study, list[Practised], Practised], HttpResponse]
"""An answer about one note of the coder's practice set, which is given too."""


def own_practice(answer: Practice) -> Callable[[HttpRequest, str, int], HttpResponse]:
    """A decorator for what scripts ask for, as `pages.desk.own_assignment`: JSON in any case."""

    @wraps(answer)
    def guarded(request: HttpRequest, slug: str, place: int) -> HttpResponse:
        if not request.user.is_authenticated:
            return refused(401, "login", "your session has ended")
        study = Study.objects.select_related("batch", "code_set").filter(slug=slug).first()
        if study is None:
            return refused(404, "gone", "there is no such study")
        rater = rater_in(study, cast(AuthedRequest, request))
        if rater is None:
            return refused(403, "not-yours", "you are not a coder of this study")
        if not has_role(request.user, Role.CODER):
            return refused(403, "not-yours", NO_CODER)
        if study.status != Study.Status.OPEN:
            return refused(409, "closed", f"study {slug} is {study.status}")
        if not has_acknowledged(study, request.user):
            return refused(409, "guideline", GUIDELINE)
        notes = practised_by(study, rater)
        here = at_place(notes, place)
        if here is None:
            return refused(404, "gone", "there is no such practice note any more")
        try:
            return answer(cast(AuthedRequest, request), study, notes, here)
        except DeskRefusal as refusal:
            status = 409 if refusal.is_conflict else 400
            more = {"codes": refusal.codes} if refusal.codes else {}
            return refused(status, refusal.reason, str(refusal), **more)

    return guarded


@require_GET
@roles(Role.CODER)
def practice(request: AuthedRequest, slug: str, place: int) -> HttpResponse:
    """The coding page, with a practice note on it."""
    study = get_object_or_404(Study.objects.select_related("batch", "code_set"), slug=slug)
    rater = rater_in(study, request)
    if rater is None:
        raise PermissionDenied("you are not a coder of this study")
    if study.status != Study.Status.OPEN:
        messages.warning(request, f"Study {slug} is {study.status}.")
        return redirect("queue")
    if not has_acknowledged(study, request.user):
        messages.warning(request, GUIDELINE)
        return redirect("queue")
    practice_fix(study)
    notes = practised_by(study, rater)
    here = at_place(notes, place)
    if here is None:
        raise Http404
    opening_record(user=request.user, note=here.note, way=NoteOpening.Way.PRACTICE)
    content = {
        "study": study,
        "practice": here,
        "note_data": note_data(study, notes, here),
        "study_data": {**study_data(request, study), "practice": True},
    }
    return render(request, "desk/desk.html", content)


@require_GET
@own_practice
def practice_note(
    request: AuthedRequest, study: Study, notes: list[Practised], here: Practised
) -> HttpResponse:
    """One practice note, as if nobody had coded it."""
    opening_record(user=request.user, note=here.note, way=NoteOpening.Way.PRACTICE)
    return JsonResponse(note_data(study, notes, here))


@require_POST
@own_practice
def practice_answer(
    request: AuthedRequest, study: Study, notes: list[Practised], here: Practised
) -> HttpResponse:
    """Keep the answer, and show it beside the reference's codes."""
    rater = rater_in(study, request)
    assert rater is not None  # `own_practice` has looked
    ticked = ticked_in(json_body(request))
    answer = practice_submit(study=study, note=here.note, rater=rater, ticked=ticked)
    given = Code.objects.of_systems().filter(code__in=answer.codes).order_by("code")
    told = {
        "reference": titled(practice_reference(here.note)),
        "yours": titled(given),
        "none_applies": answer.none_applies,
        "unlisted": answer.unlisted,
    }
    return JsonResponse({**told, **whereabouts(study, practised_by(study, rater), here)})


def rater_in(study: Study, request: AuthedRequest) -> Rater | None:
    """The coder of the study who asks; None for everybody else."""
    return Rater.objects.filter(user=request.user, workspaces__study=study).first()


def at_place(notes: list[Practised], place: int) -> Practised | None:
    """The practice note of that place; None where there is none (any more)."""
    return next((each for each in notes if each.place == place), None)


def note_data(study: Study, notes: list[Practised], here: Practised) -> dict[str, object]:
    """What the page shows of a practice note; the fields are those of `pages.desk.note_data`.

    The place stands where the assignment of another note does.
    """
    return {
        "assignment": here.place,
        "practice": True,
        "note_id": here.note.external_id,
        "text": Note.objects.get(pk=here.note.pk).text,
        "synthetic": study.batch.origin == Batch.Origin.SYNTHETIC,
        "position": notes.index(here) + 1,
        "draft": None,
        "submitted": None,
        "based_on": 0,
        **whereabouts(study, notes, here),
    }


def whereabouts(study: Study, notes: list[Practised], here: Practised) -> dict[str, object]:
    """How many practice notes are done, and where the next one is; after the last one the queue."""
    following = next((each.place for each in notes if each.place > here.place), None)
    next_url = reverse("queue")
    if following:
        next_url = reverse("practice", args=[study.slug, following])
    done = sum(each.answer is not None for each in notes)
    return {"total": len(notes), "done": done, "next": following, "next_url": next_url}


def titled(codes: Iterable[Code]) -> list[dict[str, str]]:
    """Codes with their titles."""
    found = []
    for code in codes:
        found.append({"code": code.code, "title": code.long_title, "kind": code.kind})
    return found
