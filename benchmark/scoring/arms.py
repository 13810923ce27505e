"""A study of two arms: each arm's figures, and what the arms differ by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import vstack

from benchmark.metrics.certainty.arms import ArmsTest, arms_test
from benchmark.metrics.codings import Coded
from benchmark.metrics.sets.averages import note_jaccard
from benchmark.metrics.sets.compare import Comparison, compare_encoded
from benchmark.metrics.sets.counts import per_note
from benchmark.scoring.encoded import EncodedStudy

PEOPLE = "Human coders"


@dataclass(frozen=True)
class Arms:
    """The notes that people coded in a study of two arms."""

    names: Sequence[str]
    """The arms."""
    arm: Mapping[str, str]
    """By the note."""
    coder: Mapping[str, str]
    """By the note: who coded it."""
    minutes: Mapping[str, float]
    """By the note: what it took, where known; of no note where coders are programs."""
    clock: str = ""
    """What measured them all: active_seconds or lead_time; "" where nothing did."""
    simulated: bool = False
    """Whether a coder is a program, so that no minutes are compared."""


@dataclass(frozen=True)
class ArmFigures(Comparison):
    """An arm's notes as its coders coded them, and models on the same notes."""

    median_minutes: float | None
    """Of the notes whose minutes are known."""


@dataclass(frozen=True)
class ArmsCompared:
    """Each arm by name, and what the second differs from the first by, by the figure of a note.

    The models saw no arm: their rows say whether one arm's notes were easier.
    """

    rows: Mapping[str, ArmFigures]
    differences: Mapping[str, ArmsTest | None]
    clock: str = ""
    """What measured the minutes: active_seconds or lead_time; "" in benchmarks of before."""
    simulated: bool = False
    """Whether a coder is a program, so that no minutes are compared."""


def arms_compared(study: EncodedStudy, arms: Arms) -> ArmsCompared:
    """Table 1's notes that people coded, arm by arm."""
    notes = [study.axes.notes[row] for row in study.rows]
    notes = [note for note in notes if note in arms.coder]
    people = _own_coders(study, notes, arms)
    found = {}
    for name in arms.names:
        mine = [note for note in notes if arms.arm[note] == name]
        minutes = [arms.minutes[note] for note in mine if note in arms.minutes]
        compared = compare_encoded(
            study.on(study.axes.rows(mine), {PEOPLE: people, **study.models})
        )
        median = None
        if minutes:
            median = float(np.median(minutes))
        found[name] = ArmFigures(**vars(compared), median_minutes=median)
    differences = _differences(study, notes, people, arms)
    return ArmsCompared(found, differences, clock=arms.clock, simulated=arms.simulated)


def _own_coders(study: EncodedStudy, notes: Sequence[str], arms: Arms) -> Coded:
    """What each note's own coder gave to it."""
    names = list(study.coders)
    size = len(study.axes.notes)
    stacked = vstack([coded.matrix for coded in study.coders.values()], format="csr")
    source = np.full(size, -1)
    for note in notes:
        row = study.axes.row[note]
        source[row] = names.index(arms.coder[note]) * size + row
    done = source >= 0
    matrix = stacked[np.where(done, source, 0)].multiply(done[:, np.newaxis]).tocsr()
    matrix.eliminate_zeros()
    return Coded(matrix, done)


def _differences(
    study: EncodedStudy, notes: Sequence[str], people: Coded, arms: Arms
) -> dict[str, ArmsTest | None]:
    """By figure of a note: the second arm's mean - the first's, and its p."""
    encoding = study.on(study.axes.rows(notes), {PEOPLE: people})
    counts = per_note(encoding.true, encoding.given[PEOPLE].matrix, encoding.missed)
    values = {
        "jaccard": dict(zip(notes, note_jaccard(counts), strict=True)),
        "codes": dict(zip(notes, counts.p, strict=True)),
        "minutes": {note: arms.minutes[note] for note in notes if note in arms.minutes},
    }
    found = {}
    for figure, of_note in values.items():
        second = [arms.arm[note] == arms.names[1] for note in of_note]
        whose = [arms.coder[note] for note in of_note]
        found[figure] = arms_test([float(value) for value in of_note.values()], second, whose)
    return found
