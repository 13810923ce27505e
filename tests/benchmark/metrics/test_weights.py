"""Weights, tiers, ranks and subgroups: worked examples, scikit-learn, statistics by hand."""

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import precision_score, recall_score

from benchmark.metrics.certainty.influence import estimate, influence
from benchmark.metrics.certainty.subgroups import by_subgroup, groups_of, length_groups
from benchmark.metrics.codings import axes_of
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.counts import Counts, per_note
from benchmark.metrics.sets.ranks import ranks_on, recall_by_rank
from benchmark.metrics.sets.weights import (
    code_weights,
    highest_tiers,
    tiers,
    weighted_micro,
    weighted_per_note,
    wilson,
)
from tests.benchmark.metrics.cases import REFERENCE, SCORES, sparse, two_raters
from tests.generated import given

TRUE = {"n1": ["428.0", "401.9"], "n2": ["584.9"]}
ADA = {"n1": ["428.0"], "n2": ["401.9", "584.9", "428.0"]}
WEIGHTS = {"428.0": 2, "401.9": 0, "584.9": 1}


def on_axes():
    axes = axes_of([TRUE, ADA])
    return axes, axes.encode(TRUE).matrix, axes.encode(ADA).matrix


def test_the_worked_example():
    axes, true, ada = on_axes()
    counts = weighted_per_note(true, ada, code_weights(axes.codes, WEIGHTS).weights)
    assert (counts.tp.sum(), counts.p.sum(), counts.t.sum()) == (3, 5, 3)
    found = weighted_micro(counts)
    assert (found.precision, found.recall, found.f1, found.jaccard) == (0.6, 1.0, 0.75, 0.6)
    tier = np.array([{"428.0": 2, "401.9": 0, "584.9": 1}[code] for code in axes.codes])
    pairs = zip(highest_tiers(true, tier), highest_tiers(ada, tier), strict=True)
    assert [tuple(map(int, pair)) for pair in pairs] == [(2, 2), (1, 2)]
    of_ada = tiers(true, ada, tier)
    assert (of_ada.same.notes, of_ada.higher.notes, of_ada.lower.notes) == (1, 1, 0)
    assert (of_ada.higher.value, of_ada.higher.of) == (0.5, 2)


def test_codes_without_a_weight_are_named():
    found = code_weights(["428.0", "V10.5"], WEIGHTS)
    assert found.weights.tolist() == [2, 0] and found.unweighted == ("V10.5",)
    assert code_weights(["428.0", "V10.5"], WEIGHTS, default=1).weights.tolist() == [2, 1]
    with pytest.raises(ValueError, match=r"weight of 428\.0 is -1"):
        code_weights(["428.0"], {"428.0": -1})
    with pytest.raises(ValueError, match="default is nan"):
        code_weights(["428.0"], {}, default=float("nan"))


@given(two_raters())
def test_weights_of_one_give_the_plain_figures_and_their_intervals(both):
    true, rater = map(sparse, both)
    plain = per_note(true, rater)
    weighted = weighted_per_note(true, rater, np.ones(true.shape[1]))
    found = weighted_micro(weighted)
    if found is None:
        assert not plain.p.sum() + plain.t.sum()
    else:
        assert vars(found) == pytest.approx(vars(micro(plain)))
    assert influence(weighted).variance == pytest.approx(influence(plain).variance)


def test_weighted_figures_are_scikit_learns_with_sample_weights():
    weights = np.array([0.5, 2, 0, 1, 3, 0.25, 1, 1])
    given_codes = (SCORES > 0.5).astype(int)
    counts = weighted_per_note(sparse(REFERENCE), sparse(given_codes), weights)
    found = weighted_micro(counts)
    of_cell = np.tile(weights, len(REFERENCE))
    pair = REFERENCE.ravel(), given_codes.ravel()
    assert found.precision == pytest.approx(precision_score(*pair, sample_weight=of_cell))
    assert found.recall == pytest.approx(recall_score(*pair, sample_weight=of_cell))
    missed = weighted_per_note(
        sparse(REFERENCE), sparse(given_codes), weights, np.full(len(REFERENCE), 0.5)
    )
    assert missed.t.sum() == counts.t.sum() + 3
    assert (
        weighted_micro(weighted_per_note(sparse(REFERENCE), sparse(given_codes), 0 * weights))
        is None
    )


def test_wilson_is_scipys():
    for hits, of in ((0, 5), (3, 7), (7, 7)):
        theirs = binomtest(hits, of).proportion_ci(method="wilson")
        found = wilson(hits, of)
        assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)
    assert tiers(sparse(np.zeros((0, 2))), sparse(np.zeros((0, 2))), np.array([0, 1])) is None


RANKED = st.lists(st.lists(st.booleans(), max_size=12), min_size=1, max_size=6)


@given(RANKED)
def test_recall_by_rank_by_a_plain_loop(notes):
    """A note's i-th code has rank i + 1; the booleans say which of them were found."""
    ranks = np.zeros((len(notes), 13), int)
    found_codes = np.zeros((len(notes), 13), int)
    found_codes[:, 12] = 1  # a code without a rank
    hits = {}
    for row, found in enumerate(notes):
        for place, hit in enumerate(found):
            ranks[row, place] = place + 1
            found_codes[row, place] = hit
            hits.setdefault(place + 1, []).append(hit)
    bands = {"1": [1], "2": [2], "3": [3], "4-5": [4, 5], "6-10": range(6, 11), "> 10": [11, 12]}
    for each in recall_by_rank(sparse(ranks), sparse(found_codes)):
        inside = [hit for rank in bands[each.ranks] for hit in hits.get(rank, [])]
        assert (each.codes, each.found) == (len(inside), sum(inside))
        if inside:
            assert each.recall == pytest.approx(np.mean(inside))
        else:
            assert each.recall is None and each.interval is None


def test_intervals_by_rank():
    ranks = np.tile([1, 2, 6, 7], (12, 1))
    found_codes = np.random.default_rng(0).integers(0, 2, (12, 4))
    first, _, _, _, late, _ = recall_by_rank(sparse(ranks), sparse(found_codes))
    assert first.interval == wilson(int(found_codes[:, 0].sum()), 12)
    counts = Counts(found_codes[:, 2:].sum(axis=1), np.full(12, 2), np.full(12, 2))
    assert late.interval == estimate(influence(counts, "recall")).interval
    diagnoses = np.array([True, False, False, False])
    assert (
        sum(each.codes for each in recall_by_rank(sparse(ranks), sparse(found_codes), diagnoses))
        == 12
    )


def test_ranks_come_from_what_a_file_says_of_the_reference():
    notes, codes = ("n1", "n2"), ("401.9", "428.0")
    true = {"n1": ["401.9", "428.0"], "n2": ["401.9"]}
    said = {"n1": {"428.0": 1, "401.9": 2}, "n2": {"428.0": 1}}
    assert ranks_on(said, true, notes, codes).toarray().tolist() == [[2, 1], [0, 0]]
    assert ranks_on({}, true, notes, codes) is None


def test_subgroups_are_the_figures_of_their_notes():
    counts = per_note(sparse(REFERENCE), sparse(SCORES > 0.5))
    groups = groups_of([f"n{i}" for i in range(6)], {f"n{i}": "ward" for i in range(4)})
    ward, rest = by_subgroup(counts, groups)
    assert (ward.name, ward.notes, rest.name, rest.notes) == ("ward", 4, "(no group)", 2)
    alone = Counts(counts.tp[:4], counts.p[:4], counts.t[:4])
    assert ward.figures["f1"] == estimate(influence(alone, "f1"))
    assert ward.figures["f1"].value == pytest.approx(micro(alone).f1)
    one = by_subgroup(counts, ["a"] + ["b"] * 5)[0]
    assert one.figures["recall"].interval is None


def test_parts_by_length_are_of_like_size_and_cut_no_length():
    words = np.array([5, 7, 7, 7, 9, 100, 200, 1_500])
    found = length_groups(words, parts=4)
    assert len(set(zip(words.tolist(), found, strict=True))) == len(set(words.tolist()))
    assert found[0] == "5 to 7 words" and found[-1] == "200 to 1,500 words"
    assert length_groups(np.array([3, 3, 3])) == ["3 words"] * 3
    assert length_groups(np.zeros(0, np.int64)) == []
