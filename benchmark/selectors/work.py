"""What the work of a study's coders took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from annotation.models import Coding, Rater, Study
from annotation.selectors.clocks import CLOCK_FIELDS, Clock, Took, clock_of, minutes_by
from benchmark.selectors.raters import people_of
from benchmark.tables.work import CoderFacts, InterfaceWork


class _Done(NamedTuple):
    """The newest coding of a note."""

    note: str
    at: datetime
    took: Took


def coder_facts(study: Study) -> list[CoderFacts]:
    """Of each coder, from the newest coding of each note.

    Days are those on which the coder submitted (UTC). Minutes are by one clock over all of a
    coder's notes, and by one over those of each interface.
    """
    raters = people_of(study)
    done = _newest(study, raters)
    arm_of = {}
    if len(study.arms) > 1:
        for rater_id, note, arm in study.assignments.values_list("rater_id", "note_id", "arm"):
            arm_of[rater_id, note] = arm
    facts = []
    for rater in raters:
        mine = done[rater.pk]
        by_arm: dict[str, list[Took]] = {arm: [] for arm in study.arms}
        for note, each in mine.items():
            by_arm[arm_of.get((rater.pk, note), study.arms[0])].append(each.took)
        facts.append(_facts(rater, list(mine.values()), by_arm))
    return facts


def _facts(rater: Rater, done: Sequence[_Done], by_arm: Mapping[str, Sequence[Took]]) -> CoderFacts:
    """Of one coder: all notes that are done, and what they took by interface."""
    clock, minutes = _measured([each.took for each in done])
    return CoderFacts(
        rater_id=rater.pk,
        name=rater.name,
        label=str(rater),
        certification=rater.certification,
        years_experience=rater.years_experience,
        simulated=rater.simulated,
        notes=len(done),
        days=len({each.at.date() for each in done}),
        clock=clock,
        minutes=minutes,
        interfaces=_interfaces(by_arm),
        order=[each.note for each in sorted(done, key=lambda each: each.at)],
    )


def _newest(study: Study, raters: Sequence[Rater]) -> dict[int, dict[int, _Done]]:
    """Rater -> note -> its newest coding."""
    codings = Coding.objects.filter(study=study, rater__in=raters).order_by("submitted_at", "id")
    newest: dict[int, dict[int, _Done]] = {rater.pk: {} for rater in raters}
    rows = codings.values_list(
        "rater_id", "note_id", "note__external_id", "submitted_at", *CLOCK_FIELDS
    )
    for rater, note, name, at, *seconds in rows.iterator(2000):
        newest[rater][note] = _Done(name, at, Took(*seconds))
    return newest


def _interfaces(by_arm: Mapping[str, Sequence[Took]]) -> list[InterfaceWork]:
    """What notes took with each interface that the coder has used."""
    found = []
    for arm, notes in by_arm.items():
        if notes:
            clock, minutes = _measured(notes)
            found.append(
                InterfaceWork(interface=arm, notes=len(notes), clock=clock, minutes=minutes)
            )
    return found


def _measured(notes: Sequence[Took]) -> tuple[Clock, list[float]]:
    """The clock that measured these notes, and the minutes that it measured."""
    clock = clock_of(notes)
    minutes = []
    for took in notes:
        measured = minutes_by(clock, took)
        if measured is not None:
            minutes.append(measured)
    return clock, minutes
