"""The convolutional baseline of Mullenbach et al. 2018.

A convolution, the maximum over time, a linear layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from rac_model.config import Embedded, option
from rac_model.data.ids import PAD
from rac_model.models.base import (
    Model,
    Preset,
    Start,
    System,
)
from rac_model.models.label_attention import same


@dataclass(frozen=True)
class CnnConfig(Embedded):
    """The defaults are the published hyper-parameters."""

    kind: str = option("cnn", "kind of model")
    row: str = option(
        "CNN", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    max_tokens: int = option(2500, "tokens of a note that are read", 1)
    epochs: int = option(200, "most passes over the training notes", 1)
    patience: int = option(10, "epochs without a better dev P@8 before training stops", 1)
    learning_rate: float = option(
        3e-3, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    filters: int = option(500, "width of the convolution", 1)
    kernel: int = option(4, "words a convolution sees", 1)
    bias: float = option(0.0, "start of each code's bias")


class Cnn(Model):
    """tanh(Conv1d), max over words, one weight vector a code."""

    def __init__(self, config: CnnConfig, start: Start) -> None:
        super().__init__()
        self.config: CnnConfig = config
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.conv = nn.Conv1d(config.dim, config.filters, config.kernel)
        nn.init.xavier_uniform_(self.conv.weight)
        self.linear = nn.Linear(config.filters, len(start.codes))
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.constant_(self.linear.bias, config.bias)

    def states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """(B, n, filters), -inf where a note has ended."""
        states = torch.tanh(same(self.conv, self.dropout(self.note_words(ids))))
        if mask is None:
            return states
        return states.masked_fill(~mask.unsqueeze(-1), -math.inf)

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        highest = self.states(ids, mask).amax(1)
        if rows is None:
            return self.linear(highest)
        return highest @ self.linear.weight[rows].T + self.linear.bias[rows]

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """What a filter adds to a logit belongs to the position where it was highest."""
        highest, where = self.states(ids, None)[0].max(0)
        weights = highest.new_zeros(len(rows), ids.shape[1])
        weights.index_add_(1, where, self.linear.weight[rows] * highest)
        return self.linear.bias[rows], weights


SYSTEM = System(
    "cnn",
    CnnConfig,
    Cnn,
    {
        "cnn": Preset(
            CnnConfig(), "the convolutional baseline with the published hyper-parameters"
        ),
        "cnn-small": Preset(
            replace(
                CnnConfig(),
                dim=64,
                filters=256,
                whiten=0.8,
                schedule="one-cycle",
                clip=1.0,
                negatives=256,
                epochs=10,
                patience=3,
                dev_notes=300,
                bias=-4.0,
                stored="float16",
            ),
            "a small convolutional baseline for one CPU core",
        ),
    },
)
