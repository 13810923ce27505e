"""What is stored, as tests look at it."""

from __future__ import annotations

from collections.abc import Sequence

from annotation.models import Rater, Study
from benchmark.selectors.probabilities import Floats, stored_scores


def scores_of(
    study: Study, rater: Rater, notes: Sequence[str], codes: Sequence[str]
) -> Floats | None:
    """(notes, codes): the probabilities of a model's newest codings; None where there are none."""
    found = stored_scores(study, rater, notes, codes)
    return None if found is None else found.matrix
