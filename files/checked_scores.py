"""Scores whose codes are checked against the code system, like those that a file gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from files.problems import Problems
from files.scores import Scores
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

    def digest(self, file: str, rater: str) -> str:
        """Names these scores. `file` names the file and how it was read, `rater` the rater in it;
        where another code system read other codes they are other scores."""
        facts = json.dumps([file, rater, self.codes])
        return hashlib.sha256(facts.encode()).hexdigest()

    def told_of(self, note: str, codes: Collection[str]) -> dict[str, float | None]:
        """Code -> score of these codes of a note; None where it is not told."""
        found: dict[str, float | None] = dict.fromkeys(codes)
        if not codes or note not in self._places:
            return found
        row = self._row(self._places[note])
        for code in codes:
            place = self._place_of.get(code)
            if place is not None and not np.isnan(row[place]):
                found[code] = float(row[place])
        return found

    @cached_property
    def _places(self) -> dict[str, int]:
        return {note: place for place, note in enumerate(self.scores.note_ids)}

    @cached_property
    def _place_of(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.codes)}

    def _row(self, place: int) -> Floats:
        kept = np.flatnonzero(self.columns >= 0)
        found = np.full(len(self.codes), np.nan, np.float32)
        np.fmax.at(found, self.columns[kept], self.scores.matrix[place][kept])
        return found

    def rows(self, notes: Collection[str]) -> Iterator[tuple[str, Floats]]:
        """(note, scores in the order of `codes`) of these notes; NaN where one is not told.

        Of columns that are one code the highest score counts.
        """
        for place, note in enumerate(self.scores.note_ids):
            if note in notes:
                yield note, self._row(place)


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
