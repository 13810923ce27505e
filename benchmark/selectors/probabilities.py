"""What models thought of every code, read back as one matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.models import Coding, Rater, Study
from benchmark.models import NoteScores
from benchmark.selectors.model_store import code_list

Floats = NDArray[np.float32]


def scores_of(
    study: Study, rater: Rater, notes: Sequence[str], codes: Sequence[str]
) -> Floats | None:
    """(N, C) probabilities of a model's newest codings, 0 for codes that it does not know; None where a note has none,
    as where codings were imported or made before probabilities were kept."""
    newest = dict(
        Coding.objects.filter(study=study, rater=rater).order_by("submitted_at", "id")
        .values_list("note__external_id", "pk")
    )  # fmt: skip
    known = code_list(rater.checkpoint_sha256)
    wanted = [newest.get(note) for note in notes]
    if not known or None in wanted:
        return None
    place = {code: column for column, code in enumerate(codes)}
    pairs = [(column, place[code]) for column, code in enumerate(known) if code in place]
    theirs, ours = (
        (np.array(side, np.int64) for side in zip(*pairs, strict=True))
        if pairs
        else (np.array([], int),) * 2
    )
    stored = NoteScores.objects.filter(coding__study=study, coding__rater=rater)
    line = {pk: row for row, pk in enumerate(wanted)}
    matrix, filled = np.zeros((len(notes), len(codes)), np.float32), 0
    for pk, data in stored.values_list("coding_id", "probabilities").iterator(200):
        row = np.frombuffer(data, "<f4")
        if pk in line and len(row) == len(known):
            matrix[line[pk], ours] = row[theirs]
            filled += 1
    return matrix if filled == len(notes) else None


def codings_at(
    study: Study, rater: Rater, notes: Sequence[str], threshold: float
) -> dict[str, list[str]] | None:
    """note -> the codes above `threshold`; None where probabilities are not kept."""
    known = code_list(rater.checkpoint_sha256)
    matrix = scores_of(study, rater, notes, known)
    if matrix is None:
        return None
    return {
        note: [known[i] for i in np.flatnonzero(row > threshold)]
        for note, row in zip(notes, matrix, strict=True)
    }
