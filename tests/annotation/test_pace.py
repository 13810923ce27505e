"""A coder's own pace, and by which clock a figure of several notes is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from annotation.models import Note, Rater, Study
from annotation.selectors.clocks import Took, clock_of, minutes_by
from annotation.selectors.pace import Day, Pace, pace_of
from annotation.services.codings import Given, coding_append

BOTH, ACTIVE_ALONE, STUDIO_ALONE = Took(60, 90), Took(30, None), Took(None, 90)


@pytest.mark.parametrize(
    ("notes", "clock"),
    [
        ([], ""),
        ([Took(None, None)], ""),
        ([Took(0, 0)], ""),
        ([BOTH, BOTH], "active_seconds"),
        ([BOTH, ACTIVE_ALONE], "active_seconds"),
        ([ACTIVE_ALONE, ACTIVE_ALONE], "active_seconds"),
        ([STUDIO_ALONE, STUDIO_ALONE], "lead_time"),
        ([BOTH, STUDIO_ALONE], "lead_time"),
        ([BOTH, Took(0, 90)], "lead_time"),
        ([ACTIVE_ALONE, STUDIO_ALONE], "lead_time"),
        ([ACTIVE_ALONE, Took(None, None)], "active_seconds"),
        ([BOTH, Took(None, None)], "active_seconds"),
        ([BOTH, ACTIVE_ALONE, Took(0, None)], "active_seconds"),
        ([STUDIO_ALONE, Took(None, None)], "lead_time"),
    ],
)
def test_several_notes_are_measured_by_one_clock(notes: list[Took], clock: str) -> None:
    assert clock_of(notes) == clock
    assert clock_of(reversed(notes)) == clock


def test_a_note_that_the_clock_did_not_measure_has_no_minutes() -> None:
    assert minutes_by("active_seconds", BOTH) == 1
    assert minutes_by("lead_time", BOTH) == 1.5
    assert minutes_by("lead_time", ACTIVE_ALONE) is None
    assert minutes_by("", BOTH) is None


def gives(
    study: Study,
    rater: Rater,
    note: Note,
    at: datetime,
    active: float | None = None,
    lead: float | None = None,
) -> None:
    key = f"{rater.pk} {note.pk} {at}"
    given = Given(note, {}, key, at, active_seconds=active, lead_time=lead)
    assert coding_append(study=study, rater=rater, given=given)


@pytest.fixture
def own_notes(study: Study) -> list[Note]:
    rows = study.assignments.filter(rater__name="Ada").select_related("note")
    return [assignment.note for assignment in rows.order_by("position")]


def test_a_coder_who_has_not_begun_has_no_pace(study: Study) -> None:
    rater = Rater.objects.get(name="Ada")
    today = Day(timezone.localdate(), 0, None)
    assert pace_of(rater, study) == Pace("", today, [])


def test_pace_is_by_the_day_of_the_first_submit(study: Study, own_notes: list[Note]) -> None:
    rater = Rater.objects.get(name="Ada")
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    for note, minutes in zip(own_notes[:3], (1, 2, 9), strict=True):
        gives(study, rater, note, yesterday, active=60 * minutes, lead=600 * minutes)
    gives(study, rater, own_notes[3], now, active=240)
    # A change of today: a note of yesterday, with the minutes of both.
    gives(study, rater, own_notes[1], now, active=300)
    gives(study, Rater.objects.get(name="Ben"), own_notes[4], now, active=6000)
    today = Day(timezone.localdate(now), 1, 4)
    before = Day(timezone.localdate(yesterday), 3, 5)
    assert pace_of(rater, study) == Pace("active_seconds", today, [today, before])


def test_pace_is_by_one_clock_on_all_days(study: Study, own_notes: list[Note]) -> None:
    rater = Rater.objects.get(name="Ada")
    now = timezone.now()
    gives(study, rater, own_notes[0], now - timedelta(days=2), lead=120)
    gives(study, rater, own_notes[1], now, active=60, lead=180)
    pace = pace_of(rater, study)
    assert pace.clock == "lead_time"
    assert [day.median_minutes for day in pace.days] == [3, 2]


def test_a_day_is_one_of_the_sites_time_zone(study: Study, own_notes: list[Note]) -> None:
    rater = Rater.objects.get(name="Ada")
    late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("UTC"))
    gives(study, rater, own_notes[0], late, active=60)
    with timezone.override("Europe/Berlin"):
        assert [day.date for day in pace_of(rater, study).days] == [date(2026, 3, 3)]
    with timezone.override("UTC"):
        assert [day.date for day in pace_of(rater, study).days] == [date(2026, 3, 2)]
