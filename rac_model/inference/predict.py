"""A checkpoint put to work on texts: the same three questions to every kind of model."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from icd.codes import Kind
from mimic.text import Tokens, tokenise
from rac_model.build import restored
from rac_model.checkpoint import Checkpoint
from rac_model.checkpoint import load as load_checkpoint
from rac_model.config import Training
from rac_model.inference.reader import (
    Parts,
    Reader,
    sigmoid,
    word_ids,
)
from rac_model.models.title_match import Reading, TitleIndex

Floats = NDArray[np.float32]
Span = tuple[int, int, float]


@dataclass(frozen=True)
class Explanation:
    """Why a code has its logit: bias + the weights of all spans. A span is (start, end, weight), in characters."""

    code: str
    logit: float
    bias: float
    spans: list[Span]

    def strongest(self, top: int) -> tuple[list[Span], float]:
        """The `top` spans of the largest absolute weight, strongest first, and the sum of all others."""
        weights = np.array([weight for _, _, weight in self.spans])
        order = np.argsort(-abs(weights), kind="stable")
        return [self.spans[i] for i in order[:top] if weights[i]], math.fsum(weights[order[top:]])


@dataclass(frozen=True)
class CodedNote:
    """A note as a model codes it, from one reading.

    probabilities: (L,); given: the codes above the threshold, likeliest first, each with its probability and why,
    which is worked out as they are asked for; words: tokens of the note; words_read: those that the model read.
    """

    probabilities: Floats
    given: Iterator[tuple[float, Explanation]]
    words: int
    words_read: int


class Predictor(Protocol):
    """A model that codes notes. `codes` are dotted; a code is given where its probability is above `threshold`."""

    codes: list[str]
    kinds: dict[str, Kind]
    name: str
    threshold: float

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(N, L)."""

    def of_words(self, words: Sequence[str]) -> Floats:
        """(L,) probabilities of a note that is tokenised already."""

    def explain(self, text: str, columns: Sequence[int]) -> list[Explanation]:
        """For the codes at `columns`: what their logit is the sum of."""

    def code(self, text: str, threshold: float) -> CodedNote:
        """The note coded, with the codes above `threshold`."""

    def parts(self, words: Sequence[str], columns: Sequence[int]) -> tuple[Floats, Floats]:
        """Of a note's words that are read: (biases (C,), weights (C, n)); bias + sum over words = logit."""


def load(folder: Path, threads: int | None = None) -> Predictor:
    """The predictor of a checkpoint folder; `threads` or RAC_THREADS sets PyTorch's threads of this process."""
    set_threads(threads)
    return predictor(load_checkpoint(folder))


def set_threads(threads: int | None = None) -> None:
    """PyTorch's threads of this process: `threads`, else RAC_THREADS, else as they are."""
    number = threads or int(os.environ.get("RAC_THREADS") or 0)
    if number:
        torch.set_num_threads(number)


def predictor(checkpoint: Checkpoint, device: str = "cpu") -> Predictor:
    """The predictor of a checkpoint that is in memory."""
    return WordPredictor(checkpoint, device) if isinstance(checkpoint.config, Training) else TitlePredictor(checkpoint)


class WordPredictor:
    """A model that learned: every one but title matching."""

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu") -> None:
        self.name, self.threshold = checkpoint.name, checkpoint.threshold
        self.codes = [row.code for row in checkpoint.codes]
        self.kinds = {row.code: row.kind for row in checkpoint.codes}
        model = restored(checkpoint).to(device)
        self._limit = model.config.max_tokens
        self._rows = checkpoint.note_words + 2
        self._index = {word: i for i, word in enumerate(checkpoint.vocabulary, start=2)}
        self._reader = Reader(model)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(N, L)."""
        rows = [self.of_words(tokenise(text).words) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), len(self.codes))

    def of_words(self, words: Sequence[str]) -> Floats:
        """(L,)."""
        row: Floats = self._reader.probabilities([self._ids(words)])[0]
        return row

    def explain(self, text: str, columns: Sequence[int]) -> list[Explanation]:
        """One weight a word read."""
        tokens = tokenise(text)
        logits, parts = self._reader.ask(self._ids(tokens.words))
        return list(self._explained(tokens, logits, columns, parts))

    def code(self, text: str, threshold: float) -> CodedNote:
        """Read once where the model can."""
        tokens = tokenise(text)
        logits, parts = self._reader.ask(self._ids(tokens.words))
        row = sigmoid(logits)
        columns = _above(row, threshold)
        explained = self._explained(tokens, logits, columns, parts)
        given = zip(row[columns].tolist(), explained, strict=True)
        words = len(tokens.words)
        return CodedNote(row, given, words, min(words, self._limit))

    def parts(self, words: Sequence[str], columns: Sequence[int]) -> tuple[Floats, Floats]:
        """(C,), (C, n)."""
        return self._reader.parts(self._ids(words), columns)

    def _explained(self, tokens: Tokens, logits: Floats, columns: Sequence[int], parts: Parts) -> Iterator[Explanation]:
        biases, weights = parts(columns)
        for column, bias, row in zip(columns, biases, weights, strict=True):
            yield Explanation(self.codes[column], float(logits[column]), float(bias), _spans(tokens, row))

    def _ids(self, words: Sequence[str]) -> Any:
        return word_ids(words[: self._limit], self._index, self._rows)


class TitlePredictor:
    """Title matching."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.name, self.threshold = checkpoint.name, checkpoint.threshold
        self.codes = [row.code for row in checkpoint.codes]
        self.kinds = {row.code: row.kind for row in checkpoint.codes}
        self._titles = TitleIndex(checkpoint.codes)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(N, L)."""
        rows = [self.of_words(tokenise(text).words) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), len(self.codes))

    def of_words(self, words: Sequence[str]) -> Floats:
        """(L,)."""
        return self._titles.read(words).probabilities

    def explain(self, text: str, columns: Sequence[int]) -> list[Explanation]:
        """One weight a place where the title stands."""
        tokens = tokenise(text)
        return list(self._explained(tokens, self._titles.read(tokens.words), columns))

    def code(self, text: str, threshold: float) -> CodedNote:
        """The note is gone through once; every word is read."""
        tokens = tokenise(text)
        reading = self._titles.read(tokens.words)
        row = reading.probabilities
        columns = _above(row, threshold)
        explained = self._explained(tokens, reading, columns)
        given = zip(row[columns].tolist(), explained, strict=True)
        words = len(tokens.words)
        return CodedNote(row, given, words, words)

    def parts(self, words: Sequence[str], columns: Sequence[int]) -> tuple[Floats, Floats]:
        """The words of a title found share its weight equally."""
        places = [(i, i + 1) for i in range(len(words))]
        biases, weights = np.zeros(len(columns), np.float32), np.zeros((len(columns), len(words)), np.float32)
        reading = self._titles.read(words)
        for row, column in enumerate(columns):
            biases[row], found = reading.parts(places, column)
            for start, end, weight in found:
                weights[row, start:end] = weight / (end - start)
        return biases, weights

    def _explained(self, tokens: Tokens, reading: Reading, columns: Sequence[int]) -> Iterator[Explanation]:
        for column in columns:
            bias, spans = reading.parts(tokens.spans, column)
            logit = bias + sum(weight for _, _, weight in spans)
            yield Explanation(self.codes[column], logit, bias, spans)


def _above(row: Floats, threshold: float) -> list[int]:
    """Columns of a note's probabilities (L,) above `threshold`, likeliest first."""
    given = np.flatnonzero(row > threshold)
    return [int(column) for column in given[np.argsort(-row[given], kind="stable")]]


def _spans(tokens: Tokens, weights: Floats) -> list[Span]:
    """Words and weights together. A note without a word is read as one unknown word of no place: (0, 0, weight)."""
    spans = tokens.spans or [(0, 0)]
    return [(start, end, weight) for (start, end), weight in zip(spans, weights.tolist(), strict=False)]
