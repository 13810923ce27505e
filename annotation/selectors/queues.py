"""Coders at work: their queues, and how far each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from annotation.event_names import (
    ACKNOWLEDGED,
)
from annotation.models import Assignment, Coding, Event, Rater, Study, User

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


@dataclass(frozen=True)
class Queue:
    """A coder's work in an open study. The counts keep primary notes and the shared (overlap) ones apart."""

    study: Study
    acknowledged: bool
    done: int
    total: int
    primary_done: int
    primary_total: int
    next: Assignment | None
    submitted: QuerySet[Assignment]
    """The notes that are done, in the order they were to be coded."""

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def shared_total(self) -> int:
        return self.total - self.primary_total

    @property
    def shared_done(self) -> int:
        return self.done - self.primary_done


@dataclass(frozen=True)
class CoderProgress:
    rater: Rater
    done: int
    total: int
    last_activity: datetime | None

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


class IsDone(TypedDict):
    is_done: bool


def with_done(assignments: QuerySet[Assignment]) -> QuerySet[WithAnnotations[Assignment, IsDone]]:
    """Assignments with `is_done`: whether a coding of that note by that rater exists in the study."""
    given = Coding.objects.filter(
        study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater")
    )
    return assignments.annotate(is_done=Exists(given))


def queues_of(user: User) -> list[Queue]:
    """The queue of a coder in each open study, notes in the order they are to be coded."""
    studies = Study.objects.filter(
        status=Study.Status.OPEN, workspaces__rater__user=user
    ).distinct()
    return [_queue(study, user) for study in studies]


def _queue(study: Study, user: User) -> Queue:
    mine = with_done(study.assignments.filter(rater__user=user))
    primary = Q(role=Assignment.AssignmentRole.PRIMARY)
    counts = mine.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(is_done=True)),
        primary_total=Count("pk", filter=primary),
        primary_done=Count("pk", filter=primary & Q(is_done=True)),
    )
    rows = mine.select_related("note").defer("note__text").order_by("position")
    return Queue(
        study=study,
        acknowledged=has_acknowledged(study, user),
        next=rows.filter(is_done=False).first(),
        submitted=rows.filter(is_done=True),
        **counts,
    )


def has_acknowledged(study: Study, user: User) -> bool:
    return Event.objects.filter(
        actor=user, verb=ACKNOWLEDGED, object=f"study:{study.slug}"
    ).exists()


def study_progress(study: Study) -> list[CoderProgress]:
    """Done, left and last activity of each coder; nothing about quality."""
    raters = Rater.objects.filter(workspaces__study=study).distinct().order_by("pk")
    totals = dict(study.assignments.order_by().values_list("rater").annotate(Count("pk")))
    given = (
        Coding.objects.filter(study=study, rater__in=raters.values("pk"))
        .order_by()
        .values_list("rater")
    )
    coded = {
        rater: (notes, latest)
        for rater, notes, latest in given.annotate(
            Count("note", distinct=True), Max("submitted_at")
        )
    }
    return [
        CoderProgress(
            r, coded.get(r.pk, (0, None))[0], totals.get(r.pk, 0), coded.get(r.pk, (0, None))[1]
        )
        for r in raters
    ]
