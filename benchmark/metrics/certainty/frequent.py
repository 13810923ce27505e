"""Macro figures over frequent codes: the second column beside macro over all codes.

Most codes of a long list are seen once or never on a few hundred notes, and macro figures over all
are mostly about these. Over frequent codes they say how a rater does on codes that can be judged.

How the codes are chosen decides whether the figure is right. Codes that these very notes have often
were partly chosen for luck, which flatters precision by about .02. So they are chosen by counts
from outside (`outside`), or in the other half of the notes (`cross_fit`). The codes are held fixed
in the leaves of the jackknife; choosing anew without each note makes intervals two to three times
too wide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.influence import Estimate, around, estimate
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.codings import BoolArray, IntArray

LEAST_OUTSIDE = 10
"""Notes that should have a code, by counts from outside scaled to the notes scored."""
LEAST_CROSS_FIT = 20
"""Notes that have a code; half as many in the half where codes are chosen."""


def outside(
    counts: IntArray, counted_notes: int, notes: int, least: float = LEAST_OUTSIDE
) -> BoolArray:
    """(codes,): the codes that `notes` notes should have at least `least` times.

    `counts` (codes,): how many of `counted_notes` other notes have each code, such as those that a
    model learned from.

    >>> outside(np.array([100, 90, 0]), counted_notes=1_000, notes=100).tolist()
    [True, False, False]
    """
    if not counted_notes:
        return np.zeros(len(counts), dtype=np.bool_)
    found: BoolArray = np.asarray(counts) * notes >= least * counted_notes
    return found


def frequent_macro(
    true: csr_matrix, given: csr_matrix, frequent: BoolArray, level: float = 0.95
) -> dict[str, Estimate]:
    """Macro figures over the codes that are `frequent` (codes,), with jackknife intervals.

    >>> true = csr_matrix([[1, 0], [1, 0], [0, 1]])
    >>> frequent_macro(true, true, np.array([True, False]))["recall"].value
    1.0
    """
    columns = np.flatnonzero(frequent)
    found = {}
    for name, each in macro_influences(true[:, columns], given[:, columns]).items():
        found[name] = estimate(each, level)
    return found


def cross_fit(
    true: csr_matrix,
    given: csr_matrix,
    note_ids: Sequence[str],
    least: float = LEAST_CROSS_FIT,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[dict[str, Estimate], int]:
    """Macro figures over codes chosen in one half of the notes and scored in the other.

    Both ways, then the mean; se^2 = (se_1^2 + se_2^2) / 4. A code is chosen where a half has it in
    `least` / 2 notes or more. The halves depend on the notes' ids and the seed alone. Also returns
    how many codes were scored, as the mean of both ways (rounded).

    >>> true = csr_matrix(np.ones((4, 1), int))
    >>> found, codes = cross_fit(true, true, ["n1", "n2", "n3", "n4"], least=2)
    >>> found["recall"].value, codes
    (1.0, 1)
    """
    first = first_half(note_ids, seed)
    scored = []
    codes = []
    for chosen_in in (first, ~first):
        sums = np.asarray(true[np.flatnonzero(chosen_in)].sum(axis=0)).ravel()
        frequent = sums >= least / 2
        rest = np.flatnonzero(~chosen_in)
        scored.append(frequent_macro(true[rest], given[rest], frequent, level))
        codes.append(int(frequent.sum()))
    notes = len(note_ids)
    found = {}
    for name, one in scored[0].items():
        other = scored[1][name]
        value = (one.value + other.value) / 2
        if one.se is None or other.se is None:
            found[name] = Estimate(value, None, 0, None)
        else:
            se = (one.se**2 + other.se**2) ** 0.5 / 2
            found[name] = around(value, se, notes - 2, level)
    return found, round(sum(codes) / 2)


def first_half(note_ids: Sequence[str], seed: int = 0) -> BoolArray:
    """(notes,): which notes are in the first half, by a hash of seed and id.

    The order of the notes does not matter.
    """
    digests = [hashlib.sha256(f"{seed}:{note}".encode()).hexdigest() for note in note_ids]
    order = sorted(range(len(digests)), key=digests.__getitem__)
    half = np.zeros(len(digests), dtype=np.bool_)
    half[order[: len(order) // 2]] = True
    return half
