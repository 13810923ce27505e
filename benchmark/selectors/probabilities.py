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
    """(notes, codes): the probabilities of a model's newest codings; 0 for codes that it does not
    know.

    None where a note has none, as where codings were imported or made before probabilities were
    kept.
    """
    known = code_list(rater.checkpoint_sha256)
    rows = _newest_codings(study, rater, notes)
    if not known or rows is None:
        return None
    column_of = {code: column for column, code in enumerate(codes)}
    theirs = []  # places of codes in the model's list
    ours = []  # columns of the same codes
    for place, code in enumerate(known):
        if code in column_of:
            theirs.append(place)
            ours.append(column_of[code])
    from_places = np.array(theirs, np.int64)
    to_columns = np.array(ours, np.int64)
    matrix = np.zeros((len(notes), len(codes)), np.float32)
    filled = 0
    stored = NoteScores.objects.filter(coding__study=study, coding__rater=rater)
    for coding, data in stored.values_list("coding_id", "probabilities").iterator(200):
        probabilities = np.frombuffer(data, "<f4")
        if coding in rows and len(probabilities) == len(known):
            matrix[rows[coding], to_columns] = probabilities[from_places]
            filled += 1
    if filled < len(notes):
        return None
    return matrix


def _newest_codings(study: Study, rater: Rater, notes: Sequence[str]) -> dict[int, int] | None:
    """Id of the newest coding of each note -> the note's place; None where a note has none."""
    codings = Coding.objects.filter(study=study, rater=rater).order_by("submitted_at", "id")
    newest = dict(codings.values_list("note__external_id", "pk"))
    found = {}
    for row, note in enumerate(notes):
        if note not in newest:
            return None
        found[newest[note]] = row
    return found


def codings_at(
    study: Study, rater: Rater, notes: Sequence[str], threshold: float
) -> dict[str, list[str]] | None:
    """note -> the codes above `threshold`; None where probabilities are not kept."""
    known = code_list(rater.checkpoint_sha256)
    matrix = scores_of(study, rater, notes, known)
    if matrix is None:
        return None
    found = {}
    for note, row in zip(notes, matrix, strict=True):
        found[note] = [known[place] for place in np.flatnonzero(row > threshold)]
    return found
