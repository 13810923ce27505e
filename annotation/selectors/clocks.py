"""What notes took, by one clock at a time.

Two clocks may have measured a note. `active_seconds` is the time as it was worked: without pauses,
hidden tabs, and more than two idle minutes. `lead_time` is Label Studio's: from opening the note to
sending it, pauses included. The two are never mixed in one figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Clock = Literal["active_seconds", "lead_time", ""]
"""The field of a coding that a figure is from; "" where nobody measured anything."""
ACTIVE: Clock = "active_seconds"
LABEL_STUDIO: Clock = "lead_time"
NO_CLOCK: Clock = ""
CLOCK_FIELDS = ("active_seconds", "lead_time")
"""Of a Coding, in the order of `Took`."""


class Took(NamedTuple):
    """What one note took, in seconds; None, or 0, where a clock did not measure it."""

    active_seconds: float | None
    lead_time: float | None


def clock_of(notes: Iterable[Took]) -> Clock:
    """The clock for one figure of all of these notes.

    It is the active time where every note that was measured has it, else Label Studio's clock.

    >>> clock_of([Took(60, 95), Took(50, 70), Took(None, None)])
    'active_seconds'
    >>> clock_of([Took(60, 95), Took(None, 70)])
    'lead_time'
    """
    notes = [took for took in notes if took.active_seconds or took.lead_time]
    if not notes:
        return NO_CLOCK
    if all(took.active_seconds for took in notes):
        return ACTIVE
    return LABEL_STUDIO


def minutes_by(clock: Clock, took: Took) -> float | None:
    """What a note took by that clock; None where it did not measure it."""
    seconds = None
    if clock == ACTIVE:
        seconds = took.active_seconds
    elif clock == LABEL_STUDIO:
        seconds = took.lead_time
    if not seconds:
        return None
    return seconds / 60
