"""Two arms of a study: each coder's notes were dealt out between them by lot. Does it matter where a note was?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.paired import DRAWS

BLOCK = 500
ROUNDING = 1e-12


@dataclass(frozen=True)
class ArmsTest:
    """`value` = mean of the second arm's notes - mean of the first's, and how often the lot alone gives one as far."""

    value: float
    p: float


def arms_test(
    values: Sequence[float],
    second: Sequence[bool],
    coders: Sequence[Hashable],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> ArmsTest | None:
    """Randomisation test (Fisher 1935) of notes (N,): `second` says which were in the second arm, `coders` whose.

    Every draw deals each coder's notes out anew, as many to each arm as there were, which is how the arms came about;
    p = (1 + draws at least as far from 0) / (1 + draws). None where an arm has no note. Same arguments, same figures.

    >>> arms_test([1, 1, 1, 5, 5, 5], [False, False, False, True, True, True], ["Ada"] * 6, draws=999).value
    4.0
    """
    x, b, whose = np.asarray(values, float), np.asarray(second, bool), list(coders)
    if not b.any() or b.all():
        return None
    strata = [np.flatnonzero([other == coder for other in whose]) for coder in dict.fromkeys(whose)]
    rng, total, n = np.random.default_rng(seed), x.sum(), int(b.sum())
    observed, further = float(x[b].mean() - x[~b].mean()), 0
    for start in range(0, draws, BLOCK):
        rows = min(BLOCK, draws - start)
        sums = np.zeros(rows)
        for mine in strata:
            dealt = rng.permuted(np.tile(b[mine].astype(float), (rows, 1)), axis=1)
            sums += dealt @ x[mine]
        apart = sums / n - (total - sums) / (len(x) - n)
        further += int((np.abs(apart) >= abs(observed) - ROUNDING).sum())
    return ArmsTest(observed, (1 + further) / (1 + draws))
