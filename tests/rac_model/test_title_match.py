from __future__ import annotations

import math

import numpy as np
import pytest

from icd.codes import CodeRow
from mimic.text import tokenise
from rac_model.models.title_match import TitleIndex

CODES = [
    CodeRow("401.9", "dx", "Hypertension NOS", "Unspecified essential hypertension"),
    CodeRow("416.0", "dx", "Prim pulm hypertension", "Primary pulmonary hypertension"),
    CodeRow("285.9", "dx", "Anemia NOS", "Anemia, unspecified"),
    CodeRow(
        "578.9",
        "dx",
        "Gastrointest hemorr NOS",
        "Hemorrhage of gastrointestinal tract, unspecified",
    ),
]


def given(text: str) -> list[str]:
    probabilities = TitleIndex(CODES).read(tokenise(text).words).probabilities
    pairs = zip(CODES, probabilities, strict=True)
    return [row.code for row, probability in pairs if probability > 0.5]


def test_a_title_is_found_whatever_its_fillers() -> None:
    said = "Known essential hypertension. Hemorrhage of the gastrointestinal tract!"
    assert given(said) == ["401.9", "578.9"]


def test_a_title_inside_a_longer_one_is_not_found() -> None:
    assert given("primary pulmonary hypertension") == ["416.0"]
    assert given("hypertension") == ["401.9"]


def test_a_broken_title_ranks_by_the_share_of_its_words() -> None:
    index = TitleIndex(CODES)
    probabilities = index.read(tokenise("gastrointestinal upset, hemorrhage").words).probabilities
    assert given("gastrointestinal upset, hemorrhage") == []
    assert int(np.argmax(probabilities)) == 3
    assert probabilities[3] == np.float32(2 / 3 / 2)


def test_weights_of_the_places_are_the_logit() -> None:
    index, text = TitleIndex(CODES), "Anemia. Later anemia again."
    tokens = tokenise(text)
    reading = index.read(tokens.words)
    bias, spans = reading.parts(tokens.spans, 2)
    probability = reading.probabilities[2]
    logit = math.log(probability / (1 - probability))
    assert bias + sum(weight for *_, weight in spans) == pytest.approx(logit)
    assert [text[start:end] for start, end, _ in spans] == ["Anemia", "anemia"]


def test_without_the_title_all_is_bias() -> None:
    bias, spans = TitleIndex(CODES).read(["essential"]).parts([(0, 9)], 0)
    assert (bias, spans) == (math.log(0.25 / 0.75), [])
