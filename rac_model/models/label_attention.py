"""What CAML's line of models shares: convolutions that keep the length, and label attention."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LabelAttention(nn.Module):  # type: ignore[misc]
    """Each code attends to the words of a note, and has a weight vector for what it reads there.

    a_c = softmax(K q_c), v_c = sum_t a_ct h_t, logit_c = w_c . v_c + b_c (Mullenbach et al. 2018,
    no scale). K (B, n, k) are keys, h (B, n, d) values; one q (k,), w (d,) and b a code.
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
        """Logits (B, L), or (B, C) of the codes at `rows`."""
        return self.score(self.read(keys, values, mask, rows), rows)

    def read(
        self,
        keys: Tensor,
        values: Tensor,
        mask: Tensor | None,
        rows: Tensor | None,
        query: Tensor | None = None,
    ) -> Tensor:
        """What each code has read: v (B, C, d); `query` (C, k) stands in for the learned ones."""
        if query is None:
            query = _rows(self.query, rows)
        return attention(query, keys, mask) @ values

    def score(self, read: Tensor, rows: Tensor | None) -> Tensor:
        """Logits (B, C) of what each code has read, v (B, C, d)."""
        return (read * _rows(self.weight, rows)).sum(-1) + _rows(self.bias, rows)

    def parts(
        self, keys: Tensor, values: Tensor, rows: Tensor, query: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Of one note (1, n): biases (C,) and what each position adds (C, n): a_ct (w_c . h_t)."""
        if query is None:
            query = self.query[rows]
        weights = attention(query, keys, None)[0]
        return self.bias[rows], weights * (self.weight[rows] @ values[0].T)


def attention(query: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor:
    """softmax over the words of a note: query (C, k), keys (B, n, k), mask (B, n) -> (B, C, n)."""
    scores = query @ keys.transpose(1, 2)
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, :], -math.inf)
    return scores.softmax(-1)


def same(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """A convolution over words that keeps their number: x (B, n, d) -> (B, n, out).

    An even kernel sees one word more to the left.
    """
    size = conv.kernel_size[0]
    padded = F.pad(x.transpose(1, 2), (size // 2, (size - 1) // 2))
    return conv(padded).transpose(1, 2)


def words_only(x: Tensor, mask: Tensor | None) -> Tensor:
    """x with zeros where a note has ended: the next convolution sees what it would of it alone."""
    if mask is None:
        return x
    return x * mask.unsqueeze(-1)


def _rows(values: Tensor, rows: Tensor | None) -> Tensor:
    if rows is None:
        return values
    return values[rows]
