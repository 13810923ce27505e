"""RAC: a note is read (convolutions, self-attention), attended to by code titles, and coded.

n tokens a note, d width, L codes, B notes. Section numbers of the paper are not repeated; shapes are.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rac_model.config import RacConfig

PAD, UNKNOWN = 0, 1


class Convolution(nn.Module):  # type: ignore[misc]
    """tanh(Conv1d) that keeps the length: an even kernel sees one word more to the right (4 left, 5 right of 10)."""

    def __init__(self, dim: int, kernel: int, near_identity: float) -> None:
        super().__init__()
        self.left, self.right = (kernel - 1) // 2, kernel // 2
        self.conv = nn.Conv1d(dim, dim, kernel)
        nn.init.zeros_(self.conv.bias)
        if near_identity:
            nn.init.normal_(self.conv.weight, std=0.3 / math.sqrt(dim * kernel))
            with torch.no_grad():
                self.conv.weight[:, :, self.left] += near_identity * torch.eye(dim)
        else:
            nn.init.xavier_uniform_(self.conv.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, n, d) -> (B, n, d)."""
        padded = F.pad(x.transpose(1, 2), (self.left, self.right))
        return torch.tanh(self.conv(padded)).transpose(1, 2)

    def on_windows(self, windows: Tensor) -> Tensor:
        """The same for windows (T, kernel, d) that were cut before: (T, d)."""
        weight = self.conv.weight.permute(2, 1, 0).flatten(0, 1)
        return torch.tanh(torch.addmm(self.conv.bias, windows.flatten(1), weight))


class SelfAttention(nn.Module):  # type: ignore[misc]
    """Post-norm module, one head, no output projection, no positions; as the paper writes it, without biases."""

    def __init__(self, dim: int, feed_forward: int, dropout: float, branch_scale: float) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(dim, dim, bias=False) for _ in range(3))
        self.wide = nn.Linear(dim, feed_forward, bias=False)
        self.narrow = nn.Linear(feed_forward, dim, bias=False)
        self.norm_attention, self.norm_forward = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.query, self.key, self.value, self.wide, self.narrow):
            nn.init.xavier_uniform_(layer.weight, branch_scale if layer in (self.value, self.narrow) else 1.0)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x (B, n, d), mask (B, n) true at words -> (B, n, d)."""
        attended = attend(self.query(x), self.key(x), self.value(x), mask)
        x = self.norm_attention(x + self.dropout(attended))
        return self.norm_forward(x + self.dropout(self.narrow(F.relu(self.wide(x)))))


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(QK'/sqrt d)V, all (B, n, d). Padded to a multiple of 8, which the memory-efficient GPU kernels want."""
    dim = query.shape[-1]
    query, key, value = (F.pad(x, (0, -dim % 8)).unsqueeze(1) for x in (query, key, value))
    keys = None if mask is None else mask[:, None, None, :]
    out = F.scaled_dot_product_attention(query, key, value, attn_mask=keys, scale=dim**-0.5)
    return out.squeeze(1)[..., :dim]


class Rac(nn.Module):  # type: ignore[misc]
    """Reader of notes, encoder of titles and coder.

    note_vectors (V, d) and title_vectors (V', d) start the embeddings, row 0 is padding; titles (L, m) are word ids,
    0 where a title has ended.
    """

    def __init__(self, config: RacConfig, note_vectors: Tensor, title_vectors: Tensor, titles: Tensor) -> None:
        super().__init__()
        self.config = config
        dim, codes = config.dim, len(titles)
        self.note_words = nn.Embedding.from_pretrained(note_vectors.clone(), freeze=False, padding_idx=PAD)
        self.convolutions = nn.ModuleList(
            Convolution(dim, config.kernel, config.near_identity) for _ in range(config.convolutions)
        )
        self.attentions = nn.ModuleList(
            SelfAttention(dim, config.feed_forward, config.dropout, config.branch_scale) for _ in range(config.modules)
        )
        for last in self.attentions[-1:]:
            nn.init.constant_(last.norm_forward.weight, config.last_gain)
        self.dropout = nn.Dropout(config.dropout)
        if config.queries != "free":
            self.title_words = (
                self.note_words
                if config.tie_embeddings
                else nn.Embedding.from_pretrained(title_vectors.clone(), freeze=False, padding_idx=PAD)
            )
            self.title_convolution = Convolution(dim, config.kernel, config.near_identity)
        if config.queries != "titles":
            start = torch.zeros(codes, dim)
            self.queries = nn.Parameter(nn.init.xavier_uniform_(start) if config.queries == "free" else start)
        rows = 1 if config.readout == "shared" else codes
        self.readout = nn.Parameter(torch.randn(rows, dim) * 0.03)
        if config.readout_bias is not None:
            self.bias = nn.Parameter(torch.full((rows,), float(config.readout_bias)))
        self.register_buffer("titles", titles, persistent=False)

    def read(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """Word ids (B, n) -> U (B, n, d). Padding is zero after the embedding and after each convolution."""
        if not self.config.mask_padding:
            mask = None
        words = None if mask is None else mask.unsqueeze(-1)
        x = self.note_words(ids)
        for convolution in self.convolutions:
            x = convolution(x)
            x = x if words is None else x * words
        x = self.dropout(x)
        for attention in self.attentions:
            x = attention(x, mask)
        return x

    def encode_titles(self, rows: Tensor | None = None) -> Tensor:
        """Queries E (L, d) of all codes, or of `rows`. Titles are packed: only windows around words are computed."""
        if self.config.queries == "free":
            return self.queries if rows is None else self.queries[rows]
        titles = self.titles if rows is None else self.titles[rows]
        here = titles != PAD if self.config.mask_padding else torch.ones_like(titles, dtype=torch.bool)
        convolution = self.title_convolution
        padded = F.pad(titles, (convolution.left, convolution.right))
        windows = padded.unfold(1, self.config.kernel, 1)[here]
        hidden = convolution.on_windows(self.title_words(windows))
        grid = hidden.new_full((*titles.shape, hidden.shape[-1]), -1.0).index_put(tuple(here.nonzero().T), hidden)
        encoded = grid.amax(dim=1)
        if self.config.queries == "titles":
            return encoded
        return encoded + (self.queries if rows is None else self.queries[rows])

    def attention(self, states: Tensor, mask: Tensor | None, queries: Tensor) -> Tensor:
        """Where each code looks: U (B, n, d), E (L, d) -> (B, L, n), rows sum to 1."""
        scores = queries @ states.transpose(1, 2) * self.config.dim**-0.5
        if mask is not None and self.config.mask_padding:
            scores = scores.masked_fill(~mask[:, None, :], -math.inf)
        return scores.softmax(-1)

    def worth(self, states: Tensor, rows: Tensor | None = None) -> Tensor:
        """What each position adds where a code looks at it: U (B, n, d) -> (B, n, 1), or (B, n, L) per label."""
        readout = self.readout if rows is None or len(self.readout) == 1 else self.readout[rows]
        return states @ readout.T

    def code(self, states: Tensor, mask: Tensor | None, queries: Tensor, rows: Tensor | None = None) -> Tensor:
        """Logits (B, L), the coder collapsed: (softmax(EU'/sqrt d) U) w = softmax(EU'/sqrt d) (U w)."""
        weights, worth = self.attention(states, mask, queries), self.worth(states, rows)
        shared = worth.shape[-1] == 1
        logits = (weights @ worth).squeeze(-1) if shared else (weights * worth.transpose(1, 2)).sum(-1)
        return logits + self.biases(rows)

    def biases(self, rows: Tensor | None = None) -> Tensor:
        """Bias of the codes, (1,) or (L,)."""
        if self.config.readout_bias is None:
            return self.readout.new_zeros(1)
        return self.bias if rows is None or len(self.bias) == 1 else self.bias[rows]

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n), mask (B, n) true at words or None -> logits (B, L) of all codes, or of `rows`."""
        return self.code(self.read(ids, mask), mask, self.encode_titles(rows), rows)
