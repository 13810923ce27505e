"""Scores that are told in part: what is exact is what the whole matrix gives, the rest is None."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import metrics as sk

from benchmark.metrics.probabilities.told import told_figures, told_set_figures, told_words

NOTES, CODES = 40, 30
NONE_MISSED = np.zeros(NOTES, np.int64)
NO_FLOOR = np.ones(NOTES, np.float32)


@pytest.fixture
def world() -> tuple[np.ndarray, np.ndarray]:
    """(scores, truth), both (NOTES, CODES): every score told, no two of a note alike."""
    rng = np.random.default_rng(7)
    truth = rng.random((NOTES, CODES)) < 0.12
    truth[np.arange(CODES), np.arange(CODES)] = True  # no code is without a true note
    scores = rng.permuted(np.tile(np.arange(CODES), (NOTES, 1)), axis=1) / 40
    scores = (scores + 0.2 * truth + rng.random((NOTES, 1)) / 50).astype(np.float32)
    return scores, truth


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """The highest k scores of each note; NaN for the others."""
    told = np.full_like(scores, np.nan)
    for note, row in enumerate(scores):
        for code in sorted(range(len(row)), key=lambda code: -row[code])[:k]:
            told[note, code] = row[code]
    return told


def at_k(scores: np.ndarray, truth: np.ndarray, k: int) -> tuple[float, float]:
    """P@k and R@k by a plain loop over all scores."""
    precision = recall = 0.0
    for row, true in zip(scores, truth, strict=True):
        best = sorted(range(len(row)), key=lambda code: -row[code])[:k]
        hits = sum(true[code] for code in best)
        precision += hits / k / len(scores)
        recall += hits / max(true.sum(), 1) / len(scores)
    return precision, recall


def average_precision(row: np.ndarray, true: np.ndarray) -> float:
    """Of one note, by a plain loop."""
    hits = total = 0.0
    for rank, code in enumerate(sorted(range(len(row)), key=lambda code: -row[code]), start=1):
        if true[code]:
            hits += 1
            total += hits / rank
    return total / max(true.sum(), 1)


def told(scores: np.ndarray, truth: np.ndarray, floors: np.ndarray = NO_FLOOR):
    return told_figures(
        scores, csr_matrix(truth.astype(int)), missed=NONE_MISSED, floors=floors, ks=(3, 8, 15)
    )


@pytest.mark.parametrize("k", [3, 8, 14])
def test_a_list_of_the_top_k_settles_what_needs_no_more(world, k):
    scores, truth = world
    found = told(top(scores, k), truth)
    for j in (3, 8, 15):
        for name, whole in zip((f"p@{j}", f"r@{j}"), at_k(scores, truth, j), strict=True):
            if j <= k:
                assert found.values[name] == pytest.approx(whole)
            else:
                assert found.values[name] is None and f"highest {j}" in found.reasons[name]
    assert found.values["auc_macro"] is None and found.values["auc_micro"] is None
    assert f"{k} of the {CODES} codes are listed for a note" in found.reasons["auc_micro"]


def test_a_figure_that_is_not_told_lies_between_its_bounds(world):
    scores, truth = world
    whole = {
        "auc_micro": sk.roc_auc_score(truth.ravel(), scores.ravel()),
        "pr_micro": sk.average_precision_score(truth.ravel(), scores.ravel()),
        "auc_macro": sk.roc_auc_score(truth, scores, average="macro"),
        "pr_macro": sk.average_precision_score(truth, scores, average="macro"),
        "map": np.mean([average_precision(*pair) for pair in zip(scores, truth, strict=True)]),
    }
    for k in (0, 1, 8, CODES - 1):
        found = told(top(scores, k), truth)
        for name, value in whole.items():
            if found.values[name] is None:
                low, high = found.between[name]
                assert low - 1e-9 <= value <= high + 1e-9, (k, name)
            else:
                assert found.values[name] == pytest.approx(value)


def test_a_floor_says_more_than_a_list_of_as_many(world):
    scores, truth = world
    above = np.where(scores > 0.3, scores, np.nan)
    floors = np.full(NOTES, 0.3, np.float32)
    k = int((~np.isnan(above)).sum() / NOTES)
    width = {}
    for name, matrix, floor in (("floor", above, floors), ("top", top(scores, k), NO_FLOOR)):
        low, high = told(matrix, truth, floor).between["auc_micro"]
        width[name] = high - low
    assert width["floor"] < width["top"]


def test_average_precision_is_exact_where_every_true_code_is_listed(world):
    scores, truth = world
    matrix = np.where(truth, scores, top(scores, 12))
    # What is listed must stand above what is not.
    for note, row in enumerate(matrix):
        lowest = np.nanmin(row)
        matrix[note] = np.where(scores[note] >= lowest, scores[note], np.nan)
    found = told(matrix, truth)
    whole = np.mean([average_precision(*pair) for pair in zip(scores, truth, strict=True)])
    assert found.values["map"] == pytest.approx(whole)
    assert found.values["r_precision"] is not None


def test_r_precision_needs_as_many_codes_as_a_note_has_true_ones(world):
    scores, truth = world
    most = int(truth.sum(axis=1).max())
    expected = 0.0
    for row, true in zip(scores, truth, strict=True):
        best = sorted(range(CODES), key=lambda code: -row[code])[: true.sum()]
        expected += sum(true[code] for code in best) / max(true.sum(), 1) / NOTES
    assert told(top(scores, most), truth).values["r_precision"] == pytest.approx(expected)
    assert told(top(scores, most - 1), truth).values["r_precision"] is None


def test_a_threshold_is_settled_at_or_above_the_highest_of_the_last_listed(world):
    scores, truth = world
    listed = top(scores, 8)
    last = np.nanmin(listed, axis=1)
    reference = csr_matrix(truth.astype(int))
    for threshold, settled in ((float(last.max()), True), (float(last.max()) - 0.01, False)):
        found = told_set_figures(listed, reference, threshold=threshold, missed=0, floors=NO_FLOOR)
        whole = sk.f1_score(truth, scores > np.float32(threshold), average="micro")
        if settled:
            assert found.values["micro_f1"] == pytest.approx(whole)
        else:
            assert found.values["micro_f1"] is None and "may be above" in found.reasons["micro_f1"]
    floors = np.full(NOTES, 0.5, np.float32)
    above = np.where(scores > 0.5, scores, np.nan)
    found = told_set_figures(above, reference, threshold=0.5, missed=0, floors=floors)
    assert found.values["micro_f1"] == pytest.approx(
        sk.f1_score(truth, scores > 0.5, average="micro")
    )


def test_codes_that_no_note_has_are_named_as_the_reason(world):
    scores, truth = world
    scores[:, 20:] = np.nan
    assert "never lists 10 of the 30 codes" in told_words(scores)
    found = told(scores, truth)
    assert found.values["p@8"] is not None and found.values["auc_macro"] is None
    assert "--every-code" in found.reasons["auc_macro"]
