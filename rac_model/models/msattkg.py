"""MSATT-KG (Xie et al., CIKM 2019), approximately: no code was published.

Taken from the paper: densely connected convolutions, an attention over their scales at each
position, a label attention whose queries come from a graph convolution over the code tree. Where it
leaves the details open, assumed here:

- block i is tanh(Conv1d) of all that stands before it side by side (words and earlier blocks); all
  are equally wide
- the weight of a scale at a position is a softmax over scales of a linear function of its state
- the tree is code - category (`codes.category`) - root, undirected, with self-loops, normalised
  D^-1/2 A D^-1/2 (Kipf & Welling 2017)
- a code starts as the mean word vector of its title, a category as the mean of its codes, the root
  as that of all
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
        "MSATT-KG",
        "row of the paper's Table 2 that the model stands for, at its size or small",
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
    """Dense convolutions, attention over scales, label attention with queries from the tree."""

    def __init__(self, config: MsattKgConfig, start: Start) -> None:
        super().__init__()
        self.config: MsattKgConfig = config
        width = config.filters
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList()
        for number in range(config.blocks):
            block = nn.Conv1d(config.dim + number * width, width, config.kernel)
            self.blocks.append(block)
        for block in self.blocks:
            nn.init.xavier_uniform_(block.weight)
        self.scale = nn.Linear(width, 1)
        self.codes = LabelAttention(len(start.codes), width, width, config.bias)
        self.near = nn.Linear(config.dim, width)
        self.far = nn.Linear(width, width)
        tree, children = tree_of(start.codes)
        self.register_buffer("tree", tree, persistent=False)
        self.nodes = nn.Parameter(first_nodes(start, children))

    def states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """H (B, n, filters)."""
        seen = self.dropout(self.note_words(ids))
        scales = []
        for block in self.blocks:
            scale = words_only(torch.tanh(same(block, seen)), mask)
            scales.append(scale)
            seen = torch.cat([seen, scale], -1)
        stacked = torch.stack(scales, 2)
        return (self.scale(stacked).softmax(2) * stacked).sum(2)

    def queries(self, rows: Tensor | None) -> Tensor:
        """What each code attends with (C, filters)."""
        hidden = torch.relu(torch.sparse.mm(self.tree, self.near(self.nodes).float()))
        nodes = torch.sparse.mm(self.tree, self.far(hidden).float())
        queries = nodes[: len(self.codes.bias)] + self.codes.query
        if rows is None:
            return queries
        return queries[rows]

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        states = self.states(ids, mask)
        read = self.codes.read(states, states, mask, rows, self.queries(rows))
        return self.codes.score(read, rows)

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times what each position adds."""
        states = self.states(ids, None)
        return self.codes.parts(states, states, rows, self.queries(rows))


def tree_of(codes: Sequence[CodeRow]) -> tuple[Tensor, list[list[int]]]:
    """(normalised adjacency (N, N), sparse; for each category, the places of its codes).

    Nodes are the codes, then their categories, then the root.
    """
    names = [row.category for row in codes]
    place = {name: number for number, name in enumerate(sorted(set(names)))}
    root = len(codes) + len(place)
    children: list[list[int]] = [[] for _ in place]
    edges = []
    for code, name in enumerate(names):
        children[place[name]].append(code)
        edges.append((code, len(codes) + place[name]))
    for category in range(len(codes), root):
        edges.append((category, root))
    back = [(above, below) for below, above in edges]
    loops = [(node, node) for node in range(root + 1)]
    pairs = torch.tensor([*edges, *back, *loops]).T
    degree = torch.bincount(pairs[0], minlength=root + 1).float()
    values = (degree[pairs[0]] * degree[pairs[1]]).rsqrt()
    shape = (root + 1, root + 1)
    tree = torch.sparse_coo_tensor(pairs, values, shape, check_invariants=True)
    return tree.coalesce(), children


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
                MsattKgConfig(),
                dim=64,
                filters=48,
                blocks=3,
                whiten=0.8,
                learning_rate=3e-3,
                schedule="one-cycle",
                clip=1.0,
                negatives=256,
                epochs=5,
                patience=3,
                dev_notes=300,
                bias=-4.0,
                stored="float16",
            ),
            "a small MSATT-KG for one CPU core",
        ),
    },
    remark="approximate",
)
