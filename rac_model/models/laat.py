"""LAAT (Vu et al., IJCAI 2020): a BiLSTM, and a label attention on a layer of its own.

Z = tanh(H W), a_c = softmax(Z u_c), v_c = a_c H, logit_c = w_c . v_c + b_c.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

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
from rac_model.models.label_attention import LabelAttention
from rac_model.models.recurrent import BothWays


@dataclass(frozen=True)
class LaatConfig(Embedded):
    """The defaults are the published hyper-parameters."""

    kind: str = option("laat", "kind of model")
    row: str = option(
        "LAAT", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    max_tokens: int = option(4000, "tokens of a note that are read", 1)
    epochs: int = option(50, "most passes over the training notes", 1)
    patience: int = option(6, "epochs without a better dev P@8 before training stops", 1)
    batch_size: int = option(8, "notes a step, over all processes", 1)
    optimizer: Literal["adam", "adamw"] = option(
        "adamw", "Adam, or Adam with decoupled weight decay"
    )
    weight_decay: float = option(0.0, "the optimizer's weight decay", 0)
    schedule: Literal["constant", "one-cycle", "plateau"] = option(
        "plateau",
        "how the step moves; plateau: x .9 after five epochs without a better dev micro-F1",
    )
    learning_rate: float = option(
        1e-3, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    dropout: float = option(0.3, "dropout rate", 0)
    hidden: int = option(512, "width of a direction of the LSTM", 1)
    attention: int = option(512, "width of the layer that attention works on", 1)
    bias: float = option(0.0, "start of each code's bias")


class Laat(Model):
    """BiLSTM and label attention."""

    def __init__(self, config: LaatConfig, start: Start) -> None:
        super().__init__()
        self.config: LaatConfig = config
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = BothWays(nn.LSTM, config.dim, config.hidden)
        self.keys = nn.Linear(2 * config.hidden, config.attention, bias=False)
        self.codes = LabelAttention(
            len(start.codes), config.attention, 2 * config.hidden, config.bias
        )

    def states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """H (B, n, 2 hidden)."""
        return self.dropout(self.lstm(self.dropout(self.note_words(ids)), mask))

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        states = self.states(ids, mask)
        return self.codes(torch.tanh(self.keys(states)), states, mask, rows)

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times what each position adds."""
        states = self.states(ids, None)
        return self.codes.parts(torch.tanh(self.keys(states)), states, rows)


SMALL: dict[str, Any] = {
    "dim": 64,
    "hidden": 64,
    "attention": 64,
    "whiten": 0.8,
    "learning_rate": 6e-3,
    "schedule": "one-cycle",
    "clip": 1.0,
    "negatives": 256,
    "epochs": 6,
    "patience": 3,
    "dev_notes": 300,
    "bias": -4.0,
    "max_tokens": 2500,
    "batch_size": 8,
    "dropout": 0.1,
    "weight_decay": 0.01,
    "stored": "float16",
}
SYSTEM = System(
    "laat",
    LaatConfig,
    Laat,
    {
        "laat": Preset(LaatConfig(), "LAAT with the published hyper-parameters"),
        "laat-small": Preset(replace(LaatConfig(), **SMALL), "a small LAAT for one CPU core"),
    },
)
