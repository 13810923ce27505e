"""A study of two arms: each arm's figures, and what the arms differ by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.metrics.certainty.arms import arms_test
from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.averages import note_jaccard
from benchmark.metrics.sets.compare import compare_in
from benchmark.metrics.sets.counts import per_note

PEOPLE = "Human coders"


@dataclass(frozen=True)
class Arms:
    """Of each note that people coded in a study of two arms: the arm, whose note it is, and the minutes it took."""

    names: Sequence[str]
    arm: Mapping[str, str]
    coder: Mapping[str, str]
    minutes: Mapping[str, float]


def _arms(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    coders: Mapping[str, Codings],
    machines: Mapping[str, Codings],
    arms: Arms,
) -> dict[str, Any]:
    """Each arm's notes as its coders coded them, and models on the same notes; what the arms differ by, note by note.

    The models saw no arm: their rows say whether one arm's notes were easier.
    """
    people = {note: coders[arms.coder[note]][note] for note in notes if note in arms.coder}
    found = {}
    for name in arms.names:
        mine = [note for note in people if arms.arm[note] == name]
        minutes = [arms.minutes[note] for note in mine if note in arms.minutes]
        found[name] = {
            **compare_in(space, mine, reference, {PEOPLE: people, **machines}, "miss").to_json(),
            "median_minutes": float(np.median(minutes)) if minutes else None,
        }
    return {"rows": found, "differences": _between(space, list(people), reference, people, arms)}


def _between(
    space: LabelSpace, notes: Sequence[str], reference: Codings, people: Codings, arms: Arms
) -> dict[str, dict[str, float] | None]:
    """By figure of a note: the second arm's mean - the first's, and its p."""
    true = encode(reference, notes, space)
    counts = per_note(true.matrix, encode(people, notes, space).matrix, true.outside)
    values = {
        "jaccard": dict(zip(notes, note_jaccard(counts), strict=True)),
        "codes": dict(zip(notes, counts.p, strict=True)),
        "minutes": {note: arms.minutes[note] for note in notes if note in arms.minutes},
    }
    found = {}
    for figure, of_note in values.items():
        second = [arms.arm[note] == arms.names[1] for note in of_note]
        test = arms_test([float(x) for x in of_note.values()], second, [arms.coder[note] for note in of_note])
        found[figure] = asdict(test) if test else None
    return found
