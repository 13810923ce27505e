"""Predictors of all kinds: probabilities, and evidence that adds up to the logit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from mimic.text import tokenise
from rac_model.inference.predict import Explanation, load, set_threads

TEXT = (
    "Patient seen today. Acute kidney injury.\n\n"
    "Stable at home. Congestive heart failure, acute kidney injury"
)
KINDS = ("rac", "lr", "title-match")


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_of_texts(checkpoints: dict[str, Path], kind: str) -> None:
    predictor = load(checkpoints[kind])
    probabilities = predictor.probabilities([TEXT, "", "unheard-of words only", TEXT])
    assert probabilities.shape == (4, len(predictor.codes))
    assert probabilities.dtype == np.float32
    assert np.isfinite(probabilities).all()
    assert np.array_equal(probabilities[0], probabilities[3])
    assert predictor.probabilities([]).shape == (0, len(predictor.codes))
    assert predictor.explain(TEXT, []) == []
    assert (predictor.name, predictor.threshold) == (kind, 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_adds_up_to_the_logit(checkpoints: dict[str, Path], kind: str) -> None:
    predictor = load(checkpoints[kind])
    columns = list(range(len(predictor.codes)))
    for text in (TEXT, "", "12 34"):
        probabilities = predictor.probabilities([text])[0]
        for column, why in zip(columns, predictor.explain(text, columns), strict=True):
            assert why.code == predictor.codes[column]
            logit = why.bias + math.fsum(weight for *_, weight in why.spans)
            assert logit == pytest.approx(why.logit, abs=1e-4)
            assert 1 / (1 + math.exp(-why.logit)) == pytest.approx(probabilities[column], abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_coding_a_note_is_its_probabilities_and_its_evidence_in_one(
    checkpoints: dict[str, Path], kind: str
) -> None:
    predictor = load(checkpoints[kind])
    row = predictor.probabilities([TEXT])[0]
    coded = predictor.code(TEXT, 0.2)
    row, given = coded.probabilities, list(coded.given)
    assert row.tolist() == predictor.probabilities([TEXT])[0].tolist()
    assert [p for p, _ in given] == sorted((float(p) for p in row if p > 0.2), reverse=True)
    columns = [predictor.codes.index(why.code) for _, why in given]
    assert [why for _, why in given] == predictor.explain(TEXT, columns)
    assert list(predictor.code(TEXT, 1.0).given) == []


@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_words_are_the_evidence_word_by_word(
    checkpoints: dict[str, Path], kind: str
) -> None:
    predictor = load(checkpoints[kind])
    columns = [predictor.codes.index(code) for code in ("428.0", "584.9", "401.9")]
    biases, weights = predictor.parts(tokenise(TEXT).words, columns)
    assert weights.shape == (3, len(tokenise(TEXT).words))
    for bias, row, why in zip(biases, weights, predictor.explain(TEXT, columns), strict=True):
        assert bias + row.sum() == pytest.approx(why.logit, abs=1e-4)


def test_the_strongest_spans_and_the_rest_are_the_whole() -> None:
    spans = [(0, 1, 0.5), (2, 3, -2.0), (4, 5, 1.0), (6, 7, 0.0)]
    why = Explanation("428.0", 0.5, 1.0, spans)
    assert why.strongest(2) == ([(2, 3, -2.0), (4, 5, 1.0)], 0.5)
    assert why.strongest(9) == ([(2, 3, -2.0), (4, 5, 1.0), (0, 1, 0.5)], 0.0)
    assert Explanation("428.0", -1.0, -1.0, []).strongest(3) == ([], 0.0)


@pytest.mark.parametrize("kind", ("rac", "title-match"))
def test_evidence_stands_where_the_code_is_said(checkpoints: dict[str, Path], kind: str) -> None:
    predictor = load(checkpoints[kind])
    (why,) = predictor.explain(TEXT, [predictor.codes.index("428.0")])
    start, end, _ = max(why.spans, key=lambda span: span[2])
    place = TEXT.index("Congestive heart failure")
    assert place <= start < end <= place + len("Congestive heart failure")


def test_a_coded_note_says_how_much_of_it_was_read(checkpoints: dict[str, Path]) -> None:
    def read(kind: str, text: str) -> tuple[int, int]:
        coded = load(checkpoints[kind]).code(text, 0.5)
        return coded.words, coded.words_read

    assert read("rac", "word " * 3000) == (3000, 2500)
    assert read("rac", "two words 1234") == (2, 2)
    assert read("title-match", "word " * 3000) == (3000, 3000)


def test_words_past_the_limit_are_not_read(checkpoints: dict[str, Path]) -> None:
    rac = load(checkpoints["rac"])
    long = "stable " * 2500
    assert np.array_equal(rac.probabilities([long]), rac.probabilities([long + TEXT]))


def test_threads_come_from_the_argument_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    try:
        monkeypatch.setenv("RAC_THREADS", "2")
        set_threads()
        assert torch.get_num_threads() == 2
        set_threads(1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
