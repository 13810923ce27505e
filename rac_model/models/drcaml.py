"""DR-CAML (Mullenbach et al., NAACL 2018): CAML whose code weights are drawn to the codes' titles.

An encoded title is z_c = linear(max over words of tanh(Conv1d(title words))). As in the authors'
code, lambda times the mean square of z_c - w_c, summed over a note's codes, joins the loss. Theirs
is a mean over all codes and ours a sum, so the term is times the number of codes. A code that
training never met takes z_c for its weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from rac_model.config import option
from rac_model.data.ids import PAD
from rac_model.models.base import (
    Preset,
    Start,
    System,
    cross_entropy,
)
from rac_model.models.caml import SMALL, Caml, CamlConfig
from rac_model.models.label_attention import attention, same, words_only


@dataclass(frozen=True)
class DrCamlConfig(CamlConfig):
    """The defaults are the published hyper-parameters."""

    kind: str = option("drcaml", "kind of model")
    row: str = option(
        "DR-CAML",
        "row of the paper's Table 2 that the model stands for, at its size or small",
    )
    pull: float = option(0.01, "lambda: how strongly weights are drawn to encoded titles", 0)


class DrCaml(Caml):
    """CAML with an encoder of titles. `met` (L,) marks the codes that a training note had."""

    def __init__(self, config: DrCamlConfig, start: Start) -> None:
        super().__init__(config, start)
        self.config: DrCamlConfig = config
        self.title_words = nn.Embedding.from_pretrained(
            start.title_words.clone(), freeze=False, padding_idx=PAD
        )
        self.title_conv = nn.Conv1d(config.dim, config.filters, config.kernel)
        self.title_linear = nn.Linear(config.filters, config.filters)
        nn.init.xavier_uniform_(self.title_conv.weight)
        self.register_buffer("titles", start.titles, persistent=False)
        self.register_buffer("met", torch.zeros(len(start.codes), dtype=torch.bool))

    def encode_titles(self, rows: Tensor) -> Tensor:
        """z (C, filters) of the codes at `rows`."""
        titles = self.titles[rows]
        here = titles != PAD
        words = words_only(self.title_words(titles), here)
        hidden = torch.tanh(same(self.title_conv, words))
        highest = hidden.masked_fill(~here.unsqueeze(-1), -1.0).amax(1)
        return self.title_linear(highest)

    def loss(
        self,
        ids: Tensor,
        mask: Tensor | None,
        rows: Tensor | None,
        targets: Tensor,
        weights: Tensor,
    ) -> Tensor:
        """Cross-entropy and the pull of the titles."""
        columns = torch.arange(len(self.met), device=ids.device) if rows is None else rows
        present = targets.any(0)
        codes = columns[present]
        self.met[codes] = True
        plain = cross_entropy(self(ids, mask, rows), targets, weights)
        if not len(codes):
            return plain
        difference = self.encode_titles(codes).float() - self.codes.weight[codes]
        apart = difference.square().mean(-1)
        return plain + self.config.pull * len(self.met) * (targets[:, present] @ apart).sum()

    def weights(self, rows: Tensor) -> Tensor:
        """Inference: (C, filters), learned, or given by the title where a code was never met."""
        learned = self.codes.weight[rows]
        new = ~self.met[rows]
        if not new.any():
            return learned
        return learned.index_put((new,), self.encode_titles(rows[new]))

    def logits(self, ids: Tensor) -> Tensor:
        """Inference: a code that was never met has the weights its title gives."""
        states = self.states(ids)
        rows = torch.arange(len(self.met), device=ids.device)
        read = self.codes.read(states, states, None, None)[0]
        return (read * self.weights(rows)).sum(-1) + self.codes.bias

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """As CAML's, with the weights that `logits` takes."""
        states = self.states(ids)
        attended = attention(self.codes.query[rows], states, None)[0]
        return self.codes.bias[rows], attended * (self.weights(rows) @ states[0].T)


SYSTEM = System(
    "drcaml",
    DrCamlConfig,
    DrCaml,
    {
        "drcaml": Preset(DrCamlConfig(), "DR-CAML with the published hyper-parameters"),
        "drcaml-small": Preset(
            replace(DrCamlConfig(), **SMALL | {"epochs": 6, "pull": 6e-4}),
            "a small DR-CAML for one CPU core",
        ),
    },
)
