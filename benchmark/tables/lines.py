"""What lines of codes may be by, and how frequent a code is. Pure."""

from __future__ import annotations

import math

from icd.groups import GROUPS

BANDS = (
    (0, "in no note"),
    (1, "in 1 note"),
    (5, "in 2 to 5 notes"),
    (20, "in 6 to 20 notes"),
    (100, "in 21 to 100 notes"),
    (math.inf, "in over 100 notes"),
)
"""(most notes, name) of each band of frequency."""
GROUPINGS = (*GROUPS, "frequency")
"""What lines may be by: a group that the code itself tells, or how many of the notes have it in
the reference."""


def band(notes: int) -> str:
    """How frequent a code is that so many notes have in the reference.

    >>> band(0), band(3), band(101)
    ('in no note', 'in 2 to 5 notes', 'in over 100 notes')
    """
    return next(name for most, name in BANDS if notes <= most)


def place(name: str) -> str:
    """What a group's name sorts by: bands by how frequent, others as they are.

    >>> sorted(["in over 100 notes", "in 21 to 100 notes", "in 6 to 20 notes"], key=place)
    ['in 6 to 20 notes', 'in 21 to 100 notes', 'in over 100 notes']
    """
    for place, (_, each) in enumerate(BANDS):
        if each == name:
            return str(place)
    return name
