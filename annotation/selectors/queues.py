"""The coders' queues, and how far each coder is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from annotation.event_names import ACKNOWLEDGED
from annotation.models import Assignment, Coding, Draft, Event, Rater, Study, User

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


@dataclass(frozen=True)
class Queue:
    """A coder's work in an open study, in notes.

    Primary notes count in Table 1; shared (overlap) notes are for agreement alone.
    """

    study: Study
    acknowledged: bool
    done: int
    total: int
    primary_done: int
    primary_total: int
    next: Assignment | None
    begun: list[Draft]
    """Notes that were begun on our page and never sent, the one that comes next first."""
    changed: int
    """Notes that were changed on our page since they were sent."""
    last_work: datetime | None
    """When the coder last sent or ticked something here."""

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def waits_for_reading(self) -> bool:
        """Whether the guideline has to be read before the coder can go on."""
        return self.next is not None and not self.acknowledged

    @property
    def next_draft(self) -> Draft | None:
        """What is ticked already of the note that comes next."""
        for draft in self.begun:
            if self.next and draft.assignment_id == self.next.pk:
                return draft
        return None

    @property
    def also_begun(self) -> list[Draft]:
        """Other notes that were begun."""
        return [draft for draft in self.begun if draft != self.next_draft]


@dataclass(frozen=True)
class CoderProgress:
    """How many notes of a study a coder has done, of all that are the coder's."""

    rater: Rater
    done: int
    total: int
    last_activity: datetime | None

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        if self.total == 0:
            return 0
        return round(100 * self.done / self.total)


class IsDone(TypedDict):
    """For types alone: what `with_done` adds to an assignment."""

    is_done: bool


def with_done(assignments: QuerySet[Assignment]) -> QuerySet[WithAnnotations[Assignment, IsDone]]:
    """Assignments with `is_done`: whether its rater has coded the note in the study."""
    given = Coding.objects.filter(
        study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater")
    )
    return assignments.annotate(is_done=Exists(given))


def queues_of(user: User) -> list[Queue]:
    """A coder's queue in each open study: the study in hand first, what is finished last.

    In hand is the study that the coder worked on last; without any work, the newest.
    """
    studies = Study.objects.filter(status=Study.Status.OPEN, workspaces__rater__user=user)
    queues = [_queue(study, user) for study in studies.select_related("batch").distinct()]
    queues.sort(key=_not_in_hand)
    return queues


def notes_left(user: User) -> list[tuple[Study, int]]:
    """The open studies in which a person has notes to code, each with how many."""
    mine = Assignment.objects.filter(rater__user=user, study__status=Study.Status.OPEN)
    undone = with_done(mine).filter(is_done=False).order_by().values("study")
    left = dict(undone.annotate(n=Count("pk")).values_list("study", "n"))
    if not left:
        return []
    return [(study, left[study.pk]) for study in Study.objects.filter(pk__in=left)]


def _not_in_hand(queue: Queue) -> tuple[bool, float]:
    """The place of a queue among others: small for what is worked on just now."""
    worked = queue.last_work.timestamp() if queue.last_work else 0.0
    return queue.next is None, -worked


def _queue(study: Study, user: User) -> Queue:
    """A coder's queue in one study, its notes in the order they are to be coded."""
    mine = with_done(study.assignments.filter(rater__user=user))
    primary = Q(role=Assignment.AssignmentRole.PRIMARY)
    counts = mine.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(is_done=True)),
        primary_total=Count("pk", filter=primary),
        primary_done=Count("pk", filter=primary & Q(is_done=True)),
    )
    rows = mine.select_related("note", "study").defer("note__text").order_by("position")
    drafts = _drafts(study, user)
    given = Coding.objects.filter(study=study, rater__user=user)
    worked = [draft.saved_at for draft in drafts]
    sent = given.aggregate(last=Max("submitted_at"))["last"]
    if sent:
        worked.append(sent)
    coded = set(
        given.filter(note__in=[draft.assignment.note_id for draft in drafts]).values_list(
            "note", flat=True
        )
    )
    begun = [draft for draft in drafts if draft.assignment.note_id not in coded]
    return Queue(
        study=study,
        acknowledged=has_acknowledged(study, user),
        next=rows.filter(is_done=False).first(),
        begun=begun,
        changed=len(drafts) - len(begun),
        last_work=max(worked, default=None),
        **counts,
    )


def _drafts(study: Study, user: User) -> list[Draft]:
    """What the coder has ticked on our page and not sent, in the order of the queue."""
    drafts = Draft.objects.filter(assignment__study=study, rater__user=user, is_change=True)
    mine = drafts.filter(assignment__rater__user=user)
    return list(mine.select_related("assignment").order_by("assignment__position"))


def has_acknowledged(study: Study, user: User) -> bool:
    """Whether a coder has said that the study's guideline is read."""
    acknowledged = Event.objects.filter(actor=user, verb=ACKNOWLEDGED, object=f"study:{study.slug}")
    return acknowledged.exists()


def study_progress(study: Study) -> list[CoderProgress]:
    """How far each coder of a study is, and when the coder last submitted; nothing of quality."""
    raters = Rater.objects.filter(workspaces__study=study).distinct().order_by("pk")
    totals = dict(study.assignments.order_by().values_list("rater").annotate(Count("pk")))
    codings = Coding.objects.filter(study=study, rater__in=raters.values("pk"))
    by_rater = codings.order_by().values_list("rater")
    coded = {}
    for pk, notes, latest in by_rater.annotate(Count("note", distinct=True), Max("submitted_at")):
        coded[pk] = (notes, latest)
    progress = []
    for rater in raters:
        done, last_activity = coded.get(rater.pk, (0, None))
        progress.append(CoderProgress(rater, done, totals.get(rater.pk, 0), last_activity))
    return progress
