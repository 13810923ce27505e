"""Bag-of-words logistic regression: one weight a word and code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from mimic.text import Ids
from rac_model.config import Training, option
from rac_model.data.ids import UNKNOWN
from rac_model.models.base import (
    Model,
    Preset,
    Start,
    System,
)


@dataclass(frozen=True)
class LinearConfig(Training):
    """One logistic regression a code over words. The defaults are the published baseline's."""

    kind: str = option("lr", "kind of model")
    row: str = option(
        "LR", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    max_tokens: int = option(2500, "tokens of a note that are read", 1)
    epochs: int = option(200, "most passes over the training notes", 1)
    patience: int = option(10, "epochs without a better dev P@8 before training stops", 1)
    learning_rate: float = option(
        3e-3, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    features: Literal["counts", "tf-idf"] = option(
        "counts", "word counts, or log counts by rarity, length 1"
    )
    bias: float = option(-4.0, "start of each code's bias")


class Linear(Model):
    """`weight` (V, L), `bias` (L,); `rarity` (V,) is `Start.rarity`, which is not learned.

    A note is only its distinct words: no note is ever as wide as the vocabulary.
    """

    def __init__(self, config: LinearConfig, start: Start) -> None:
        super().__init__()
        self.config: LinearConfig = config
        self.weight = nn.Parameter(torch.zeros(len(start.rarity), len(start.codes)))
        self.bias = nn.Parameter(torch.full((len(start.codes),), float(config.bias)))
        self.rarity = nn.Parameter(start.rarity.clone(), requires_grad=False)

    def features(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Word ids (B, n) -> (note (T,), word (T,), feature (T,)) of each note's distinct words.

        Features are counts, or (1 + log count) x rarity scaled to length 1 (sublinear tf-idf, l2);
        those of padding and the unknown word are 0.
        """
        size = len(self.rarity)
        first_of_note = size * torch.arange(len(ids), device=ids.device)[:, None]
        keys, counts = (ids + first_of_note).unique(return_counts=True)
        notes = keys // size
        words = keys % size
        values = counts * (words > UNKNOWN).to(self.rarity.dtype)
        if self.config.features == "counts":
            return notes, words, values
        values = torch.where(values > 0, (1 + values.clamp_min(1).log()) * self.rarity[words], 0)
        squares = torch.zeros(len(ids), device=ids.device).index_add(0, notes, values.square())
        lengths = squares.sqrt().clamp_min(1e-8)
        return notes, words, values / lengths[notes]

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C). Padding counts for nothing without a mask."""
        notes, words, values = self.features(ids)
        starts = torch.searchsorted(notes, torch.arange(len(ids), device=ids.device))
        sums = F.embedding_bag(words, self.weight, starts, mode="sum", per_sample_weights=values)
        logits = sums + self.bias
        if rows is None:
            return logits
        return logits[:, rows]

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """A word's part is its weight times its feature, shared equally by its occurrences."""
        _, words, values = self.features(ids)
        place = torch.searchsorted(words, ids[0])
        times = torch.bincount(place, minlength=len(words)).clamp_min(1)
        feature = (values / times)[place]
        parts = self.weight[ids[0]][:, rows] * feature.unsqueeze(1)
        return self.bias[rows], parts.T


def feature_matrix(model: Linear, notes: Sequence[Ids]) -> csr_matrix:
    """Features (N, V) of notes given as word ids."""
    columns = []
    values = []
    starts = [0]
    with torch.inference_mode():
        for ids in notes:
            _, words, found = model.features(torch.from_numpy(ids.astype(np.int64))[None])
            columns.append(words.numpy())
            values.append(found.numpy())
            starts.append(starts[-1] + len(words))
    shape = (len(notes), len(model.rarity))
    return csr_matrix((np.concatenate(values), np.concatenate(columns), np.array(starts)), shape)


SYSTEM = System(
    "lr",
    LinearConfig,
    Linear,
    {
        "lr": Preset(LinearConfig(), "word counts, one logistic regression a code"),
        "lr-small": Preset(
            replace(
                LinearConfig(),
                features="tf-idf",
                learning_rate=1e-2,
                batch_size=128,
                epochs=20,
                patience=3,
                dev_notes=300,
                stored="float16",
            ),
            "tf-idf logistic regression for one CPU core",
        ),
    },
)
