"""What models thought of every code: stored beside each coding, read back as one matrix."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from annotation.models import Coding
from benchmark.models import NoteScores
from benchmark.selectors.probabilities import Floats


def packed(row: Floats) -> bytes:
    """Probabilities (L,) as they are stored."""
    return np.asarray(row, "<f4").tobytes()


def scores_append(rows: Mapping[str, bytes]) -> int:
    """Store the probabilities of stored codings, by source key; a coding keeps its first.

    Returns how many rows are new.
    """
    codings = Coding.objects.filter(source_key__in=rows, scores=None)
    new = [NoteScores(coding=coding, probabilities=rows[coding.source_key]) for coding in codings]
    return len(NoteScores.objects.bulk_create(new, ignore_conflicts=True))
