"""One note at a time, at its true length: logits of all codes, and which words they are the sum of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rac_model.data import padded
from rac_model.models.linear import Linear
from rac_model.models.rac import UNKNOWN, Rac
from rac_model.text import Ids

Floats = NDArray[np.float32]
BLOCK = 1024
"""Codes coded at once: their attention to a note then stays in the processor's cache."""


class Reader:
    """A model for inference. Titles do not depend on the note, so they are encoded once, here."""

    def __init__(self, model: Rac | Linear) -> None:
        self.model = model.eval()
        with torch.inference_mode():
            self.queries = model.encode_titles() if isinstance(model, Rac) else None

    def logits(self, ids: Ids) -> Floats:
        """Logits (L,) of a note's words (n,)."""
        with torch.inference_mode():
            note = self._tensor(ids)
            return np.asarray(self._logits(note).float().cpu().numpy(), dtype=np.float32)

    def probabilities(self, notes: Sequence[Ids]) -> Floats:
        """Probabilities (N, L)."""
        logits = np.stack([self.logits(ids) for ids in notes])
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    def parts(self, ids: Ids, columns: Sequence[int]) -> tuple[Floats, Floats]:
        """(biases (C,), weights (C, n)) of the codes in `columns`: bias + sum over words = logit."""
        with torch.inference_mode():
            rows = torch.tensor(list(columns), dtype=torch.long, device=self._device())
            bias, weights = self._parts(self._tensor(ids), rows)
            return bias.float().cpu().numpy(), weights.float().cpu().numpy()

    def _device(self) -> torch.device:
        return next(self.model.parameters()).device

    def _tensor(self, ids: Ids) -> Tensor:
        return padded([ids])[0].to(self._device())

    def _logits(self, note: Tensor) -> Tensor:
        if self.queries is None:
            return self.model(note, None)[0]
        states = self.model.read(note, None)
        blocks = torch.arange(len(self.queries), device=note.device).split(BLOCK)
        return torch.cat([self.model.code(states, None, self.queries[rows], rows)[0] for rows in blocks])

    def _parts(self, note: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        if self.queries is None:
            return self._linear_parts(note[0], rows)
        states = self.model.read(note, None)
        worth = self.model.worth(states, rows)[0].T
        weights = self.model.attention(states, None, self.queries[rows])[0] * worth
        return self.model.biases(rows).expand(len(rows)), weights

    def _linear_parts(self, note: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """A word's part is its weight times its feature, shared equally by its occurrences."""
        each = self.model.features(note[None])[0] / self.model.counts(note[None])[0].clamp_min(1)
        return self.model.bias[rows], (self.model.weight[note][:, rows] * each[note].unsqueeze(1)).T


def word_ids(words: Sequence[str], index: dict[str, int], rows: int) -> Ids:
    """Ids of words; a word outside the vocabulary, or one that only titles have, is unknown."""
    ids = np.array([index.get(word, UNKNOWN) for word in words], dtype=np.int32)
    return np.where(ids < rows, ids, UNKNOWN).astype(np.int32)
