"""JointLAAT (Vu et al., IJCAI 2020): LAAT for categories and for codes, on one BiLSTM.

The categories' probabilities p, projected to s = sigmoid(P p), 128 wide, join what each code has
read: logit_c = w_c . [v_c; s] + b_c. A category is true where a code of it is; its cross-entropy
joins the loss.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from rac_model.config import option
from rac_model.models.base import (
    Preset,
    Start,
    System,
    cross_entropy,
)
from rac_model.models.laat import SMALL, Laat, LaatConfig
from rac_model.models.label_attention import LabelAttention


@dataclass(frozen=True)
class JointLaatConfig(LaatConfig):
    """The defaults are the published hyper-parameters."""

    kind: str = option("jointlaat", "kind of model")
    row: str = option(
        "JointLAAT",
        "row of the paper's Table 2 that the model stands for, at its size or small",
    )
    projection: int = option(128, "width that the categories' probabilities are projected to", 1)


class JointLaat(Laat):
    """`category_of` (L,) is the place of each code's category."""

    def __init__(self, config: JointLaatConfig, start: Start) -> None:
        super().__init__(config, start)
        self.config: JointLaatConfig = config
        names = [row.category for row in start.codes]
        place = {name: number for number, name in enumerate(sorted(set(names)))}
        self.category_keys = nn.Linear(2 * config.hidden, config.attention, bias=False)
        self.categories = LabelAttention(
            len(place), config.attention, 2 * config.hidden, config.bias
        )
        self.squashed = nn.Linear(len(place), config.projection, bias=False)
        self.joint = nn.Parameter(torch.zeros(len(start.codes), config.projection))
        self.register_buffer(
            "category_of", torch.tensor([place[name] for name in names]), persistent=False
        )

    def both(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None) -> tuple[Tensor, Tensor]:
        """(logits of the codes (B, C), logits of all categories (B, categories))."""
        states = self.states(ids, mask)
        categories = self.categories(torch.tanh(self.category_keys(states)), states, mask, None)
        codes = self.codes(torch.tanh(self.keys(states)), states, mask, rows)
        return codes + self._from_categories(categories, rows), categories

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L) or (B, C)."""
        codes, _ = self.both(ids, mask, rows)
        return codes

    def loss(
        self,
        ids: Tensor,
        mask: Tensor | None,
        rows: Tensor | None,
        targets: Tensor,
        weights: Tensor,
    ) -> Tensor:
        """Cross-entropy of both levels. `targets` hold every code that a note of the batch has."""
        codes, categories = self.both(ids, mask, rows)
        category_of = self.category_of if rows is None else self.category_of[rows]
        none = torch.zeros_like(categories, dtype=targets.dtype)
        above = none.index_add(1, category_of, targets).clamp_max(1)
        equal = above.new_ones(above.shape[1])
        return cross_entropy(codes, targets, weights) + cross_entropy(categories, above, equal)

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """As LAAT's; what the categories add is not a sum over words and goes to the bias."""
        states = self.states(ids, None)
        bias, weights = self.codes.parts(torch.tanh(self.keys(states)), states, rows)
        categories = self.categories(torch.tanh(self.category_keys(states)), states, None, None)
        return bias + self._from_categories(categories, rows)[0], weights

    def _from_categories(self, categories: Tensor, rows: Tensor | None) -> Tensor:
        """What the categories' logits add to those of the codes (B, C)."""
        joint = self.joint if rows is None else self.joint[rows]
        return self.squashed(categories.sigmoid()).sigmoid() @ joint.T


SYSTEM = System(
    "jointlaat",
    JointLaatConfig,
    JointLaat,
    {
        "jointlaat": Preset(JointLaatConfig(), "JointLAAT with the published hyper-parameters"),
        "jointlaat-small": Preset(
            replace(JointLaatConfig(), **SMALL | {"epochs": 3, "batch_size": 16, "projection": 32}),
            "a small JointLAAT for one CPU core",
        ),
    },
)
