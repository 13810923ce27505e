"""Which codes differ: scipy's exact test and false discovery control, and by hand."""

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control

from benchmark.metrics.certainty.differing_codes import (
    benjamini_hochberg,
    exact_mcnemar,
    more_often_given,
    more_often_right,
)
from tests.benchmark.metrics.cases import sparse


def test_the_worked_examples():
    assert exact_mcnemar(np.array([1]), np.array([9])).round(6).tolist() == [0.021484]
    qs = benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5]))
    assert qs.round(4).tolist() == [0.04, 0.0533, 0.0533, 0.5]


def test_p_is_scipys_binomial_test():
    for first in range(12):
        for second in range(12):
            found = exact_mcnemar(np.array([first]), np.array([second]))[0]
            expected = 1.0
            if first + second:
                expected = binomtest(first, first + second).pvalue
            assert found == pytest.approx(expected)


def test_q_is_scipys_false_discovery_control():
    rng = np.random.default_rng(0)
    for size in (1, 2, 30):
        ps = rng.random(size) ** 3
        assert benjamini_hochberg(ps) == pytest.approx(false_discovery_control(ps))
    assert benjamini_hochberg(np.zeros(0)).tolist() == []


def test_differences_are_counted_note_by_note():
    rng = np.random.default_rng(1)
    true, ada, ben = rng.random((3, 60, 12)) < 0.4
    true[:, 0] = ada[:, 0]
    ben[:, 0] = rng.random(60) < 0.4
    ben[:, 1] = False
    found = more_often_right(sparse(true), sparse(ada), sparse(ben))
    assert found.seen == found.tested == 12
    counts, ps = [], []
    for code in range(12):
        b = int(((ada == true) & (ben != true))[:, code].sum())
        d = int(((ada != true) & (ben == true))[:, code].sum())
        counts.append((b, d))
        ps.append(binomtest(b, b + d).pvalue)
    qs = false_discovery_control(ps)
    clear = [code for code in np.argsort(qs, kind="stable") if qs[code] <= 0.05]
    assert [each.column for each in found.codes] == clear and 0 in clear
    for each in found.codes:
        assert (each.first, each.second) == counts[each.column]
        assert (each.p, each.q) == pytest.approx((ps[each.column], qs[each.column]))
    often = more_often_given(sparse(ada), sparse(ben))
    assert [(each.first, each.second) for each in often.codes if each.column == 1] == [
        (int(ada[:, 1].sum()), 0)
    ]


def test_codes_that_differ_in_fewer_than_six_notes_are_not_tested():
    true = np.ones((10, 3), int)
    ben = true.copy()
    ben[:5, 0] = 0
    ben[:6, 1] = 0
    found = more_often_right(sparse(true), sparse(true), sparse(ben))
    assert (found.tested, found.seen) == (1, 2)
    assert [(each.column, each.first, each.second) for each in found.codes] == [(1, 6, 0)]
    same = more_often_given(sparse(true), sparse(true))
    assert (same.codes, same.tested, same.seen) == ((), 0, 0)
