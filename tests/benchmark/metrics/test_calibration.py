"""Calibration, abstention and ties: worked examples, scikit-learn, and plain loops."""

import itertools

import numpy as np
import pytest
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from benchmark.metrics.certainty.bootstrap import note_weights
from benchmark.metrics.certainty.influence import of_leaves
from benchmark.metrics.probabilities.abstention import (
    expected_jaccard,
    losses_of,
    risk_coverage,
    risks,
)
from benchmark.metrics.probabilities.calibration import (
    calibration,
    calibration_by_band,
    equal_mass,
    null_bands,
)
from benchmark.metrics.probabilities.ranking import ranking, true_ranks
from benchmark.metrics.probabilities.ties import expected_over_ties
from benchmark.metrics.sets.counts import per_note
from tests.benchmark.metrics.cases import REFERENCE, SCORES, scored, sparse
from tests.generated import given

Q = np.array([[0.9, 0.8, 0.7, 0.1, 0.1, 0.05, 0.05]])
Y = np.array([[1, 1, 0, 0, 0, 0, 1]])


def test_the_worked_example():
    found = calibration(Q, sparse(Y), bins=2)
    assert [(each.cells, round(each.predicted, 6), each.true) for each in found.bins] == [
        (2, 1.7, 2),
        (5, 1.0, 1),
    ]
    assert round(found.brier, 6) == 0.209286
    assert round(found.ece, 6) == 0.042857
    assert round(found.rce, 6) == 0.1
    assert found.bins[0].mean_probability == pytest.approx(0.85)
    assert found.bins[1].share_true == pytest.approx(0.2)


def world(notes=60, codes=40, seed=0):
    rng = np.random.default_rng(seed)
    q = np.round(rng.beta(0.2, 2, (notes, codes)), 2)
    return q, (rng.random(q.shape) < q).astype(int)


def test_brier_and_skill_are_scikit_learns():
    q, y = world()
    found = calibration(q, sparse(y))
    assert found.brier == pytest.approx(brier_score_loss(y.ravel(), q.ravel()))
    frequency = np.linspace(0.01, 0.4, y.shape[1])
    baseline = brier_score_loss(y.ravel(), np.tile(frequency, len(y)))
    skill = calibration(q, sparse(y), frequency=frequency).skill
    assert skill == pytest.approx(1 - found.brier / baseline)
    own = brier_score_loss(y.ravel(), np.tile(y.mean(axis=0), len(y)))
    assert found.skill == pytest.approx(1 - found.brier / own)


def test_expected_over_observed_has_the_leaves_of_a_plain_loop():
    q, y = world()
    found = calibration(q, sparse(y)).expected_over_observed
    assert found.value == pytest.approx(q.sum() / y.sum())
    rest = [np.delete(np.arange(len(y)), note) for note in range(len(y))]
    left = np.array([q[rows].sum() / y[rows].sum() for rows in rest])
    assert found.se == pytest.approx(of_leaves(0, left).variance ** 0.5)
    over = calibration(np.minimum(q * 3, 1), sparse(y)).expected_over_observed
    assert over.interval.low > 1  # not clipped at 1


def bins_by_loops(q, bins):
    """Groups of equal probability, highest first, each at the middle of its mass."""
    found = np.zeros(len(q), int)
    running = 0.0
    for value in sorted(set(q.tolist()), reverse=True):
        cells = np.flatnonzero(q == value)
        middle = running + value * len(cells) / 2
        found[cells] = bins - 1
        if q.sum():
            found[cells] = min(bins - 1, int(bins * middle / q.sum()))
        running += value * len(cells)
    return found


@given(st.lists(st.sampled_from([0, 0.125, 0.25, 0.5, 1.0]), min_size=1, max_size=20))
def test_bins_of_equal_mass_by_a_plain_loop(values):
    q = np.array(values)
    assert equal_mass(q, 4).tolist() == bins_by_loops(q, 4).tolist()


def test_errors_by_a_plain_loop_and_bins_over_notes():
    q, y = world()
    weights = note_weights(len(q), 300, 0)
    found = calibration(q, sparse(y), weights=weights)
    of_bin = bins_by_loops(q.ravel(), 15).reshape(q.shape)
    misplaced = 0.0
    for number, each in zip(np.unique(of_bin), found.bins, strict=True):
        inside = of_bin == number
        misplaced += abs(q[inside].sum() - y[inside].sum())
        excess = weights @ np.where(inside, y - q, 0).sum(axis=1)
        ends = np.quantile(excess, [0.025, 0.975])
        assert (each.excess.low, each.excess.high) == pytest.approx(tuple(ends))
    assert found.ece == pytest.approx(misplaced / q.size)
    assert found.rce == pytest.approx(misplaced / y.sum())


def test_null_bands_by_bins_agree_with_draws_of_every_cell():
    q, _ = world(200, 100)
    flat = q.ravel()
    of_bin = equal_mass(flat)
    predicted = np.bincount(of_bin, weights=flat, minlength=15)
    rng = np.random.default_rng(1)
    errors = []
    for _ in range(400):
        drawn = np.bincount(of_bin, weights=rng.random(len(flat)) < flat, minlength=15)
        errors.append(np.abs(drawn - predicted).sum() / drawn.sum())
    _, found = null_bands(flat, of_bin, draws=4_000)
    error = np.std(errors) / 20
    assert found.mean == pytest.approx(np.mean(errors), abs=4 * error)
    low, high = np.quantile(errors, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), rel=0.1)


def test_a_calibrated_model_is_inside_its_null_band_and_a_sharpened_one_far_outside():
    q, y = world(200, 100)
    found = calibration(q, sparse(y))
    assert found.rce < 1.2 * found.rce_null.high and found.ece < 1.2 * found.ece_null.high
    sharp = calibration(q**2 / (q**2 + (1 - q) ** 2), sparse(y))
    assert sharp.rce > 3 * sharp.rce_null.high


def test_edges_of_calibration():
    q, y = world()
    none_true = calibration(q, sparse(0 * y))
    assert (none_true.rce, none_true.expected_over_observed, none_true.skill) == (None,) * 3
    assert calibration(q[:, :0], sparse(y[:, :0])).bins == ()
    zero = calibration(0 * q, sparse(y))
    assert [(each.cells, each.predicted) for each in zero.bins] == [(q.size, 0.0)]
    with pytest.raises(ValueError, match="row 1 has a score outside"):
        calibration(np.array([[0.5], [1.5]]), sparse(np.array([[1], [0]])))
    masks = {"rare": np.arange(40) < 10, "none": np.zeros(40, bool)}
    bands = calibration_by_band(q, sparse(y), masks, frequency=np.full(40, 0.1))
    assert list(bands) == ["rare"]
    assert bands["rare"] == calibration(q[:, :10], sparse(y[:, :10]), frequency=np.full(10, 0.1))


def test_the_worked_example_of_abstention():
    score = expected_jaccard(
        np.array([[0.9, 0.8, 0.3], [0.2, 0.1, 0.0]]), sparse(np.array([[1, 1, 0], [0, 0, 0]]))
    )
    assert score.round(6).tolist() == [0.73913, 0.0]
    found = risk_coverage(np.array([0.9, 0.8, 0.8, 0.1]), np.array([0.1, 0.2, 0.4, 0.5]))
    assert found.risk.round(4).tolist() == [0.1, 0.2, 0.2333, 0.3]
    assert found.aurc == pytest.approx((0.1 + 0.2 + 0.7 / 3 + 0.3) / 4)
    assert found.random == pytest.approx(0.3)
    assert found.oracle == pytest.approx((0.1 + 0.15 + 0.7 / 3 + 0.3) / 4)
    assert risks(found) == pytest.approx({0.5: 0.2, 0.8: 0.3, 1.0: 0.3})
    assert risk_coverage(np.array([]), np.array([])) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=5))
def test_risk_is_the_mean_over_all_orders_of_equal_scores(notes):
    scores = np.array([float(score) for score, _ in notes])
    losses = np.array([loss / 10 for _, loss in notes])
    found = risk_coverage(scores, losses)
    curves = []
    for order in itertools.permutations(range(len(notes))):
        chosen = list(order)
        if all(scores[a] >= scores[b] for a, b in itertools.pairwise(chosen)):
            curves.append(np.cumsum(losses[chosen]) / np.arange(1, len(notes) + 1))
    assert found.risk == pytest.approx(np.mean(curves, axis=0))
    assert found.oracle <= found.aurc + 1e-12


def test_losses_are_those_of_the_notes():
    counts = per_note(sparse(REFERENCE), sparse(SCORES > 0.5))
    assert losses_of(counts)[5] == 1 and losses_of(counts)[1] == 0


@given(scored())
def test_ties_are_the_mean_over_all_orders_of_the_label_list(both):
    reference, scores = both[0][:2, :4], both[1][:2, :4]
    ks = (1, 2, 5)
    missed = np.ones(len(reference), np.int64)
    each = []
    for order in itertools.permutations(range(reference.shape[1])):
        columns = list(order)
        shuffled = sparse(reference[:, columns])
        each.append(ranking(true_ranks(scores[:, columns], shuffled, missed), ks))
    found = expected_over_ties(scores, sparse(reference), ks, missed)
    for name, value in found.items():
        assert value == pytest.approx(np.mean([one[name] for one in each]))


def test_without_ties_both_rules_are_the_same():
    q = np.random.default_rng(0).random((5, 20))
    y = sparse(np.random.default_rng(1).random((5, 20)) < 0.2)
    plain = ranking(true_ranks(q, y))
    for name, value in expected_over_ties(q, y).items():
        assert value == pytest.approx(plain[name])
    with pytest.raises(ValueError, match="k is 0"):
        expected_over_ties(q, y, ks=(0,))
    nothing = expected_over_ties(np.zeros((1, 0)), sparse(np.zeros((1, 0))), ks=(5,))
    assert nothing == {"p@5": 0.0, "r@5": 0.0}
