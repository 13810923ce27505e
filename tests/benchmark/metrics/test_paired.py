"""Paired tests swap for real, find a difference, and call chance none."""

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, permutation_test, wilcoxon

from benchmark.metrics.certainty import paired
from benchmark.metrics.certainty.paired import (
    FIGURES,
    holm,
    paired_tests,
    signed_rank,
)
from benchmark.metrics.codings import encode, encode_all
from benchmark.metrics.label_space import LabelSpace, listed
from benchmark.metrics.sets.compare import compare_encoded
from tests.generated import given

CODES = tuple("abcdefg")
NOTES = [f"n{i}" for i in range(6)]
SPACE = LabelSpace("six", CODES[:6])
codes = st.lists(st.sampled_from(CODES), max_size=5, unique=True)
rater = st.fixed_dictionaries(dict.fromkeys(NOTES, codes))


@given(rater, rater, rater, st.lists(st.integers(0, 1), min_size=6, max_size=6))
def test_a_draw_is_the_comparison_of_the_swapped_codings(true, first, second, swap):
    encoded = {
        name: encode(c, NOTES, SPACE) for name, c in {"true": true, "a": first, "b": second}.items()
    }
    missed = encoded["true"].outside
    drawn = paired._Swapped(
        encoded["true"].matrix, missed, encoded["a"].matrix, encoded["b"].matrix
    ).differences(np.array([swap], np.int8))[0]
    sides = [
        {note: (b if moved else a)[note] for note, moved in zip(NOTES, swap, strict=True)}
        for a, b in ((first, second), (second, first))
    ]
    found = compare_encoded(encode_all(SPACE, NOTES, true, {"a": sides[0], "b": sides[1]})).raters
    expected = [
        getattr(getattr(found["a"], average), figure)
        - getattr(getattr(found["b"], average), figure)
        for average in ("micro", "macro")
        for figure in FIGURES
    ]
    assert drawn == pytest.approx(expected, abs=1e-6)


def worlds(seed: int, better: float, notes: int = 60):
    """Two coders on the same notes: the first right with chance .6, the second with `better`."""
    rng = np.random.default_rng(seed)
    true = {f"n{i}": list(rng.choice(CODES, 3, replace=False)) for i in range(notes)}
    raters = {
        name: {note: [c for c in codes if rng.random() < chance] for note, codes in true.items()}
        for name, chance in (("Ada", 0.6), ("Ben", better))
    }
    return true, raters


@pytest.mark.slow
def test_equal_raters_differ_as_rarely_as_the_level_says_and_others_are_told_apart():
    def shares(better: float) -> dict[str, float]:
        """Of 60 worlds, the share in which each test is significant."""
        tests = []
        for seed in range(60):
            true, raters = worlds(seed, better)
            encoded = encode_all(listed("all", CODES), list(true), true, raters)
            tests.append(paired_tests(encoded, draws=99, seed=seed)[0].tests)
        return {name: float(np.mean([test[name].p <= 0.05 for test in tests])) for name in tests[0]}

    for name, share in shares(0.6).items():
        assert share <= 0.15, name
    apart = shares(0.85)
    assert min(apart["micro_recall"], apart["macro_recall"], apart["note_jaccard"]) > 0.9


def test_micro_recall_agrees_with_scipys_permutation_test():
    true, raters = worlds(4, 0.72)
    encoded = encode_all(listed("all", CODES), list(true), true, raters)
    ours = paired_tests(encoded, draws=4_000)[0].tests["micro_recall"]
    hits = [
        np.array([len(set(raters[name][note]) & set(true[note])) for note in true])
        for name in ("Ada", "Ben")
    ]
    total = sum(map(len, true.values()))
    theirs = permutation_test(
        hits,
        lambda a, b, axis: (a.sum(axis) - b.sum(axis)) / total,
        permutation_type="samples",
        n_resamples=4_000,
        vectorized=True,
        rng=1,
    )
    assert ours.value == pytest.approx(theirs.statistic)
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.02)


def test_holm_is_never_below_the_raw_p_nor_above_bonferroni_and_keeps_the_order():
    ps = list(np.random.default_rng(0).random(20) ** 3)
    adjusted = holm(ps)
    assert all(p <= a <= min(1, 20 * p) for p, a in zip(ps, adjusted, strict=True))
    assert [adjusted[i] for i in np.argsort(ps)] == sorted(adjusted)
    assert all(a >= b - 1e-12 for a, b in zip(adjusted, false_discovery_control(ps), strict=True))
    assert holm([]) == []


def test_the_same_seed_gives_the_same_tests_whatever_the_blocks_and_holm_counts_all_pairs(
    monkeypatch,
):
    true, raters = worlds(1, 0.7)
    raters["Cid"] = raters["Ben"]
    first = paired_tests(encode_all(listed("all", CODES), list(true), true, raters), draws=50)
    monkeypatch.setattr(paired, "BLOCK", 7)
    assert first == paired_tests(
        encode_all(listed("all", CODES), list(true), true, raters), draws=50
    )
    assert [(pair.first, pair.second) for pair in first] == [
        ("Ada", "Ben"),
        ("Ada", "Cid"),
        ("Ben", "Cid"),
    ]
    assert all(test.value == 0 and test.p == test.p_holm == 1 for test in first[2].tests.values())
    least = min((test for pair in first for test in pair.tests.values()), key=lambda test: test.p)
    assert least.p_holm == pytest.approx(min(1, 21 * least.p))


def test_signed_rank_is_scipys():
    a, b = np.random.default_rng(0).random((2, 30))
    assert signed_rank(a, b) == wilcoxon(a, b).pvalue
