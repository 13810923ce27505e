"""The probabilities of an imported model, stored beside the codings of the same file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from annotation.models import Coding
from benchmark.models import NoteScores, ScoredFile
from benchmark.services.probabilities import packed
from files.checked_scores import CheckedScores

AT_ONCE = 100
"""Notes whose rows are in memory together: 4 MB of 8,921 codes."""


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
    names the file and how it was read (`CheckedScores.digest`).
    """
    file, _ = ScoredFile.objects.get_or_create(
        sha256=digest,
        defaults={
            "codes": json.dumps(scores.codes),
            "every_code": scores.scores.every_code,
            "floor": scores.scores.floor,
            "threshold_dev": threshold_dev,
        },
    )
    new = 0
    batch: dict[str, bytes] = {}
    for note, row in _rows(scores, source_keys):
        batch[source_keys[note]] = row
        if len(batch) == AT_ONCE:
            new += _append(file, batch)
            batch.clear()
    return new + _append(file, batch)


def _rows(scores: CheckedScores, notes: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for note, row in scores.rows(notes):
        yield note, packed(row)


def _append(file: ScoredFile, rows: Mapping[str, bytes]) -> int:
    codings = Coding.objects.filter(source_key__in=rows, scores=None)
    made = []
    for pk, key in codings.values_list("pk", "source_key"):
        made.append(NoteScores(coding_id=pk, file=file, probabilities=rows[key]))
    return len(NoteScores.objects.bulk_create(made))
