"""One note at a time, at its true length: logits of all codes, and which words they are the sum of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rac_model.data import padded
from rac_model.models.base import UNKNOWN, Model
from rac_model.text import Ids

Floats = NDArray[np.float32]


class Reader:
    """A model for inference."""

    def __init__(self, model: Model) -> None:
        self.model = model.eval()

    def logits(self, ids: Ids) -> Floats:
        """Logits (L,) of a note's words (n,)."""
        with torch.inference_mode():
            return _floats(self.model.logits(self._tensor(ids)))

    def probabilities(self, notes: Sequence[Ids]) -> Floats:
        """Probabilities (N, L)."""
        logits = np.stack([self.logits(ids) for ids in notes])
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    def parts(self, ids: Ids, columns: Sequence[int]) -> tuple[Floats, Floats]:
        """(biases (C,), weights (C, n)) of the codes in `columns`: bias + sum over words = logit."""
        with torch.inference_mode():
            note = self._tensor(ids)
            bias, weights = self.model.parts(note, torch.tensor(list(columns), dtype=torch.long, device=note.device))
            return _floats(bias), _floats(weights)

    def _tensor(self, ids: Ids) -> Tensor:
        return padded([ids])[0].to(next(self.model.parameters()).device)


def _floats(tensor: Tensor) -> Floats:
    return np.asarray(tensor.float().cpu().numpy(), dtype=np.float32)


def word_ids(words: Sequence[str], index: dict[str, int], rows: int) -> Ids:
    """Ids of words; a word outside the vocabulary, or one that only titles have, is unknown."""
    ids = np.array([index.get(word, UNKNOWN) for word in words], dtype=np.int32)
    return np.where(ids < rows, ids, UNKNOWN).astype(np.int32)
