"""Two raters tested now: the same p as when a study is scored, and an interval that is paired."""

import doctest

import numpy as np
import pytest

from benchmark.metrics.certainty import two_raters
from benchmark.metrics.certainty.influence import influence
from benchmark.metrics.certainty.paired import DRAWS, paired_tests
from benchmark.metrics.certainty.two_raters import LEAST_DRAWS, WORK, chance
from benchmark.metrics.codings import encode_all
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.counts import Counts, per_note

CODES = tuple(f"c{number}" for number in range(30))
SPACE = LabelSpace("thirty", CODES)


def encoded(seed: int, worse: float, notes: int = 40):
    """A reference and two raters; the second loses so much more of it."""
    rng = np.random.default_rng(seed)
    names = [f"n{number}" for number in range(notes)]
    true = {name: list(rng.choice(CODES, 6, replace=False)) for name in names}
    raters = {}
    for rater, lost in (("one", 0.3), ("other", 0.3 + worse)):
        given = {}
        for name in names:
            kept = [code for code in true[name] if rng.random() > lost]
            given[name] = list(dict.fromkeys([*kept, rng.choice(CODES)]))
        raters[rater] = given
    return encode_all(SPACE, names, true, raters)


@pytest.mark.parametrize(("seed", "worse"), [(1, 0.0), (2, 0.03), (3, 0.4)])
def test_it_is_the_test_of_a_study_that_is_scored(seed, worse):
    encoding = encoded(seed, worse)
    (pair,) = paired_tests(encoding, replicates=10)
    one, other = (
        per_note(encoding.true, encoding.given[name].matrix, encoding.missed)
        for name in ("one", "other")
    )
    found = chance(one, other)
    assert found.p == pair.tests["micro_jaccard"].p and found.draws == DRAWS
    assert found == chance(one, other)
    both = two_raters.two_raters(one, other)
    assert both.difference.value == pytest.approx(pair.tests["micro_jaccard"].value)
    deviations = influence(one).deviations - influence(other).deviations
    assert both.difference.se == pytest.approx(float(deviations @ deviations) ** 0.5)
    low, high = both.difference.interval.low, both.difference.interval.high
    assert (low < 0 < high) == (found.p > 0.05)


def test_two_who_gave_the_same_are_not_told_apart():
    counts = Counts(np.array([1, 2, 0]), np.array([2, 2, 1]), np.array([3, 2, 2]))
    assert chance(counts, counts).p == 1.0
    assert two_raters.two_raters(counts, counts).difference.interval is None
    nothing = Counts(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    assert chance(nothing, nothing).p == 1.0


def test_the_work_is_bounded_on_many_notes():
    for notes in (1, 508, 5_000, 6_000, 100_000):
        draws = two_raters._draws(notes)
        assert LEAST_DRAWS <= draws <= DRAWS
        assert draws == LEAST_DRAWS or draws * notes <= WORK


def test_examples():
    assert not doctest.testmod(two_raters).failed
