"""The document of a benchmark is written and read back.

Also one from before there were versions, one of a later version, and a damaged one.
"""

import json

import pytest

from benchmark.metrics import codings
from benchmark.metrics.label_space import listed
from benchmark.scoring.arms import Arms
from benchmark.scoring.document import Document, DocumentError, Reopened, read
from benchmark.scoring.encoded import encoded_study
from benchmark.scoring.figures import figures_of
from benchmark.scoring.probabilities import Probabilities
from benchmark.tables.charts import CHARTS
from benchmark.tables.details import DETAILS
from benchmark.tables.summary import leader_table

REFERENCE = {f"n{i}": ["401.9", "428.0", "V10.5"][: i % 3 + 1] for i in range(8)}
ADA = {note: codes[:1] for note, codes in REFERENCE.items() if note < "n5"}
BEN = {note: ["428.0"] for note in REFERENCE if note > "n3"}
PEOPLE = {note: BEN.get(note, codes) for note, codes in {**ADA, **BEN}.items()}
MODEL = {note: ["401.9"] for note in REFERENCE}


def study():
    raters = {"Human coders": PEOPLE, "RAC": MODEL}
    space = listed("two", ["401.9", "428.0"])
    return encoded_study(
        space, list(REFERENCE), REFERENCE, raters, {"Ada": ADA, "Ben": BEN}, ["RAC"]
    )


@pytest.fixture(scope="module")
def document() -> Document:
    import numpy as np

    known = {
        "RAC": Probabilities(
            np.linspace(0, 1, 16, dtype=np.float32).reshape(8, 2), dev_threshold=0.4
        )
    }
    coder = {note: "Ben" if note in BEN else "Ada" for note in REFERENCE}
    arms = Arms(
        names=["list", "search"],
        arm={note: ("list", "search")[i % 2] for i, note in enumerate(REFERENCE)},
        coder=coder,
        minutes=dict.fromkeys(REFERENCE, 3.5),
    )
    return Document(
        **vars(figures_of(study(), known, arms)),
        study="demo",
        protocol_sha256="0" * 64,
        kinds={"Human coders": "people", "RAC": "model"},
        synthetic=True,
        notes_of_study=8,
        reopened=[Reopened("2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00", 3, ["Rae"])],
    )


def test_what_is_written_is_read_back(document):
    text = json.dumps(document.to_json(), allow_nan=False)
    assert read(text) == document and json.dumps(read(text).to_json()) == text
    assert next(iter(document.to_json().items())) == ("version", 2)


def test_everybody_is_encoded_once(monkeypatch):
    """The reference, two raters and two coders: five matrices, whatever is computed of them."""
    calls = []
    plain = codings._matrix

    def counted(*arguments):
        calls.append(arguments)
        return plain(*arguments)

    monkeypatch.setattr(codings, "_matrix", counted)
    figures_of(study(), {})
    assert len(calls) == 5


def test_one_of_before_there_were_versions_has_what_it_had(document):
    """What was added since is not there; the other tables are as they were."""
    written = document.to_json()
    first = (
        "notes",
        "label_space",
        "reference",
        "raters",
        "agreement",
        "study",
        "protocol_sha256",
        "synthetic",
        "notes_of_study",
        "without_codings",
    )
    old = read(json.dumps({key: written[key] for key in first}))
    assert old.raters == document.raters and old.arms is None and old.against == "reference"
    assert {name for name, lay_out in DETAILS.items() if lay_out(old)} == {"intervals"}
    assert leader_table(old, "Leaders").rows
    assert all(draw(old, None) or name == "codes_a_note" for name, draw in CHARTS.items())


def test_every_table_is_there_for_one_of_today(document):
    """But for those that need what this study has not: test_document_figures.py."""
    lacking = {"frequent", "agreed_codes", "given", "ac1", "margin", "weighted", "ranks", "parts"}
    laid_out = {name for name, lay_out in DETAILS.items() if lay_out(document)}
    assert laid_out == DETAILS.keys() - lacking


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda written: written | {"version": 3},
            "of version 3; this Coderbench reads versions up to 2",
        ),
        (lambda written: written | {"notes": "many"}, "notes: Input should be a valid integer"),
        (lambda written: {key: written[key] for key in written if key != "raters"}, "raters"),
        (lambda written: [written], "not a JSON object"),
    ],
)
def test_what_is_none_is_refused_in_words(document, change, words):
    with pytest.raises(DocumentError, match=words):
        read(json.dumps(change(document.to_json())))


def test_nor_is_half_a_file(document):
    with pytest.raises(DocumentError, match="not JSON"):
        read(json.dumps(document.to_json())[:-9])
