"""Intervals for an average coder: the worked example, and the formula by plain loops."""

import itertools

import numpy as np
import pytest
import scipy.stats

from benchmark.metrics.certainty.coders import (
    average_coder,
    components,
    pooled_coders,
    tipping_sd,
)
from benchmark.metrics.certainty.influence import half_width, influence
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.counts import Counts

TRUE = np.array([5, 3, 6, 2, 7, 4])
COMMON = np.array([[3, 2, 4, 1, 5, 2], [2, 2, 3, 1, 4, 3], [4, 2, 4, 2, 5, 2]])
GIVEN = np.array([[4, 4, 5, 3, 6, 3], [4, 3, 6, 2, 7, 5], [5, 3, 5, 3, 6, 4]])
NAMES = ("Ada", "Ben", "Cid")
OVERLAP = np.array([[1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1]], bool)


def figures(done=None, figure="jaccard"):
    found = {}
    for place, name in enumerate(NAMES):
        notes = None if done is None else done[place]
        counts = Counts(COMMON[place], GIVEN[place], TRUE)
        found[name] = influence(counts, figure, notes)
    return found


def test_the_worked_example():
    found = average_coder(figures())
    parts = components(list(figures().values()))
    assert [round(each.value, 6) for each in figures().values()] == [0.485714, 0.384615, 0.558824]
    assert round(parts.mean_square, 6) == 0.007652
    assert (round(parts.own, 6), round(parts.shared, 6)) == (0.002313, -0.000187)
    assert (round(parts.variance, 6), round(parts.notes_only, 6)) == (0.002551, 0.000646)
    assert found.random.df == 2
    assert round(half_width(found.random.se, 2), 4) == 0.2173
    assert round(half_width(found.fixed.se, 5), 4) == 0.0654
    assert not found.says_nothing


def test_the_worked_example_of_an_overlap():
    found = average_coder(figures(OVERLAP))
    values = [round(each.value, 6) for each in figures(OVERLAP).values()]
    assert values == [0.454545, 0.392857, 0.541667]
    assert round(found.random.se**2, 6) == 0.001863
    assert round(half_width(found.random.se, found.random.df), 4) == 0.1857


def by_loops(counts, done):
    """(mean, V, V_fix, between-coder variance) of micro recall, note by note and pair by pair."""
    coders = len(counts)
    values, leaves = [], []
    for (tp, t), notes in zip(counts, done, strict=True):
        own = [j for j in range(len(tp)) if notes[j]]
        values.append(sum(tp[j] for j in own) / sum(t[j] for j in own))
        of_coder = {}
        for left in own:
            rest = [j for j in own if j != left]
            of_coder[left] = sum(tp[j] for j in rest) / sum(t[j] for j in rest)
        leaves.append(of_coder)

    def deviation(coder, note):
        of_coder = leaves[coder]
        mean = sum(of_coder.values()) / len(of_coder)
        return ((len(of_coder) - 1) / len(of_coder)) ** 0.5 * (mean - of_coder[note])

    def covariance(one, other):
        both = set(leaves[one]) & set(leaves[other])
        return sum(deviation(one, note) * deviation(other, note) for note in both)

    pairs = list(itertools.permutations(range(coders), 2))
    shared = sum(covariance(*pair) for pair in pairs) / len(pairs)
    own = sum(covariance(i, i) for i in range(coders)) / coders
    mean_square = float(np.var(values, ddof=1))
    notes_only = own / coders + (coders - 1) / coders * shared
    variance = max(mean_square / coders + max(0, shared), notes_only)
    return np.mean(values), variance, notes_only, max(0, mean_square - own + shared)


@pytest.mark.parametrize("coders", [2, 3, 6])
@pytest.mark.parametrize("design", ["split", "overlap", "all"])
def test_the_formula_by_plain_loops(coders, design):
    rng = np.random.default_rng(coders)
    notes = 24
    true = rng.integers(1, 9, notes)
    found, done = [], []
    for place in range(coders):
        found.append((rng.binomial(true, rng.uniform(0.3, 0.9)), true))
        mine = np.arange(notes) % coders == place
        if design == "overlap":
            mine |= np.arange(notes) < 8
        done.append(mine | (design == "all"))
    by_name = {}
    for place, (tp, t) in enumerate(found):
        counts = Counts(tp, t, t)
        by_name[str(place)] = influence(counts, "recall", done[place])
    mean, variance, notes_only, between = by_loops(found, done)
    result = average_coder(by_name)
    assert result.random.value == pytest.approx(mean)
    assert result.random.se == pytest.approx(variance**0.5)
    assert result.fixed.se == pytest.approx(notes_only**0.5)
    assert result.between_sd == pytest.approx(between**0.5)
    quantile = scipy.stats.t.ppf(0.975, result.random.df)
    assert result.random.interval.low == pytest.approx(max(0, mean - quantile * variance**0.5))
    assert result.fixed.df == notes - 1


def test_one_coder_says_nothing_of_others():
    one = average_coder({"Ada": figures()["Ada"]})
    assert one.random.interval is None and one.between_sd is None and one.says_nothing
    assert one.fixed.interval is not None


def test_a_coder_of_one_note_is_left_out_and_named():
    few = OVERLAP.copy()
    few[1] = [True, False, False, False, False, False]
    found = average_coder(figures(few))
    assert found.coders == ("Ada", "Cid") and found.left_out == ("Ben",)
    assert average_coder({"Ben": figures(few)["Ben"]}).coders == ()


def test_the_tipping_sd_is_where_the_interval_ends_at_the_margin():
    """With the normal quantile: V = s^2 / k + V_fix and d - 1.96 sqrt(V) = -margin."""
    sd = tipping_sd(0.1, 0.05, 3, 0.0023)
    assert 0.1 - 1.96 * (sd**2 / 3 + 0.0023) ** 0.5 == pytest.approx(-0.05)
    assert tipping_sd(-0.1, 0.05, 3, 0.0023) == tipping_sd(0.1, 0.0, 3, 0.01) == 0


def test_the_pooled_row_leaves_out_a_coder_at_a_time():
    counts = []
    for place in range(3):
        done = OVERLAP[place]
        counts.append(Counts(COMMON[place][done], GIVEN[place][done], TRUE[done]))
    found = pooled_coders(counts, lambda each: micro(each).jaccard)
    leaves = []
    for left in range(3):
        rest = [each for place, each in enumerate(counts) if place != left]
        tp, p, t = np.sum([each.pooled() for each in rest], axis=0)
        leaves.append(tp / (p + t - tp))
    se = (2 / 3 * ((np.array(leaves) - np.mean(leaves)) ** 2).sum()) ** 0.5
    assert found.se == pytest.approx(se) and found.df == 2
    assert pooled_coders(counts[:1], lambda each: micro(each).jaccard).interval is None
