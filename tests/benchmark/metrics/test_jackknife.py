"""Jackknife leaves of macro figures: the worked example, and the figures of the notes left."""

import numpy as np
import pytest
from hypothesis import strategies as st

from benchmark.metrics.certainty.frequent import cross_fit, first_half, frequent_macro, outside
from benchmark.metrics.certainty.influence import estimate, half_width, influence, of_leaves
from benchmark.metrics.certainty.jackknife import macro_influences, macro_leaves
from benchmark.metrics.sets.averages import macro, micro
from benchmark.metrics.sets.counts import per_code, per_note
from tests.benchmark.metrics.cases import sparse, two_raters
from tests.generated import given

TRUE = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 1, 0]])
GIVEN = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 0]])


def without(matrix, rows):
    return sparse(np.delete(matrix, rows, axis=0))


def test_the_worked_example():
    found = macro_leaves(sparse(TRUE), sparse(GIVEN))
    values = {name: round(value, 6) for name, (value, _) in found.items()}
    assert values == {
        "jaccard": 0.666667,
        "precision": 0.833333,
        "recall": 0.722222,
        "f1_mean_all": 0.766667,
        "f1_caml": 0.77381,
        "f1_mean_present": 0.766667,
    }
    assert found["jaccard"][1].round(6).tolist() == [0.666667, 0.666667, 0.444444, 0.555556]
    jaccard = macro_influences(sparse(TRUE), sparse(GIVEN))["jaccard"]
    se = estimate(jaccard).se
    assert (round(se, 6), round(half_width(se, 3), 6)) == (0.159571, 0.507827)


@given(two_raters())
def test_a_leaf_is_the_macro_figure_of_the_notes_left(both):
    true, rater = both
    found = macro_leaves(sparse(true), sparse(rater))
    whole = vars(macro(per_code(sparse(true), sparse(rater))))
    assert {name: value for name, (value, _) in found.items()} == pytest.approx(whole, abs=1e-12)
    for note in range(len(true)):
        left = vars(macro(per_code(without(true, note), without(rater, note))))
        leaves = {name: leaves[note] for name, (_, leaves) in found.items()}
        assert leaves == pytest.approx(left, abs=1e-12)


@given(two_raters(), st.lists(st.integers(0, 2), min_size=8, max_size=8))
def test_with_patients_a_leaf_is_without_all_notes_of_one(both, drawn):
    true, rater = both
    patients = np.array(drawn[: len(true)])
    found = macro_leaves(sparse(true), sparse(rater), patients=patients)
    for place, patient in enumerate(np.unique(patients)):
        rows = np.flatnonzero(patients == patient)
        left = vars(macro(per_code(without(true, rows), without(rater, rows))))
        leaves = {name: leaves[place] for name, (_, leaves) in found.items()}
        assert leaves == pytest.approx(left, abs=1e-12)


@given(two_raters())
def test_micro_leaves_are_the_figures_of_the_notes_left(both):
    true, rater = both
    counts = per_note(sparse(true), sparse(rater))
    for name, value in vars(micro(counts)).items():
        found = influence(counts, name)
        leaves = []
        for note in range(len(true)):
            left = per_note(without(true, note), without(rater, note))
            leaves.append(getattr(micro(left), name))
        expected = of_leaves(value, np.array(leaves))
        assert found.value == pytest.approx(value)
        assert found.deviations == pytest.approx(expected.deviations, abs=1e-12)


def test_columns_that_nobody_has_may_be_left_out():
    wide = np.hstack([TRUE, np.zeros((4, 5), int)])
    given_wide = np.hstack([GIVEN, np.zeros((4, 5), int)])
    narrow = macro_leaves(sparse(TRUE), sparse(GIVEN), size=8)
    for name, (value, leaves) in macro_leaves(sparse(wide), sparse(given_wide)).items():
        assert (value, *leaves) == pytest.approx((narrow[name][0], *narrow[name][1]), abs=1e-12)


def test_a_difference_subtracts_leaf_from_leaf():
    other = sparse(1 - GIVEN)
    ada = macro_influences(sparse(TRUE), sparse(GIVEN))["jaccard"]
    ben = macro_influences(sparse(TRUE), other)["jaccard"]
    of_ada = macro_leaves(sparse(TRUE), sparse(GIVEN))["jaccard"]
    of_ben = macro_leaves(sparse(TRUE), other)["jaccard"]
    expected = of_leaves(of_ada[0] - of_ben[0], of_ada[1] - of_ben[1])
    assert (ada - ben).variance == pytest.approx(expected.variance)
    assert (ada - ben).value == pytest.approx(expected.value)
    assert estimate(ada - ben, lowest=-1).interval.low >= -1


def test_notes_that_a_rater_did_not_code_do_not_move_its_figure():
    done = np.array([True, False, True, True])
    rows = np.flatnonzero(done)
    found = macro_influences(sparse(TRUE), sparse(GIVEN), done=done)["recall"]
    alone = macro_influences(sparse(TRUE[rows]), sparse(GIVEN[rows]))["recall"]
    assert (found.value, found.notes, found.deviations[1]) == (alone.value, 3, 0)
    assert found.deviations[rows] == pytest.approx(alone.deviations)


def test_there_is_no_interval_where_nothing_was_seen_to_vary():
    one = macro_influences(sparse(TRUE[:1]), sparse(GIVEN[:1]))["jaccard"]
    assert estimate(one).interval is None and estimate(one).se is None
    never = macro_influences(sparse(TRUE), sparse(0 * GIVEN))["jaccard"]
    assert (estimate(never).value, estimate(never).se, estimate(never).interval) == (0, 0, None)
    no_code = macro_influences(sparse(TRUE[:, :0]), sparse(GIVEN[:, :0]))["recall"]
    assert (no_code.value, estimate(no_code).interval) == (0, None)


def test_frequent_codes_by_counts_from_outside():
    assert outside(np.array([20, 19]), 1_000, notes=500, least=10).tolist() == [True, False]
    assert outside(np.array([20, 19]), 0, notes=500).tolist() == [False, False]
    chosen = np.array([True, False, True])
    found = frequent_macro(sparse(TRUE), sparse(GIVEN), chosen)
    expected = macro_influences(sparse(TRUE[:, chosen]), sparse(GIVEN[:, chosen]))
    for name, each in found.items():
        assert each == estimate(expected[name])


@pytest.mark.parametrize("notes", range(4))
def test_few_notes_have_figures_but_no_interval(notes):
    true, rater = sparse(TRUE[:notes]), sparse(GIVEN[:notes])
    found, _ = cross_fit(true, rater, [str(note) for note in range(notes)], least=0)
    assert {each.interval for each in found.values()} == {None}
    whole = frequent_macro(true, rater, np.ones(3, bool))
    expected = vars(macro(per_code(true, rater)))
    assert {name: each.value for name, each in whole.items()} == pytest.approx(expected)


def test_cross_fit_chooses_codes_in_one_half_and_scores_them_in_the_other():
    rng = np.random.default_rng(0)
    true = rng.random((40, 6)) < [0.9, 0.5, 0.4, 0.3, 0.1, 0]
    rater = true & (rng.random(true.shape) < 0.7)
    ids = [f"n{note}" for note in range(40)]
    found, codes = cross_fit(sparse(true), sparse(rater), ids, least=10)
    half = first_half(ids)
    assert half.sum() == 20 and first_half(ids[::-1]).tolist() == half[::-1].tolist()
    values, variances, sizes = [], [], []
    for chosen_in in (half, ~half):
        columns = true[chosen_in].sum(axis=0) >= 5
        rest = true[~chosen_in][:, columns], rater[~chosen_in][:, columns]
        values.append(macro(per_code(*map(sparse, rest))).recall)
        variances.append(macro_influences(*map(sparse, rest))["recall"].variance)
        sizes.append(columns.sum())
    assert found["recall"].value == pytest.approx(np.mean(values))
    assert found["recall"].se == pytest.approx((sum(variances) / 4) ** 0.5)
    assert codes == round(np.mean(sizes))
