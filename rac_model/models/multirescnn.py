"""MultiResCNN (Li & Yu, AAAI 2020): residual convolutions of six widths, and label attention.

For each kernel: x = tanh(Conv(words)); r = BN(Conv(tanh(BN(Conv(x))))) + BN(Conv1(x)), 50 wide;
tanh(r). Their outputs side by side are H. Batch norms see words only, never padding.
"""

from __future__ import annotations

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
from rac_model.models.label_attention import LabelAttention, same, words_only


@dataclass(frozen=True)
class MultiResCnnConfig(Embedded):
    """The defaults are the published hyper-parameters."""

    kind: str = option("multirescnn", "kind of model")
    row: str = option(
        "MultiResCNN",
        "row of the paper's Table 2 that the model stands for, at its size or small",
    )
    max_tokens: int = option(2500, "tokens of a note that are read", 1)
    epochs: int = option(200, "most passes over the training notes", 1)
    patience: int = option(10, "epochs without a better dev P@8 before training stops", 1)
    learning_rate: float = option(
        1e-4, "the optimizer's step (the peak of a one-cycle schedule)", 0
    )
    kernels: str = option("3,5,9,15,19,25", "words that the convolutions see, a kernel each")
    filters: int = option(50, "width of each kernel's residual block", 1)
    bias: float = option(0.0, "start of each code's bias")


class WordNorm(nn.BatchNorm1d):  # type: ignore[misc]
    """Batch norm over the words of a batch (B, n, d)."""

    def over(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x with its words normed, zero where a note has ended."""
        if mask is None:
            return self(x.flatten(0, 1)).view_as(x)
        normed = self(x[mask]).to(x.dtype)
        return torch.zeros_like(x).masked_scatter(mask.unsqueeze(-1), normed)


class Residual(nn.Module):  # type: ignore[misc]
    """One kernel: a convolution as wide as the words, then the residual block."""

    def __init__(self, dim: int, filters: int, kernel: int) -> None:
        super().__init__()
        self.wide = nn.Conv1d(dim, dim, kernel)
        self.first = nn.Conv1d(dim, filters, kernel, bias=False)
        self.second = nn.Conv1d(filters, filters, kernel, bias=False)
        self.short = nn.Conv1d(dim, filters, 1, bias=False)
        self.norms = nn.ModuleList(WordNorm(filters) for _ in range(3))
        nn.init.xavier_uniform_(self.wide.weight)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """(B, n, dim) -> (B, n, filters)."""
        first, second, short = self.norms
        x = words_only(torch.tanh(same(self.wide, x)), mask)
        inner = torch.tanh(first.over(same(self.first, x), mask))
        outer = second.over(same(self.second, inner), mask)
        return torch.tanh(outer + short.over(same(self.short, x), mask))


class MultiResCnn(Model):
    """Residual blocks side by side, and label attention."""

    def __init__(self, config: MultiResCnnConfig, start: Start) -> None:
        super().__init__()
        self.config: MultiResCnnConfig = config
        kernels = [int(size) for size in config.kernels.split(",")]
        self.note_words = nn.Embedding.from_pretrained(
            start.words.clone(), freeze=False, padding_idx=PAD
        )
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            Residual(config.dim, config.filters, kernel) for kernel in kernels
        )
        width = config.filters * len(kernels)
        self.codes = LabelAttention(len(start.codes), width, width, config.bias)

    def states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """H (B, n, filters x kernels)."""
        words = self.dropout(self.note_words(ids))
        return self.dropout(torch.cat([block(words, mask) for block in self.blocks], -1))

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        states = self.states(ids, mask)
        return self.codes(states, states, mask, rows)

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention times what each position adds."""
        states = self.states(ids, None)
        return self.codes.parts(states, states, rows)


SYSTEM = System(
    "multirescnn",
    MultiResCnnConfig,
    MultiResCnn,
    {
        "multirescnn": Preset(
            MultiResCnnConfig(), "MultiResCNN with the published hyper-parameters"
        ),
        "multirescnn-small": Preset(
            replace(
                MultiResCnnConfig(),
                dim=48,
                filters=24,
                kernels="3,9,15",
                whiten=0.8,
                learning_rate=3e-3,
                clip=1.0,
                schedule="one-cycle",
                negatives=256,
                epochs=4,
                patience=3,
                dev_notes=300,
                bias=-4.0,
                stored="float16",
            ),
            "a small MultiResCNN for one CPU core",
        ),
    },
)
