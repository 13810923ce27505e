"""What was asked of a worker and is awaited, read from the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q
from django.utils import timezone

from annotation.event_names import (
    CHANGED,
    DISCARDED,
    LEAVING_OWED,
    LEFT,
    NOT_OPENED,
    OPENING,
    OPENING_BEGUN,
    RENAMED,
    WEBHOOKS,
)
from annotation.models import Event, Study, User

PATIENCE_SECONDS = 600
"""After which a worker that was asked is thought to be away."""
SWEEP_AFTER_SECONDS = 5
"""After which a sweep does what was asked for, if its task did not arrive."""
SWEEP_FOR_SECONDS = 24 * 3600
"""After which nobody reckons with it any more: a study must not open by itself."""
BEGINS = 3
"""How often a worker begins what ends every worker, as for want of memory."""


@dataclass(frozen=True)
class Asked:
    """What a worker was asked for last, or why it failed."""

    at: datetime
    seconds: int
    data: Mapping[str, str]
    actor_id: int | None
    begun: int
    """How often a worker has begun it since."""

    @property
    def error(self) -> str:
        return self.data.get("error", "")

    @property
    def late(self) -> bool:
        """It failed, or nobody seems to be at work on it."""
        return bool(self.error) or self.seconds >= PATIENCE_SECONDS

    @property
    def left(self) -> bool:
        """A sweep should see to it: nobody has begun it, or whoever did ended without a word. Sweeps and what they look
        after have one worker, so while a sweep runs nobody else is at work on it."""
        return not self.error and SWEEP_AFTER_SECONDS <= self.seconds < SWEEP_FOR_SECONDS


def last_asked(study: Study, asked: str, begun: str, failed: str, **data: str) -> Asked | None:
    """What was asked for last of a study with these data, or how it failed; None where nothing was.

    `asked`, `begun` and `failed` are verbs of events. What was asked of a draft before it was changed does not count,
    nor what was asked of one that had the name before, and was discarded or renamed.
    """
    told = {f"data__{key}": value for key, value in data.items()}
    of_study = Event.objects.filter(object=f"study:{study.slug}")
    ends = [CHANGED, DISCARDED, RENAMED]
    event = of_study.filter(Q(verb__in=[asked, failed], **told) | Q(verb__in=ends)).first()
    if event is None or event.verb in ends:
        return None
    begins = of_study.filter(verb=begun, pk__gt=event.pk, **told).count()
    return Asked(
        event.at,
        int((timezone.now() - event.at).total_seconds()),
        event.data,
        event.actor_id,
        begins,
    )


def who_asked(user_id: int | None) -> User | None:
    """The person of that number; None for nobody, and for somebody who is not there any more."""
    if user_id is None:
        return None
    return User.objects.filter(pk=user_id).first()


@dataclass(frozen=True)
class Opening:
    """How far a draft is loaded into Label Studio, since somebody pressed the button; notes of several coders count
    for each."""

    asked: Asked
    loaded: int
    notes: int

    @property
    def going_on(self) -> bool:
        return not self.asked.late


def opening_of(study: Study) -> Opening | None:
    """None for a draft that nobody has asked to open, and for a study that is no draft any more."""
    if study.status != Study.Status.DRAFT:
        return None
    asked = last_asked(study, OPENING, OPENING_BEGUN, NOT_OPENED)
    if asked is None:
        return None
    loaded = study.assignments.aggregate(loaded=Count("task_id"), notes=Count("pk"))
    return Opening(asked, **loaded)


def leavings_owed() -> list[User]:
    """People who logged out while Label Studio could not be told: their sessions there may live on."""
    newest = (
        Event.objects.filter(verb__in=[LEAVING_OWED, LEFT])
        .values("object")
        .annotate(newest=Max("pk"))
    )
    owed = Event.objects.filter(verb=LEAVING_OWED, pk__in=newest.values("newest"))
    return [event.actor for event in owed.select_related("actor").order_by("pk") if event.actor]


def webhooks_refused(study: Study) -> str:
    """Why Label Studio tells us of no answer of an open study, so that they arrive by the poll alone; else empty."""
    if study.status != Study.Status.OPEN:
        return ""
    told = Event.objects.filter(verb=WEBHOOKS, object=f"study:{study.slug}").first()
    return told.data["error"] if told else ""
