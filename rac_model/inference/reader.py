"""A trained model at inference: one note at a time, at its true length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mimic.text import Ids
from rac_model.data.ids import UNKNOWN
from rac_model.data.samples import padded
from rac_model.models.base import Model

Floats = NDArray[np.float32]
Parts = Callable[[Sequence[int]], tuple[Floats, Floats]]
"""Columns of codes -> (biases (C,), weights (C, n)) that their logits are the sum of."""


class Reader:
    """Asks a model about notes in word ids, and answers in NumPy."""

    def __init__(self, model: Model) -> None:
        self.model = model.eval()

    def logits(self, ids: Ids) -> Floats:
        """Logits (L,) of a note's words (n,)."""
        with torch.inference_mode():
            return _floats(self.model.logits(self._tensor(ids)))

    def probabilities(self, notes: Sequence[Ids]) -> Floats:
        """Probabilities (N, L)."""
        return sigmoid(np.stack([self.logits(ids) for ids in notes]))

    def parts(self, ids: Ids, columns: Sequence[int]) -> tuple[Floats, Floats]:
        """(biases (C,), weights (C, n)) of the codes at `columns`: bias + weights = logit."""
        note = self._tensor(ids)
        return _parts(partial(self.model.parts, note), note, columns)

    def ask(self, ids: Ids) -> tuple[Floats, Parts]:
        """(logits (L,) of a note's words, its `parts` for columns named later).

        The note is read once for both where the model can do so.
        """
        note = self._tensor(ids)
        with torch.inference_mode():
            logits, parts = self.model.ask(note)
        return _floats(logits), partial(_parts, parts, note)

    def _tensor(self, ids: Ids) -> Tensor:
        return padded([ids])[0].to(next(self.model.parameters()).device)


def _parts(
    parts: Callable[[Tensor], tuple[Tensor, Tensor]], note: Tensor, columns: Sequence[int]
) -> tuple[Floats, Floats]:
    with torch.inference_mode():
        bias, weights = parts(torch.tensor(list(columns), dtype=torch.long, device=note.device))
        return _floats(bias), _floats(weights)


def sigmoid(logits: Floats) -> Floats:
    """Probabilities of logits, of the same shape."""
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def _floats(tensor: Tensor) -> Floats:
    return np.asarray(tensor.float().cpu().numpy(), dtype=np.float32)


def word_ids(words: Sequence[str], index: dict[str, int], rows: int) -> Ids:
    """Ids of words. A word that the vocabulary lacks, or that only titles have, is unknown.

    `rows` counts the ids of words that notes have; ids from there on are of title words.
    """
    ids = np.array([index.get(word, UNKNOWN) for word in words], dtype=np.int32)
    return np.where(ids < rows, ids, UNKNOWN).astype(np.int32)
