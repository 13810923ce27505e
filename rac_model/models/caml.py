"""CAML (Mullenbach et al., NAACL 2018): one convolution, an attention and a weight vector a code.

H = tanh(Conv1d(words)), then `label_attention.LabelAttention` with H as keys and values. The paper
pads by 5 on both sides of a kernel of 10, which gives a position more than there are words; here 5
to the left and 4 to the right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

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
from rac_model.models.label_attention import LabelAttention, same


@dataclass(frozen=True)
class CamlConfig(Embedded):
    """The defaults are the published hyper-parameters."""

    kind: str = option("caml", "kind of model")
    row: str = option(
        "CAML", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    max_tokens: int = option(2500, "tokens of a note that are read", 1)
    epochs: int = option(200, "most passes over the training notes", 1)
    patience: int = option(10, "epochs without a better dev P@8 before training stops", 1)
    learning_rate: float = option(
        1e-4, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    filters: int = option(50, "width of the convolution", 1)
    kernel: int = option(10, "words a convolution sees", 1)
    bias: float = option(0.0, "start of each code's bias")


class Caml(Model):
    """Convolution and label attention."""

    def __init__(self, config: CamlConfig, start: Start) -> None:
        super().__init__()
        self.config: CamlConfig = config
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.conv = nn.Conv1d(config.dim, config.filters, config.kernel)
        nn.init.xavier_uniform_(self.conv.weight)
        self.codes = LabelAttention(len(start.codes), config.filters, config.filters, config.bias)

    def states(self, ids: Tensor) -> Tensor:
        """H (B, n, filters)."""
        return torch.tanh(same(self.conv, self.dropout(self.note_words(ids))))

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        states = self.states(ids)
        return self.codes(states, states, mask, rows)

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times what each position adds."""
        states = self.states(ids)
        return self.codes.parts(states, states, rows)


SMALL: dict[str, Any] = {
    "dim": 64,
    "filters": 64,
    "whiten": 0.8,
    "learning_rate": 3e-3,
    "schedule": "one-cycle",
    "clip": 1.0,
    "negatives": 256,
    "epochs": 8,
    "patience": 3,
    "dev_notes": 300,
    "bias": -4.0,
    "stored": "float16",
}
"""What makes a small CAML or DR-CAML learn on one core: see docs/rac.md."""

SYSTEM = System(
    "caml",
    CamlConfig,
    Caml,
    {
        "caml": Preset(CamlConfig(), "CAML with the published hyper-parameters"),
        "caml-small": Preset(replace(CamlConfig(), **SMALL), "a small CAML for one CPU core"),
    },
)
