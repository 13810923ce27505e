"""Partial credit: groups, closures and counts in groups."""

import numpy as np
import pytest
from hypothesis import strategies as st

from benchmark.metrics.codings import axes_of
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.compare import compare
from benchmark.metrics.sets.counts import per_note
from benchmark.metrics.sets.hierarchy import closed, cophe, cophe_over_layers, rolled_up
from icd.codes import category
from tests.benchmark.metrics.cases import sparse
from tests.generated import given

CODES = ("250.01", "250.02", "250.13", "401.9", "428.0", "428.33", "V58.61")
NOTES = ["n1", "n2", "n3"]
rater = st.fixed_dictionaries(dict.fromkeys(NOTES, st.sets(st.sampled_from(CODES))))


def on_axes(true, given):
    """The matrices of both, and the codes of their columns."""
    axes = axes_of([true, given])
    return axes.encode(true).matrix, axes.encode(given).matrix, axes.codes


def rolled_micro(true, given, group):
    reference, rater, codes = on_axes(true, given)
    return micro(per_note(rolled_up(reference, codes, group), rolled_up(rater, codes, group)))


def closed_micro(true, given, groups):
    reference, rater, codes = on_axes(true, given)
    return micro(per_note(closed(reference, codes, groups), closed(rater, codes, groups)))


@given(rater, rater)
def test_a_group_a_code_is_the_plain_comparison(true, given):
    plain = vars(compare(true, {"Ada": given}).raters["Ada"].micro)
    assert vars(cophe(*on_axes(true, given), str)) == pytest.approx(plain)
    assert vars(rolled_micro(true, given, str)) == pytest.approx(plain)
    assert vars(closed_micro(true, given, [])) == pytest.approx(plain)


@given(rater, rater)
def test_groups_forgive_and_counts_in_groups_forgive_less(true, given):
    plain = compare(true, {"Ada": given}).raters["Ada"].micro
    counted = cophe(*on_axes(true, given), category)
    assert counted.recall >= plain.recall - 1e-12 and counted.precision >= plain.precision - 1e-12
    turned = cophe(*on_axes(given, true), category)
    assert (turned.precision, turned.recall, turned.f1) == pytest.approx(
        (counted.recall, counted.precision, counted.f1)
    )


def test_by_hand():
    true = {"n1": {"250.01", "401.9"}, "n2": {"428.0"}}
    given = {"n1": {"250.02", "250.13"}, "n2": set()}
    assert compare(true, {"Ada": given}).raters["Ada"].micro.f1 == 0
    rolled = rolled_micro(true, given, category)
    assert (rolled.precision, rolled.recall) == pytest.approx((1, 1 / 3))
    counted = cophe(*on_axes(true, given), category)
    assert (counted.precision, counted.recall) == pytest.approx((1 / 2, 1 / 3))
    whole = closed_micro(true, given, [category])
    assert (whole.precision, whole.recall) == pytest.approx((1 / 3, 1 / 6))
    assert cophe(*on_axes({}, {}), category).f1 == 0


@given(rater, rater)
def test_groups_and_closures_are_those_of_plain_sets(true, given):
    """Also where a code has the name of its own group."""
    named = {note: {*codes, "250"} for note, codes in given.items()}
    rolled = [
        {note: {category(code) for code in codes} for note, codes in each.items()}
        for each in (true, named)
    ]
    expected = compare(rolled[0], {"Ada": rolled[1]}).raters["Ada"].micro
    assert rolled_micro(true, named, category) == expected
    whole = [
        {note: codes | each[note] for note, codes in of.items()}
        for of, each in zip((true, named), rolled, strict=True)
    ]
    expected = compare(whole[0], {"Ada": whole[1]}).raters["Ada"].micro
    assert closed_micro(true, named, [category]) == expected


def test_all_layers_on_the_sample_that_comes_with_cophe():
    """Its demonstration: seven leaves, their parents a a a b b c d; d has no parent of its own."""
    codes = ["a.1", "a.2", "a.3", "b.1", "b.2", "c.1", "d"]
    gold = """0010101 0100010 1011010 0011100 0000000 0010001 0011101"""
    predicted = """0110100 0100010 0111001 0011100 1101000 0000000 1111111"""
    true, given_codes = (
        np.array([list(map(int, row)) for row in rows.split()]) for rows in (gold, predicted)
    )
    found = cophe_over_layers(sparse(true), sparse(given_codes), codes, [lambda code: code[0]])
    assert (round(found.precision, 4), found.recall, found.f1) == (0.6136, 0.75, 0.675)
    tp, p, t = 0, 0, 0
    for columns in ([[0], [1], [2], [3], [4], [5], [6]], [[0, 1, 2], [3, 4], [5], [6]]):
        for node in columns:
            wanted, had = true[:, node].sum(axis=1), given_codes[:, node].sum(axis=1)
            tp += np.minimum(wanted, had).sum()
            p += had.sum()
            t += wanted.sum()
    assert (tp, p, t) == (27, 44, 36)
    assert found.jaccard == pytest.approx(27 / (44 + 36 - 27))
