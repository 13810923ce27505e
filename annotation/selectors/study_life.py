"""A study's life: what a closing leaves undone, and who saw results before a reopening."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import OuterRef, Q, QuerySet, Subquery

from annotation.models import (
    Coding,
    Event,
    Reopening,
    Role,
    Study,
    User,
)
from annotation.selectors.queues import study_progress

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    MarkedCoding = WithAnnotations[Coding, "AfterReopening"]
    """A coding as `with_reopening` gives it."""


@dataclass(frozen=True)
class LeftUndone:
    """What closing a study now would leave: a line a coder."""

    rows: list[tuple[str, int, int]]

    @property
    def left(self) -> int:
        return sum(left for _, _, left in self.rows)

    @property
    def total(self) -> int:
        return sum(done + left for _, done, left in self.rows)


def left_undone(study: Study) -> LeftUndone:
    """(coder, done, left) of each coder, as far as answers are here."""
    return LeftUndone([(str(each.rater), each.done, each.left) for each in study_progress(study)])


# Reopening


def onlookers(study: Study) -> list[str]:
    """Who may look at the results of a closed study, or could since it was closed: a line a person.

    By the roles of today; somebody who was deactivated since is among them.
    """
    since = Event.objects.filter(verb="user.deactivated", at__gte=study.closed_at)
    gone = [event.object.removeprefix("user:") for event in since]
    in_charge = Q(role__in=[Role.RESEARCHER, Role.ADMIN]) | Q(is_superuser=True)
    people = (
        User.objects.filter(Q(is_active=True) | Q(pk__in=gone))
        .filter(in_charge)
        .order_by("username")
    )
    coders = set(study.workspaces.values_list("rater__user", flat=True))
    lines = []
    for person in people:
        role = "admin" if person.is_admin else "researcher"
        also = ", codes in this study" if person.pk in coders else ""
        lines.append(f"{person.first_name or person.username} ({role}{also})")
    return lines


LOOKED = {
    "study.exported": "exported the study",
    "benchmark.asked": "asked for a benchmark",
    "benchmark.run": "ran a benchmark",
}
"""Events that show that somebody was at the results. That a page was looked at is not recorded."""


def looked_since_closing(study: Study) -> list[str]:
    """Who is known to have had results since the study was closed: a line an event, oldest first."""
    events = Event.objects.filter(
        object=f"study:{study.slug}", verb__in=LOOKED, at__gte=study.closed_at
    )
    lines = []
    for event in events.select_related("actor").order_by("pk"):
        who = (
            (event.actor.first_name or event.actor.username)
            if event.actor
            else "somebody, by a command,"
        )
        lines.append(f"{who} {LOOKED[event.verb]} on {in_words(event.at)}")
    return lines


def in_words(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


class AfterReopening(TypedDict):
    after_reopening: datetime | None


def with_reopening(codings: QuerySet[Coding]) -> QuerySet[MarkedCoding]:
    """Codings with `after_reopening`: when the study had been reopened last before one of its coders gave it, or None.

    The one rule of what is marked. Models, panels and coders elsewhere work under no blinding that closing ends.
    """
    before = Reopening.objects.filter(
        study=OuterRef("study"),
        study__workspaces__rater=OuterRef("rater"),
        reopened_at__lt=OuterRef("submitted_at"),
    )
    last = before.order_by("-reopened_at").values("reopened_at")[:1]
    return codings.annotate(after_reopening=Subquery(last))


def reopenings_told(study: Study) -> list[dict[str, Any]]:
    """Each reopening after which answers were given, as reports tell it: how many of the coders' newest answers came
    after it, and who could see results before."""
    reopenings = list(study.reopenings.all())
    if not reopenings:
        return []
    given = with_reopening(Coding.objects.filter(study=study)).order_by("submitted_at", "id")
    newest = {}
    for rater, note, after in given.values_list("rater_id", "note_id", "after_reopening"):
        newest[rater, note] = after
    answers = Counter(newest.values())
    told = []
    for each in reopenings:
        if answers[each.reopened_at]:
            told.append(
                {
                    "closed_at": each.closed_at.isoformat(),
                    "reopened_at": each.reopened_at.isoformat(),
                    "answers": answers[each.reopened_at],
                    "could_see": each.could_see,
                }
            )
    return told


def reopening_words(told: dict[str, Any]) -> str:
    """One of `reopenings_told` as a sentence, for below a table."""
    one = told["answers"] == 1
    answers = "1 answer was" if one else f"{told['answers']:,} answers were"
    reopened_at = in_words(datetime.fromisoformat(told["reopened_at"]))
    closed_at = in_words(datetime.fromisoformat(told["closed_at"]))
    people = "; ".join(told["could_see"]) or "nobody"
    return (
        f"{answers} given after the study was reopened on {reopened_at}. It had been closed on {closed_at}; "
        f"meanwhile results could be seen by: {people}."
    )
