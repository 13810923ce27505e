"""RAC: a note is read (convolutions, self-attention), attended to by code titles, and coded.

n tokens a note, d width, L codes, C of them asked for, B notes, Q queries a code. Section numbers of the paper are not
repeated; shapes are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rac_model.config import Embedded, option
from rac_model.data.ids import PAD
from rac_model.models.base import (
    Model,
    Preset,
    Start,
    System,
)
from rac_model.models.precision import fused_attention_is_fast, precision

AT_ONCE = 2**20
"""Attention weights computed at once in inference, so that they stay in the processor's cache."""
EVEN = 32
"""Lengths that fused 16-bit attention is fastest at are multiples of this."""
BLOCK = 256
"""Queries whose attention weights are computed at once by `attend_in_blocks`."""


@dataclass(frozen=True)
class RacConfig(Embedded):
    """Read, Attend, and Code (Kim & Ganapathi 2021). The defaults are the published hyper-parameters."""

    kind: str = option("rac", "kind of model")
    row: str = option("RAC", "row of the paper's Table 2 that the model stands for, at its size or small")
    min_notes: int = option(1, "training notes that must hold a word for it to be part of the vocabulary", 1)
    min_count: int = option(10, "occurrences in training notes that make a word part of the vocabulary", 1)
    permutations: int = option(2, "copies of each training note with its sentences permuted", 0)
    averaging: Literal["none", "swa", "ema"] = option("swa", "weight averaging: equal (SWA) or exponential (EMA)")
    dim: int = option(300, "width of the word vectors, convolutions and attention", 1)
    dropout: float = option(0.1, "dropout rate", 0)
    title_words: Literal["own", "shared", "unknown"] = option(
        "own", "title words no note has: a random row for titles, the same row for notes too, or the unknown word"
    )
    kernel: int = option(10, "words a convolution sees", 1)
    convolutions: int = option(2, "convolutions over the note", 0)
    modules: int = option(4, "self-attention modules", 0)
    feed_forward: int = option(1024, "width of a module's feed-forward layer", 1)
    queries: Literal["titles", "free", "both"] = option(
        "titles", "what a code attends with: its encoded title, a free vector, or the sum of both"
    )
    title_queries: Literal["joint", "max", "mean"] = option(
        "joint", "a code's long and short title as one query, or a query each: the largest or the mean logit counts"
    )
    readout: Literal["shared", "per-label"] = option("shared", "one readout vector for all codes, or one a code")
    readout_bias: float | None = option(None, "start of the readout's bias; without, no bias")
    mask_padding: bool = option(True, "padding is left out of convolutions, attention and pooling")
    tie_embeddings: bool = option(False, "notes and titles share one embedding")
    near_identity: float = option(0.0, "centre tap that convolutions start from, 0 = Xavier", 0)
    branch_scale: float = option(1.0, "start of a module's value and narrowing layer, 1 = Xavier", 0)
    last_gain: float = option(1.0, "start of the last layer norm's gain: how sharply titles attend", 0)


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

    def on_windows(self, words: Tensor, windows: Tensor) -> Tensor:
        """The same for windows of words that come again and again: words (V, d), places in them (T, kernel) -> (T, d).

        Each word is multiplied once for each place that it can have in a window; a window is then a sum of products.
        """
        kernel = windows.shape[1]
        products = words @ self.conv.weight.permute(1, 2, 0).flatten(1)
        rows = windows * kernel + torch.arange(kernel, device=windows.device)
        summed = F.embedding_bag(rows, products.float().view(-1, words.shape[1]), mode="sum")
        return torch.tanh(summed + self.conv.bias)


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
    if mask is None and not torch.is_grad_enabled() and _blocks_are_faster(query):
        return attend_in_blocks(query, key, value)
    dim = query.shape[-1]
    query, key, value = (F.pad(x, (0, -dim % 8)).unsqueeze(1) for x in (query, key, value))
    keys = None if mask is None else mask[:, None, None, :]
    out = F.scaled_dot_product_attention(query, key, value, attn_mask=keys, scale=dim**-0.5)
    return out.squeeze(1)[..., :dim]


def attend_in_blocks(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """The same by plain products, a block of queries at a time so that its weights stay in cache."""
    scaled = query * query.shape[-1] ** -0.5
    columns = key.transpose(1, 2)
    blocks = [(block @ columns).softmax(-1) @ value for block in scaled.split(BLOCK, dim=1)]
    return torch.cat(blocks, dim=1)


def _blocks_are_faster(query: Tensor) -> bool:
    is_short = query.dtype == torch.bfloat16 and query.device.type == "cpu"
    return is_short and not fused_attention_is_fast()


class Rac(Model):
    """Reader of notes, encoder of titles and coder."""

    def __init__(self, config: RacConfig, start: Start) -> None:
        super().__init__()
        self.config: RacConfig = config
        self._kept_queries: Tensor | None = None
        dim, codes = config.dim, len(start.codes)
        notes = start.title_words if config.tie_embeddings else start.words
        self.note_words = nn.Embedding.from_pretrained(notes.clone(), freeze=False, padding_idx=PAD)
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
                else nn.Embedding.from_pretrained(start.title_words.clone(), freeze=False, padding_idx=PAD)
            )
            self.title_convolution = Convolution(dim, config.kernel, config.near_identity)
        if config.queries != "titles":
            free = torch.zeros(codes, dim)
            self.queries = nn.Parameter(nn.init.xavier_uniform_(free) if config.queries == "free" else free)
        rows = 1 if config.readout == "shared" else codes
        self.readout = nn.Parameter(torch.randn(rows, dim) * 0.03)
        if config.readout_bias is not None:
            self.bias = nn.Parameter(torch.full((rows,), float(config.readout_bias)))
        self.register_buffer("titles", _stacked(start.titles), persistent=False)

    def read(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """Word ids (B, n) -> U (B, n, d). Padding is zero after the embedding and after each convolution."""
        if not self.config.mask_padding:
            mask = None
        words = None if mask is None else mask.unsqueeze(-1)
        x = self.note_words(ids)
        for convolution in self.convolutions:
            x = convolution(x)
            x = x if words is None else x * words
        x = self.dropout(x).float()
        for attention in self.attentions:
            x = attention(x, mask)
        return x

    def encode_titles(self, rows: Tensor | None = None) -> Tensor:
        """Queries E (Q, L, d) of all codes, or of `rows`. Only windows around words are computed."""
        if self.config.queries == "free":
            return (self.queries if rows is None else self.queries[rows])[None]
        titles = self.titles if rows is None else self.titles[:, rows]
        here = titles != PAD if self.config.mask_padding else torch.ones_like(titles, dtype=torch.bool)
        convolution = self.title_convolution
        padded = F.pad(titles, (convolution.left, convolution.right))
        words, places = distinct(padded, len(self.title_words.weight))
        hidden = convolution.on_windows(self.title_words(words), places.unfold(2, self.config.kernel, 1)[here])
        grid = hidden.new_full((*titles.shape, hidden.shape[-1]), -1.0).index_put(tuple(here.nonzero().T), hidden)
        encoded = grid.amax(dim=2)
        if self.config.queries == "titles":
            return encoded
        return encoded + (self.queries if rows is None else self.queries[rows])

    def attention(self, states: Tensor, mask: Tensor | None, queries: Tensor) -> Tensor:
        """Where each query looks: U (B, n, d), E (Q, C, d) -> (B, Q, C, n), rows sum to 1."""
        scaled = queries.flatten(0, 1) * self.config.dim**-0.5
        scores = scaled @ states.transpose(1, 2)
        if mask is not None and self.config.mask_padding:
            scores = scores.masked_fill(~mask[:, None, :], -math.inf)
        return scores.softmax(-1, dtype=torch.float32).unflatten(1, queries.shape[:2])

    def worth(self, states: Tensor, rows: Tensor | None = None) -> Tensor:
        """What each position adds where a code looks at it: U (B, n, d) -> (B, 1 or C, n); 1 if codes share it."""
        readout = self.readout if rows is None or len(self.readout) == 1 else self.readout[rows]
        return readout @ states.transpose(1, 2)

    def code(self, weights: Tensor, worth: Tensor) -> Tensor:
        """Logits (B, C) less bias, the coder collapsed: (softmax(EU'/sqrt d) U) w = softmax(EU'/sqrt d) (U w).

        weights (B, Q, C, n), worth (B, 1 or C, n).
        """
        if worth.shape[1] == 1:
            sums = (weights @ worth.unsqueeze(-1)).squeeze(-1)
        else:
            sums = (weights * worth.unsqueeze(1)).sum(-1)
        return sums.amax(1) if self.config.title_queries == "max" else sums.mean(1)

    def biases(self, rows: Tensor | None = None) -> Tensor:
        """Bias of the codes, (1,) or (L,)."""
        if self.config.readout_bias is None:
            return self.readout.new_zeros(1)
        return self.bias if rows is None or len(self.bias) == 1 else self.bias[rows]

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n), mask (B, n) true at words or None -> logits (B, L) of all codes, or of `rows`."""
        states = self.read(ids, mask)
        weights = self.attention(states, mask, self.encode_titles(rows))
        return self.code(weights, self.worth(states, rows)) + self.biases(rows)

    def train(self, mode: bool = True) -> Rac:
        """Training changes the titles' encodings, so those kept for inference are forgotten."""
        self._kept_queries = None
        super().train(mode)
        return self

    def logits(self, ids: Tensor) -> Tensor:
        """Inference: titles do not depend on the note and are encoded once; codes are coded a block at a time."""
        return self._logits(*self._alone(ids))

    def _logits(self, queries: Tensor, states: Tensor, worth: Tensor) -> Tensor:
        size = max(1, AT_ONCE // (len(queries) * states.shape[1]))
        worths = worth.split(size, 1) if worth.shape[1] > 1 else itertools.repeat(worth)
        blocks = zip(queries.split(size, 1), worths, strict=False)
        return torch.cat([self.code(self.attention(states, None, q), w)[0] for q, w in blocks]) + self.biases()

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times worth of each position: the collapsed coder is a sum over them.

        Of several queries a code, their mean, or those of the query that gave the logit.
        """
        return self._parts(*self._alone(ids), rows)

    def ask(self, ids: Tensor) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
        """The note is read once for both."""
        note = self._alone(ids)
        return self._logits(*note), partial(self._parts, *note)

    def _parts(self, queries: Tensor, states: Tensor, worth: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        worth = worth if worth.shape[1] == 1 else worth[:, rows]
        weights = (self.attention(states, None, queries[:, rows]) * worth.unsqueeze(1))[0]
        if self.config.title_queries == "max":
            winners = weights.sum(-1).argmax(0)
            return self.biases(rows).expand(len(rows)), weights[winners, torch.arange(len(rows), device=rows.device)]
        return self.biases(rows).expand(len(rows)), weights.mean(0)

    def _alone(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(E (Q, L, d), U (1, n, d), worth (1, 1 or L, n)) of a note; E and U are what attention multiplies fastest."""
        queries, length = self._queries(), ids.shape[1]
        lean, mask = queries.dtype == torch.bfloat16, None
        evened = lean and self.config.mask_padding and fused_attention_is_fast()
        if evened and length % EVEN:
            ids = F.pad(ids, (0, -length % EVEN), value=PAD)
            mask = (torch.arange(ids.shape[1], device=ids.device) < length)[None]
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=lean):
            states = self.read(ids, mask)[:, :length]
        columns = states.to(queries.dtype).transpose(1, 2).contiguous()
        return queries, columns.transpose(1, 2), self.worth(states)

    def _queries(self) -> Tensor:
        if self._kept_queries is None:
            kind = precision(self.config.dim, self.readout.device.type)
            self._kept_queries = self.encode_titles().detach().to(kind)
        return self._kept_queries


def distinct(ids: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """What `ids.unique(return_inverse=True)` gives, for ids below `size`: without sorting them."""
    present = torch.zeros(size, dtype=torch.bool, device=ids.device)
    present[ids.flatten()] = True
    return present.nonzero().squeeze(1), (present.cumsum(0) - 1)[ids]


def _stacked(titles: Tensor) -> Tensor:
    """(Q, L, m) of (Q, L, m), or of (L, m) as one query a code."""
    return titles if titles.ndim == 3 else titles[None]


SMALL = RacConfig(
    dim=64,
    feed_forward=128,
    modules=1,
    min_count=3,
    whiten=0.8,
    near_identity=1.5,
    branch_scale=0.1,
    last_gain=2.0,
    readout_bias=-4.0,
    title_words="shared",
    max_tokens=2500,
    learning_rate=2e-3,
    schedule="one-cycle",
    clip=1.0,
    negatives=256,
    epochs=4,
    permutations=0,
    fresh_permutations=True,
    averaging="swa",
    average_every=1,
    precision="bfloat16",
    dev_notes=300,
    stored="float16",
)
ABLATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "rac-no-swa-no-permutation-no-titles": (
        "RAC - SWA - SentPerm - CodeTitles",
        {"averaging": "none", "permutations": 0, "fresh_permutations": False, "queries": "free"},
    ),
    "rac-no-swa-no-permutation": (
        "RAC - SWA - SentPerm",
        {"averaging": "none", "permutations": 0, "fresh_permutations": False},
    ),
    "rac-no-swa": ("RAC - SWA", {"averaging": "none"}),
}
SYSTEM = System(
    "rac",
    RacConfig,
    Rac,
    {
        "rac": Preset(RacConfig(), "RAC with the published hyper-parameters, for MIMIC's size and a GPU"),
        **{
            name: Preset(replace(RacConfig(), row=row, **changes), f"the published {row}")
            for name, (row, changes) in ABLATIONS.items()
        },
        "rac-small": Preset(SMALL, "a small RAC that learns on one CPU core, for the demo and for thousands of notes"),
        **{
            f"{name}-small": Preset(replace(SMALL, row=row, **changes), f"a small {row}")
            for name, (row, changes) in ABLATIONS.items()
        },
    },
)
