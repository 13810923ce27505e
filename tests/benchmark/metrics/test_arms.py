"""The test of two arms.

With one coder it is scipy's; chance is not called a difference; coders do not confound.
"""

import numpy as np
import pytest
from scipy.stats import permutation_test

from benchmark.metrics.certainty.arms import arms_test


def test_with_one_coder_it_is_scipys_permutation_test():
    rng = np.random.default_rng(1)
    first, second = rng.normal(0, 1, 30), rng.normal(0.5, 1, 25)
    ours = arms_test([*first, *second], [False] * 30 + [True] * 25, ["Ada"] * 55)
    theirs = permutation_test(
        (second, first),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        n_resamples=20_000,
        vectorized=True,
        rng=rng,
    )
    assert ours.value == pytest.approx(theirs.statistic)
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.015)


def test_a_better_coder_with_more_notes_in_one_arm_is_no_difference_of_arms():
    """Ada is right on all of her notes and has most of the second arm.

    Within each coder the arms are the same.
    """
    values = [1.0] * 50 + [0.0] * 50
    second = [True] * 40 + [False] * 10 + [True] * 10 + [False] * 40
    coders = ["Ada"] * 50 + ["Ben"] * 50
    mixed = arms_test(values, second, ["one"] * 100)
    apart = arms_test(values, second, coders)
    assert mixed.p < 0.001
    assert apart.p == 1.0
    assert mixed.value == pytest.approx(apart.value) == pytest.approx(0.6)


def test_under_the_null_p_is_uniform_enough():
    rng, found = np.random.default_rng(3), []
    for seed in range(200):
        values = rng.normal(size=40)
        found.append(
            arms_test(
                values,
                rng.permutation([True, False] * 20),
                ["Ada", "Ben"] * 20,
                draws=199,
                seed=seed,
            ).p
        )
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.07)
    assert 0.4 < np.mean(found) < 0.6


def test_an_empty_arm_has_no_test_and_the_seed_decides():
    assert arms_test([1, 2], [True, True], ["Ada", "Ada"]) is None and arms_test([], [], []) is None
    values = [(k * 7) % 5 for k in range(20)]
    second, coders = [k % 3 == 0 for k in range(20)], ["Ada"] * 20
    assert arms_test(values, second, coders, draws=999) == arms_test(
        values, second, coders, draws=999
    )
