"""`make coverage`: how often 95% intervals hold what they are for, in worlds whose truth is known.

A world has notes with codes of a long tail; the rater finds each with chance .6 and invents some.
An interval is meant for one of two values: the figure of all such notes (the limit of ever more
notes), or the one to expect on as many. The label space is all codes of the world, fixed before
any note is drawn.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from tqdm import trange

from benchmark.metrics.certainty.bootstrap import (
    Interval,
    Method,
    _figures,
    interval,
    note_weights,
)
from benchmark.metrics.sets.counts import ratio

METHODS: tuple[Method, ...] = ("percentile", "basic", "bca", "centred")
FIGURES = ("jaccard", "precision", "recall")
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
    notes, codes = parts[0].shape
    rows = _figures(parts, np.zeros(notes, np.int64), weights, codes)
    return np.array([[[getattr(side, name) for name in FIGURES] for side in row] for row in rows])


def main() -> None:
    options = ArgumentParser(prog="make coverage", description=__doc__)
    options.add_argument("--worlds", type=int, default=1000)
    options.add_argument("--notes", type=int, default=100)
    options.add_argument("--codes", type=int, default=200)
    options.add_argument("--replicates", type=int, default=400)
    chosen = options.parse_args()
    rng, n = np.random.default_rng(0), chosen.notes
    points, around = [], []
    for world in trange(chosen.worlds, desc="worlds", file=sys.stderr, leave=False):
        parts = drawn(rng, n, chosen.codes)
        point = figures(parts, np.ones((1, n), np.int64))[0]
        replicates = figures(parts, note_weights(n, chosen.replicates, world))
        leaves = figures(parts, 1 - np.eye(n, dtype=np.int64))
        points.append(point)
        around.append(intervals(point, replicates, leaves))
    show(chosen.worlds, limits(chosen.codes), np.mean(points, axis=0), around)


def intervals(point: Figures, replicates: Figures, leaves: Figures) -> list[list[list[Interval]]]:
    """The 95% intervals of one world, (averages, figures, methods).

    `point` is (averages, figures); `replicates` and `leaves` have one such a replicate before it.
    """
    found = []
    for i in range(2):
        row = []
        for j in range(3):
            drawn, left_out = replicates[:, i, j], leaves[:, i, j]
            row.append([interval(point[i, j], drawn, 0.95, name, left_out) for name in METHODS])
        found.append(row)
    return found


def show(
    worlds: int, limit: Figures, expected: Figures, around: list[list[list[list[Interval]]]]
) -> None:
    """Print per cent of the worlds whose interval holds the value.

    The standard error of 95% is printed below.
    """
    print(f"{'figure':<18}{'of':<12}{'value':>7}" + "".join(f"{method:>12}" for method in METHODS))
    for i, average in enumerate(("micro", "macro")):
        for j, name in enumerate(FIGURES):
            for of, values in (("all notes", limit), ("as many", expected)):
                value = values[i, j]
                held = [
                    np.mean([w[i][j][m].low <= value <= w[i][j][m].high for w in around])
                    for m in range(4)
                ]
                shares = "".join(f"{100 * share:>12.1f}" for share in held)
                print(f"{average + ' ' + name:<18}{of:<12}{value:>7.3f}{shares}")
    print(f"{worlds} worlds: 95.0 is seen as {95:.1f} +- {100 * (0.95 * 0.05 / worlds) ** 0.5:.1f}")


if __name__ == "__main__":
    main()
