"""Agreement between raters, against nltk and by hand."""

import warnings

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import masi_distance
from sklearn.metrics import cohen_kappa_score

from benchmark.metrics.codings import axes_of, encode_raters
from benchmark.metrics.sets import agreement
from benchmark.metrics.sets.agreement import (
    Agreement,
    kappa,
    krippendorff_alpha,
    majority_of_others,
    pairwise,
)
from tests.generated import given

ADA = {"n1": ["401.9", "428.0"], "n2": ["V10.5"], "n3": []}
BEN = {"n1": ["401.9"], "n2": ["V10.5"], "n4": ["038.9"]}
CID = {"n9": ["038.9"]}


def distance(one: frozenset, other: frozenset) -> float:
    """Jaccard; nltk's own divides by zero for two empty sets."""
    return 1 - len(one & other) / len(one | other) if one | other else 0.0


SETS = st.frozensets(st.sampled_from("abcd"), max_size=3)
RATERS = st.dictionaries(
    st.sampled_from(["Ada", "Ben", "Cid"]),
    st.dictionaries(st.sampled_from("12345"), SETS, min_size=1),
    min_size=2,
)


@given(RATERS)
def test_alpha_agrees_with_nltk(raters):
    rows = [
        (name, note, codes) for name, codings in raters.items() for note, codes in codings.items()
    ]
    coded = [note for _, note, _ in rows]
    rows = [row for row in rows if coded.count(row[1]) > 1]
    assume(len({codes for _, _, codes in rows}) > 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = AnnotationTask(data=rows, distance=distance).alpha()
    assert krippendorff_alpha(encode_raters(raters)) == pytest.approx(theirs)


def masi(one: frozenset, other: frozenset) -> float:
    """The MASI distance by its definition.

    nltk's own has .67 and .33 for 2/3 and 1/3, and divides by zero for two empty sets.
    """
    weight = 1 if one == other else 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - weight * (1 - distance(one, other))


@given(RATERS)
def test_alpha_with_masi_agrees_with_nltk(raters):
    rows = [
        (name, note, codes) for name, codings in raters.items() for note, codes in codings.items()
    ]
    coded = [note for _, note, _ in rows]
    rows = [row for row in rows if coded.count(row[1]) > 1]
    assume(len({codes for _, _, codes in rows}) > 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = AnnotationTask(data=rows, distance=masi).alpha()
    assert krippendorff_alpha(encode_raters(raters), "masi") == pytest.approx(theirs)


@given(SETS.filter(bool), SETS.filter(bool))
def test_masi_is_nltks(one, other):
    assert masi(one, other) == pytest.approx(masi_distance(one, other), abs=0.005)


@given(st.dictionaries(st.sampled_from("12345"), st.tuples(SETS, SETS), min_size=1))
def test_kappa_is_scikit_learns(both):
    first, second = ({n: pair[i] for n, pair in both.items()} for i in (0, 1))
    cells = [[code in codings[n] for n in both for code in "abcd"] for codings in (first, second)]
    assume(len({*cells[0], *cells[1]}) > 1)
    assert kappa_of(first, second, "abcd") == pytest.approx(cohen_kappa_score(*cells))


def test_kappa_is_undefined_without_a_cell_and_where_chance_alone_would_agree():
    assert kappa_of({"n1": []}, {"n1": []}, "a") is None
    assert kappa_of({"n1": []}, {"n2": []}, "a") is None


def kappa_of(first, second, codes):
    axes = axes_of([first, second], codes)
    return kappa(axes.encode(first), axes.encode(second), axes.columns(codes))


def test_a_majority_has_no_vote_of_its_own_and_ties_are_none():
    raters = {
        "Ada": {"n1": ["a"], "n2": ["a"], "n3": ["z"]},
        "Ben": {"n1": ["b"], "n2": ["a", "b"]},
        "Cid": {"n1": ["b", "c"], "n2": ["b", "c"], "n3": ["a"]},
        "Rae": {"n2": ["a", "c"]},
    }
    axes = axes_of(raters.values())
    coded = {name: axes.encode(codings) for name, codings in raters.items()}

    def majority(name):
        found = majority_of_others(coded, name)
        assert not found.matrix[~found.done].nnz
        rows = {
            note: found.matrix[row].indices for note, row in axes.row.items() if found.done[row]
        }
        return {note: {axes.codes[column] for column in columns} for note, columns in rows.items()}

    assert majority("Ada") == {"n1": {"b"}, "n2": {"a", "b", "c"}}
    assert majority("Rae") == {"n2": {"a", "b"}}
    assert majority("Ben") == {"n1": set(), "n2": {"a", "c"}}


def test_pairs():
    assert pairwise(encode_raters({"Ada": ADA, "Ben": BEN, "Cid": CID})) == [
        Agreement("Ada", "Ben", notes=2, jaccard=0.75, exact_match=0.5),
        Agreement("Ada", "Cid", notes=0, jaccard=0.0, exact_match=0.0),
        Agreement("Ben", "Cid", notes=0, jaccard=0.0, exact_match=0.0),
    ]


@given(st.dictionaries(st.sampled_from("12345"), st.tuples(SETS, SETS), min_size=1))
def test_pairs_by_the_definition(both):
    ada, ben = ({note: pair[which] for note, pair in both.items()} for which in (0, 1))
    found = pairwise(encode_raters({"Ada": ada, "Ben": ben}))[0]
    assert found.jaccard == pytest.approx(
        sum(1 - distance(a, b) for a, b in both.values()) / len(both)
    )
    assert found.exact_match == pytest.approx(sum(a == b for a, b in both.values()) / len(both))


def test_alpha_where_it_is_undefined():
    assert krippendorff_alpha(encode_raters({"Ada": ADA, "Cid": CID})) is None
    assert krippendorff_alpha(encode_raters({"Ada": {"n1": ["a"]}, "Ben": {"n1": ["a"]}})) is None


def test_blocks_do_not_change_alpha(monkeypatch):
    whole = krippendorff_alpha(encode_raters({"Ada": ADA, "Ben": BEN}))
    monkeypatch.setattr(agreement, "BLOCK", 1)
    assert krippendorff_alpha(encode_raters({"Ada": ADA, "Ben": BEN})) == pytest.approx(whole)
