"""What CAML's line of models shares: convolutions that keep the length, and an attention and a weight vector a code."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LabelAttention(nn.Module):  # type: ignore[misc]
    """a_c = softmax(K q_c), v_c = sum_t a_ct h_t, logit_c = w_c . v_c + b_c (Mullenbach et al. 2018, no scale).

    K (B, n, k) are keys, h (B, n, d) values; one q (k,), w (d,) and b a code.
    """

    def __init__(self, codes: int, keys: int, values: int, bias: float) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.empty(codes, keys))
        self.weight = nn.Parameter(torch.empty(codes, values))
        self.bias = nn.Parameter(torch.full((codes,), float(bias)))
        nn.init.normal_(self.query, std=1 / math.sqrt(keys))
        nn.init.normal_(self.weight, std=1 / math.sqrt(values))

    def forward(
        self, keys: Tensor, values: Tensor, mask: Tensor | None, rows: Tensor | None
    ) -> Tensor:
        """-> logits (B, C) of the codes at `rows`, all without."""
        return (self.read(keys, values, mask, rows) * _rows(self.weight, rows)).sum(-1) + _rows(
            self.bias, rows
        )

    def read(
        self,
        keys: Tensor,
        values: Tensor,
        mask: Tensor | None,
        rows: Tensor | None,
        query: Tensor | None = None,
    ) -> Tensor:
        """What each code has read: v (B, C, d); `query` (C, k) stands in for the learned ones."""
        return attention(_rows(self.query, rows) if query is None else query, keys, mask) @ values

    def parts(
        self, keys: Tensor, values: Tensor, rows: Tensor, query: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Of one note (1, n): biases (C,) and what each position adds (C, n): a_ct (w_c . h_t)."""
        looked = attention(self.query[rows] if query is None else query, keys, None)[0]
        return self.bias[rows], looked * (self.weight[rows] @ values[0].T)


def attention(query: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor:
    """softmax over the words of a note: query (C, k), keys (B, n, k), mask (B, n) -> (B, C, n)."""
    scores = query @ keys.transpose(1, 2)
    return (scores if mask is None else scores.masked_fill(~mask[:, None, :], -math.inf)).softmax(
        -1
    )


def same(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """A convolution over words that keeps their number: x (B, n, d) -> (B, n, out); even kernels lean to the left."""
    size = conv.kernel_size[0]
    padded = F.pad(x.transpose(1, 2), (size // 2, (size - 1) // 2))
    return conv(padded).transpose(1, 2)


def words_only(x: Tensor, mask: Tensor | None) -> Tensor:
    """Zero where a note has ended, so that the next convolution sees what it would see of the note alone."""
    return x if mask is None else x * mask.unsqueeze(-1)


def _rows(values: Tensor, rows: Tensor | None) -> Tensor:
    return values if rows is None else values[rows]
