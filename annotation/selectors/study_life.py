"""What closing a study leaves undone, and who could see results before it was reopened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import OuterRef, Q, QuerySet, Subquery

from annotation.models import Coding, Event, Reopening, Role, Study, User
from annotation.selectors.queues import study_progress

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    MarkedCoding = WithAnnotations[Coding, "AfterReopening"]
    """A coding as `with_reopening` gives it."""


@dataclass(frozen=True)
class LeftUndone:
    """What closing a study now would leave undone."""

    rows: list[tuple[str, int, int]]
    """(coder, notes done, notes left) of each coder."""

    @property
    def left(self) -> int:
        return sum(left for _, _, left in self.rows)

    @property
    def total(self) -> int:
        return sum(done + left for _, done, left in self.rows)


def left_undone(study: Study) -> LeftUndone:
    """What each coder of a study has done and left, by the answers that were pulled."""
    return LeftUndone([(str(each.rater), each.done, each.left) for each in study_progress(study)])


# Reopening


def onlookers(study: Study) -> list[str]:
    """The people who could look at results since the study was closed, a line for each.

    Its coders come last: each could read how they did themselves. It goes by the roles that people
    have today. Who was deactivated since is among them.
    """
    since = Event.objects.filter(verb="user.deactivated", at__gte=study.closed_at)
    gone = [event.object.removeprefix("user:") for event in since]
    in_charge = Q(role__in=[Role.RESEARCHER, Role.ADMIN]) | Q(is_superuser=True)
    there = User.objects.filter(Q(is_active=True) | Q(pk__in=gone))
    coders = set(study.workspaces.values_list("rater__user", flat=True))
    lines = []
    for person in there.filter(in_charge).order_by("username"):
        role = "admin" if person.is_admin else "researcher"
        if person.pk in coders:
            role += ", codes in this study"
        lines.append(f"{person.first_name or person.username} ({role})")
    own = there.filter(role=Role.CODER, is_superuser=False, pk__in=coders - {None})
    for person in own.order_by("username"):
        lines.append(f"{person.first_name or person.username} (coder, their own figures)")
    return lines


LOOKED = {
    "study.exported": "exported the study",
    "benchmark.asked": "asked for a benchmark",
    "benchmark.run": "ran a benchmark",
}
"""Events of people who had results in hand. Looking at a page is not recorded."""


def looked_since_closing(study: Study) -> list[str]:
    """Who is known to have had results since the study was closed, a line for each event."""
    events = Event.objects.filter(
        object=f"study:{study.slug}", verb__in=LOOKED, at__gte=study.closed_at
    )
    lines = []
    for event in events.select_related("actor").order_by("pk"):
        who = "somebody, by a command,"
        if event.actor:
            who = event.actor.first_name or event.actor.username
        lines.append(f"{who} {LOOKED[event.verb]} on {in_words(event.at)}")
    return lines


def in_words(at: datetime) -> str:
    """A time for people, as 5 March 2024, 09:30 UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


class AfterReopening(TypedDict):
    """For types alone: what `with_reopening` adds to a coding."""

    after_reopening: datetime | None


def with_reopening(codings: QuerySet[Coding]) -> QuerySet[MarkedCoding]:
    """Codings with `after_reopening`: the last reopening before the coding, or None.

    This alone decides what reports mark. Only codings of the study's coders are marked: closing a
    study unblinds them, and nobody else.
    """
    before = Reopening.objects.filter(
        study=OuterRef("study"),
        study__workspaces__rater=OuterRef("rater"),
        reopened_at__lt=OuterRef("submitted_at"),
    )
    last = before.order_by("-reopened_at").values("reopened_at")[:1]
    return codings.annotate(after_reopening=Subquery(last))


def reopenings_told(study: Study) -> list[dict[str, Any]]:
    """The reopenings after which answers were given, as reports tell them.

    `answers` is the number of the coders' newest answers that came after the reopening,
    `could_see` the people who could see results before it.
    """
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
        if answers[each.reopened_at] == 0:
            continue
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
    """One of `reopenings_told` as a sentence, to stand below a table."""
    if told["answers"] == 1:
        answers = "1 answer was"
    else:
        answers = f"{told['answers']:,} answers were"
    reopened_at = in_words(datetime.fromisoformat(told["reopened_at"]))
    closed_at = in_words(datetime.fromisoformat(told["closed_at"]))
    people = "; ".join(told["could_see"]) or "nobody"
    return (
        f"{answers} given after the study was reopened on {reopened_at}. "
        f"It had been closed on {closed_at}; meanwhile results could be seen by: {people}."
    )
