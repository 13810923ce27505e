"""RAC: a note is read (convolutions, self-attention), attended to by code titles, and coded.

In shapes: n tokens a note, d width, L codes, C of them asked for, B notes, Q queries a code. The
letters U (a note's states) and E (the codes' queries) are the paper's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rac_model.data.ids import PAD
from rac_model.models.base import Model, Start, System
from rac_model.models.precision import fused_attention_is_fast, precision
from rac_model.models.rac_config import RacConfig, presets

AT_ONCE = 2**20
"""Attention weights computed at once in inference, so that they stay in the processor's cache."""
EVEN = 32
"""Lengths that fused 16-bit attention is fastest at are multiples of this."""
BLOCK = 256
"""Queries whose attention weights are computed at once by `attend_in_blocks`."""


class Convolution(nn.Module):  # type: ignore[misc]
    """tanh(Conv1d) that keeps the length.

    An even kernel sees one word more to the right: of 10 words, 4 to the left and 5 to the right.
    """

    def __init__(self, dim: int, kernel: int, near_identity: float) -> None:
        super().__init__()
        self.left = (kernel - 1) // 2
        self.right = kernel // 2
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
        """The same for windows of words that come again and again.

        words (V, d), windows of their numbers (T, kernel) -> (T, d). Each word is multiplied once
        for each place that it can have in a window; a window is then a sum of products.
        """
        kernel = windows.shape[1]
        products = words @ self.conv.weight.permute(1, 2, 0).flatten(1)
        rows = windows * kernel + torch.arange(kernel, device=windows.device)
        summed = F.embedding_bag(rows, products.float().view(-1, words.shape[1]), mode="sum")
        return torch.tanh(summed + self.conv.bias)


class SelfAttention(nn.Module):  # type: ignore[misc]
    """A self-attention module as the paper writes it.

    Layer norm after each branch, one head, no output projection, no positions, no biases.
    """

    def __init__(self, dim: int, feed_forward: int, dropout: float, branch_scale: float) -> None:
        super().__init__()
        self.query = nn.Linear(dim, dim, bias=False)
        self.key = nn.Linear(dim, dim, bias=False)
        self.value = nn.Linear(dim, dim, bias=False)
        self.wide = nn.Linear(dim, feed_forward, bias=False)
        self.narrow = nn.Linear(feed_forward, dim, bias=False)
        self.norm_attention = nn.LayerNorm(dim)
        self.norm_forward = nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)
        nn.init.xavier_uniform_(self.query.weight)
        nn.init.xavier_uniform_(self.key.weight)
        nn.init.xavier_uniform_(self.value.weight, branch_scale)
        nn.init.xavier_uniform_(self.wide.weight)
        nn.init.xavier_uniform_(self.narrow.weight, branch_scale)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x (B, n, d), mask (B, n) true at words -> (B, n, d)."""
        attended = attend(self.query(x), self.key(x), self.value(x), mask)
        x = self.norm_attention(x + self.dropout(attended))
        fed_forward = self.narrow(F.relu(self.wide(x)))
        return self.norm_forward(x + self.dropout(fed_forward))


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(QK'/sqrt d)V, all (B, n, d); mask (B, n) true at words."""
    if mask is None and not torch.is_grad_enabled() and _blocks_are_faster(query):
        return attend_in_blocks(query, key, value)
    dim = query.shape[-1]
    keys = None if mask is None else mask[:, None, None, :]
    attended = F.scaled_dot_product_attention(
        _one_head(query), _one_head(key), _one_head(value), attn_mask=keys, scale=dim**-0.5
    )
    return attended.squeeze(1)[..., :dim]


def _one_head(x: Tensor) -> Tensor:
    """(B, n, d) -> (B, 1, n, d') with d' a multiple of 8, as memory-efficient GPU kernels want."""
    return F.pad(x, (0, -x.shape[-1] % 8)).unsqueeze(1)


def attend_in_blocks(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """The same by plain products, a block of queries at a time so that weights stay in cache."""
    scaled = query * query.shape[-1] ** -0.5
    columns = key.transpose(1, 2)
    blocks = []
    for block in scaled.split(BLOCK, dim=1):
        weights = (block @ columns).softmax(-1)
        blocks.append(weights @ value)
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
        dim = config.dim
        codes = len(start.codes)
        self.note_words = _embedding(start.title_words if config.tie_embeddings else start.words)
        self.convolutions = nn.ModuleList()
        for _ in range(config.convolutions):
            self.convolutions.append(Convolution(dim, config.kernel, config.near_identity))
        self.attentions = nn.ModuleList()
        for _ in range(config.modules):
            module = SelfAttention(dim, config.feed_forward, config.dropout, config.branch_scale)
            self.attentions.append(module)
        if config.modules:
            nn.init.constant_(self.attentions[-1].norm_forward.weight, config.last_gain)
        self.dropout = nn.Dropout(config.dropout)
        if config.queries != "free":
            if config.tie_embeddings:
                self.title_words = self.note_words
            else:
                self.title_words = _embedding(start.title_words)
            self.title_convolution = Convolution(dim, config.kernel, config.near_identity)
        if config.queries != "titles":
            self.queries = nn.Parameter(torch.zeros(codes, dim))
            if config.queries == "free":
                nn.init.xavier_uniform_(self.queries)
        rows = 1 if config.readout == "shared" else codes
        self.readout = nn.Parameter(torch.randn(rows, dim) * 0.03)
        if config.readout_bias is not None:
            self.bias = nn.Parameter(torch.full((rows,), float(config.readout_bias)))
        self.register_buffer("titles", _stacked(start.titles), persistent=False)

    def read(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """Word ids (B, n) -> the note's states U (B, n, d).

        Padding is zero after the embedding and after each convolution.
        """
        if not self.config.mask_padding:
            mask = None
        x = self.note_words(ids)
        for convolution in self.convolutions:
            x = convolution(x)
            if mask is not None:
                x = x * mask.unsqueeze(-1)
        x = self.dropout(x).float()
        for attention in self.attentions:
            x = attention(x, mask)
        return x

    def encode_titles(self, rows: Tensor | None = None) -> Tensor:
        """Queries E (Q, L, d) of all codes, or of `rows`: their titles, free vectors, or both."""
        if self.config.queries == "titles":
            return self._encoded(rows)
        free = self.queries if rows is None else self.queries[rows]
        if self.config.queries == "free":
            return free[None]
        return self._encoded(rows) + free

    def _encoded(self, rows: Tensor | None) -> Tensor:
        """Titles (Q, L, d): a convolution over their words, the maximum over time."""
        titles = self.titles if rows is None else self.titles[:, rows]
        is_word = torch.ones_like(titles, dtype=torch.bool)
        if self.config.mask_padding:
            is_word = titles != PAD
        convolution = self.title_convolution
        padded = F.pad(titles, (convolution.left, convolution.right))
        words, numbers = distinct(padded, len(self.title_words.weight))
        # Only the windows around words are computed; tanh is above -1, so the others never count.
        windows = numbers.unfold(2, self.config.kernel, 1)[is_word]
        hidden = convolution.on_windows(self.title_words(words), windows)
        grid = hidden.new_full((*titles.shape, hidden.shape[-1]), -1.0)
        grid = grid.index_put(tuple(is_word.nonzero().T), hidden)
        return grid.amax(dim=2)

    def attention(self, states: Tensor, mask: Tensor | None, queries: Tensor) -> Tensor:
        """Where each query looks: U (B, n, d), E (Q, C, d) -> (B, Q, C, n), rows sum to 1."""
        scaled = queries.flatten(0, 1) * self.config.dim**-0.5
        scores = scaled @ states.transpose(1, 2)
        if mask is not None and self.config.mask_padding:
            scores = scores.masked_fill(~mask[:, None, :], -math.inf)
        return scores.softmax(-1, dtype=torch.float32).unflatten(1, queries.shape[:2])

    def values(self, states: Tensor, rows: Tensor | None = None) -> Tensor:
        """What each position adds to the logit of a code that looks at it.

        U (B, n, d) -> (B, C, n), or (B, 1, n) where all codes share the readout.
        """
        return self._of_codes(self.readout, rows) @ states.transpose(1, 2)

    def code(self, weights: Tensor, values: Tensor) -> Tensor:
        """Logits (B, C) without the bias: weights (B, Q, C, n) of attention, values (B, 1 or C, n).

        (softmax(EU'/sqrt d) U) w = softmax(EU'/sqrt d) (U w): a code needs no vector of its own.
        """
        if values.shape[1] == 1:
            sums = (weights @ values.unsqueeze(-1)).squeeze(-1)
        else:
            sums = (weights * values.unsqueeze(1)).sum(-1)
        if self.config.title_queries == "max":
            return sums.amax(1)
        return sums.mean(1)

    def biases(self, rows: Tensor | None = None) -> Tensor:
        """Bias of all codes, or of `rows`: (1,) where they share it, else (C,)."""
        if self.config.readout_bias is None:
            return self.readout.new_zeros(1)
        return self._of_codes(self.bias, rows)

    def _of_codes(self, learned: Tensor, rows: Tensor | None) -> Tensor:
        """The rows of some codes, or the one row that all share."""
        if rows is None or len(learned) == 1:
            return learned
        return learned[rows]

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n), mask (B, n) true at words or None -> logits (B, L), or of `rows`."""
        states = self.read(ids, mask)
        weights = self.attention(states, mask, self.encode_titles(rows))
        return self.code(weights, self.values(states, rows)) + self.biases(rows)

    def train(self, mode: bool = True) -> Rac:
        """Training changes the titles' encodings, so those kept for inference are forgotten."""
        self._kept_queries = None
        super().train(mode)
        return self

    def logits(self, ids: Tensor) -> Tensor:
        """Inference: titles do not depend on the note, so they are encoded once and kept."""
        queries, states, values = self._read_alone(ids)
        return self._logits(queries, states, values)

    def _logits(self, queries: Tensor, states: Tensor, values: Tensor) -> Tensor:
        """Logits (L,) of one note, a block of codes at a time."""
        size = max(1, AT_ONCE // (len(queries) * states.shape[1]))
        value_blocks: Iterable[Tensor] = itertools.repeat(values)
        if values.shape[1] > 1:
            value_blocks = values.split(size, 1)
        logits = []
        for query_block, value_block in zip(queries.split(size, 1), value_blocks, strict=False):
            weights = self.attention(states, None, query_block)
            logits.append(self.code(weights, value_block)[0])
        return torch.cat(logits) + self.biases()

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times the value of each position: the collapsed coder is a sum over them.

        Of several queries a code, their mean, or those of the query that gave the logit.
        """
        queries, states, values = self._read_alone(ids)
        return self._parts(queries, states, values, rows)

    def ask(self, ids: Tensor) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
        """The note is read once for both."""
        queries, states, values = self._read_alone(ids)
        parts = partial(self._parts, queries, states, values)
        return self._logits(queries, states, values), parts

    def _parts(
        self, queries: Tensor, states: Tensor, values: Tensor, rows: Tensor
    ) -> tuple[Tensor, Tensor]:
        if values.shape[1] > 1:
            values = values[:, rows]
        biases = self.biases(rows).expand(len(rows))
        weights = (self.attention(states, None, queries[:, rows]) * values.unsqueeze(1))[0]
        if self.config.title_queries == "max":
            winners = weights.sum(-1).argmax(0)
            return biases, weights[winners, torch.arange(len(rows), device=rows.device)]
        return biases, weights.mean(0)

    def _read_alone(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One note (1, n) for inference: (E (Q, L, d), U (1, n, d), values (1, 1 or L, n)).

        E and U have the precision and the order in memory that attention multiplies fastest.
        """
        queries = self._queries()
        length = ids.shape[1]
        is_16_bit = queries.dtype == torch.bfloat16
        mask = None
        wants_even = is_16_bit and self.config.mask_padding and fused_attention_is_fast()
        if wants_even and length % EVEN:
            ids = F.pad(ids, (0, -length % EVEN), value=PAD)
            mask = (torch.arange(ids.shape[1], device=ids.device) < length)[None]
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=is_16_bit):
            states = self.read(ids, mask)[:, :length]
        columns = states.to(queries.dtype).transpose(1, 2).contiguous()
        return queries, columns.transpose(1, 2), self.values(states)

    def _queries(self) -> Tensor:
        """The queries of all codes, worked out once and kept until the model is trained."""
        if self._kept_queries is None:
            kind = precision(self.config.dim, self.readout.device.type)
            self._kept_queries = self.encode_titles().detach().to(kind)
        return self._kept_queries


def distinct(ids: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """(the distinct ids, in order; for each id its number among them), for ids below `size`.

    The same as `ids.unique(return_inverse=True)`, but without sorting.
    """
    present = torch.zeros(size, dtype=torch.bool, device=ids.device)
    present[ids.flatten()] = True
    numbers = present.cumsum(0) - 1
    return present.nonzero().squeeze(1), numbers[ids]


def _embedding(vectors: Tensor) -> nn.Embedding:
    """An embedding that starts from these vectors and learns; padding stays zero."""
    return nn.Embedding.from_pretrained(vectors.clone(), freeze=False, padding_idx=PAD)


def _stacked(titles: Tensor) -> Tensor:
    """(Q, L, m) of (Q, L, m), or of (L, m) as one query a code."""
    return titles if titles.ndim == 3 else titles[None]


SYSTEM = System("rac", RacConfig, Rac, presets())
