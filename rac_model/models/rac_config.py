"""The settings of RAC, and its presets: as published, small, and with parts left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from rac_model.config import Embedded, option
from rac_model.models.base import Preset


@dataclass(frozen=True)
class RacConfig(Embedded):
    """Read, Attend, and Code (Kim & Ganapathi 2021), by default with its hyper-parameters."""

    kind: str = option("rac", "kind of model")
    row: str = option(
        "RAC", "row of the paper's Table 2 that the model stands for, at its size or small"
    )
    min_notes: int = option(
        1, "training notes that must hold a word for it to be part of the vocabulary", 1
    )
    min_count: int = option(
        10, "occurrences in training notes that make a word part of the vocabulary", 1
    )
    permutations: int = option(2, "copies of each training note with its sentences permuted", 0)
    averaging: Literal["none", "swa", "ema"] = option(
        "swa", "weight averaging: equal (SWA) or exponential (EMA)"
    )
    dim: int = option(300, "width of the word vectors, convolutions and attention", 1)
    dropout: float = option(0.1, "dropout rate", 0)
    title_words: Literal["own", "shared", "unknown"] = option(
        "own",
        "title words no note has: a random row for titles, the same row for notes too, "
        "or the unknown word",
    )
    kernel: int = option(10, "words a convolution sees", 1)
    convolutions: int = option(2, "convolutions over the note", 0)
    modules: int = option(4, "self-attention modules", 0)
    feed_forward: int = option(1024, "width of a module's feed-forward layer", 1)
    queries: Literal["titles", "free", "both"] = option(
        "titles", "what a code attends with: its encoded title, a free vector, or the sum of both"
    )
    title_queries: Literal["joint", "max", "mean"] = option(
        "joint",
        "a code's long and short title as one query, or a query each: the largest or the mean "
        "logit counts",
    )
    readout: Literal["shared", "per-label"] = option(
        "shared", "one readout vector for all codes, or one a code"
    )
    readout_bias: float | None = option(None, "start of the readout's bias; without, no bias")
    mask_padding: bool = option(True, "padding is left out of convolutions, attention and pooling")
    tie_embeddings: bool = option(False, "notes and titles share one embedding")
    near_identity: float = option(0.0, "centre tap that convolutions start from, 0 = Xavier", 0)
    branch_scale: float = option(
        1.0, "start of a module's value and narrowing layer, 1 = Xavier", 0
    )
    last_gain: float = option(
        1.0, "start of the last layer norm's gain: how sharply titles attend", 0
    )


SMALL = RacConfig(
    dim=64,
    feed_forward=128,
    modules=1,
    min_count=3,
    whiten=0.8,
    near_identity=1.5,
    branch_scale=0.1,
    last_gain=2.0,
    readout_bias=-4.0,
    title_words="shared",
    max_tokens=2500,
    learning_rate=2e-3,
    schedule="one-cycle",
    clip=1.0,
    negatives=256,
    epochs=4,
    permutations=0,
    fresh_permutations=True,
    averaging="swa",
    average_every=1,
    precision="bfloat16",
    dev_notes=300,
    stored="float16",
)
ABLATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "rac-no-swa-no-permutation-no-titles": (
        "RAC - SWA - SentPerm - CodeTitles",
        {"averaging": "none", "permutations": 0, "fresh_permutations": False, "queries": "free"},
    ),
    "rac-no-swa-no-permutation": (
        "RAC - SWA - SentPerm",
        {"averaging": "none", "permutations": 0, "fresh_permutations": False},
    ),
    "rac-no-swa": ("RAC - SWA", {"averaging": "none"}),
}
"""Name of a preset -> (row of Table 2, what is left out)."""


def presets() -> dict[str, Preset]:
    """The published RAC first, then those with parts left out, then the same for one CPU core."""
    found = {
        "rac": Preset(
            RacConfig(), "RAC with the published hyper-parameters, for MIMIC's size and a GPU"
        )
    }
    for name, (row, changes) in ABLATIONS.items():
        config = replace(RacConfig(), row=row, **changes)
        found[name] = Preset(config, f"the published {row}")
    found["rac-small"] = Preset(
        SMALL, "a small RAC that learns on one CPU core, for the demo and for thousands of notes"
    )
    for name, (row, changes) in ABLATIONS.items():
        config = replace(SMALL, row=row, **changes)
        found[f"{name}-small"] = Preset(config, f"a small {row}")
    return found
