"""What is known of a study's notes beside their codes, for lists of them. Reads only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np

from annotation.models import Study
from benchmark.metrics.codings import IntArray
from benchmark.models import BenchmarkRun
from benchmark.selectors.beside import own_coders
from benchmark.tables.notes.lists import UNKNOWN, Facts


def note_facts(study: Study, run: BenchmarkRun, notes: Sequence[str]) -> Facts:
    """Of all notes of a run's sides."""
    coders = own_coders(study)
    return Facts([coders.get(note, "") for note in notes], words_of(run, len(notes)))


def words_of(run: BenchmarkRun, notes: int) -> IntArray:
    """(notes,) how long the texts were when it was scored; UNKNOWN where they were not here."""
    stored = json.loads(zlib.decompress(run.axes)).get("words")
    if stored is None:
        # A run of before lengths were kept.
        return np.full(notes, UNKNOWN)
    return np.array(stored, dtype=np.int64)
