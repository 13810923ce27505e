from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import f1_score

from rac_model.evaluation.thresholds import best_threshold, figures_at_thresholds


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_is_better_than_the_best(seed: int) -> None:
    generator = np.random.default_rng(seed)
    probabilities = generator.random((12, 9)).round(1).astype(np.float32)
    truth = generator.random((12, 9)) < probabilities * 0.5
    best = best_threshold(probabilities, csr_matrix(truth.astype(int)))
    every = {}
    for threshold in np.arange(-0.05, 1, 0.05):
        every[threshold] = f1_score(truth.ravel(), (probabilities > threshold).ravel())
    found = f1_score(truth.ravel(), (probabilities > best).ravel())
    assert found == pytest.approx(max(every.values()))


def test_codes_outside_the_list_are_misses() -> None:
    probabilities = np.array([[0.9, 0.2], [0.6, 0.8]], np.float32)
    reference = csr_matrix([[1, 0], [0, 1]])
    figures = figures_at_thresholds(probabilities, reference, threshold=0.5, tuned=0.7, missed=2)
    assert figures["micro_recall"] == 2 / 4
    assert figures["micro_precision"] == pytest.approx(2 / 3)
    assert figures["micro_precision_tuned"] == 1
    assert figures["threshold_tuned"] == 0.7
