"""Which of a file's scores an import keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotation.models import Rater
from files.checked import CheckedCodings
from files.codings import CodingsFile
from files.score_cells import AskedScores

if TYPE_CHECKING:
    from files.checked_scores import CheckedScores


def scores_kept(
    file: CodingsFile, checked: CheckedCodings, kind: Rater.Kind, asked: AskedScores
) -> tuple[dict[str, CheckedScores], list[str]]:
    """(rater -> the scores to store, what is to be said). Those of a coder or a reference are not
    kept. ValueError where something is said of scores that the file has not."""
    if not file.scores:
        if asked != AskedScores():
            raise ValueError(
                "the file has no scores; leave out what is said of them (--threshold, "
                "--threshold-dev, --floor, --every-code, --logits)"
            )
        return {}, []
    if kind != Rater.Kind.MODEL:
        return {}, ["scores are kept for models alone; only the codes given are stored"]
    return checked.scores, []
