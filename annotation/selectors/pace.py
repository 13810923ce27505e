"""A coder's own pace in a study: notes and minutes a note, by day. There is no target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median

from django.utils import timezone

from annotation.models import Coding, Rater, Study
from annotation.selectors.clocks import CLOCK_FIELDS, Clock, Took, clock_of, minutes_by


@dataclass(frozen=True)
class Day:
    """What a coder did in a day of the site's time zone."""

    date: date
    notes: int
    """Submitted for the first time on that day."""
    median_minutes: float | None
    """Of those of them that the clock measured; None without any."""


@dataclass(frozen=True)
class Pace:
    """A coder's days in a study, by one clock."""

    clock: Clock
    today: Day
    days: list[Day]
    """Those with notes, the newest first."""


def pace_of(rater: Rater, study: Study) -> Pace:
    """The pace of a coder.

    A note counts on the day on which it was submitted first, with the minutes of its newest answer:
    these have the earlier ones in them.
    """
    mine = Coding.objects.filter(study=study, rater=rater).order_by("submitted_at", "id")
    first: dict[int, date] = {}
    newest: dict[int, Took] = {}
    for note, at, *seconds in mine.values_list("note_id", "submitted_at", *CLOCK_FIELDS):
        first.setdefault(note, timezone.localdate(at))
        newest[note] = Took(*seconds)
    clock = clock_of(newest.values())
    notes_of: dict[date, list[Took]] = {}
    for note, day in first.items():
        notes_of.setdefault(day, []).append(newest[note])
    days = [_day(day, notes_of[day], clock) for day in sorted(notes_of, reverse=True)]
    today = timezone.localdate()
    return Pace(clock=clock, today=_day(today, notes_of.get(today, []), clock), days=days)


def _day(day: date, notes: list[Took], clock: Clock) -> Day:
    measured = [minutes_by(clock, took) for took in notes]
    minutes = [each for each in measured if each is not None]
    middle = None
    if minutes:
        middle = median(minutes)
    return Day(date=day, notes=len(notes), median_minutes=middle)
