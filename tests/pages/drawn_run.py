"""A run with raters drawn from a seed, stored as a benchmark stores its own: for what needs many
notes, codes or raters of which the sets are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from annotation.models import Study
from benchmark.metrics.codings import BoolArray
from benchmark.models import BenchmarkRun
from benchmark.scoring.sides import Axes, Side, Sides
from benchmark.services.sides import packed_axes, sides_store


def drawn_sides(
    notes: Sequence[str],
    codes: Sequence[str],
    raters: Mapping[str, str],
    codes_a_note: float = 4.0,
    seed: int = 0,
) -> Sides:
    """Everybody on these notes. `raters`: name -> kind; coders have half of the notes each.

    The first codes are the most frequent. A rater finds some of the reference and adds some.
    """
    rng = np.random.default_rng(seed)
    shape = len(notes), len(codes)
    true = _drawn(rng, shape, codes_a_note)
    sides = {}
    for place, (name, kind) in enumerate(raters.items()):
        done = np.ones(len(notes), np.bool_)
        if kind == "coder":
            done = rng.random(len(notes)) < 0.5
        found = _thinned(rng, true, 0.3 + 0.6 * rng.random())
        given = found.maximum(_drawn(rng, shape, codes_a_note / (3 + place % 4)))
        sides[name] = Side(name, kind, kind != "coder", done, _of(given, done))
    axes = Axes(tuple(notes), tuple(codes), frozenset(), np.ones(len(notes), np.bool_))
    return Sides(axes, true, sides)


def stored_run(study: Study, sides: Sides, a: str, b: str) -> BenchmarkRun:
    """The newest run of the study, with these sides."""
    run = BenchmarkRun.objects.create(
        study=study,
        preset=study.preset,
        input_sha256=f"drawn {study.pk} {len(sides.axes.notes)}",
        notes=len(sides.axes.notes),
        interim=False,
        document="{}",
        axes=packed_axes(sides.axes, {}, a, b),
    )
    sides_store(run=run, sides=sides)
    return run


def _drawn(rng: np.random.Generator, shape: tuple[int, int], codes_a_note: float) -> csr_matrix:
    """(notes, codes) of ones, so many a note."""
    notes, codes = shape
    weights = 1 / np.arange(1, codes + 1)
    times = round(notes * codes_a_note)
    columns = rng.choice(codes, times, p=weights / weights.sum())
    rows = rng.integers(notes, size=times)
    found = csr_matrix((np.ones(times, np.int64), (rows, columns)), shape=shape)
    found.data[:] = 1
    found.sort_indices()
    return found


def _thinned(rng: np.random.Generator, matrix: csr_matrix, share: float) -> csr_matrix:
    found = matrix.copy()
    found.data = (rng.random(found.nnz) < share).astype(np.int64)
    found.eliminate_zeros()
    return found


def _of(matrix: csr_matrix, done: BoolArray) -> csr_matrix:
    """What was given to the notes that were coded."""
    found = matrix.multiply(done.astype(np.int64)[:, None]).tocsr()
    found.eliminate_zeros()
    found.sort_indices()
    return found
