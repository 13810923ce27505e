"""The recurrent baseline of Mullenbach et al. 2018.

A GRU in both directions, its last states, a linear layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor, nn

from rac_model.config import Embedded, option
from rac_model.data.ids import PAD
from rac_model.models.base import (
    Model,
    Preset,
    Start,
    System,
)
from rac_model.models.recurrent import BothWays, last_states


@dataclass(frozen=True)
class BiGruConfig(Embedded):
    """The defaults are the published hyper-parameters."""

    kind: str = option("bigru", "kind of model")
    row: str = option(
        "Bi-GRU",
        "row of the paper's Table 2 that the model stands for, at its size or small",
    )
    max_tokens: int = option(2500, "tokens of a note that are read", 1)
    epochs: int = option(200, "most passes over the training notes", 1)
    patience: int = option(10, "epochs without a better dev P@8 before training stops", 1)
    learning_rate: float = option(
        3e-3, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    dropout: float = option(0.0, "dropout rate", 0)
    hidden: int = option(256, "width of a direction", 1)
    bias: float = option(0.0, "start of each code's bias")


class BiGru(Model):
    """A bidirectional GRU. Its logits are no sums over words, so the evidence is all bias."""

    def __init__(self, config: BiGruConfig, start: Start) -> None:
        super().__init__()
        self.config: BiGruConfig = config
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.gru = BothWays(nn.GRU, config.dim, config.hidden)
        self.linear = nn.Linear(2 * config.hidden, len(start.codes))
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.constant_(self.linear.bias, config.bias)

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        words = self.dropout(self.note_words(ids))
        states = last_states(self.gru(words, mask), mask)
        if rows is None:
            return self.linear(states)
        return states @ self.linear.weight[rows].T + self.linear.bias[rows]


SYSTEM = System(
    "bigru",
    BiGruConfig,
    BiGru,
    {
        "bigru": Preset(
            BiGruConfig(), "the recurrent baseline with the published hyper-parameters"
        ),
        "bigru-small": Preset(
            replace(
                BiGruConfig(),
                dim=64,
                hidden=64,
                whiten=0.8,
                schedule="one-cycle",
                clip=1.0,
                negatives=256,
                epochs=2,
                patience=3,
                dev_notes=300,
                bias=-4.0,
                stored="float16",
            ),
            "a small recurrent baseline for one CPU core",
        ),
    },
)
