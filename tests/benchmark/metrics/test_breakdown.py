import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from benchmark.metrics.sets.breakdown import (
    BUCKETS,
    by_frequency,
    by_kind,
    parts,
)
from benchmark.metrics.sets.counts import per_code
from tests.benchmark.metrics.cases import sparse


def test_every_code_is_in_one_bucket_and_borders_are_where_they_are_said_to_be():
    training = [0, 1, 10, 11, 50, 51, 100, 101, 500, 501, 40_000]
    masks = by_frequency(training)
    assert np.sum(list(masks.values()), axis=0).tolist() == [1] * len(training)
    assert {name: np.array(training)[mask].tolist() for name, mask in masks.items()} == {
        "0": [0], "1-10": [1, 10], "11-50": [11, 50], "51-100": [51, 100], "101-500": [101, 500],
        "> 500": [501, 40_000],
    }  # fmt: skip
    assert list(masks) == list(BUCKETS)


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_of_a_part_are_scikit_learns_on_its_columns(seed):
    generator = np.random.default_rng(seed)
    truth, given = (generator.random((20, 12)) < 0.3 for _ in range(2))
    kinds = ["dx"] * 7 + ["proc"] * 5
    counts = per_code(sparse(truth.astype(int)), sparse(given.astype(int)))
    found = parts(by_kind(kinds), {"": counts, "_tuned": counts})
    assert [part["part"] for part in found] == ["diagnoses", "procedures"]
    for part, columns in zip(found, (slice(0, 7), slice(7, 12)), strict=True):
        y, z = truth[:, columns], given[:, columns]
        precision, recall, f1, _ = precision_recall_fscore_support(
            y, z, average="micro", zero_division=0
        )
        assert (part["micro_precision"], part["micro_recall"]) == (
            pytest.approx(precision),
            pytest.approx(recall),
        )
        assert part["micro_f1"] == part["micro_f1_tuned"] == pytest.approx(f1)
        macro = precision_recall_fscore_support(y, z, average="macro", zero_division=0)
        assert part["macro_f1_mean_all"] == pytest.approx(macro[2])
        assert part["macro_f1_caml"] == pytest.approx(
            2 * macro[0] * macro[1] / (macro[0] + macro[1])
        )
        assert part["reference"] == y.sum() and part["codes"] == y.shape[1]


def test_a_part_without_codes_has_figures_of_nought():
    counts = per_code(sparse(np.ones((2, 1), int)), sparse(np.ones((2, 1), int)))
    empty = parts(by_frequency([3]), {"": counts})[0]
    assert empty["part"] == "0"
    assert empty["codes"] == 0
    assert empty["micro_f1"] == 0
    assert empty["macro_f1_caml"] == 0
