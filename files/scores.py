"""Scores in a file of codings: what a model thought of codes, as far as the file tells it.

A score is a probability. One that the file does not tell is NaN, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from files.cells import Written
from files.problems import Problems
from icd.codes import Kind

THRESHOLD = 0.5
"""Above it a candidate counts as given where nobody says more."""
MOST_CELLS = 40_000_000
"""Notes times codes of the largest matrix: 160 MB. MIMIC-III's test split has 30 million."""


@dataclass(frozen=True)
class Scores:
    """What one rater's file tells of its probabilities."""

    note_ids: tuple[str, ...]
    codes: tuple[str, ...]
    """As written; checked later like any code."""
    matrix: NDArray[np.float32]
    """(notes, codes): probabilities; NaN where the file did not tell one."""
    kinds: tuple[Kind | None, ...] = ()
    """Of the codes, where the file says it; empty: it says none."""
    rows: tuple[int, ...] = ()
    """The line that first has each code; empty: a column a code."""
    every_code: bool = False
    """Whether the codes are all that the model knows: any other has probability 0."""
    floor: float | None = None
    """No score that the file leaves out is above it; None: nothing is said."""


@dataclass(frozen=True)
class ReadScores:
    """A rater's scores, and the codes that count as given."""

    scores: Scores
    given: list[tuple[int, str, Written]]
    """(line, note, code); a note without any has one with an empty code."""
    said: str
    """How it was read, for people."""
    repeats: int = 0
    """(note, code) pairs listed again with the same score."""


def refuse_large(notes: int, codes: int, problems: Problems) -> None:
    """FileError for more scores than are read at once."""
    if notes * codes > MOST_CELLS:
        raise problems.fatal(
            0,
            f"{notes:,} notes x {codes:,} codes of scores are over {MOST_CELLS:,} cells; "
            "keep the study's notes, or split the file",
        )
