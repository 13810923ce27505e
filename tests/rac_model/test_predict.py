"""Predictors of all kinds: probabilities, and evidence that adds up to the logit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from rac_model.predict import load, set_threads

TEXT = "Patient seen today. Acute kidney injury.\n\nStable at home. Congestive heart failure, acute kidney injury"
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
            assert why.bias + math.fsum(weight for *_, weight in why.spans) == pytest.approx(why.logit, abs=1e-4)
            assert 1 / (1 + math.exp(-why.logit)) == pytest.approx(probabilities[column], abs=1e-5)


@pytest.mark.parametrize("kind", ("rac", "title-match"))
def test_evidence_stands_where_the_code_is_said(checkpoints: dict[str, Path], kind: str) -> None:
    predictor = load(checkpoints[kind])
    (why,) = predictor.explain(TEXT, [predictor.codes.index("428.0")])
    start, end, _ = max(why.spans, key=lambda span: span[2])
    place = TEXT.index("Congestive heart failure")
    assert place <= start < end <= place + len("Congestive heart failure")


def test_tokens_in_the_note_and_tokens_read(checkpoints: dict[str, Path]) -> None:
    rac, titles = load(checkpoints["rac"]), load(checkpoints["title-match"])
    assert rac.tokens("word " * 3000) == (3000, 2500)
    assert rac.tokens("two words 1234") == (2, 2)
    assert titles.tokens("word " * 3000) == (3000, 3000)


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
