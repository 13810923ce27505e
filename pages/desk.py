"""Our own coding page, and what its scripts ask for: one note, its draft, Submit, the clock.

Everything here is about one assignment, and only its own coder gets an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Assignment, Batch, NoteOpening, Role, Study
from annotation.selectors.clocks import ACTIVE
from annotation.selectors.desk import Place, draft_of, is_coded_here, place_of, submitted_of
from annotation.selectors.pace import pace_of
from annotation.selectors.queues import has_acknowledged
from annotation.services.custody import opening_record
from annotation.services.desk import (
    DeskRefusal,
    Seen,
    Ticked,
    check_can_be_coded,
    coding_submit,
    draft_save,
    seconds_checked,
    work_event,
)
from annotation.tasks import queue_mirror
from pages.access import AuthedRequest, has_role, roles
from pages.desk_codes import codes_url

LARGEST_BODY = 100_000
"""Bytes of a request; a thousand codes fit."""
LONGEST_NAME = 36
"""Characters of the name of a tab, and of a press of Submit: a UUID."""
GUIDELINE = "Please read and accept the guideline first."
NO_CODER = "you are no coder any more"

Desk = Callable[[AuthedRequest, Assignment], HttpResponse]


def own_assignment(answer: Desk) -> Callable[[HttpRequest, int], HttpResponse]:
    """A decorator for what scripts ask for: JSON, also where it is refused.

    401 without a log-in, 404 for no such note, 403 for another's, 409 for one that cannot be coded
    now; 400 for a body that is none.
    """

    @wraps(answer)
    def guarded(request: HttpRequest, assignment_id: int) -> HttpResponse:
        if not request.user.is_authenticated:
            return refused(401, "login", "your session has ended")
        assignment = _assignment(assignment_id)
        if assignment is None:
            return refused(404, "gone", "this note was given to another coder")
        if assignment.rater.user_id != request.user.pk:
            return refused(403, "not-yours", "this note is another coder's")
        if not has_role(request.user, Role.CODER):
            return refused(403, "not-yours", NO_CODER)
        if not has_acknowledged(assignment.study, request.user):
            return refused(409, "guideline", GUIDELINE)
        try:
            return answer(cast(AuthedRequest, request), assignment)
        except DeskRefusal as refusal:
            status = 409 if refusal.is_conflict else 400
            return _refusal(assignment, refusal, status)

    return guarded


def refused(status: int, reason: str, words: str, **more: object) -> JsonResponse:
    """A refusal that a script can read, and a person."""
    return JsonResponse({"reason": reason, "detail": words, **more}, status=status)


def _refusal(assignment: Assignment, refusal: DeskRefusal, status: int) -> JsonResponse:
    """A refusal of the desk; where the note has changed, with what it holds now."""
    more: dict[str, object] = {}
    if refusal.codes:
        more["codes"] = refusal.codes
    if refusal.reason in ("changed", "other-tab"):
        more = state_of(assignment)
    return refused(status, refusal.reason, str(refusal), **more)


@require_GET
@roles(Role.CODER)
def desk(request: AuthedRequest, assignment_id: int) -> HttpResponse:
    """The coding page, with one note on it; its scripts bring the next ones."""
    assignment = _assignment(assignment_id)
    if assignment is None:
        raise Http404
    if assignment.rater.user_id != request.user.pk:
        raise PermissionDenied("this note is another coder's")
    if assignment.study.status != Study.Status.OPEN:
        messages.warning(request, f"Study {assignment.study.slug} is {assignment.study.status}.")
        return redirect("queue")
    if not has_acknowledged(assignment.study, request.user):
        messages.warning(request, GUIDELINE)
        return redirect("queue")
    if not is_coded_here(assignment):
        messages.warning(request, "That note is coded in Label Studio.")
        return redirect("queue")
    _read(request, assignment)
    content = {
        "assignment": assignment,
        "study": assignment.study,
        "note_data": note_data(assignment),
        "study_data": study_data(request, assignment.study),
    }
    return render(request, "desk/desk.html", content)


@require_GET
@own_assignment
def desk_note(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    """One note with its draft and its newest answer; the page fetches the next one `?ahead=`."""
    check_can_be_coded(assignment)
    way = NoteOpening.Way.AHEAD if "ahead" in request.GET else NoteOpening.Way.CODING
    opening_record(user=request.user, note=assignment.note, way=way)
    return JsonResponse(note_data(assignment))


@require_POST
@own_assignment
def desk_opened(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    """The page shows a note that it had fetched ahead."""
    _read(request, assignment)
    return HttpResponse(status=204)


@require_POST
@own_assignment
def desk_draft(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    """Keep what is ticked and not sent."""
    body = json_body(request)
    sequence = body.get("sequence")
    if not isinstance(sequence, int) or not 0 < sequence < 2**31:
        raise DeskRefusal("value", "sequence must be a count")
    saved_at = draft_save(
        assignment=assignment, seen=_seen(body), sequence=sequence, ticked=ticked_in(body)
    )
    _read(request, assignment)
    return JsonResponse({"saved_at": saved_at})


@require_POST
@own_assignment
def desk_submit(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    """Store the answer. Label Studio is told of it later, by a worker."""
    body = json_body(request)
    key = _name(body, "key")
    coding = coding_submit(assignment=assignment, key=key, seen=_seen(body), ticked=ticked_in(body))
    _read(request, assignment)
    queue_mirror(assignment.pk)
    answer = {"revision": coding.revision, "submitted_at": coding.submitted_at}
    return JsonResponse({**answer, **_where(place_of(assignment))})


@require_POST
@own_assignment
def desk_time(request: AuthedRequest, assignment: Assignment) -> HttpResponse:
    """The clock of the page stopped, or goes on."""
    body = json_body(request)
    work_event(
        assignment=assignment,
        user=request.user,
        event=str(body.get("event")),
        active_seconds=_seconds(body),
    )
    return HttpResponse(status=204)


def _read(request: AuthedRequest, assignment: Assignment) -> None:
    """Record that the coder has the note on the screen. Raises NotRecordedError.

    Whoever ticks or submits has, though the page could not say so when it showed a note that it had
    fetched ahead.
    """
    opening_record(user=request.user, note=assignment.note, way=NoteOpening.Way.CODING)


def note_data(assignment: Assignment) -> dict[str, object]:
    """What the page shows of a note. Its text is in no other answer of the desk."""
    place = place_of(assignment)
    return {
        "assignment": assignment.pk,
        "note_id": assignment.note.external_id,
        "text": assignment.note.text,
        "synthetic": assignment.study.batch.origin == Batch.Origin.SYNTHETIC,
        "position": place.position,
        "pace": _pace(assignment),
        **_where(place),
        **state_of(assignment),
    }


def _pace(assignment: Assignment) -> float | None:
    """The coder's median minutes a note today, as they were worked; None where nothing says."""
    pace = pace_of(assignment.rater, assignment.study)
    if pace.clock != ACTIVE:
        return None
    return pace.today.median_minutes


def state_of(assignment: Assignment) -> dict[str, object]:
    """What the server holds of a coder's answer: the draft, what was submitted, the revision."""
    draft = draft_of(assignment)
    submitted = submitted_of(assignment)
    kept = None
    if draft:
        kept = {
            "version": f"{draft.tab}:{draft.sequence}",
            "based_on": draft.based_on,
            "codes": draft.codes,
            "none_applies": draft.none_applies,
            "unlisted": draft.unlisted,
            "active_seconds": draft.active_seconds,
            "saved_at": draft.saved_at,
        }
    return {
        "draft": kept,
        "submitted": asdict(submitted) if submitted else None,
        "based_on": submitted.revision if submitted else 0,
    }


def study_data(request: AuthedRequest, study: Study) -> dict[str, object]:
    """What the page's scripts need to know of the study."""
    return {
        "study": study.slug,
        "user": request.user.pk,
        "codes_url": codes_url(study.code_set),
        "guideline": study.guideline,
        "interface": str(Study.Interface.PAGE),
        "queue_url": reverse("queue"),
        "login_url": reverse("login"),
        "practice": False,
    }


def _where(place: Place) -> dict[str, object]:
    """How far the coder is, and which note comes next.

    `next` is a note for this page, or null; `next_url` leads on in any case: to a note in Label
    Studio where that comes next, to the queue when all are coded.
    """
    following = place.next
    address = reverse("queue")
    here = None
    if following and is_coded_here(following):
        here = following.pk
        address = reverse("desk", args=[following.pk])
    elif following:
        address = reverse("code-next-anywhere")
    return {"total": place.total, "done": place.done, "next": here, "next_url": address}


def _assignment(assignment_id: int) -> Assignment | None:
    rows = Assignment.objects.select_related("study__batch", "study__code_set", "note", "rater")
    return rows.filter(pk=assignment_id).first()


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent. Raises DeskRefusal, without any word of it."""
    raw = request.body
    try:
        body = json.loads(raw) if len(raw) <= LARGEST_BODY else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise DeskRefusal("value", f"a JSON object of at most {LARGEST_BODY:,} bytes is wanted")
    return body


def ticked_in(body: dict[str, Any]) -> Ticked:
    """What stands in the tray. Raises DeskRefusal."""
    codes = body.get("codes")
    unlisted = body.get("unlisted", "")
    none_applies = body.get("none_applies", False)
    well_formed = (
        isinstance(codes, list)
        and all(isinstance(code, str) and len(code) <= 10 for code in codes)
        and isinstance(unlisted, str)
        and isinstance(none_applies, bool)
    )
    if not well_formed or not isinstance(codes, list):
        raise DeskRefusal("value", "codes, none_applies and unlisted are wanted")
    return Ticked(tuple(codes), none_applies, unlisted.strip(), _seconds(body))


def _seconds(body: dict[str, Any]) -> float:
    """The seconds that the page has measured. Raises DeskRefusal."""
    seconds = body.get("active_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise DeskRefusal("value", "active_seconds is wanted")
    return seconds_checked(seconds)


def _seen(body: dict[str, Any]) -> Seen:
    """Which state of the note the tab goes on from. Raises DeskRefusal."""
    based_on = body.get("based_on", 0)
    after = body.get("after", "")
    if not isinstance(based_on, int) or not isinstance(after, str):
        raise DeskRefusal("value", "based_on and after say what the tab has seen")
    return Seen(_name(body, "tab"), after, based_on)


def _name(body: dict[str, Any], field: str) -> str:
    """A name that the page has made up, of letters, digits and hyphens. Raises DeskRefusal."""
    name = body.get(field)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise DeskRefusal("value", f"{field} must be a name of at most {LONGEST_NAME} characters")
    if not name.replace("-", "").isalnum() or not name.isascii():
        raise DeskRefusal("value", f"{field} must have letters, digits and hyphens alone")
    return name
