"""Scores in a file of codings: what a model thought of codes, as far as the file tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scores:
    """What one rater's file tells of its probabilities."""

    note_ids: tuple[str, ...]
    codes: tuple[str, ...]
    """As written; checked later like any code."""
    matrix: NDArray[np.float32]
    """(notes, codes): probabilities; NaN where the file did not tell one."""
