"""MSATT-KG (Xie et al., CIKM 2019), approximately: no code was published, and the paper leaves the details open.

Taken from it: densely connected convolutions, an attention over their scales at each position, a label attention whose
queries come from a graph convolution over the code tree. Assumed here:

- block i is tanh(Conv1d) of all that stands before it side by side (words and earlier blocks); all are equally wide
- the weight of a scale at a position is a softmax over scales of a linear function of that scale's state
- the tree is code - category (`codes.category`) - root, undirected, with self-loops, normalised D^-1/2 A D^-1/2
  (Kipf & Welling 2017)
- a code starts as the mean word vector of its title, a category as the mean of its codes, the root as that of all
- two layers: relu between, none after; a code's query is its node plus a free vector
- each code has a weight vector of its own
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from icd.codes import CodeRow
from rac_model.config import Embedded, option
from rac_model.data.ids import PAD
from rac_model.models.base import (
    Model,
    Preset,
    Start,
    System,
)
from rac_model.models.label_attention import LabelAttention, same, words_only


@dataclass(frozen=True)
class MsattKgConfig(Embedded):
    """Hyper-parameters that the paper names, others as the systems around it have them."""

    kind: str = option("msattkg", "kind of model")
    row: str = option(
        "MSATT-KG", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    max_tokens: int = option(2500, "tokens of a note that are read", 1)
    epochs: int = option(200, "most passes over the training notes", 1)
    patience: int = option(10, "epochs without a better dev P@8 before training stops", 1)
    learning_rate: float = option(
        1e-4, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    filters: int = option(100, "width of a convolution", 1)
    kernel: int = option(5, "words a convolution sees", 1)
    blocks: int = option(4, "convolutions, each over all before it", 1)
    bias: float = option(0.0, "start of each code's bias")


class MsattKg(Model):
    """Dense convolutions, attention over scales, label attention with queries from the code tree."""

    def __init__(self, config: MsattKgConfig, start: Start) -> None:
        super().__init__()
        self.config: MsattKgConfig = config
        width = config.filters
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            nn.Conv1d(config.dim + i * width, width, config.kernel) for i in range(config.blocks)
        )
        for block in self.blocks:
            nn.init.xavier_uniform_(block.weight)
        self.scale = nn.Linear(width, 1)
        self.codes = LabelAttention(len(start.codes), width, width, config.bias)
        self.near, self.far = nn.Linear(config.dim, width), nn.Linear(width, width)
        tree, children = tree_of(start.codes)
        self.register_buffer("tree", tree, persistent=False)
        self.nodes = nn.Parameter(first_nodes(start, children))

    def states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """H (B, n, filters)."""
        seen, scales = self.dropout(self.note_words(ids)), []
        for block in self.blocks:
            scales.append(words_only(torch.tanh(same(block, seen)), mask))
            seen = torch.cat([seen, scales[-1]], -1)
        stacked = torch.stack(scales, 2)
        return (self.scale(stacked).softmax(2) * stacked).sum(2)

    def queries(self, rows: Tensor | None) -> Tensor:
        """What each code attends with (C, filters)."""
        hidden = torch.relu(torch.sparse.mm(self.tree, self.near(self.nodes).float()))
        nodes = torch.sparse.mm(self.tree, self.far(hidden).float())[: len(self.codes.bias)]
        return nodes + self.codes.query if rows is None else nodes[rows] + self.codes.query[rows]

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        states = self.states(ids, mask)
        read = self.codes.read(states, states, mask, rows, self.queries(rows))
        if rows is None:
            return (read * self.codes.weight).sum(-1) + self.codes.bias
        return (read * self.codes.weight[rows]).sum(-1) + self.codes.bias[rows]

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times the worth of each position."""
        states = self.states(ids, None)
        return self.codes.parts(states, states, rows, self.queries(rows))


def tree_of(codes: Sequence[CodeRow]) -> tuple[Tensor, list[list[int]]]:
    """(normalised adjacency (N, N) of codes, categories and root, sparse; for each category, places of its codes)."""
    names = [row.category for row in codes]
    place = {name: i for i, name in enumerate(sorted(set(names)))}
    children: list[list[int]] = [[] for _ in place]
    for code, name in enumerate(names):
        children[place[name]].append(code)
    root = len(codes) + len(place)
    edges = [(code, len(codes) + place[name]) for code, name in enumerate(names)]
    edges += [(len(codes) + i, root) for i in range(len(place))]
    pairs = torch.tensor(
        [*edges, *((b, a) for a, b in edges), *((i, i) for i in range(root + 1))]
    ).T
    degree = torch.bincount(pairs[0], minlength=root + 1).float()
    values = (degree[pairs[0]] * degree[pairs[1]]).rsqrt()
    return torch.sparse_coo_tensor(
        pairs, values, (root + 1, root + 1), check_invariants=True
    ).coalesce(), children


def first_nodes(start: Start, children: Sequence[Sequence[int]]) -> Tensor:
    """(N, d): means of the titles' word vectors, of a category's codes, of all."""
    here = (start.titles != PAD).unsqueeze(-1)
    codes = (start.title_words[start.titles] * here).sum(1) / here.sum(1).clamp_min(1)
    above = torch.stack([codes[list(places)].mean(0) for places in children])
    return torch.cat([codes, above, codes.mean(0, keepdim=True)])


SYSTEM = System(
    "msattkg",
    MsattKgConfig,
    MsattKg,
    {
        "msattkg": Preset(MsattKgConfig(), "MSATT-KG as far as its paper tells"),
        "msattkg-small": Preset(
            replace(
                MsattKgConfig(), dim=64, filters=48, blocks=3, whiten=0.8, learning_rate=3e-3, schedule="one-cycle",
                clip=1.0, negatives=256, epochs=5, patience=3, dev_notes=300, bias=-4.0, stored="float16",
            ),
            "a small MSATT-KG for one CPU core",
        ),
    },
    remark="approximate",
)  # fmt: skip
