"""Bootstrap intervals of micro and macro figures, by method; the jackknife beside them.

A world has notes with codes of a long tail; the rater finds each with chance .6 and invents some.
An interval is meant for one of two values: the figure of all such notes (the limit of ever more
notes), or the one to expect on as many. The label space is all codes of the world, fixed before
any note is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import (
    Interval,
    Method,
    interval,
    note_weights,
)
from benchmark.metrics.certainty.influence import estimate, of_leaves
from benchmark.metrics.sets.averages import macro, micro
from benchmark.metrics.sets.counts import Counts, ratio
from tests.bench.coverage.run import Runner, table

METHODS: tuple[Method, ...] = ("percentile", "basic", "bca")
FIGURES = ("jaccard", "precision", "recall")
NOTES, CODES, REPLICATES = 100, 200, 400
FOUND, INVENTED = 0.6, 0.15
Figures = NDArray[np.float64]


def rates(codes: int) -> tuple[Figures, Figures]:
    """Chance of each code to be true of a note, and to be invented where it is not."""
    true = np.minimum(0.5, 2.0 / np.arange(2, codes + 2))
    return true, INVENTED * true


def limits(codes: int) -> Figures:
    """(2, 3): micro and macro figures of infinitely many notes."""
    true, false = rates(codes)
    tp, p = FOUND * true, FOUND * true + false * (1 - true)
    micro = [x.sum() / y.sum() for x, y in ((tp, p + true - tp), (tp, p), (tp, true))]
    macro = [ratio(x, y).mean() for x, y in ((tp, p + true - tp), (tp, p), (tp, true))]
    return np.array([micro, macro])


def drawn(
    rng: np.random.Generator, notes: int, codes: int
) -> tuple[csr_matrix, csr_matrix, csr_matrix]:
    """In common, given and true (notes, codes) of a world."""
    chance, invented = rates(codes)
    true = rng.random((notes, codes)) < chance
    given = np.where(true, rng.random(true.shape) < FOUND, rng.random(true.shape) < invented)
    return tuple(csr_matrix(each.astype(np.int64)) for each in (true & given, given, true))


def figures(parts: tuple[csr_matrix, ...], weights: NDArray[np.int64]) -> Figures:
    """(rows of weights, 2, 3)."""
    tp, given, true = (np.asarray(weights @ part.toarray()) for part in parts)
    rows = []
    for drawn in zip(tp, given, true, strict=True):
        counts = Counts(*drawn)
        sides = (micro(counts), macro(counts))
        rows.append([[getattr(side, name) for name in FIGURES] for side in sides])
    return np.array(rows)


def intervals(point: Figures, replicates: Figures, leaves: Figures) -> list[list[list[Interval]]]:
    """The 95% intervals of one world, (averages, figures, methods and the jackknife).

    `point` is (averages, figures); `replicates` and `leaves` have one such a replicate before it.
    """
    found = []
    for i in range(2):
        row = []
        for j in range(3):
            drawn, left_out = replicates[:, i, j], leaves[:, i, j]
            each = [interval(point[i, j], drawn, 0.95, name, left_out) for name in METHODS]
            sure = estimate(of_leaves(point[i, j], left_out)).interval
            row.append([*each, sure or Interval(point[i, j], point[i, j])])
        found.append(row)
    return found


def one(drawn_world: tuple[int, tuple[csr_matrix, ...]]) -> tuple[Figures, Any]:
    """The figures of one world and their intervals."""
    world, parts = drawn_world
    point = figures(parts, np.ones((1, NOTES), np.int64))[0]
    replicates = figures(parts, note_weights(NOTES, REPLICATES, world))
    leaves = figures(parts, 1 - np.eye(NOTES, dtype=np.int64))
    return point, intervals(point, replicates, leaves)


def sections(runner: Runner) -> Iterator[str]:
    """What is printed: per cent of the worlds whose interval holds the value."""
    worlds = runner.worlds(1_000)
    rng = np.random.default_rng(runner.seed)
    found = runner.map(one, [(world, drawn(rng, NOTES, CODES)) for world in range(worlds)])
    expected = np.mean([point for point, _ in found], axis=0)
    limit = limits(CODES)
    rows = []
    for i, average in enumerate(("micro", "macro")):
        for j, name in enumerate(FIGURES):
            for of, values in (("all notes", limit), ("as many", expected)):
                value = values[i, j]
                held = np.zeros(len(METHODS) + 1)
                for _, around in found:
                    held += [each.low <= value <= each.high for each in around[i][j]]
                shares = [f"{100 * share:.1f}" for share in held / worlds]
                rows.append((f"{average} {name}, {of}", f"{value:.3f}", *shares))
    error = 100 * (0.95 * 0.05 / worlds) ** 0.5
    yield (
        f"95% intervals of one rater, {NOTES} notes, {CODES} codes, {worlds:,} worlds, per cent; "
        f"95 is seen as 95 +- {error:.1f}"
    )
    yield table(("figure, of", "value", *METHODS, "jackknife"), rows)
