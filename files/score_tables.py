"""Tables of scores: a row a note, a column a code. Every score is told, and the columns are all
codes that the model knows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from files.cells import CellError, Written, shown_id
from files.problems import Problems
from files.score_cells import AskedScores, no_probability, score_written
from files.scores import THRESHOLD, ReadScores, Scores, refuse_large

CAUSE = "a score that is no probability"


@dataclass
class WideRows:
    """The rows of such a table as they are read, of cells of text."""

    codes: Sequence[str]
    asked: AskedScores
    problems: Problems
    notes: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    scores: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, row: int, note: str, cells: Sequence[str]) -> None:
        """A note and the cells of its scores. CellError."""
        refuse_large(len(self.notes) + 1, len(self.codes), self.problems)
        try:
            scores = np.array(cells, np.float32)
        except ValueError:
            scores = np.array([_told(cell) for cell in cells], np.float32)
        self.notes.append(note)
        self.rows.append(row)
        self.scores.append(scores)

    def also(self, row: int, note: str) -> None:
        """No row of such a table is without scores."""

    def finish(self) -> ReadScores:
        """All of it. What is wrong goes to `problems`."""
        matrix = np.empty((len(self.notes), len(self.codes)), np.float32)
        for place in range(len(self.notes)):
            matrix[place] = self.scores[place]
        self.scores.clear()
        return wide_scores(self.notes, self.codes, matrix, self.problems, self.asked, self.rows)


def wide_scores(
    note_ids: Sequence[str],
    codes: Sequence[str],
    matrix: NDArray[np.float32],
    problems: Problems,
    asked: AskedScores,
    rows: Sequence[int],
) -> ReadScores:
    """The scores of a table with a row a note and a column a code, all of which are told.

    The columns are all codes that the model knows. `matrix` (notes, codes) is changed in place.
    `rows` has the number of each note's row.
    """
    doubled = _first_double(note_ids)
    if doubled is not None:
        words = f"note {shown_id(note_ids[doubled])} is given twice; give each note one row"
        problems.add(rows[doubled], words, "a note is given twice")
    if asked.logits:
        _squeeze(matrix)
    _refuse_outside(codes, matrix, problems, rows)
    threshold = THRESHOLD if asked.threshold is None else asked.threshold
    given = []
    for place, name in enumerate(note_ids):
        above = np.flatnonzero(matrix[place] > np.float32(threshold))
        for column in above:
            given.append((rows[place], name, Written(codes[column])))
        if not len(above):
            given.append((rows[place], name, Written("")))
    said = f"given where the score is above {threshold:g}"
    if asked.threshold is None:
        said += ", as no threshold is said"
    words = f"a score for each of {len(codes):,} codes, which are all that the model knows; {said}"
    scores = Scores(tuple(note_ids), tuple(codes), matrix, every_code=True, floor=asked.floor)
    return ReadScores(scores, given, words)


def _squeeze(matrix: NDArray[np.float32]) -> None:
    """Logits into probabilities, a row at a time, in place."""
    for row in matrix:
        with np.errstate(over="ignore"):
            row[:] = 1 / (1 + np.exp(-row.astype(np.float64)))


def _refuse_outside(
    codes: Sequence[str],
    matrix: NDArray[np.float32],
    problems: Problems,
    rows: Sequence[int],
) -> None:
    """Cells that are no probabilities are problems: the first of each row is named."""
    for place, row in enumerate(matrix):
        fine = (row >= 0) & (row <= 1)
        if fine.all():
            continue
        column = int(np.argmin(fine))
        number = float(row[column])
        if math.isfinite(number):
            words = no_probability(number)
        else:
            words = "a score is no finite number"
        more = int((~fine).sum()) - 1
        if more:
            words += f" (and {more:,} more of this row)"
        problems.add(rows[place], f"column {codes[column][:20]}: {words}", CAUSE)


def _first_double(names: Sequence[str]) -> int | None:
    seen = set()
    for place, name in enumerate(names):
        if name in seen:
            return place
        seen.add(name)
    return None


def _told(cell: str) -> float:
    """A score that is written in another way than Python's. CellError."""
    found = score_written(cell)
    if found is None:
        raise CellError("a score is missing; a table with a column a code has every score")
    return found
