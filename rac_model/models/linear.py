"""Bag-of-words logistic regression: one weight a word and code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from rac_model.config import Training, option
from rac_model.models.base import UNKNOWN, Model, Preset, Start, System


@dataclass(frozen=True)
class LinearConfig(Training):
    """One logistic regression a code over words."""

    kind: str = option("lr", "kind of model")
    row: str = option("LR", "row of the paper's Table 2 that the model stands for, at its size or small")
    features: Literal["counts", "tf-idf"] = option("counts", "word counts, or log counts by rarity, length 1")


class Linear(Model):
    """`weight` (V, L), `bias` (L,); `rarity` (V,) is the idf of each word, not learned, 0 for padding and unknown."""

    def __init__(self, config: LinearConfig, start: Start) -> None:
        super().__init__()
        self.config: LinearConfig = config
        self.weight = nn.Parameter(torch.zeros(len(start.rarity), len(start.codes)))
        self.bias = nn.Parameter(torch.full((len(start.codes),), -4.0))
        self.rarity = nn.Parameter(start.rarity, requires_grad=False)

    def counts(self, ids: Tensor) -> Tensor:
        """Word ids (B, n) -> how often each word stands in each note (B, V); padding does not count."""
        counts = self.rarity.new_zeros(len(ids), len(self.rarity))
        return counts.scatter_add_(1, ids, (ids > UNKNOWN).to(counts.dtype))

    def features(self, ids: Tensor) -> Tensor:
        """Word ids (B, n) -> features (B, V): counts, or (1 + log count) x rarity scaled to length 1."""
        counts = self.counts(ids)
        if self.config.features == "counts":
            return counts
        values = torch.where(counts > 0, (1 + counts.clamp_min(1).log()) * self.rarity, 0)
        return values / values.norm(dim=1, keepdim=True).clamp_min(1e-8)

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L). The mask is not needed: padding counts for nothing."""
        weight, bias = (self.weight, self.bias) if rows is None else (self.weight[:, rows], self.bias[rows])
        return self.features(ids) @ weight + bias

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """A word's part is its weight times its feature, shared equally by its occurrences."""
        each = self.features(ids)[0] / self.counts(ids)[0].clamp_min(1)
        return self.bias[rows], (self.weight[ids[0]][:, rows] * each[ids[0]].unsqueeze(1)).T


SYSTEM = System(
    "lr",
    LinearConfig,
    Linear,
    {
        "lr": Preset(LinearConfig(), "word counts, one logistic regression a code"),
        "lr-small": Preset(
            LinearConfig(
                features="tf-idf", weight_decay=1e-5, learning_rate=5e-2, schedule="one-cycle", batch_size=256,
                epochs=10, patience=10,
            ),
            "tf-idf logistic regression, the baseline on the same notes",
        ),
    },
)  # fmt: skip
