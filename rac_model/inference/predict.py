"""A checkpoint that codes notes: every kind of model gives its codes, and why, in the same way."""

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
from rac_model.inference.reader import Parts, Reader, sigmoid, word_ids
from rac_model.models.title_match import Reading, TitleIndex

Floats = NDArray[np.float32]
Span = tuple[int, int, float]
"""(start, end, weight) of a piece of the text, in characters."""


@dataclass(frozen=True)
class Explanation:
    """Why a code has its logit, which is the bias + the weights of all spans."""

    code: str
    logit: float
    bias: float
    spans: list[Span]

    def strongest(self, top: int) -> tuple[list[Span], float]:
        """(the `top` spans of largest absolute weight, strongest first; the sum of all others)."""
        weights = np.array([weight for _, _, weight in self.spans])
        order = np.argsort(-abs(weights), kind="stable")
        strongest = []
        for place in order[:top]:
            if weights[place]:
                strongest.append(self.spans[place])
        return strongest, math.fsum(weights[order[top:]])


@dataclass(frozen=True)
class CodedNote:
    """A note as a model codes it, from one reading.

    `probabilities` (L,) are of all codes. `given` are the codes above the threshold, likeliest
    first, as (probability, why); why is worked out as they are gone through. `words` counts the
    note's tokens, `words_read` those that the model read.
    """

    probabilities: Floats
    given: Iterator[tuple[float, Explanation]]
    words: int
    words_read: int


class Predictor(Protocol):
    """A model that codes notes.

    `codes` are dotted; a code is given where its probability is above `threshold`. In shapes: N
    texts, n words of a note that are read, L codes, C of them.
    """

    codes: list[str]
    kinds: dict[str, Kind]
    name: str
    threshold: float

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Probabilities (N, L) of the codes of some notes."""

    def of_words(self, words: Sequence[str]) -> Floats:
        """Probabilities (L,) of the codes of a note that is tokenised already."""

    def explain(self, text: str, columns: Sequence[int]) -> list[Explanation]:
        """Why the codes at `columns` have their logits."""

    def code(self, text: str, threshold: float) -> CodedNote:
        """The note coded, with the codes above `threshold`."""

    def parts(self, words: Sequence[str], columns: Sequence[int]) -> tuple[Floats, Floats]:
        """(biases (C,), weights (C, n) of a note's words); bias + sum over words = logit."""


def load(folder: Path, threads: int | None = None) -> Predictor:
    """The predictor of a checkpoint folder. PyTorch's threads are set as by `set_threads`."""
    set_threads(threads)
    return predictor(load_checkpoint(folder))


def set_threads(threads: int | None = None) -> None:
    """Set PyTorch's threads of this process to `threads`, else RAC_THREADS, else leave them."""
    number = threads or int(os.environ.get("RAC_THREADS") or 0)
    if number:
        torch.set_num_threads(number)


def predictor(checkpoint: Checkpoint, device: str = "cpu") -> Predictor:
    """The predictor of a checkpoint that is in memory."""
    if isinstance(checkpoint.config, Training):
        return WordPredictor(checkpoint, device)
    return TitlePredictor(checkpoint)


class WordPredictor:
    """A model that learned: every one but title matching."""

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu") -> None:
        self.name = checkpoint.name
        self.threshold = checkpoint.threshold
        self.codes = [row.code for row in checkpoint.codes]
        self.kinds = {row.code: row.kind for row in checkpoint.codes}
        model = restored(checkpoint).to(device)
        self._limit = model.config.max_tokens
        self._rows = checkpoint.note_words + 2
        self._index = {word: number for number, word in enumerate(checkpoint.vocabulary, start=2)}
        self._reader = Reader(model)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Probabilities (N, L)."""
        rows = [self.of_words(tokenise(text).words) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), len(self.codes))

    def of_words(self, words: Sequence[str]) -> Floats:
        """Probabilities (L,)."""
        row: Floats = self._reader.probabilities([self._ids(words)])[0]
        return row

    def explain(self, text: str, columns: Sequence[int]) -> list[Explanation]:
        """Evidence: a weight for each word read."""
        tokens = tokenise(text)
        logits, parts = self._reader.ask(self._ids(tokens.words))
        return list(self._explained(tokens, logits, columns, parts))

    def code(self, text: str, threshold: float) -> CodedNote:
        """The note is read once where the model can explain from the same reading."""
        tokens = tokenise(text)
        logits, parts = self._reader.ask(self._ids(tokens.words))
        row = sigmoid(logits)
        columns = _above(row, threshold)
        explained = self._explained(tokens, logits, columns, parts)
        given = zip(row[columns].tolist(), explained, strict=True)
        words = len(tokens.words)
        return CodedNote(row, given, words, min(words, self._limit))

    def parts(self, words: Sequence[str], columns: Sequence[int]) -> tuple[Floats, Floats]:
        """(biases (C,), weights (C, n))."""
        return self._reader.parts(self._ids(words), columns)

    def _explained(
        self, tokens: Tokens, logits: Floats, columns: Sequence[int], parts: Parts
    ) -> Iterator[Explanation]:
        biases, weights = parts(columns)
        for column, bias, of_words in zip(columns, biases, weights, strict=True):
            yield Explanation(
                code=self.codes[column],
                logit=float(logits[column]),
                bias=float(bias),
                spans=_spans(tokens, of_words),
            )

    def _ids(self, words: Sequence[str]) -> Any:
        return word_ids(words[: self._limit], self._index, self._rows)


class TitlePredictor:
    """Title matching."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.name = checkpoint.name
        self.threshold = checkpoint.threshold
        self.codes = [row.code for row in checkpoint.codes]
        self.kinds = {row.code: row.kind for row in checkpoint.codes}
        self._titles = TitleIndex(checkpoint.codes)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Probabilities (N, L)."""
        rows = [self.of_words(tokenise(text).words) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), len(self.codes))

    def of_words(self, words: Sequence[str]) -> Floats:
        """Probabilities (L,)."""
        return self._titles.read(words).probabilities

    def explain(self, text: str, columns: Sequence[int]) -> list[Explanation]:
        """Evidence: a weight for each place where the title stands."""
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
        word_spans = [(place, place + 1) for place in range(len(words))]
        biases = np.zeros(len(columns), np.float32)
        weights = np.zeros((len(columns), len(words)), np.float32)
        reading = self._titles.read(words)
        for row, column in enumerate(columns):
            biases[row], found = reading.parts(word_spans, column)
            for start, end, weight in found:
                weights[row, start:end] = weight / (end - start)
        return biases, weights

    def _explained(
        self, tokens: Tokens, reading: Reading, columns: Sequence[int]
    ) -> Iterator[Explanation]:
        for column in columns:
            bias, spans = reading.parts(tokens.spans, column)
            logit = bias + sum(weight for _, _, weight in spans)
            yield Explanation(self.codes[column], logit, bias, spans)


def _above(row: Floats, threshold: float) -> list[int]:
    """Columns of a note's probabilities (L,) above `threshold`, likeliest first."""
    given = np.flatnonzero(row > threshold)
    likeliest_first = given[np.argsort(-row[given], kind="stable")]
    columns: list[int] = likeliest_first.tolist()
    return columns


def _spans(tokens: Tokens, weights: Floats) -> list[Span]:
    """Words and their weights together.

    A note without a word is read as one unknown word that stands nowhere: (0, 0, weight).
    """
    places = tokens.spans or [(0, 0)]
    spans = []
    for (start, end), weight in zip(places, weights.tolist(), strict=False):
        spans.append((start, end, weight))
    return spans
