"""P@k, R@k, MAP, R-precision and AUC against other implementations.

CAML's values, scikit-learn, torchmetrics and plain loops.
"""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score
from torchmetrics.functional.classification import multilabel_auroc
from torchmetrics.functional.retrieval import (
    retrieval_average_precision,
    retrieval_precision,
    retrieval_r_precision,
)

from benchmark.metrics.probabilities.all_figures import figures
from benchmark.metrics.probabilities.auc import (
    auc_macro,
    auc_micro,
    pr_macro,
    pr_micro,
)
from benchmark.metrics.probabilities.ranking import (
    f1_at,
    mean_average_precision,
    precision_at,
    r_precision,
    recall_at,
    true_ranks,
)
from tests.benchmark.metrics.cases import (
    CAML,
    CAML_F1_AT,
    REFERENCE,
    SCORES,
    scored,
    sparse,
)
from tests.generated import given


def test_camls_values():
    found = figures(SCORES, sparse(REFERENCE), ks=(1, 3, 5))
    assert {name: found[name] for name in CAML} == pytest.approx(CAML, abs=1e-9)
    ranks = true_ranks(SCORES, sparse(REFERENCE))
    assert {k: f1_at(k, ranks) for k in CAML_F1_AT} == pytest.approx(CAML_F1_AT, abs=1e-9)


@given(scored(), st.integers(1, 9))
def test_plain_loops_agree(case, k):
    """The order by (score descending, index ascending), then each definition as it reads."""
    reference, scores = case
    precisions, recalls, averages, at_r = [], [], [], []
    for true, row in zip(reference, scores, strict=True):
        hits = true[sorted(range(len(row)), key=lambda j: (-row[j], j))]
        total = true.sum()
        precisions.append(hits[:k].sum() / k)
        recalls.append(hits[:k].sum() / total if total else 0)
        averages.append(
            sum(hits[: i + 1].mean() for i in np.flatnonzero(hits)) / total if total else 0
        )
        at_r.append(hits[:total].mean() if total else 0)
    ranks = true_ranks(scores, sparse(reference))
    assert precision_at(k, ranks) == pytest.approx(np.mean(precisions))
    assert recall_at(k, ranks) == pytest.approx(np.mean(recalls))
    assert mean_average_precision(ranks) == pytest.approx(np.mean(averages))
    assert r_precision(ranks) == pytest.approx(np.mean(at_r))


@given(st.integers(0, 2**32 - 1))
def test_torchmetrics_and_scikit_learn_agree_where_no_scores_tie(seed):
    rng = np.random.default_rng(seed)
    reference = (rng.random((4, 12)) < 0.3).astype(int)
    reference[:, 0] = 1
    # No score is 0: torchmetrics never finds one.
    scores = rng.permuted(np.tile(np.arange(1, 13) / 13, (4, 1)), axis=1)
    ranks = true_ranks(scores, sparse(reference))
    pairs = list(zip(torch.tensor(scores), torch.tensor(reference), strict=True))
    for function, ours in (
        (retrieval_average_precision, mean_average_precision(ranks)),
        (retrieval_r_precision, r_precision(ranks)),
        (lambda s, t: retrieval_precision(s, t, top_k=5), precision_at(5, ranks)),
    ):
        assert ours == pytest.approx(np.mean([float(function(s, t)) for s, t in pairs]), abs=1e-6)
    each = [average_precision_score(t, s) for s, t in zip(scores, reference, strict=True)]
    assert mean_average_precision(ranks) == pytest.approx(np.mean(each))


@given(scored())
def test_auc_agrees_with_scikit_learn_and_torchmetrics(case):
    reference, scores = case
    mixed = reference.any(axis=0) & ~reference.all(axis=0)
    macro = roc_auc_score(reference[:, mixed], scores[:, mixed], average=None) if mixed.any() else 0
    assert auc_macro(scores, sparse(reference)) == pytest.approx(np.mean(macro))
    flat = reference.any() and not reference.all()
    assert auc_micro(scores, sparse(reference)) == pytest.approx(
        roc_auc_score(reference.ravel(), scores.ravel()) if flat else 0
    )
    if mixed.sum() > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = multilabel_auroc(
                torch.tensor(scores[:, mixed]),
                torch.tensor(reference[:, mixed]),
                num_labels=int(mixed.sum()),
            )
        assert auc_macro(scores, sparse(reference)) == pytest.approx(float(theirs), abs=1e-6)


@given(scored())
def test_only_the_order_matters(case):
    reference, scores = case
    stretched = np.exp(5 * scores)
    assert auc_macro(stretched, sparse(reference)) == auc_macro(scores, sparse(reference))
    ours, theirs = (true_ranks(s, sparse(reference)).ranks.tolist() for s in (scores, stretched))
    assert ours == theirs


def test_ties_go_to_the_earlier_code_and_k_stays_k():
    ranks = true_ranks(np.full((1, 3), 0.5), sparse(np.array([[0, 1, 0]])))
    assert [precision_at(k, ranks) for k in (1, 2, 4)] == [0.0, 0.5, 0.25]


def test_codes_outside_the_list_are_never_found():
    ranks = true_ranks(np.array([[0.9, 0.1]]), sparse(np.array([[1, 0]])), missed=np.array([1]))
    assert (recall_at(2, ranks), r_precision(ranks), mean_average_precision(ranks)) == (
        0.5,
        0.5,
        0.5,
    )
    found = figures(np.array([[0.9, 0.1]]), sparse(np.array([[1, 0]])), missed=np.array([1]))
    assert (found["micro_recall"], found["macro_recall"]) == (0.5, 0.5)


def test_exactly_at_the_threshold_is_not_given():
    assert figures(np.array([[0.5, 0.51]]), sparse(np.array([[1, 1]])))["micro_recall"] == 0.5


@pytest.mark.parametrize("function", [true_ranks, auc_macro, auc_micro])
def test_bad_scores(function):
    with pytest.raises(ValueError, match="row 1 of the scores has NaN"):
        function(np.array([[0.1, 0.2], [0.1, np.nan]]), sparse(np.eye(2)))
    with pytest.raises(ValueError, match="encode both alike"):
        function(np.zeros((2, 3)), sparse(np.eye(2)))


def test_k_must_be_positive():
    with pytest.raises(ValueError, match="k is 0"):
        precision_at(0, true_ranks(SCORES, sparse(REFERENCE)))


@given(scored())
def test_areas_under_the_precision_recall_curve_are_scikit_learns(case):
    """Ties, empty rows and empty columns included; a code without a true note has no area."""
    reference, scores = case
    truth, sparse_truth = np.asarray(reference), sparse(reference)
    held = truth.any(axis=0)
    areas = [average_precision_score(truth[:, i], scores[:, i]) for i in np.flatnonzero(held)]
    assert pr_macro(scores, sparse_truth) == pytest.approx(
        np.mean(areas) if areas else 0.0, abs=1e-12
    )
    whole = (
        average_precision_score(truth.ravel(), np.asarray(scores).ravel()) if held.any() else 0.0
    )
    assert pr_micro(scores, sparse_truth) == pytest.approx(whole, abs=1e-12)
