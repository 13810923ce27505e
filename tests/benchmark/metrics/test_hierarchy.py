"""Partial credit: groups, closures and counts in groups."""

import pytest
from hypothesis import strategies as st

from benchmark.metrics.sets.compare import compare
from benchmark.metrics.sets.hierarchy import closed, cophe, rolled_up
from tests.generated import given

CODES = ("250.01", "250.02", "250.13", "401.9", "428.0", "428.33", "V58.61")
NOTES = ["n1", "n2", "n3"]
rater = st.fixed_dictionaries(dict.fromkeys(NOTES, st.sets(st.sampled_from(CODES))))


def category(code: str) -> str:
    return code.partition(".")[0]


@given(rater, rater)
def test_a_group_a_code_is_the_plain_comparison(true, given):
    plain = vars(compare(true, {"Ada": given}).raters["Ada"].micro)
    assert vars(cophe(true, given, NOTES, str)) == pytest.approx(plain)
    same = compare(rolled_up(true, str), {"Ada": closed(given, [])}).raters["Ada"].micro
    assert vars(same) == pytest.approx(plain)


@given(rater, rater)
def test_groups_forgive_and_counts_in_groups_forgive_less(true, given):
    plain = compare(true, {"Ada": given}).raters["Ada"].micro
    counted = cophe(true, given, NOTES, category)
    assert counted.recall >= plain.recall - 1e-12 and counted.precision >= plain.precision - 1e-12
    turned = cophe(given, true, NOTES, category)
    assert (turned.precision, turned.recall, turned.f1) == pytest.approx(
        (counted.recall, counted.precision, counted.f1)
    )


def test_by_hand():
    true = {"n1": {"250.01", "401.9"}, "n2": {"428.0"}}
    given = {"n1": {"250.02", "250.13"}, "n2": set()}
    assert compare(true, {"Ada": given}).raters["Ada"].micro.f1 == 0
    rolled = compare(rolled_up(true, category), {"Ada": rolled_up(given, category)}).raters["Ada"].micro
    assert (rolled.precision, rolled.recall) == pytest.approx((1, 1 / 3))
    counted = cophe(true, given, ["n1", "n2"], category)
    assert (counted.precision, counted.recall) == pytest.approx((1 / 2, 1 / 3))
    whole = compare(closed(true, [category]), {"Ada": closed(given, [category])}).raters["Ada"].micro
    assert (whole.precision, whole.recall) == pytest.approx((1 / 3, 1 / 6))
    assert cophe({}, {}, [], category).f1 == 0
