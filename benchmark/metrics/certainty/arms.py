"""Two arms of a study, between which each coder's notes were dealt out at random.

Do the notes of one arm differ from those of the other?
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.paired import DRAWS

BLOCK = 500
"""Draws that are computed at once, to bound memory."""
ROUNDING = 1e-12
"""Differences that are this close count as equal."""


@dataclass(frozen=True)
class ArmsTest:
    """What the second arm differs from the first by."""

    value: float
    """Mean of the second arm's notes less the mean of the first's."""
    p: float
    """How often dealing at random alone gives a difference as far from 0."""


def arms_test(
    values: Sequence[float],
    in_second: Sequence[bool],
    coders: Sequence[Hashable],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> ArmsTest | None:
    """Randomisation test (Fisher 1935): does the arm matter to a figure of each note?

    `values`, `in_second` and `coders` have one entry a note: its figure, whether it was in the
    second arm, and its coder. Every draw deals each coder's notes out anew, as many to each arm
    as there were, which is how the arms came about; p = (1 + draws at least as far from 0) /
    (1 + draws). None where an arm has no note. Same arguments, same figures.

    >>> second = [False, False, False, True, True, True]
    >>> arms_test([1, 1, 1, 5, 5, 5], second, ["Ada"] * 6, draws=999).value
    4.0
    """
    figures = np.asarray(values, float)
    second = np.asarray(in_second, bool)
    if not second.any() or second.all():
        return None
    notes_of: dict[Hashable, list[int]] = {}
    for note, coder in enumerate(coders):
        notes_of.setdefault(coder, []).append(note)
    rng = np.random.default_rng(seed)
    total = figures.sum()
    size = int(second.sum())
    observed = float(figures[second].mean() - figures[~second].mean())
    as_far = 0
    for start in range(0, draws, BLOCK):
        rows = min(BLOCK, draws - start)
        sums = np.zeros(rows)  # of the figures in the second arm, a draw each
        for notes in notes_of.values():
            dealt = np.tile(second[notes].astype(float), (rows, 1))
            sums += rng.permuted(dealt, axis=1) @ figures[notes]
        differences = sums / size - (total - sums) / (len(figures) - size)
        as_far += int((np.abs(differences) >= abs(observed) - ROUNDING).sum())
    return ArmsTest(observed, (1 + as_far) / (1 + draws))
