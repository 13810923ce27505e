"""Bag-of-words logistic regression: one weight a word and code."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rac_model.config import LinearConfig

PAD, UNKNOWN = 0, 1


class Linear(nn.Module):  # type: ignore[misc]
    """`weight` (V, L), `bias` (L,); `rarity` (V,) is the idf of each word, not learned, 0 for padding and unknown."""

    def __init__(self, config: LinearConfig, rarity: Tensor, codes: int) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.zeros(len(rarity), codes))
        self.bias = nn.Parameter(torch.full((codes,), -4.0))
        self.rarity = nn.Parameter(rarity, requires_grad=False)

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
