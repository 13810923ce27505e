"""What our own coding page shows of a note: its draft, what was submitted, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from annotation.models import Assignment, Coding, Draft, Mirror, Rater, Study
from annotation.selectors.queues import with_done

COPIED_WITHIN = timedelta(minutes=10)
"""An answer that Label Studio lacks for longer than this is worth a look."""


@dataclass(frozen=True)
class Waiting:
    """Answers of our page that Label Studio does not hold yet."""

    answers: int
    late: int
    """Those that wait for longer than COPIED_WITHIN."""
    error: str
    """What Label Studio said at the last try; "" where nothing was tried, or all went well."""


@dataclass(frozen=True)
class Submitted:
    """A note's newest coding."""

    revision: int
    codes: list[str]
    """In the order that they were stored in."""
    none_applies: bool
    unlisted: str
    submitted_at: datetime
    active_seconds: float | None


@dataclass(frozen=True)
class Place:
    """Where a coder stands in the study's queue, in notes."""

    position: int
    total: int
    done: int
    next: Assignment | None
    """The first note that is not coded yet, this one left out; whichever its interface is."""


def newest_coding(assignment: Assignment) -> Coding | None:
    """The coding that counts: the one submitted last, by whichever door it came."""
    codings = Coding.objects.filter(
        study_id=assignment.study_id, rater_id=assignment.rater_id, note_id=assignment.note_id
    )
    return codings.order_by("submitted_at", "id").last()


def submitted_of(assignment: Assignment) -> Submitted | None:
    """The newest coding of a note, with its codes; None before the first."""
    coding = newest_coding(assignment)
    if coding is None:
        return None
    codes = list(coding.items.order_by("pk").values_list("code__code", flat=True))
    return Submitted(
        revision=coding.revision,
        codes=codes,
        none_applies=not codes,
        unlisted=coding.unlisted,
        submitted_at=coding.submitted_at,
        active_seconds=coding.active_seconds,
    )


def draft_of(assignment: Assignment) -> Draft | None:
    """What the assignment's coder has ticked and not sent."""
    return Draft.objects.filter(assignment=assignment, rater_id=assignment.rater_id).first()


def place_of(assignment: Assignment) -> Place:
    """Where a note stands in its coder's queue, and what comes after it."""
    queue = Assignment.objects.filter(study_id=assignment.study_id, rater_id=assignment.rater_id)
    marked = with_done(queue)
    left = marked.filter(is_done=False)
    others = left.exclude(pk=assignment.pk).select_related("study")
    total = queue.count()
    return Place(
        position=assignment.position,
        total=total,
        done=total - left.count(),
        next=others.order_by("position").first(),
    )


def is_coded_here(assignment: Assignment) -> bool:
    """Whether the note is one for our own page."""
    return assignment.arm == Study.Interface.PAGE


def drafts_begun(study: Study, rater: Rater | None = None) -> int:
    """How many notes of a study are begun on our page, or changed there, and not sent."""
    drafts = Draft.objects.filter(assignment__study=study, is_change=True)
    if rater:
        drafts = drafts.filter(rater=rater)
    return drafts.count()


def copies_waiting(study: Study | None = None) -> Waiting:
    """How many answers are still to be copied into Label Studio: a study's, or all."""
    waiting = Mirror.objects.filter(done_at=None)
    if study:
        waiting = waiting.filter(coding__study=study)
    late = waiting.filter(coding__submitted_at__lt=timezone.now() - COPIED_WITHIN)
    failed = waiting.exclude(error="").order_by("tried_at").last()
    return Waiting(waiting.count(), late.count(), failed.error if failed else "")
