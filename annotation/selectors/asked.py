"""What somebody asked a worker to do, and how far it is: read from the events."""

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
"""After so long without an end, nobody seems to be at work on it."""
SWEEP_AFTER_SECONDS = 5
"""After so long a sweep does what was asked for: its task seems to be lost."""
SWEEP_FOR_SECONDS = 24 * 3600
"""After so long no sweep does it any more: a study must not open when nobody expects it."""
BEGINS = 3
"""How often it is begun where each worker dies of it, for want of memory for instance."""


@dataclass(frozen=True)
class Asked:
    """What a worker was last asked to do, or why that failed."""

    at: datetime
    seconds: int
    data: Mapping[str, str]
    actor_id: int | None
    begun: int
    """How often a worker has begun it."""

    @property
    def error(self) -> str:
        return self.data.get("error", "")

    @property
    def late(self) -> bool:
        """It failed, or nobody seems to be at work on it."""
        return bool(self.error) or self.seconds >= PATIENCE_SECONDS

    @property
    def left(self) -> bool:
        """Whether a sweep should do it: no worker has begun it, or the one that did has died.

        Sweeps run in the same single worker, so while one runs nobody else is at work on it.
        """
        return not self.error and SWEEP_AFTER_SECONDS <= self.seconds < SWEEP_FOR_SECONDS


def last_asked(study: Study, asked: str, begun: str, failed: str, **data: str) -> Asked | None:
    """What was last asked for a study, or how that failed; None where nothing was asked.

    `asked`, `begun` and `failed` are verbs of events, `data` what the events must carry. What was
    asked before a draft was changed does not count, nor what was asked of an earlier draft of the
    same name.
    """
    carried = {f"data__{key}": value for key, value in data.items()}
    of_study = Event.objects.filter(object=f"study:{study.slug}")
    ends = [CHANGED, DISCARDED, RENAMED]
    event = of_study.filter(Q(verb__in=[asked, failed], **carried) | Q(verb__in=ends)).first()
    if event is None or event.verb in ends:
        return None
    return Asked(
        at=event.at,
        seconds=int((timezone.now() - event.at).total_seconds()),
        data=event.data,
        actor_id=event.actor_id,
        begun=of_study.filter(verb=begun, pk__gt=event.pk, **carried).count(),
    )


def who_asked(user_id: int | None) -> User | None:
    """The person with this id; None for no id, and for a person who is gone."""
    if user_id is None:
        return None
    return User.objects.filter(pk=user_id).first()


@dataclass(frozen=True)
class Opening:
    """How far the notes of a draft that somebody asked to open are loaded for its coders."""

    asked: Asked
    loaded: int
    notes: int
    """All notes to load; one that several coders code counts for each of them."""

    @property
    def going_on(self) -> bool:
        return not self.asked.late


def opening_of(study: Study) -> Opening | None:
    """How far a study is opened; None where nobody has asked for that, or it is no draft."""
    if study.status != Study.Status.DRAFT:
        return None
    asked = last_asked(study, OPENING, OPENING_BEGUN, NOT_OPENED)
    if asked is None:
        return None
    loaded = study.assignments.aggregate(loaded=Count("task_id"), notes=Count("pk"))
    return Opening(asked, **loaded)


def leavings_owed() -> list[User]:
    """People who logged out while Label Studio could not be told.

    Their sessions there may still be alive.
    """
    about = Event.objects.filter(verb__in=[LEAVING_OWED, LEFT])
    newest = about.values("object").annotate(newest=Max("pk"))
    owed = Event.objects.filter(verb=LEAVING_OWED, pk__in=newest.values("newest"))
    people = []
    for event in owed.select_related("actor").order_by("pk"):
        if event.actor:
            people.append(event.actor)
    return people


def webhooks_refused(study: Study) -> str:
    """Why Label Studio does not announce answers of an open study, in its words; "" where it does.

    Such answers arrive all the same, by the poll.
    """
    if study.status != Study.Status.OPEN:
        return ""
    last = Event.objects.filter(verb=WEBHOOKS, object=f"study:{study.slug}").first()
    if last is None:
        return ""
    error: str = last.data["error"]
    return error
