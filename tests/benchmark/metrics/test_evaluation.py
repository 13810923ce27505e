"""An evaluation document is believed only when it is whole."""

import json
import math

import pytest

from benchmark.metrics.files.table2_document import BadEvaluationError, ranked, read_evaluation
from tests.benchmark.metrics.documents import document, row

GOOD = document(row("LR"), row("RAC"))


def test_a_whole_document_is_read_as_it_is():
    assert read_evaluation(json.dumps(GOOD)) == GOOD


def without(mapping, key):
    return {k: v for k, v in mapping.items() if k != key}


def with_metric(key, value):
    made = row("RAC")
    made["metrics"][key] = value
    return document(row("LR"), made)


BAD = [
    ("no json {", "not JSON"),
    (json.dumps([]), "not a document of format coderbench-evaluation-1"),
    (json.dumps({**GOOD, "format": "other"}), "not a document of format"),
    (json.dumps(without(GOOD, "notes_sha256")), "the head: notes_sha256 is missing"),
    (json.dumps({**GOOD, "notes": True}), "the head: notes is bool"),
    (
        json.dumps({**GOOD, "label_space": {"name": "union", "size": 3}}),
        "label_space: sha256 is missing",
    ),
    (json.dumps(document()), "no checkpoints were measured"),
    (
        json.dumps(document(row("LR"), row("RAC", sha256="xyz"))),
        r"row 2 \(RAC\): sha256 is not 64 hex digits",
    ),
    (json.dumps(document(row("LR"), "RAC")), "row 2 is no object"),
    (
        json.dumps(document(without(row("LAAT"), "intervals"))),
        r"row 1 \(LAAT\): intervals is missing",
    ),
    (
        json.dumps(with_metric("p@8", 1.5)),
        r"row 2 \(RAC\): p@8 is 1.5, not a share between 0 and 1",
    ),
    (json.dumps(with_metric("micro_f1", "high")), r"row 2 \(RAC\): micro_f1 is 'high'"),
    (
        json.dumps(with_metric("codes_per_note", -1)),
        r"row 2 \(RAC\): codes_per_note is -1, not a number, 0 or more",
    ),
    (json.dumps(with_metric("auc_macro", math.nan)), r"row 2 \(RAC\): auc_macro is nan"),
    (
        json.dumps(document(row("RAC", published={"p@8": 75.4}))),
        r"row 1 \(RAC\): published p@8 is 75.4",
    ),
    (
        json.dumps(document(row("RAC", by_kind=[{"codes": 1}]))),
        r"row 1 \(RAC\): a part has no name",
    ),
    (
        json.dumps(document(row("RAC", by_kind=[{"part": "diagnoses", "micro_f1": 2}]))),
        r"row 1 \(RAC\), part diagnoses: micro_f1 is 2",
    ),
    (
        json.dumps(document(row("RAC", intervals={"micro_f1": {"low": 0.1}}))),
        "interval of micro_f1, high is None",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_is_wrong_is_named_with_its_row(text, message):
    with pytest.raises(BadEvaluationError, match=message):
        read_evaluation(text)


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        (None, True),
        ({"stop": "patience"}, True),
        ({"stop": "solved"}, True),
        ({"stop": "epochs"}, True),
        ({"stop": "budget"}, False),
        ({"stop": "interrupted"}, False),
    ],
)
def test_a_training_that_was_cut_short_is_not_ranked(training, expected):
    assert ranked(row("RAC", training=training)) is expected
