"""The comparison of raters: its JSON, its label spaces, and what does not match.

Codes and notes that only one side has.
"""

import hashlib
import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import assume
from sklearn.metrics import f1_score, jaccard_score

from benchmark.metrics.label_space import LabelSpace, listed, present, union
from benchmark.metrics.sets.compare import NotesError, compare
from tests.benchmark.metrics.cases import (
    CAML,
    REFERENCE,
    SCORES,
    codings,
    labels,
    two_raters,
)
from tests.generated import given

HOSPITAL = {"n1": ["250.00", "401.9"], "n2": ["401.9", "V10.5"], "n3": []}
ADA = {"n1": ["250.00"], "n2": ["401.9", "428.0"], "n3": ["428.0"]}
SHORTLIST = ["250.00", "401.9", "414.01"]


def test_the_whole_json():
    digest = hashlib.sha256(b"250.00\n401.9\n414.01").hexdigest()
    result = compare(
        HOSPITAL, {"Ada": ADA}, labels=SHORTLIST, label_space_name="shortlist"
    ).to_json()
    assert result == {
        "notes": 3,
        "label_space": {"name": "shortlist", "size": 3, "sha256": digest},
        "reference": {"codes_per_note": 4 / 3},
        "raters": {
            "Ada": {
                "micro": {"jaccard": 0.5, "precision": 1.0, "recall": 0.5, "f1": 4 / 6},
                "macro": {
                    "jaccard": 1.5 / 3,
                    "precision": 2 / 3,
                    "recall": 1.5 / 3,
                    "f1_caml": pytest.approx(4 / 7),
                    "f1_mean_all": pytest.approx((1 + 2 / 3) / 3),
                    "f1_mean_present": pytest.approx((1 + 2 / 3) / 2),
                },
                "codes_per_note": 2 / 3,
                "outside": 2,
            }
        },
    }


def test_reference_codes_outside_the_label_space_can_be_dropped():
    result = compare(HOSPITAL, {"Ada": ADA}, labels=SHORTLIST, outside="drop")
    assert result.raters["Ada"].micro.recall == pytest.approx(2 / 3)
    assert result.reference.codes_per_note == 1.0
    assert result.raters["Ada"].outside == 2


def test_without_labels_the_union_is_the_label_space():
    result = compare(HOSPITAL, {"Ada": ADA, "Ben": {"n1": ["038.9"], "n2": [], "n3": []}})
    codes = ["038.9", "250.00", "401.9", "428.0", "V10.5"]
    assert (result.label_space.name, result.label_space.size) == ("union", 5)
    assert result.label_space.sha256 == hashlib.sha256("\n".join(codes).encode()).hexdigest()
    assert result.raters["Ada"].outside == 0


def test_camls_values():
    labels_all = labels(REFERENCE)
    figures = compare(codings(REFERENCE), {"RAC": codings(SCORES > 0.5)}, labels=labels_all).raters[
        "RAC"
    ]
    for name, value in CAML.items():
        average, _, metric = name.partition("_")
        if average in ("micro", "macro"):
            assert getattr(getattr(figures, average), metric) == pytest.approx(value, abs=1e-9), (
                name
            )


@given(two_raters())
def test_scikit_learn_agrees_over_the_union(pair):
    reference, rater = pair
    seen = (reference + rater).any(axis=0)
    figures = compare(codings(reference), {"Ada": codings(rater)}).raters["Ada"]
    kept = {"average": "macro", "zero_division": 0}
    assume(seen.sum() > 1)  # it reads a single column as a choice between 0 and 1, not as a label
    assert figures.macro.jaccard == pytest.approx(
        jaccard_score(reference[:, seen], rater[:, seen], **kept)
    )
    assert figures.macro.f1_mean_all == pytest.approx(
        f1_score(reference[:, seen], rater[:, seen], **kept)
    )


@given(two_raters())
def test_a_label_space_cut_short(pair):
    """With "drop" the figures are the cut matrices'; "miss" only changes recall's denominator."""
    reference, rater = pair
    kept = labels(reference)[:-1]
    raters = {"Ada": codings(rater)}
    dropped = compare(codings(reference), raters, labels=kept, outside="drop").raters["Ada"]
    missed = compare(codings(reference), raters, labels=kept).raters["Ada"]
    cut = compare(codings(reference[:, :-1]), {"Ada": codings(rater[:, :-1])}, labels=kept).raters[
        "Ada"
    ]
    assert (dropped.micro, dropped.macro) == (cut.micro, cut.macro)
    assert (missed.macro, missed.micro.precision) == (cut.macro, cut.micro.precision)
    assert missed.outside == dropped.outside == rater[:, -1].sum()
    true = reference.sum()
    assert missed.micro.recall == pytest.approx(
        (reference * rater)[:, :-1].sum() / true if true else 0
    )


@given(two_raters())
def test_json_has_no_nan_and_every_figure(pair):
    reference, rater = pair
    result = compare(
        codings(reference), {"Ada": codings(rater), "Ben": {n: [] for n in codings(reference)}}
    )
    text = json.dumps(result.to_json(), allow_nan=False)
    assert json.loads(text) == asdict(result)


def test_repeats_and_container_types_do_not_matter():
    lists = compare({"n1": ["401.9", "401.9"]}, {"Ada": {"n1": ("401.9",)}})
    assert lists == compare({"n1": {"401.9"}}, {"Ada": {"n1": frozenset({"401.9"})}})


def test_a_rater_scored_alone_or_among_others_is_the_same_over_one_label_space():
    ben = {note: ["414.01"] for note in HOSPITAL}
    together = compare(HOSPITAL, {"Ada": ADA, "Ben": ben}, labels=SHORTLIST)
    assert together.raters["Ada"] == compare(HOSPITAL, {"Ada": ADA}, labels=SHORTLIST).raters["Ada"]


def test_missing_notes():
    less = {"n1": ["250.00"]}
    with pytest.raises(NotesError, match=r"Ada lacks 2 notes \(first: n2\) of the reference's 3"):
        compare(HOSPITAL, {"Ada": less})
    assert compare(HOSPITAL, {"Ada": less}, missing="intersect").notes == 1
    assert compare(HOSPITAL, {"Ada": less}, missing="intersect").label_space.size == 2
    assert compare(HOSPITAL, {"Ada": less}, missing="empty").raters["Ada"].micro.recall == 0.25


def test_unknown_notes():
    more = {**ADA, "n4": []}
    for missing in ("refuse", "empty"):
        with pytest.raises(
            NotesError, match=r"Ada has 1 note \(first: n4\) that the reference lacks"
        ):
            compare(HOSPITAL, {"Ada": more}, missing=missing)
    assert compare(HOSPITAL, {"Ada": more}, missing="intersect") == compare(HOSPITAL, {"Ada": ADA})


def test_label_spaces():
    assert present(HOSPITAL, ["n1", "n3"]).codes == ("250.00", "401.9")
    assert union(HOSPITAL, [ADA], ["n3"]).codes == ("428.0",)
    assert listed("full", ["b", "a"]).id != listed("full", ["a", "b"]).id
    with pytest.raises(ValueError, match=r"code 401\.9 is listed twice"):
        LabelSpace("full", ("401.9", "428.0", "401.9"))


def test_no_notes_at_all():
    figures = compare({}, {"Ada": {}}).raters["Ada"]
    assert np.count_nonzero([*vars(figures.micro).values(), *vars(figures.macro).values()]) == 0
