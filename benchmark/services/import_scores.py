"""The probabilities of an imported model, stored beside the codings of the same file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice

from annotation.models import Coding
from benchmark.models import NoteScores, ScoredFile
from benchmark.services.probabilities import packed
from files.checked_scores import CheckedScores

AT_ONCE = 100
"""Notes whose rows are in memory together: 4 MB of 8,921 codes."""
KEYS_AT_ONCE = 500
"""Codings that one query asks after."""


def scores_store(
    *,
    scores: CheckedScores,
    source_keys: Mapping[str, str],
    digest: str,
    threshold_dev: float | None = None,
) -> int:
    """Store a rater's scores beside its codings, which are stored already; a coding keeps its
    first. Returns how many notes have new ones.

    `source_keys`: note -> the key of its coding; other notes of the file are left out. `digest`
    names the file and how it was read.
    """
    wanted = _without_scores(source_keys)
    if not wanted:
        return 0
    file, _ = ScoredFile.objects.get_or_create(
        sha256=digest,
        defaults={
            "codes": json.dumps(scores.codes),
            "every_code": scores.scores.every_code,
            "floor": scores.scores.floor,
            "threshold_dev": threshold_dev,
        },
    )
    made = _rows(scores, wanted, file)
    while some := list(islice(made, AT_ONCE)):
        NoteScores.objects.bulk_create(some)
    return len(wanted)


def _without_scores(source_keys: Mapping[str, str]) -> dict[str, int]:
    """Note -> the id of its coding, where that has no scores yet."""
    notes = list(source_keys)
    found = {}
    for start in range(0, len(notes), KEYS_AT_ONCE):
        note_of = {source_keys[note]: note for note in notes[start : start + KEYS_AT_ONCE]}
        codings = Coding.objects.filter(source_key__in=note_of, scores=None)
        for pk, key in codings.values_list("pk", "source_key"):
            found[note_of[key]] = pk
    return found


def _rows(
    scores: CheckedScores, codings: Mapping[str, int], file: ScoredFile
) -> Iterator[NoteScores]:
    for note, row in scores.rows(codings):
        yield NoteScores(coding_id=codings[note], file=file, probabilities=packed(row))
