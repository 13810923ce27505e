"""Krippendorff's alpha: the jackknife, the bootstrap, and one that takes copies of a note as pairs.

Three raters of notes with about three codes of sixty, each of whom misses and invents some.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import note_weights
from benchmark.metrics.certainty.influence import around, of_leaves
from benchmark.metrics.codings import Coded
from benchmark.metrics.sets.alpha import (
    Similarities,
    alpha_of,
    bootstrap_interval,
    leaves,
    similarities,
)
from tests.bench.coverage.run import Runner, generator, per_cent, table

RATERS, CODES = 3, 60
FOUND, INVENTED = 0.7, 0.1
REPLICATES = 400
LARGE, TIMES = 1_000, 8
"""Samples whose mean alpha is taken for that of endless notes."""


def world(rng: np.random.Generator, notes: int) -> dict[str, float]:
    """The intervals of one sample, and whether each holds alpha."""
    sums = _sample(rng, notes)
    value = alpha_of(sums)
    assert value is not None
    truth = true_alpha()
    jackknife = of_leaves(value, leaves(sums))
    sure = around(value, jackknife.variance**0.5, notes - 1, lowest=-1.0).interval
    weights = note_weights(notes, REPLICATES, int(rng.integers(2**31)))
    drawn = bootstrap_interval(sums, weights)
    assert sure is not None and drawn is not None
    low, high = np.quantile(_naive(sums, weights), [0.025, 0.975])
    return {
        "jackknife": sure.low <= truth <= sure.high,
        "bootstrap": drawn.low <= truth <= drawn.high,
        "naive": low <= truth <= high,
        "half": (sure.high - sure.low) / 2,
    }


def sections(runner: Runner) -> Iterator[str]:
    """What is printed."""
    worlds = runner.worlds(400)
    rows = []
    for notes in (20, 50, 200):
        seen = runner.draw(world, notes, worlds)
        levels = [per_cent(seen[key]) for key in ("jackknife", "bootstrap", "naive")]
        rows.append((str(notes), *levels, f"{seen['half'].mean():.3f}"))
    yield (
        f"95% intervals of Krippendorff's alpha (true {true_alpha():.3f}), {RATERS} raters, per "
        f"cent; {worlds} worlds"
    )
    yield table(("notes", "jackknife", "bootstrap", "copies as pairs", "half"), rows)


@cache
def true_alpha() -> float:
    """Alpha of endless notes."""
    found = []
    for number in range(TIMES):
        value = alpha_of(_sample(generator(0, "true alpha", number), LARGE))
        assert value is not None
        found.append(value)
    return float(np.mean(found))


def _sample(rng: np.random.Generator, notes: int) -> Similarities:
    chance = np.minimum(0.5, 1.0 / np.arange(1, CODES + 1))
    true = rng.random((notes, CODES)) < chance
    raters = {}
    for rater in range(RATERS):
        draws = rng.random(true.shape)
        given = np.where(true, draws < FOUND, draws < INVENTED * chance)
        raters[str(rater)] = Coded(csr_matrix(given.astype(np.int64)), np.ones(notes, bool))
    sums = similarities(raters)
    assert sums is not None
    return sums


def _naive(sums: Similarities, weights: np.ndarray) -> np.ndarray:
    """Alpha of resamples whose copies of a note count as notes of their own."""
    drawn = weights.astype(np.float64)
    sets = drawn @ sums.raters
    own = np.diag(sums.between)
    observed = drawn @ (sums.raters - own / (sums.raters - 1)) / sets
    whole = sums.between + np.diag(sums.raters)
    similar = ((drawn @ whole) * drawn).sum(axis=1) - sets
    expected = 1 - similar / (sets * (sets - 1))
    return np.asarray(1 - observed / expected)
