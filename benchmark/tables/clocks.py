"""The words of tables and pages for clocks and interfaces."""

from __future__ import annotations

from collections.abc import Iterable

CLOCKS = {
    "active_seconds": "active time, without pauses, hidden tabs and more than two idle minutes",
    "lead_time": "Label Studio's clock from opening a note to submitting it, pauses included",
}
"""The field of a coding that a figure is from -> what it measures."""
SHORT = {
    "active_seconds": "active time",
    "lead_time": "Label Studio's clock, pauses included",
}
PROGRAMS = "Simulated coders are programs: their minutes are not compared."
ARM_NAMES = {"list": "the whole list", "search": "a search box", "page": "our own page"}


def clock_notes(what: str, clocks: Iterable[str]) -> list[str]:
    """Footnotes that say which clock `what` is from; none where nothing was measured.

    >>> clock_notes("Hours", ["lead_time", ""])
    ["Hours: Label Studio's clock from opening a note to submitting it, pauses included."]
    """
    used = sorted(set(clocks) & CLOCKS.keys())
    if not used:
        return []
    words = "; or ".join(CLOCKS[clock] for clock in used)
    notes = [f"{what}: {words}."]
    if len(used) > 1:
        notes.append("Rows of different clocks are not to be compared: a column says which.")
    return notes
