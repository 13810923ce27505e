"""The other systems beside RAC, on a note of MIMIC's mean length.

Each of published size with random weights.
"""

from __future__ import annotations

import os

from rac_model.config import Training
from rac_model.models.registry import SYSTEMS, published
from tests.bench.clock import timed
from tests.bench.full_size import CODES, WORDS, made, note

LENGTH = 1513


def show() -> None:
    """A line a system, RAC as it is used on this processor."""
    os.environ.pop("RAC_PRECISION", None)
    print(
        f"\nevery system at {LENGTH} words, published size, {CODES} codes; "
        "seconds a note and million weights"
    )
    for kind in SYSTEMS:
        config = published(kind)
        if isinstance(config, Training):
            _show(kind, config)


def _show(kind: str, config: Training) -> None:
    model, ids = made(config), note(LENGTH, config.max_words or WORDS)
    model.logits(ids)
    weights = sum(value.numel() for value in model.parameters())
    print(f"{kind:12} {timed(lambda: model.logits(ids)):8.3f} {weights / 1e6:8.1f}")
