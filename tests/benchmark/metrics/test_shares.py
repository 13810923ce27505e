"""Wilson's intervals of many shares at once, against scipy's of one."""

import doctest

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmark.metrics.certainty import shares
from benchmark.metrics.certainty.shares import wilson_bounds
from benchmark.metrics.sets.weights import wilson


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_is_that_of_scipy(level):
    of = np.array([1, 1, 2, 5, 20, 120, 120, 508, 20_000])
    hits = np.array([0, 1, 1, 5, 3, 12, 111, 0, 19_999])
    low, high = wilson_bounds(hits, of, level)
    for place in range(len(of)):
        expected = binomtest(int(hits[place]), int(of[place])).proportion_ci(level, "wilson")
        assert low[place] == pytest.approx(expected.low, abs=1e-12)
        assert high[place] == pytest.approx(expected.high, abs=1e-12)


def test_of_nothing_nothing_is_known():
    low, high = wilson_bounds(np.zeros((2, 2), int), np.zeros((2, 2), int))
    assert low.tolist() == [[0.0, 0.0]] * 2 and high.tolist() == [[1.0, 1.0]] * 2


def test_one_share_alone_is_the_same():
    found = wilson(12, 120)
    low, high = wilson_bounds(np.array([12]), np.array([120]))
    assert (found.low, found.high) == (low[0], high[0])


def test_examples():
    assert not doctest.testmod(shares).failed
