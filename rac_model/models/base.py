"""What every model is: word ids in, a logit a code out. One file and a line of `registry.py` each.

In shapes: B notes a batch, n words a note, L codes, C of them asked for, V words, d width of the
word vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch.nn.functional as F
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from icd.codes import CodeRow
from mimic.text import Ids
from rac_model.config import Coder, Training


@dataclass(frozen=True)
class Start:
    """What a model is made from.

    To be trained, it is made from the training notes; to be restored, from zeros of these shapes.
    """

    words: Tensor
    """(V, d) word vectors; row 0 is padding and zero, row 1 the unknown word. d may be 0."""
    title_words: Tensor
    """(V', d) the same rows, then words that only titles have."""
    titles: Tensor
    """(L, m) ids of the words of each code's title, long then short; 0 where a title has ended."""
    rarity: Tensor
    """(V,) inverse document frequency as scikit-learn smooths it; 0 for rows 0 and 1:
    log((1 + N) / (1 + notes that hold the word)) + 1."""
    codes: Sequence[CodeRow]
    """The L codes, sorted."""


class Model(nn.Module):  # type: ignore[misc]
    """A model that learns.

    A subclass takes (config, start), calls the embedding of notes' words `note_words`, and has
    `forward`; it may have better `parts`, `logits` and `ask` than these.
    """

    config: Training

    def forward(self, ids: Tensor, mask: Tensor | None, rows: Tensor | None = None) -> Tensor:
        """Word ids (B, n) -> logits (B, L), or (B, C) of the codes at `rows`.

        The mask (B, n) is true at words, None where nothing is padded. Padding changes nothing: a
        padded batch gives what single notes give.
        """
        raise NotImplementedError

    def loss(
        self,
        ids: Tensor,
        mask: Tensor | None,
        rows: Tensor | None,
        targets: Tensor,
        weights: Tensor,
    ) -> Tensor:
        """What training lowers: cross-entropy summed over notes and codes, a code times its weight.

        With `r_drop`, the mean of two passes with different dropout, and how far they are apart
        (Liang et al. 2021).
        """
        logits = self(ids, mask, rows)
        if not self.config.r_drop:
            return cross_entropy(logits, targets, weights)
        again = self(ids, mask, rows)
        both = cross_entropy(logits, targets, weights) + cross_entropy(again, targets, weights)
        return both / 2 + self.config.r_drop * divergence(logits, again, weights)

    def logits(self, ids: Tensor) -> Tensor:
        """Inference: one note (1, n) -> (L,). Here a model may use what it keeps between notes."""
        return self(ids, None)[0]

    def parts(self, ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Inference: what the logits of `rows` are the sum of, for one note (1, n).

        (biases (C,), weights (C, n) of its words). A model whose logit is no sum over words puts
        all of it into the bias.
        """
        logits = self(ids, None, rows)[0]
        return logits, logits.new_zeros(len(rows), ids.shape[1])

    def ask(self, ids: Tensor) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
        """Inference: the logits of one note (1, n), and its `parts` for rows named later.

        A model that can give both from one reading of the note says so here.
        """
        return self.logits(ids), partial(self.parts, ids)


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Binary cross-entropy (B, C), each code times its weight (C,), summed."""
    losses = F.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none")
    return (losses * weights).sum()


def divergence(one: Tensor, other: Tensor, weights: Tensor) -> Tensor:
    """Symmetric Kullback-Leibler divergence of logits (B, C), each code times its weight, summed.

    KL(p||q) + KL(q||p) of two coins is (p - q)(logit p - logit q); half of it here.
    """
    one = one.float()
    other = other.float()
    both_ways = (one.sigmoid() - other.sigmoid()) * (one - other)
    return (both_ways * weights).sum() / 2


@dataclass(frozen=True)
class Preset:
    """A config and what it is for."""

    config: Coder
    about: str


@dataclass(frozen=True)
class System:
    """A line of the registry. The first preset has the published hyper-parameters.

    `solve(model, notes, labels (N, L), progress)` stands in for the training loop where a model has
    a solver of its own; `remark` goes beside its figures.
    """

    kind: str
    config: type[Coder]
    model: Callable[[Any, Start], Model] | None
    presets: dict[str, Preset]
    solve: Callable[[Any, Sequence[Ids], csr_matrix, bool], None] | None = None
    remark: str = ""
    settings: tuple[str, ...] = field(
        default=("kind", "row", "seed", "dev_notes", "stored", "at_once")
    )
    """Fields that do not make a model differ from the published one."""
