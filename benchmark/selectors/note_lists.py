"""What is known of a study's notes beside their codes, for lists of them. Reads only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np

from annotation.models import Rater, Study
from benchmark.metrics.codings import IntArray
from benchmark.models import BenchmarkRun
from benchmark.tables.note_lists import UNKNOWN, Facts

TEXTS_AT_ONCE = 200


def note_facts(study: Study, run: BenchmarkRun, notes: Sequence[str]) -> Facts:
    """Of all notes of a run's sides."""
    coders = own_coders(study)
    return Facts([coders.get(note, "") for note in notes], words_of(run, len(notes)))


def own_coders(study: Study, notes: Sequence[str] | None = None) -> dict[str, str]:
    """Note id -> the coder whose note it is, of all notes or of these."""
    assignments = study.assignments.filter(role="primary").order_by()
    if notes is not None:
        assignments = assignments.filter(note__external_id__in=notes)
    rows = assignments.values_list("note__external_id", "rater__name", "rater__simulated")
    names: dict[tuple[str, bool], str] = {}
    found = {}
    for note, name, simulated in rows:
        if (name, simulated) not in names:
            names[name, simulated] = str(Rater(name=name, simulated=simulated))
        found[note] = names[name, simulated]
    return found


def words_of(run: BenchmarkRun, notes: int) -> IntArray:
    """(notes,) how long the texts were when it was scored; UNKNOWN where they were not here."""
    stored = json.loads(zlib.decompress(run.axes)).get("words")
    if stored is None:
        # A run of before lengths were kept.
        return np.full(notes, UNKNOWN)
    return np.array(stored, dtype=np.int64)


def count_words(study: Study, notes: Sequence[str]) -> list[int]:
    """How many words each of these notes has; UNKNOWN where its text is not here.

    It reads every text: some seconds for 20,000 notes.
    """
    found = {}
    texts = study.notes.order_by().values_list("external_id", "text")
    for note, text in texts.iterator(chunk_size=TEXTS_AT_ONCE):
        found[note] = len(text.split()) or UNKNOWN
    return [found.get(note, UNKNOWN) for note in notes]
