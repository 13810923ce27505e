from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import strategies as st

from annotation.assign import drawn, plan
from tests.generated import given


@given(st.integers(1, 60), st.integers(1, 5), st.integers(0, 60), st.integers(0, 9))
def test_every_note_has_one_primary_coder_and_overlap_goes_to_all_others(
    notes, coders, overlap, seed
):
    overlap = min(overlap, notes)
    planned = plan(range(notes), range(100, 100 + coders), overlap=overlap, seed=seed)
    primary = [p for p in planned if p.role == "primary"]
    assert Counter(p.note for p in primary) == Counter(range(notes))
    shares = Counter(p.coder for p in primary)
    assert max(shares.values()) - min(shares.get(100 + k, 0) for k in range(coders)) <= 1
    assert len(planned) == notes + overlap * (coders - 1)
    assert len({(p.note, p.coder) for p in planned}) == len(planned)


def test_positions_number_each_queue_from_one_without_gaps():
    planned = plan(range(20), [1, 2], overlap=4, seed=3)
    for coder in (1, 2):
        positions = sorted(p.position for p in planned if p.coder == coder)
        assert positions == list(range(1, 13))  # 10 primary notes and 2 of the other's


def test_the_seed_alone_decides():
    assert plan(range(30), [1, 2], overlap=5, seed=7) == plan(range(30), [1, 2], overlap=5, seed=7)
    assert plan(range(30), [1, 2], overlap=5, seed=7) != plan(range(30), [1, 2], overlap=5, seed=8)


def test_what_cannot_be_planned_is_refused():
    with pytest.raises(ValueError, match="at least one coder"):
        plan([1], [], overlap=0, seed=0)
    with pytest.raises(ValueError, match="overlap is 3"):
        plan([1, 2], [1], overlap=3, seed=0)


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 60), st.integers(0, 9))
def test_arms_are_even_for_every_coder_and_change_nothing_else(notes, coders, overlap, seed):
    overlap, both = min(overlap, notes), ("list", "search")
    armed = plan(range(notes), range(coders), overlap=overlap, seed=seed, arms=both)
    for coder in range(coders):
        for role in ("primary", "overlap"):
            arms = Counter(p.arm for p in armed if (p.coder, p.role) == (coder, role))
            assert abs(arms["list"] - arms["search"]) <= 1
    single = plan(range(notes), range(coders), overlap=overlap, seed=seed)
    assert [(p.note, p.coder, p.role, p.position) for p in armed] == [
        (p.note, p.coder, p.role, p.position) for p in single
    ]


def test_arms_do_not_follow_the_order_of_the_queue():
    arms = [p.arm for p in plan(range(40), [1], overlap=0, seed=2, arms=("list", "search"))]
    assert any(first == second for first, second in pairwise(arms))


def test_a_sample_is_the_seeds_and_keeps_the_order():
    sample = drawn(range(50), 10, 3)
    assert sample == drawn(range(50), 10, 3) == sorted(set(sample)) and len(sample) == 10
    assert sample != drawn(range(50), 10, 4)
    assert drawn([5, 3], None, 0) == [5, 3]
    with pytest.raises(ValueError, match="sample is 3 notes but the batch has only 2"):
        drawn([1, 2], 3, 0)
