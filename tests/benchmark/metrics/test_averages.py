"""Micro, macro and per-note figures against CAML's values, scikit-learn and torchmetrics."""

import warnings

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, precision_score, recall_score
from torchmetrics.functional.classification import (
    multilabel_exact_match,
    multilabel_f1_score,
    multilabel_jaccard_index,
    multilabel_precision,
    multilabel_recall,
)

from benchmark.metrics.sets.averages import macro, micro, note_means
from benchmark.metrics.sets.counts import per_code, per_note
from tests.benchmark.metrics.cases import (
    CAML,
    CAML_NOTE_PRECISION,
    CAML_NOTE_RECALL,
    REFERENCE,
    SCORES,
    sparse,
    two_raters,
)
from tests.generated import given

SKLEARN = {
    "jaccard": jaccard_score,
    "precision": precision_score,
    "recall": recall_score,
    "f1": f1_score,
}
TORCH = {
    "jaccard": multilabel_jaccard_index,
    "precision": multilabel_precision,
    "recall": multilabel_recall,
    "f1": multilabel_f1_score,
}


def figures(reference, rater):
    counts = per_code(sparse(reference), sparse(rater))
    return micro(counts), macro(counts)


def test_camls_values():
    averages = dict(
        zip(("micro", "macro"), figures(REFERENCE, (SCORES > 0.5).astype(int)), strict=True)
    )
    for name, value in CAML.items():
        average, _, metric = name.partition("_")
        if average in averages:
            assert getattr(averages[average], metric) == pytest.approx(value, abs=1e-9), name


def test_camls_values_over_notes():
    means = note_means(per_note(sparse(REFERENCE), sparse(SCORES > 0.5)))
    assert means.precision == pytest.approx(CAML_NOTE_PRECISION, abs=1e-12)
    assert means.recall == pytest.approx(CAML_NOTE_RECALL, abs=1e-12)
    assert means.exact_match == pytest.approx(2 / 6)


@given(two_raters())
def test_scikit_learn_agrees(pair):
    reference, rater = pair
    in_micro, in_macro = figures(reference, rater)
    for name, function in SKLEARN.items():
        assert getattr(in_micro, name) == pytest.approx(
            function(reference, rater, average="micro", zero_division=0), abs=1e-12
        )
        oracle = function(reference, rater, average="macro", zero_division=0)
        assert getattr(in_macro, "f1_mean_all" if name == "f1" else name) == pytest.approx(
            oracle, abs=1e-12
        )


@given(two_raters())
def test_macro_f1s(pair):
    reference, rater = pair
    _, found = figures(reference, rater)
    seen = reference.any(axis=0)
    each = f1_score(reference, rater, average=None, zero_division=0)
    assert found.f1_mean_present == pytest.approx(each[seen].mean() if seen.any() else 0, abs=1e-12)
    both = found.precision + found.recall
    assert found.f1_caml == pytest.approx(
        2 * found.precision * found.recall / both if both else 0, abs=1e-12
    )
    assert found.f1_mean_present >= found.f1_mean_all


@given(two_raters())
def test_torchmetrics_agrees(pair):
    """Its macro averages agree with ours on the codes that are given or true.

    It leaves out the others, so they are left out of the comparison.
    """
    reference, rater = pair
    seen = (reference + rater).any(axis=0)
    if seen.sum() < 2:
        seen[:2] = True
    true, given_codes = torch.tensor(reference[:, seen]), torch.tensor(rater[:, seen])
    in_micro, _ = figures(reference, rater)
    each = per_code(sparse(reference[:, seen]), sparse(rater[:, seen]))
    in_each = {
        "jaccard": each.tp / np.maximum(each.p + each.t - each.tp, 1),
        "precision": each.tp / np.maximum(each.p, 1),
        "recall": each.tp / np.maximum(each.t, 1),
        "f1": 2 * each.tp / np.maximum(each.p + each.t, 1),
    }
    for name, function in TORCH.items():
        pooled = function(given_codes, true, num_labels=int(seen.sum()), average="micro")
        assert getattr(in_micro, name) == pytest.approx(float(pooled), abs=1e-6), name
        by_code = function(given_codes, true, num_labels=int(seen.sum()), average="none")
        assert in_each[name] == pytest.approx(np.nan_to_num(by_code.numpy()), abs=1e-6), name


@given(two_raters())
def test_over_notes(pair):
    reference, rater = pair
    means = note_means(per_note(sparse(reference), sparse(rater)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert means.jaccard == pytest.approx(
            jaccard_score(reference, rater, average="samples", zero_division=1.0)
        )
        assert means.precision == pytest.approx(
            precision_score(reference, rater, average="samples", zero_division=0)
        )
        assert means.recall == pytest.approx(
            recall_score(reference, rater, average="samples", zero_division=0)
        )
    assert means.exact_match == pytest.approx(accuracy_score(reference, rater))
    exact = multilabel_exact_match(
        torch.tensor(rater), torch.tensor(reference), num_labels=reference.shape[1]
    )
    assert means.exact_match == pytest.approx(float(exact), abs=1e-6)


@given(two_raters())
def test_invariances(pair):
    """What may change without changing the figures.

    The order of notes and codes does not matter; swapping the raters swaps precision and recall; a
    rater compared with itself is perfect.
    """
    reference, rater = pair
    found = figures(reference, rater)
    turned = figures(reference[::-1, ::-1], rater[::-1, ::-1])
    for ours, theirs in zip(found, turned, strict=True):
        assert vars(ours) == pytest.approx(vars(theirs))
    swapped, _ = figures(rater, reference)
    assert (swapped.precision, swapped.recall) == (found[0].recall, found[0].precision)
    assert (swapped.jaccard, swapped.f1) == (found[0].jaccard, found[0].f1)
    if reference.any():
        assert figures(reference, reference)[0].jaccard == 1


@given(two_raters())
def test_identity_of_micro_jaccard(pair):
    """J = 1 / (1/P + 1/R - 1): it ties the paper's printed columns together."""
    found, _ = figures(*pair)
    if found.jaccard:
        assert found.jaccard == pytest.approx(1 / (1 / found.precision + 1 / found.recall - 1))


def test_nothing_at_all_is_zero():
    empty = sparse(np.zeros((0, 0)))
    assert set(vars(micro(per_code(empty, empty))).values()) == {0.0}
    assert set(vars(macro(per_code(empty, empty))).values()) == {0.0}
    assert set(vars(note_means(per_note(empty, empty))).values()) == {0.0}


def test_missed_codes_count_in_each_note():
    means = note_means(per_note(sparse(np.eye(2)), sparse(np.eye(2)), missed=np.array([1, 0])))
    assert (means.precision, means.recall, means.exact_match) == (1.0, 0.75, 0.5)


def test_shapes_must_match():
    with pytest.raises(ValueError, match="encode both alike"):
        per_code(sparse(np.zeros((2, 3))), sparse(np.zeros((3, 2))))


def test_shards_add_up():
    rng = np.random.default_rng(0)
    true, given = (csr_matrix((rng.random((30, 9)) < 0.3).astype(np.int64)) for _ in range(2))
    whole, shards = (
        per_code(true, given),
        [per_code(true[a:b], given[a:b]) for a, b in ((0, 7), (7, 19), (19, 30))],
    )
    merged = shards[0] + shards[1] + shards[2]
    assert micro(merged) == micro(whole) and macro(merged) == macro(whole)
