"""Margins and plans: the worked examples, and scipy's distributions."""

import numpy as np
import pytest
import scipy.stats

from benchmark.metrics.certainty.coders import degrees_of_freedom
from benchmark.metrics.certainty.influence import influence, of_leaves
from benchmark.metrics.certainty.margins import margin_tests
from benchmark.metrics.certainty.planning import (
    SEEN,
    Design,
    Variances,
    pilot,
    power_for_an_average_coder,
    power_for_these_coders,
    width_for_an_average_coder,
    width_for_these_coders,
)
from benchmark.metrics.sets.counts import Counts
from tests.benchmark.metrics.test_coders import OVERLAP, TRUE, figures

MODEL = Counts(np.array([3, 3, 4, 1, 6, 2]), np.array([4, 4, 5, 2, 7, 3]), TRUE)
LITTLE = Variances(0.02**2, SEEN.note, SEEN.shared)


def differences():
    model = influence(MODEL)
    return {name: model - coder for name, coder in figures().items()}


def test_the_worked_example():
    found = margin_tests(differences(), 0.05)
    assert [round(each.value, 6) for each in differences().values()] == [
        0.090043,
        0.191142,
        0.016934,
    ]
    assert round(found.random.difference.value, 6) == 0.099373
    assert round(found.random.difference.se, 6) == 0.063429
    assert round(found.random.p_non_inferior, 5) == 0.07135
    assert (round(found.fixed.p_non_inferior, 5), found.fixed.difference.df) == (0.01326, 5)
    assert round(found.tipping_sd, 4) == 0.1025
    assert (found.random.words, found.fixed.words) == ("inconclusive", "non-inferior")


def test_hillis_degrees_of_freedom_of_the_worked_example():
    mean_square, shared = 0.007652404505136547, 0.0014724015520112884
    hillis = (mean_square + 3 * shared) ** 2 / (mean_square**2 / 2)
    assert round(hillis, 3) == 4.975
    t = (0.099373 + 0.05) / 0.063429
    assert round(scipy.stats.t.sf(t, hillis), 5) == pytest.approx(0.03271, abs=1e-5)
    assert degrees_of_freedom(3, mean_square, shared) == 2
    assert degrees_of_freedom(4, mean_square, shared) > 3


def of(value, spread):
    return of_leaves(value, value + spread * np.linspace(-1, 1, 50))


@pytest.mark.parametrize(
    ("value", "words", "equivalent"),
    [
        (0.2, "superior", False),
        (0.01, "non-inferior", True),
        (-0.02, "non-inferior, yet lower", True),
        (-0.05, "inferior", False),
        (-0.2, "inferior", False),
    ],
)
def test_what_an_interval_of_one_and_a_half_points_shows(value, words, equivalent):
    found = margin_tests({"Ada": of(value, 0.0018)}, 0.04).fixed
    low, high = found.difference.interval.low, found.difference.interval.high
    assert high - low == pytest.approx(0.03, abs=0.001)
    assert (found.words, found.equivalent) == (words, equivalent)
    assert found.non_inferior == (low > -0.04) == (found.p_non_inferior < 0.025)
    assert found.superior == (low > 0) == (found.p_superior < 0.025)


def test_a_wide_interval_shows_nothing():
    assert margin_tests({"Ada": of(0.0, 0.02)}, 0.05).fixed.words == "inconclusive"


def test_where_nothing_varies_nothing_is_shown():
    for value, p in ((0.0, 0.0), (-0.2, 1.0)):
        found = margin_tests({"Ada": of(value, 0.0), "Ben": of(value, 0.0)}, 0.05).random
        assert (found.words, found.p_non_inferior, found.non_inferior) == ("-", p, False)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(ValueError, match="majority_of_others"):
        margin_tests(differences(), 0.05, own_votes=True)
    with pytest.raises(ValueError, match="margin is 0"):
        margin_tests(differences(), 0)
    with pytest.raises(ValueError, match="no coder"):
        margin_tests({"Ada": of_leaves(0.1, np.array([0.1]))}, 0.05)


def test_one_coder_is_tested_alone():
    found = margin_tests({"Ada": of(0.1, 0.001)}, 0.05)
    assert found.random.words == "-" and found.random.p_non_inferior is None
    assert found.fixed.words == "superior"


def test_the_preview_of_a_study():
    design = Design(coders=5, notes=508, shared=50)
    width = width_for_an_average_coder(design)
    assert round(width_for_these_coders(design), 3) == 0.010
    assert (round(width.expected, 3), round(width.sure, 3)) == (0.063, 0.077)
    assert round(width.df, 1) == 4.2
    assert round(width_for_an_average_coder(design, LITTLE).expected, 3) == 0.027
    assert round(power_for_an_average_coder(design, 0.05), 2) == 0.39
    assert round(power_for_an_average_coder(design, 0.05, variances=LITTLE), 2) == 0.97
    ten = Design(coders=10, notes=508, shared=50)
    assert round(width_for_an_average_coder(ten).expected, 3) == 0.037
    assert round(power_for_an_average_coder(ten, 0.05), 2) == 0.77
    two = Design(coders=2, notes=508, shared=50)
    assert round(width_for_an_average_coder(two).expected, 2) == 0.45


def test_power_and_width_are_scipys():
    design = Design(coders=6, notes=300, shared=30)
    seen = Variances(0.003, 0.02, 0.006)
    each = 30 + 270 / 6
    shared = 0.006 * 30 / each**2
    mean_square = 0.003 + 0.02 / each - shared
    df = max(5, (mean_square + 6 * shared) ** 2 * 5 / mean_square**2)
    se = (mean_square / 6 + shared) ** 0.5
    quantile = scipy.stats.t.ppf(0.975, df)
    assert width_for_an_average_coder(design, seen).expected == pytest.approx(quantile * se)
    power = scipy.stats.nct.sf(quantile, df, 0.06 / se)
    assert power_for_an_average_coder(design, 0.05, 0.01, seen) == pytest.approx(power)
    fixed = (0.02 / (each * 6) + 5 / 6 * shared) ** 0.5
    power = scipy.stats.nct.sf(scipy.stats.t.ppf(0.975, 299), 299, 0.06 / fixed)
    assert power_for_these_coders(design, 0.05, 0.01, seen) == pytest.approx(power)
    large = scipy.stats.chi2.ppf(0.8, 5) / 5 * mean_square
    df = max(5, (large + 6 * shared) ** 2 * 5 / large**2)
    half = scipy.stats.t.ppf(0.975, df) * (large / 6 + shared) ** 0.5
    assert width_for_an_average_coder(design, seen).sure == pytest.approx(half)


def test_one_coder_cannot_be_planned_for_others():
    one = Design(coders=1, notes=50)
    assert width_for_an_average_coder(one) is None
    assert power_for_an_average_coder(one, 0.05) is None
    assert width_for_these_coders(one) == pytest.approx(0.0324, abs=1e-4)
    assert width_for_these_coders(Design(coders=1, notes=1)) is None
    assert power_for_these_coders(Design(coders=1, notes=1), 0.05) is None
    sure = Variances(0.0, 0.0, 0.0)
    assert power_for_these_coders(one, 0.05, 0.0, sure) == 1
    assert power_for_these_coders(one, 0.05, -0.1, sure) == 0
    with pytest.raises(ValueError, match="no more shared notes"):
        Design(coders=2, notes=5, shared=6)


def test_a_pilot_gives_what_it_can_tell():
    found = pilot(list(figures(OVERLAP).values()))
    coders = list(figures(OVERLAP).values())
    assert found.variances.note == pytest.approx(np.mean([4 * each.variance for each in coders]))
    shared = []
    for one in coders:
        for other in coders:
            if one is not other:
                shared.append(16 * float(one.deviations @ other.deviations))
    assert found.variances.shared == pytest.approx(max(0, sum(shared) / 12))
    assert not found.between_is_default and not found.shared_is_default
    split = [of_leaves(0.5, np.array([0.4, 0.6]), np.arange(4) // 2 == half) for half in (0, 1)]
    assert pilot(split).between_is_default and pilot(split).shared_is_default
    with pytest.raises(ValueError, match="two notes"):
        pilot([])
