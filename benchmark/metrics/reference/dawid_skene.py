"""How good would raters be if nobody held the truth? The model of Dawid and Skene (1979).

Each (note, code) cell has a hidden truth; each rater finds a true code with its sensitivity and
invents a false one with its false positive rate, independently of the others given the truth. The
reference is one rater among them. Rates are shared by the codes of a band, such as how often a code
occurs.

Read the results as upper bounds, and never put them in the reference's place. Raters who miss the
same hard codes (people and models read one text) look better than they are: sensitivity was
overstated by .15 with three such raters and .09 with six, while the order of the raters was right.
Two raters do not suffice: nothing tells their errors from the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import BoolArray, Coded, FloatArray, IntArray
from benchmark.metrics.sets.counts import ratio

LEAST_RATERS = 3
STEPS = 500
CLOSE = 1e-8
"""The estimate stands when the log likelihood changes by less than this share of itself."""
BLOCK = 500
"""Notes whose cells are counted at once, to bound memory."""
MISSING = 2
"""In a pattern: the rater did not code the note. 1: it gave the code, 0: it did not."""


@dataclass(frozen=True)
class Pseudo:
    """Counts added to those of the data, so that no rate is 0 or 1: (hits, cells) of each rate."""

    sensitivity: tuple[float, float] = (1.0, 1.1)
    false_positives: tuple[float, float] = (0.1, 20.1)
    prevalence: tuple[float, float] = (0.1, 20.1)


NONE = Pseudo((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True)
class Rates:
    """Of B bands and R raters."""

    prevalence: FloatArray
    """(B,) share of the cells that are true."""
    sensitivity: FloatArray
    """(B, R)."""
    false_positives: FloatArray
    """(B, R)."""


@dataclass(frozen=True)
class Patterns:
    """Cells with the same band and the same answers are one row."""

    answers: IntArray
    """(rows, R): 1, 0 or MISSING."""
    band: IntArray
    """(rows,)."""
    times: FloatArray
    """(rows,) how many cells."""


@dataclass(frozen=True)
class DawidSkene:
    """The fitted model."""

    raters: tuple[str, ...]
    notes: int
    """Notes that three raters or more coded; the others are left out."""
    patterns: Patterns
    rates: Rates
    posterior: FloatArray
    """(rows,) the chance that a cell with these answers is true."""
    steps: int

    @property
    def sensitivity(self) -> dict[str, float]:
        """By rater, over all bands, weighed by their true cells: an upper bound."""
        true = np.bincount(self.patterns.band, weights=self.posterior * self.patterns.times)
        means = ratio(true @ self.rates.sensitivity, true.sum())
        return dict(zip(self.raters, means.tolist(), strict=True))

    @property
    def precision(self) -> dict[str, float]:
        """By rater: the mean chance of the codes it gave to be true; an upper bound."""
        given = self.patterns.answers == 1
        true = (self.posterior * self.patterns.times) @ given
        shares = ratio(true, self.patterns.times @ given)
        return dict(zip(self.raters, shares.tolist(), strict=True))

    @property
    def believable(self) -> bool:
        """Whether every rater finds true codes more often than it invents false ones."""
        return bool((self.rates.sensitivity > self.rates.false_positives).all())


def dawid_skene(
    raters: Mapping[str, Coded], bands: IntArray | None = None, pseudo: Pseudo | None = None
) -> DawidSkene:
    """Fit the model to what raters gave, the reference being one of them.

    Cells are those of codes that somebody gave anywhere, on notes that three raters or more coded.
    `bands` (codes,): the band of each code of the axes, numbered from 0; one band by default.
    ValueError below three raters.

    >>> from benchmark.metrics.codings import encode_raters
    >>> notes = {f"n{place}": ["a"] for place in range(9)}
    >>> few = notes | {"n0": [], "n1": ["a", "b"]}
    >>> found = dawid_skene(encode_raters({"Ada": notes, "Ben": notes, "RAC": few}))
    >>> [round(value, 2) for value in found.sensitivity.values()], found.believable
    ([0.99, 0.99, 0.89], True)
    """
    everybody = list(raters.values())
    judged = np.sum([each.done for each in everybody], axis=0)
    kept = np.flatnonzero(judged >= LEAST_RATERS)
    if len(everybody) < LEAST_RATERS or not len(kept):
        raise ValueError(
            f"{len(everybody)} raters, and no note that {LEAST_RATERS} of them coded: with fewer "
            "than three answers nothing tells a rater's errors from the truth"
        )
    patterns = patterns_of(everybody, kept, bands)
    posterior, rates, steps = fit(patterns, pseudo or Pseudo())
    return DawidSkene(tuple(raters), len(kept), patterns, rates, posterior, steps)


def patterns_of(raters: list[Coded], notes: IntArray, bands: IntArray | None = None) -> Patterns:
    """The answers to each cell of some notes and of codes that somebody gave, counted."""
    codes = raters[0].matrix.shape[1]
    if bands is None:
        bands = np.zeros(codes, dtype=np.int64)
    given = np.zeros(codes, dtype=np.bool_)
    for each in raters:
        given[each.matrix.indices] = True
    columns = np.flatnonzero(given)
    base = 3 ** len(raters)
    found: dict[int, int] = {}
    for start in range(0, len(notes), BLOCK):
        some = notes[start : start + BLOCK]
        cells = np.tile(bands[columns] * base, (len(some), 1))
        for place, each in enumerate(raters):
            cells += _numbers(each.matrix, each.done, some, columns) * 3**place
        for number, times in zip(*np.unique(cells, return_counts=True), strict=True):
            found[int(number)] = found.get(int(number), 0) + int(times)
    numbers = np.array(sorted(found), dtype=np.int64)
    answers = [numbers % base // 3**place % 3 for place in range(len(raters))]
    return Patterns(
        answers=np.stack(answers, axis=1),
        band=numbers // base,
        times=np.array([found[number] for number in numbers.tolist()], dtype=np.float64),
    )


def fit(patterns: Patterns, pseudo: Pseudo, steps: int = STEPS) -> tuple[FloatArray, Rates, int]:
    """Posterior of each pattern, rates, and steps taken, by expectation and maximisation.

    The first posterior is the share of votes.
    """
    judged = patterns.answers != MISSING
    votes = (patterns.answers == 1).sum(axis=1)
    posterior = ratio(votes, judged.sum(axis=1))
    before = np.inf
    likelihood = 0.0
    taken = 0
    while taken < steps and abs(likelihood - before) >= CLOSE * abs(likelihood):
        before = likelihood
        rates = _maximised(patterns, posterior, pseudo)
        posterior, likelihood = _expected(patterns, rates)
        taken += 1
    return posterior, rates, taken


def _numbers(matrix: csr_matrix, done: BoolArray, notes: IntArray, columns: IntArray) -> IntArray:
    """(notes, columns): a rater's answers as 1, 0 or MISSING."""
    found = matrix[notes][:, columns].toarray().astype(np.int64)
    found[~done[notes]] = MISSING
    return np.asarray(found, dtype=np.int64)


def _maximised(patterns: Patterns, posterior: FloatArray, pseudo: Pseudo) -> Rates:
    """The rates that the posterior makes likeliest."""
    true = posterior * patterns.times
    false = (1 - posterior) * patterns.times
    given = (patterns.answers == 1).astype(np.float64)
    judged = (patterns.answers != MISSING).astype(np.float64)
    bands = int(patterns.band.max()) + 1
    of_band = np.zeros((bands, len(patterns.band)))
    of_band[patterns.band, np.arange(len(patterns.band))] = 1
    of_true = of_band * true
    of_false = of_band * false
    return Rates(
        prevalence=_rate(of_band @ true, of_band @ patterns.times, pseudo.prevalence),
        sensitivity=_rate(of_true @ given, of_true @ judged, pseudo.sensitivity),
        false_positives=_rate(of_false @ given, of_false @ judged, pseudo.false_positives),
    )


def _rate(hits: FloatArray, cells: FloatArray, pseudo: tuple[float, float]) -> FloatArray:
    return ratio(hits + pseudo[0], cells + pseudo[1])


def _expected(patterns: Patterns, rates: Rates) -> tuple[FloatArray, float]:
    """The posterior by Bayes, and the log likelihood; in logs."""
    if_true = np.log(_some(rates.prevalence))[patterns.band]
    if_false = np.log(_some(1 - rates.prevalence))[patterns.band]
    for place in range(patterns.answers.shape[1]):
        answer = patterns.answers[:, place]
        found = rates.sensitivity[patterns.band, place]
        invented = rates.false_positives[patterns.band, place]
        if_true += _log_chance(answer, found)
        if_false += _log_chance(answer, invented)
    either = np.logaddexp(if_true, if_false)
    return np.exp(if_true - either), float(patterns.times @ either)


def _log_chance(answer: IntArray, rate: FloatArray) -> FloatArray:
    """Log of the chance of an answer where the code is given at this rate; 0 if missing."""
    chance = np.where(answer == 1, rate, 1 - rate)
    return np.where(answer == MISSING, 0.0, np.log(_some(chance)))


def _some(chance: FloatArray) -> FloatArray:
    """Chances without 0, for logs."""
    return np.maximum(chance, 1e-300)
