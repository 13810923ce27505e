"""What a coder has sent in a study: note by note, in what state, and how to find it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypedDict

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from annotation.models import Assignment, Coding, CodingItem, Draft, Rater, Study
from annotation.selectors.clocks import ACTIVE, LABEL_STUDIO, NO_CLOCK, Clock, Took, minutes_by

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

Show = Literal["all", "changed", "none", "unlisted"]
SHOW: dict[Show, Q] = {
    "all": Q(),
    "changed": Q(is_changed=True),
    "none": Q(has_codes=False),
    "unlisted": Q(has_unlisted=True),
}
"""Name in an address -> which of the sent notes it shows."""


@dataclass(frozen=True)
class SentNote:
    """A note as its coder last sent it."""

    assignment: Assignment
    sent_at: datetime
    codes: int
    needs_unlisted: bool
    """Whether the coder named a needed code that is not listed."""
    is_changed: bool
    """Whether it was changed on our page since; the change is not sent."""
    minutes: float | None
    clock: Clock
    """Which clock `minutes` is from."""

    @property
    def none_applies(self) -> bool:
        """Whether the coder said that no listed code applies."""
        return self.codes == 0

    @property
    def date_format(self) -> str:
        """How to write `sent_at`: without the day where that is today."""
        if timezone.localdate(self.sent_at) == timezone.localdate():
            return "H:i"
        return "j M H:i"

    @property
    def by_label_studio(self) -> bool:
        """Whether Label Studio's clock has measured it, pauses included."""
        return self.clock == LABEL_STUDIO


class Newest(TypedDict):
    """For types alone: what `sent_assignments` adds to an assignment."""

    newest: int
    sent_at: datetime
    is_changed: bool
    has_codes: bool
    has_unlisted: bool


def sent_assignments(study: Study, rater: Rater) -> QuerySet[WithAnnotations[Assignment, Newest]]:
    """A coder's sent notes, the newest first, each with its newest coding and its state."""
    given = Coding.objects.filter(
        study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater")
    )
    newest = given.order_by("-submitted_at", "-pk")
    drafts = Draft.objects.filter(assignment=OuterRef("pk"), rater=OuterRef("rater"))
    changed = drafts.filter(is_change=True)
    unlisted = Coding.objects.filter(pk=OuterRef("newest")).exclude(unlisted="")
    mine = study.assignments.filter(rater=rater)
    sent = mine.annotate(newest=Subquery(newest.values("pk")[:1])).exclude(newest=None)
    told = sent.annotate(
        sent_at=Subquery(newest.values("submitted_at")[:1]),
        is_changed=Exists(changed),
        has_codes=Exists(CodingItem.objects.filter(coding=OuterRef("newest"))),
        has_unlisted=Exists(unlisted),
    )
    return told.select_related("note").defer("note__text").order_by("-sent_at", "-position")


def sent_counts(study: Study, rater: Rater) -> dict[str, int]:
    """How many of a coder's sent notes each choice of SHOW has."""
    counts = {str(name): Count("pk", filter=which) for name, which in SHOW.items()}
    return sent_assignments(study, rater).order_by().aggregate(**counts)


def sent_notes(
    assignments: Sequence[WithAnnotations[Assignment, Newest]],
) -> list[SentNote]:
    """The rows of `sent_assignments` with what was sent; a page of them at a time."""
    wanted = [assignment.newest for assignment in assignments]
    codings = Coding.objects.annotate(codes=Count("items")).in_bulk(wanted)
    notes = []
    for assignment in assignments:
        coding = codings[assignment.newest]
        took = Took(coding.active_seconds, coding.lead_time)
        clock = _clock(took)
        notes.append(
            SentNote(
                assignment=assignment,
                sent_at=coding.submitted_at,
                codes=coding.codes,
                needs_unlisted=coding.unlisted != "",
                is_changed=assignment.is_changed,
                minutes=minutes_by(clock, took),
                clock=clock,
            )
        )
    return notes


def codes_a_note(study: Study, rater: Rater) -> float | None:
    """How many codes a coder gives a note, on average; None before the first."""
    newest = sent_assignments(study, rater).order_by().values_list("newest", flat=True)
    notes = len(newest)
    if not notes:
        return None
    return CodingItem.objects.filter(coding__in=newest).count() / notes


def _clock(took: Took) -> Clock:
    """The clock to show one note by: the active time where it was measured."""
    if took.active_seconds:
        return ACTIVE
    if took.lead_time:
        return LABEL_STUDIO
    return NO_CLOCK
