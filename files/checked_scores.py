"""Scores whose codes are checked against the code system, like those that a file gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from files.problems import Problems
from files.scores import AskedScores, Scores
from icd.check import Answer, NoCode, Refused, Taken
from icd.codes import Kind

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class CheckedScores:
    """A rater's scores by codes of the system."""

    scores: Scores
    codes: tuple[str, ...]
    """In their proper spelling; each once."""
    columns: NDArray[np.int64]
    """Of each column of the file: the place of its code in `codes`; -1: it is left out."""
    remarks: tuple[str, ...]
    """What was left out or folded together, a sentence each."""

    def rows(self, notes: Collection[str]) -> Iterator[tuple[str, Floats]]:
        """(note, scores in the order of `codes`) of these notes; NaN where one is not told.

        Of columns that are one code the highest score counts.
        """
        kept = np.flatnonzero(self.columns >= 0)
        places = self.columns[kept]
        for note, row in zip(self.scores.note_ids, self.scores.matrix, strict=True):
            if note not in notes:
                continue
            found = np.full(len(self.codes), np.nan, np.float32)
            np.fmax.at(found, places, row[kept])
            yield note, found


def check_scores(
    scores: Scores,
    read: Callable[[str, Kind | None], Answer],
    problems: Problems,
    *,
    refuse: bool,
    given: Collection[str] = (),
) -> CheckedScores:
    """Each code of the scores checked by `read`.

    A string that is no code goes to `problems` where `refuse` is, unless it is among `given`, the
    codes as written that are checked already; else its scores are left out and counted.
    """
    places: dict[str, int] = {}
    columns = np.full(len(scores.codes), -1, np.int64)
    left_out = []
    folded = 0
    for column, written in enumerate(scores.codes):
        kind = scores.kinds[column] if scores.kinds else None
        answer = read(written, kind)
        if isinstance(answer, Taken):
            folded += answer.code in places
            columns[column] = places.setdefault(answer.code, len(places))
        elif isinstance(answer, Refused):
            left_out.append(answer)
            if refuse and written not in given:
                row = scores.rows[column] if scores.rows else 1
                problems.add(row, answer.words, f"a code {answer.cause}", answer.mend)
        elif isinstance(answer, NoCode):
            continue
    remarks = []
    if left_out and not refuse:
        shown = ", ".join(answer.shown for answer in left_out[:5])
        more = ", ..." if len(left_out) > 5 else ""
        remarks.append(
            f"scores of {len(left_out):,} strings that are no code left out: {shown}{more}"
        )
    if folded:
        remarks.append(
            f"{folded:,} codes are written in several ways; of a note's scores the highest counts"
        )
    return CheckedScores(scores, tuple(places), columns, tuple(remarks))


def scores_digest(file_sha256: str, rater: str, asked: AskedScores) -> str:
    """Names a rater's scores in a file as they were asked to be read: with another threshold the
    same file says something else."""
    facts = json.dumps([file_sha256, rater, asdict(asked)], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()
