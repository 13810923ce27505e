"""RAC as the paper's formulas stand: padded, nothing kept, nothing collapsed.

What tests and `make bench` compare with. It shares the weights of a Rac and none of its methods.
Shapes: n tokens a note, d width, L codes, B notes, Q queries a code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from rac_model.models.rac import Rac

CHUNK = 256
"""Titles convolved at once; all of MIMIC's at once would take gigabytes."""


def logits(rac: Rac, notes: Sequence[NDArray[np.int32]], length: int = 0) -> Tensor:
    """(N, L), every note padded to `length` words, or to the longest."""
    ids = torch.zeros(len(notes), max(length, *map(len, notes)), dtype=torch.long)
    for row, note in zip(ids, notes, strict=True):
        row[: len(note)] = torch.from_numpy(note.astype(np.int64))
    return on_titles(rac, ids, title_vectors(rac))


def on_titles(rac: Rac, ids: Tensor, queries: Tensor) -> Tensor:
    """Word ids (B, n), 0 where padded, and E (Q, L, d) -> (B, L).

    The note is read, attended to and coded.
    """
    states = read(rac, ids)
    each = torch.stack([coded(rac, states, ids != 0, query) for query in queries])
    return each.amax(0) if rac.config.title_queries == "max" else each.mean(0)


def read(rac: Rac, ids: Tensor) -> Tensor:
    """U (B, n, d): embedding, convolutions, self-attention modules."""
    words = ids != 0
    x = F.embedding(ids, rac.note_words.weight)
    for layer in rac.convolutions:
        x = convolved(x, layer.conv) * words.unsqueeze(-1)
    for module in rac.attentions:
        key, value = x @ module.key.weight.T, x @ module.value.weight.T
        attended = softmax_attention(x @ module.query.weight.T, key, value, words)
        x = normed(x + attended, module.norm_attention)
        forward = F.relu(x @ module.wide.weight.T) @ module.narrow.weight.T
        x = normed(x + forward, module.norm_forward)
    return x


def coded(rac: Rac, states: Tensor, words: Tensor, query: Tensor) -> Tensor:
    """V = softmax(EU'/sqrt d)U, y = VW (+ bias): (B, L).

    One readout for all codes, or one a code.
    """
    seen = softmax_attention(query.expand(len(states), -1, -1), states, states, words)
    bias = 0 if rac.config.readout_bias is None else rac.bias
    if len(rac.readout) > 1:
        return (seen * rac.readout).sum(-1) + bias
    return seen @ rac.readout[0] + bias


def title_vectors(rac: Rac) -> Tensor:
    """E (Q, L, d): titles embedded and convolved, over their padding too.

    Then the maximum over their words.
    """
    if rac.config.queries == "free":
        return rac.queries[None]
    chunks = [
        torch.cat([_encoded(rac, part) for part in titles.split(CHUNK)]) for titles in rac.titles
    ]
    return torch.stack(chunks) + (rac.queries if rac.config.queries == "both" else 0)


def _encoded(rac: Rac, titles: Tensor) -> Tensor:
    hidden = convolved(F.embedding(titles, rac.title_words.weight), rac.title_convolution.conv)
    return hidden.masked_fill((titles == 0).unsqueeze(-1), -math.inf).amax(1)


def convolved(x: Tensor, conv: nn.Conv1d) -> Tensor:
    """tanh(Conv1d) of the same length: of an even kernel the longer half lies to the right."""
    size = conv.kernel_size[0]
    padded = F.pad(x.mT, ((size - 1) // 2, size // 2))
    return torch.tanh(F.conv1d(padded, conv.weight, conv.bias)).mT


def softmax_attention(query: Tensor, key: Tensor, value: Tensor, words: Tensor) -> Tensor:
    """softmax(QK'/sqrt d)V over words, the weights kept whole."""
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    scores = scores.masked_fill(~words[:, None, :], -math.inf)
    return scores.softmax(-1) @ value


def normed(x: Tensor, norm: nn.LayerNorm) -> Tensor:
    """Layer norm."""
    centred = x - x.mean(-1, keepdim=True)
    variance = centred.square().mean(-1, keepdim=True)
    return centred / (variance + norm.eps).sqrt() * norm.weight + norm.bias
