"""AC1, positive agreement and alpha with intervals: worked examples, and plain loops."""

import numpy as np
import pytest
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from benchmark.metrics.certainty.influence import of_leaves
from benchmark.metrics.codings import encode_raters
from benchmark.metrics.sets import alpha
from benchmark.metrics.sets.agreement import krippendorff_alpha
from benchmark.metrics.sets.alpha import (
    alpha_of,
    alpha_with_interval,
    bootstrap_interval,
    leaves,
    similarities,
)
from benchmark.metrics.sets.code_agreement import (
    ac1,
    agreement_by_code,
    pooled_positive_agreement,
)
from tests.benchmark.metrics.test_agreement import RATERS, SETS, distance, masi
from tests.generated import given

PAIRS = [("a", "a"), ("b", "bc"), ("ac", "a"), ("d", "d"), ("", "b")]


def two(pairs):
    return {
        "Ada": {f"n{place}": list(first) for place, (first, _) in enumerate(pairs)},
        "Ben": {f"n{place}": list(second) for place, (_, second) in enumerate(pairs)},
    }


def test_the_worked_example_of_one_code():
    """Ten notes: both, both, one, nobody six times, the other one."""
    pairs = [("a", "a"), ("a", "a"), ("a", ""), *[("", "")] * 6, ("", "a")]
    (found,) = agreement_by_code(encode_raters(two(pairs)), least=4)
    assert found.notes == 4
    assert round(found.ac1.value, 6) == 0.655172
    assert round(found.positive.value, 6) == 0.666667
    assert pooled_positive_agreement(encode_raters(two(pairs))) == found.positive
    assert agreement_by_code(encode_raters(two(pairs)), least=5) == []


def ac1_by_loops(notes):
    """AC1 of votes (gave the code or not) of each note."""
    agreed, shares = [], []
    for cast in notes:
        if cast:
            shares.append(sum(cast) / len(cast))
        if len(cast) > 1:
            same = [
                one == other for i, one in enumerate(cast) for j, other in enumerate(cast) if i != j
            ]
            agreed.append(np.mean(same))
    if not agreed:
        return None
    share = np.mean(shares)
    chance = 2 * share * (1 - share)
    return (np.mean(agreed) - chance) / (1 - chance)


VOTES = st.lists(st.lists(st.booleans(), max_size=4), min_size=1, max_size=8)


@given(VOTES)
def test_ac1_by_plain_loops_with_its_leaves(notes):
    a = np.array([sum(cast) for cast in notes])
    r = np.array([len(cast) for cast in notes])
    found = ac1(a, r)
    expected = ac1_by_loops(notes)
    if expected is None:
        assert found is None
        return
    assert found.value == pytest.approx(expected)
    coded = [cast for cast in notes if cast]
    if sum(len(cast) > 1 for cast in notes) > 1:
        without = [ac1_by_loops(coded[:place] + coded[place + 1 :]) for place in range(len(coded))]
        assert found.se == pytest.approx(of_leaves(0, np.array(without)).variance ** 0.5, abs=1e-9)
    else:
        assert found.se is None


def test_three_raters_without_gaps_by_hand():
    found = ac1(np.array([3, 2, 0, 1]), np.full(4, 3))
    agreed = (1 + 1 / 3 + 1 + 1 / 3) / 4
    assert found.value == pytest.approx((agreed - 0.5) / 0.5)


def test_two_raters_positive_agreement_is_the_f1_of_one_against_the_other():
    rng = np.random.default_rng(0)
    ada, ben = rng.random((2, 30, 6)) < 0.3
    codes = np.array(list("abcdef"))
    pairs = ["".join(codes[row]) for row in ada], ["".join(codes[row]) for row in ben]
    raters = encode_raters(two(list(zip(*pairs, strict=True))))
    pooled = pooled_positive_agreement(raters)
    assert pooled.value == pytest.approx(f1_score(ada.ravel(), ben.ravel()))
    assert pooled.interval.low < pooled.value < pooled.interval.high
    for each in agreement_by_code(raters, least=1):
        expected = f1_score(ada[:, each.column], ben[:, each.column])
        assert each.positive.value == pytest.approx(expected)


def test_what_nobody_shared_or_gave_is_undefined():
    apart = encode_raters({"Ada": {"n1": ["a"]}, "Ben": {"n2": ["a"]}})
    assert agreement_by_code(apart, least=1) == [] and agreement_by_code({}) == []
    assert pooled_positive_agreement(apart) is None and pooled_positive_agreement({}) is None
    assert pooled_positive_agreement(encode_raters(two([("", "")]))) is None
    assert alpha_with_interval(apart) is None
    same = encode_raters(two([("a", "a")] * 12))
    assert alpha_with_interval(same) is None


def test_the_worked_example_of_alpha():
    sums = similarities(encode_raters(two(PAIRS)))
    assert round(alpha_of(sums), 6) == 0.515695
    assert leaves(sums).round(6).tolist() == [0.42069, 0.533333, 0.5625, 0.338583, 0.676923]
    assert round(of_leaves(0, leaves(sums)).variance ** 0.5, 6) == 0.234025
    few = alpha_with_interval(encode_raters(two(PAIRS)))
    assert few.interval is None  # five notes are too few
    enough = alpha_with_interval(encode_raters(two(PAIRS * 2)))
    assert -1 <= enough.interval.low < enough.value < enough.interval.high <= 1


@given(RATERS)
def test_alpha_from_sums_is_alpha_and_so_are_its_leaves(raters):
    for name in ("jaccard", "masi"):
        sums = similarities(encode_raters(raters), name)
        whole = krippendorff_alpha(encode_raters(raters), name)
        if sums is None:
            assert whole is None
            continue
        assert alpha_of(sums) == pytest.approx(whole, abs=1e-10)
        times = {note: sum(note in codings for codings in raters.values()) for note in "12345"}
        shared = [note for rater in raters.values() for note in rater if times[note] > 1]
        notes = list(dict.fromkeys(shared))
        for note, leaf in zip(sorted_as(raters, notes), leaves(sums), strict=True):
            left = {name: without(codings, note) for name, codings in raters.items()}
            expected = krippendorff_alpha(encode_raters(left), name)
            if expected is None:
                expected = np.nan
            assert leaf == pytest.approx(expected, abs=1e-10, nan_ok=True)


def sorted_as(raters, notes):
    """The notes as the sums have them: rater by rater, each in the order of the axes."""
    found = {}
    for codings in raters.values():
        found.update(dict.fromkeys(note for note in sorted(codings) if note in notes))
    return list(found)


def without(codings, note):
    return {other: codes for other, codes in codings.items() if other != note}


def alpha_by_loops(notes, measure):
    """Alpha of copies of notes, each (number of the note, its sets): copies are no pairs."""
    rated = [(number, copy, each) for copy, (number, sets) in enumerate(notes) for each in sets]
    observed = 0.0
    for _, sets in notes:
        within = [measure(*pair) for pair in ordered_pairs(sets)]
        observed += len(sets) * np.mean(within)
    observed /= len(rated)
    between = []
    for i, (number, copy, one) in enumerate(rated):
        for j, (other_number, other_copy, other) in enumerate(rated):
            if i != j and (number != other_number or copy == other_copy):
                between.append(measure(one, other))
    return 1 - observed / np.mean(between)


def ordered_pairs(sets):
    return [(a, b) for i, a in enumerate(sets) for j, b in enumerate(sets) if i != j]


@given(
    st.lists(st.tuples(SETS, SETS), min_size=3, max_size=5),
    st.lists(st.integers(0, 2), min_size=5, max_size=5),
)
def test_alpha_of_a_resample_by_plain_loops(pairs, times):
    weights = np.array(times[: len(pairs)])
    drawn = []
    for number, sets in enumerate(pairs):
        drawn += [(number, sets)] * weights[number]
    if not drawn or len({each for _, sets in drawn for each in sets}) == 1:
        return
    for name, measure in (("jaccard", distance), ("masi", masi)):
        sums = similarities(encode_raters(two(pairs)), name)
        expected = alpha_by_loops(drawn, measure)
        assert alpha_of(sums, weights) == pytest.approx(expected)


def test_blocks_do_not_change_alpha(monkeypatch):
    whole = alpha_with_interval(encode_raters(two(PAIRS * 3)))
    monkeypatch.setattr(alpha, "BLOCK", 4)
    assert alpha_with_interval(encode_raters(two(PAIRS * 3))).se == pytest.approx(whole.se)


def test_a_bootstrap_interval_needs_resamples_that_are_defined():
    sums = similarities(encode_raters(two(PAIRS)))
    rng = np.random.default_rng(0)
    weights = rng.multinomial(5, np.full(5, 0.2), size=400)
    found = bootstrap_interval(sums, weights)
    assert found.low < alpha_of(sums) < found.high
    one_note = np.tile([5, 0, 0, 0, 0], (400, 1))  # a|a five times: nothing to disagree about
    assert alpha_of(sums, one_note[0]) is None
    assert bootstrap_interval(sums, one_note) is None
