"""Bag-of-words logistic regression: one weight a word and code, which only the words of a note are multiplied with."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rac_model.config import LinearConfig

PAD, UNKNOWN = 0, 1


class Linear(nn.Module):  # type: ignore[misc]
    """`weight` (V, L), `bias` (L,); `rarity` (V,) is the idf of each word, 0 for padding and unknown words."""

    def __init__(self, config: LinearConfig, rarity: Tensor, codes: int) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.zeros(len(rarity), codes))
        self.bias = nn.Parameter(torch.full((codes,), -4.0))
        self.rarity = nn.Parameter(rarity, requires_grad=False)

    def bag(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Distinct words of a note (n,) and, of each, its feature and its count."""
        words, counts = ids[ids > UNKNOWN].unique(return_counts=True)
        if self.config.features == "counts":
            return words, counts.to(self.rarity.dtype), counts
        values = (1 + counts.log()) * self.rarity[words]
        return words, values / values.norm().clamp_min(1e-8), counts

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L); padding counts for nothing, so the mask is not needed."""
        bags = [self.bag(note) for note in ids]
        sizes = torch.tensor([0] + [len(words) for words, _, _ in bags[:-1]], device=ids.device)
        words, values = torch.cat([bag[0] for bag in bags]), torch.cat([bag[1] for bag in bags])
        logits = F.embedding_bag(words, self.weight, sizes.cumsum(0), mode="sum", per_sample_weights=values) + self.bias
        return logits if rows is None else logits[:, rows]
