"""Are a model's probabilities true? Of codes given .3, are three in ten in the reference?

Probabilities are (notes, codes) floats, the reference a CSR matrix of ones over the same. Take some
columns of both for a band of codes; bands go by counts from outside (`breakdown.by_frequency`), for
codes that these notes have often were partly chosen for luck. A model with a file of sets alone has
no calibration.

Bins hold equal predicted mass, not equal numbers of cells: with thousands of codes nearly all
probabilities are nearly 0, and nearly all true codes would lie in the last of equal bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import Estimate, estimate, of_leaves
from benchmark.metrics.codings import BoolArray, FloatArray, IntArray
from benchmark.metrics.probabilities.ranking import Scores, checked

BINS = 15
DRAWS = 200
"""Of codes from the probabilities themselves, for the null band."""


@dataclass(frozen=True)
class Bin:
    """Cells of like probability: a point of the reliability curve (draw both axes by logs)."""

    cells: int
    predicted: float
    """Q_b: the sum of the probabilities."""
    true: int
    """Y_b: how many of the cells are in the reference."""
    excess: Interval | None
    """Of Y_b - Q_b, a bootstrap over notes: 0 inside says that the bin may be calibrated."""

    @property
    def mean_probability(self) -> float:
        return self.predicted / self.cells

    @property
    def share_true(self) -> float:
        return self.true / self.cells


@dataclass(frozen=True)
class NullBand:
    """95% of what an error of a perfect model would be: above 0, by chance alone."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """How true the probabilities of some codes are."""

    brier: float
    """Mean of (q - y)^2 over cells."""
    skill: float | None
    """1 - Brier / Brier of each code's frequency; None where that is 0."""
    expected_over_observed: Estimate | None
    """sum q / sum y, an interval over notes; None without a true code."""
    ece: float
    """Expected calibration error: sum over bins of |Q_b - Y_b|, over cells."""
    ece_null: NullBand | None
    """Read the ECE beside it; None without a cell."""
    rce: float | None
    """The same over true codes: codes misplaced per true code, comparable between bands. None
    without a true code."""
    rce_null: NullBand | None
    bins: tuple[Bin, ...]


def calibration(
    probabilities: Scores,
    reference: csr_matrix,
    *,
    frequency: FloatArray | None = None,
    bins: int = BINS,
    draws: int = DRAWS,
    weights: IntArray | None = None,
    seed: int = 0,
) -> Calibration:
    """All figures of calibration.

    `frequency` (codes,): the share of training notes with each code, for the skill; that of the
    reference by default, which flatters the baseline: say so. `weights` (replicates, notes) of
    `bootstrap.note_weights`, for the intervals of the bins. ValueError where the shapes differ, or
    a probability is NaN or outside 0 and 1.

    >>> q = np.array([[0.9, 0.8, 0.7, 0.1, 0.1, 0.05, 0.05]])
    >>> found = calibration(q, csr_matrix([[1, 1, 0, 0, 0, 0, 1]]), bins=2)
    >>> round(found.brier, 6), round(found.ece, 6), round(found.rce, 6)
    (0.209286, 0.042857, 0.1)
    """
    checked(probabilities, reference)
    _within_0_and_1(probabilities)
    q = np.ascontiguousarray(probabilities, np.float64)
    if not q.size:
        return Calibration(0.0, None, None, 0.0, None, None, None, ())
    of_bin = equal_mass(q.ravel(), bins)
    made = _bins(q, reference, of_bin, bins, weights)
    misplaced = sum(abs(each.predicted - each.true) for each in made)
    true = int(reference.nnz)
    ece_null, rce_null = null_bands(q.ravel(), of_bin, bins, draws=draws, seed=seed)
    rce = None
    if true:
        rce = misplaced / true
    found = brier(q, reference)
    return Calibration(
        brier=found,
        skill=_skill(found, q.shape[0], reference, frequency),
        expected_over_observed=expected_over_observed(q, reference),
        ece=misplaced / q.size,
        ece_null=ece_null,
        rce=rce,
        rce_null=rce_null,
        bins=made,
    )


def calibration_by_band(
    probabilities: Scores, reference: csr_matrix, masks: Mapping[str, BoolArray], **options: Any
) -> dict[str, Calibration]:
    """`calibration` over the codes of each band; a band without codes is left out.

    `masks`: band -> which codes (codes,) are in it. `options`: those of `calibration`.
    """
    frequency = options.pop("frequency", None)
    found = {}
    for name, mask in masks.items():
        columns = np.flatnonzero(mask)
        if not len(columns):
            continue
        part = None if frequency is None else frequency[columns]
        found[name] = calibration(
            probabilities[:, columns], reference[:, columns], frequency=part, **options
        )
    return found


def brier(probabilities: FloatArray, reference: csr_matrix) -> float:
    """Mean of (q - y)^2 over cells (Brier 1950); 0 is perfect."""
    hits = float(reference.multiply(probabilities).sum())
    squares = float(np.vdot(probabilities, probabilities))
    return (squares - 2 * hits + int(reference.nnz)) / max(probabilities.size, 1)


def expected_over_observed(probabilities: FloatArray, reference: csr_matrix) -> Estimate | None:
    """E/O = sum q / sum y with a jackknife interval over notes; None without a true code.

    Above 1 the model gives more probability than there are codes.
    """
    expected = probabilities.sum(axis=1)
    observed = np.asarray(reference.sum(axis=1), np.float64).ravel()
    if not observed.sum():
        return None
    value = float(expected.sum() / observed.sum())
    left = observed.sum() - observed
    if len(observed) < 2 or not left.all():
        return Estimate(value, None, 0, None)
    return estimate(of_leaves(value, (expected.sum() - expected) / left), highest=np.inf)


def equal_mass(probabilities: FloatArray, bins: int = BINS) -> IntArray:
    """(cells,) which bin each cell is in; bins hold equal sums of probabilities, highest first.

    A cell goes to bin floor(B s / sum q), where s is the running sum of the probabilities in
    falling order, at the middle of the cell. Equal probabilities stay together: s is then at the
    middle of all of them.

    >>> equal_mass(np.array([0.1, 0.9, 0.8, 0.7, 0.1]), bins=2).tolist()
    [1, 0, 0, 1, 1]
    """
    rising = np.sort(probabilities)
    running = np.concatenate([[0.0], np.cumsum(rising[::-1])])
    if not running[-1]:
        return np.full(len(probabilities), bins - 1, dtype=np.int64)
    highest = [_highest_of(number, rising, running, bins) for number in range(1, bins)]
    at_most = np.searchsorted(np.array(highest[::-1]), probabilities, side="left")
    found: IntArray = bins - 1 - at_most
    return found


def _highest_of(number: int, rising: FloatArray, running: FloatArray, bins: int) -> float:
    """The highest probability of a bin; that of the next one where no cell is in it.

    Only the value where the running sum passes the bin's start can lie on either side of it, by the
    middle of its mass; the next lower value lies in the bin or beyond.
    """
    cells = len(rising)
    place = int(np.searchsorted(running, number * running[-1] / bins))
    value = rising[cells - max(place, 1)]
    start = cells - int(np.searchsorted(rising, value, side="right"))
    end = cells - int(np.searchsorted(rising, value, side="left"))
    middle = (running[start] + running[end]) / 2
    if bins * middle / running[-1] >= number:
        return float(value)
    if end == cells:
        return -np.inf
    return float(rising[cells - end - 1])


def null_bands(
    probabilities: FloatArray,
    of_bin: IntArray,
    bins: int = BINS,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[NullBand, NullBand]:
    """Bands of the ECE and of the RCE that a perfect model with these probabilities would have.

    Codes are drawn bin by bin: the number of true ones in a bin is binomial, with the mean sum q
    and (but for rounding) the variance sum q (1 - q) of a draw of every cell. That agrees with
    draws of every cell within the draws' own error, in a thousandth of the time.
    """
    predicted = np.bincount(of_bin, weights=probabilities, minlength=bins)
    squares = np.bincount(of_bin, weights=probabilities**2, minlength=bins)
    some = predicted > 0
    predicted, squares = predicted[some], squares[some]
    trials = np.ceil(predicted**2 / squares - 1e-9).astype(np.int64)
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(trials, np.minimum(predicted / trials, 1.0), (draws, len(trials)))
    misplaced = np.abs(drawn - predicted).sum(axis=1)
    cells = max(len(probabilities), 1)
    return _band(misplaced / cells), _band(misplaced / np.maximum(drawn.sum(axis=1), 1))


def _band(errors: FloatArray) -> NullBand:
    low, high = np.quantile(errors, [0.025, 0.975])
    return NullBand(float(low), float(errors.mean()), float(high))


def _skill(
    found: float, notes: int, reference: csr_matrix, frequency: FloatArray | None
) -> float | None:
    """1 - Brier / Brier of the codes' frequencies."""
    of_code = np.asarray(reference.sum(axis=0), np.float64).ravel()
    if frequency is None:
        frequency = of_code / notes
    squares = notes * float(frequency @ frequency)
    cells = notes * len(frequency)
    baseline = (squares - 2 * float(frequency @ of_code) + int(reference.nnz)) / cells
    if not baseline:
        return None
    return 1 - found / baseline


def _bins(
    q: FloatArray, reference: csr_matrix, of_bin: IntArray, bins: int, weights: IntArray | None
) -> tuple[Bin, ...]:
    """The bins that have a cell."""
    notes, codes = q.shape
    row, column = reference.nonzero()
    true_bin = of_bin[row.astype(np.int64) * codes + column]
    cells = np.bincount(of_bin, minlength=bins)
    predicted = np.bincount(of_bin, weights=q.ravel(), minlength=bins)
    true = np.bincount(true_bin, minlength=bins)
    around: list[Interval | None] = [None] * bins
    if weights is not None:
        place = np.repeat(np.arange(notes), codes) * bins + of_bin
        of_note = -np.bincount(place, weights=q.ravel(), minlength=notes * bins)
        of_note += np.bincount(row * bins + true_bin, minlength=notes * bins)
        excess = weights.astype(np.float64) @ of_note.reshape(notes, bins)
        for each, (low, high) in enumerate(np.quantile(excess, [0.025, 0.975], axis=0).T):
            around[each] = Interval(float(low), float(high))
    found = []
    for each in np.flatnonzero(cells):
        found.append(Bin(int(cells[each]), float(predicted[each]), int(true[each]), around[each]))
    return tuple(found)


def _within_0_and_1(probabilities: NDArray[Any]) -> None:
    """ValueError for what is no probability, with its row."""
    wrong = (probabilities < 0) | (probabilities > 1)
    if wrong.any():
        row = int(wrong.any(axis=1).argmax())
        raise ValueError(
            f"row {row} has a score outside 0 and 1; calibration needs probabilities, not logits"
        )
