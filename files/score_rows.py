"""Scores that stand in rows, a note and code each, or in objects by code.

Which codes count as given is said by the file (a column `given`, a list `codes`), by a threshold,
or follows from how the file lists codes; `ReadScores.said` says which it was.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from files.cells import CellError, Written, code_text, shown_id
from files.problems import Problems
from files.score_cells import AskedScores, given_written, score_written
from files.scores import THRESHOLD, ReadScores, Scores, refuse_large
from icd.codes import Kind

Floats = NDArray[np.float32]
NOT_SAID = -1
"""Of a code of which nobody says whether it is given."""
FEW = 10
"""As many codes for every note are a list of candidates: nobody gives each note as many."""
MANY = 40
"""Codes a note, on average, above which a list is one of candidates."""


@dataclass
class ScoreRows:
    """A rater's scores as they are read, a row a note and code."""

    asked: AskedScores
    problems: Problems
    candidates: bool = False
    """Whether the file's form alone says that it lists candidates, not what was given."""
    notes: dict[str, int] = field(default_factory=dict)
    """Note -> its place; in the order of the file."""
    first_rows: list[int] = field(default_factory=list)
    """The line that first has each note."""
    codes: dict[tuple[str, Kind | None], int] = field(default_factory=dict)
    code_rows: list[int] = field(default_factory=list)
    elsewhere: set[int] = field(default_factory=set)
    """Places of notes of which nothing is told here."""
    _note: array[int] = field(default_factory=lambda: array("l"))
    _code: array[int] = field(default_factory=lambda: array("l"))
    _row: array[int] = field(default_factory=lambda: array("l"))
    _score: array[float] = field(default_factory=lambda: array("f"))
    _given: array[int] = field(default_factory=lambda: array("b"))

    def add(
        self, row: int, note: str, written: Written, score: object, given: object = None
    ) -> None:
        """One code of a note. `score` None or "": not told, which only a given code may be;
        `given` None: not said. A code "" says that the note was read, and nothing else.
        CellError."""
        place = self._place(row, note)
        if not written.text:
            return
        said = given_written(given)
        told = score_written(score, logits=self.asked.logits)
        if told is None and said is None:
            raise CellError("no score; write one, or leave the row out: what is not told is no 0")
        key = (written.text, written.kind)
        if key not in self.codes:
            self.codes[key] = len(self.codes)
            self.code_rows.append(row)
        self._note.append(place)
        self._code.append(self.codes[key])
        self._row.append(row)
        self._score.append(math.nan if told is None else told)
        self._given.append(NOT_SAID if said is None else said)

    def add_object(
        self, row: int, note: str, scores: object, given: Collection[str] | None = None
    ) -> None:
        """All scores of a note, {code: score}, and the codes that it gives, where that is said.
        CellError."""
        if not isinstance(scores, Mapping):
            raise CellError('scores must be an object, like {"428.0": 0.91, "401.9": 0.2}')
        if note in self.notes:
            raise CellError(f"note {shown_id(note)} is given twice; give each note one row")
        self.candidates = True
        self._place(row, note)
        for name, score in scores.items():
            code = code_text(name)
            self.add(row, note, Written(code), score, None if given is None else code in given)
        for code in sorted(set(given or ()) - set(map(code_text, scores))):
            self.add(row, note, Written(code), None, True)

    def add_list(self, row: int, note: str, items: Sequence[tuple[Written, object]]) -> None:
        """The codes that a note gives, each with its score; None: not told. CellError."""
        if note in self.notes:
            raise CellError(f"note {shown_id(note)} is given twice; give each note one row")
        self._place(row, note)
        for written, score in items:
            self.add(row, note, written, score, True)

    def also(self, row: int, note: str) -> None:
        """A note of the rater of which the file tells no score; what it gave is kept elsewhere."""
        if note not in self.notes:
            self.elsewhere.add(self._place(row, note))

    def finish(self) -> ReadScores:
        """All of it. What is wrong between rows goes to `problems`."""
        columns = len(self.codes)
        refuse_large(len(self.notes), columns, self.problems)
        note = np.array(self._note, np.int64)
        code = np.array(self._code, np.int64)
        score = np.array(self._score, np.float32)
        repeats = self._refuse_doubles(note * columns + code, score)
        matrix = np.full((len(self.notes), columns), np.nan, np.float32)
        matrix[note, code] = score
        listed = np.zeros(matrix.shape, bool)
        listed[note, code] = True
        given, said = self._which(score, matrix, listed)
        scores = Scores(
            tuple(self.notes),
            tuple(text for text, _ in self.codes),
            matrix,
            tuple(kind for _, kind in self.codes),
            tuple(self.code_rows),
            self.asked.every_code,
            self.asked.floor,
        )
        if self.asked.every_code and np.isnan(matrix).any():
            self._refuse_untold(matrix)
        words = f"{_listed_words(matrix)}; {said}"
        return ReadScores(scores, self._rows_given(note, code, given), words, repeats)

    def _place(self, row: int, note: str) -> int:
        if note not in self.notes:
            self.notes[note] = len(self.notes)
            self.first_rows.append(row)
        return self.notes[note]

    def _refuse_doubles(self, keys: NDArray[np.int64], score: NDArray[np.float32]) -> int:
        """A pair listed twice with two scores is a problem; returns how often with one score."""
        order = np.argsort(keys, kind="stable")
        again = np.flatnonzero(keys[order][1:] == keys[order][:-1])
        names = list(self.notes)
        repeats = 0
        for before, after in zip(order[again], order[again + 1], strict=True):
            both_untold = math.isnan(score[before]) and math.isnan(score[after])
            if score[before] == score[after] or both_untold:
                repeats += 1
                continue
            words = (
                f"note {shown_id(names[self._note[after]])} has this code with another score on "
                f"row {self._row[before]}; keep one"
            )
            self.problems.add(self._row[after], words, "a code of a note has two scores")
        return repeats

    def _which(
        self, score: Floats, matrix: Floats, listed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], str]:
        """Which rows are given, and how that is known."""
        given = np.array(self._given, np.int8)
        threshold = self.asked.threshold
        if threshold is not None:
            words = f"given where the score is above {threshold:g}"
            above = np.where(np.isnan(score), given == 1, score > np.float32(threshold))
            return above, words + self._maybe_more(matrix, threshold)
        said = given != NOT_SAID
        if said.any() and said.all():
            return given == 1, "the file says which codes are given"
        if self.candidates or _lists_candidates(listed):
            words = f"given where the score is above {THRESHOLD:g}, as no --threshold is said"
            others = score > np.float32(THRESHOLD)
            words += self._maybe_more(matrix, THRESHOLD)
        else:
            words = "every listed code is given, as no --threshold is said"
            others = np.ones(len(score), bool)
        if said.any():
            words = f"the file says of some notes which codes are given; else {words}"
        return np.where(said, given == 1, others), words

    def _maybe_more(self, matrix: Floats, threshold: float) -> str:
        """What is to be said where codes that a file leaves out may be above the threshold: all
        that are listed for a note are."""
        untold = np.isnan(matrix)
        if self.asked.floor is not None and self.asked.floor <= threshold:
            return ""
        lowest = np.where(untold, np.inf, matrix).min(axis=1, initial=np.inf)
        cut = untold.any(axis=1) & ~untold.all(axis=1) & (lowest > threshold)
        count = int(cut.sum())
        if not count:
            return ""
        notes = f"{count:,} notes" if count > 1 else "1 note"
        return f"; in {notes} every listed code is, so that codes which are left out may be too"

    def _rows_given(
        self, note: NDArray[np.int64], code: NDArray[np.int64], given: NDArray[np.bool_]
    ) -> list[tuple[int, str, Written]]:
        names = list(self.notes)
        written = [Written(text, kind) for text, kind in self.codes]
        found = []
        seen = set()
        pairs = set()
        for place in np.flatnonzero(given):
            pair = (int(note[place]), int(code[place]))
            if pair in pairs:
                continue
            pairs.add(pair)
            seen.add(pair[0])
            found.append((self._row[place], names[pair[0]], written[pair[1]]))
        for place, name in enumerate(names):
            if place not in seen and place not in self.elsewhere:
                found.append((self.first_rows[place], name, Written("")))
        return found

    def _refuse_untold(self, matrix: NDArray[np.float32]) -> None:
        """The file was said to list every code for every note, and does not."""
        names = list(self.notes)
        for place in np.flatnonzero(np.isnan(matrix).any(axis=1)):
            untold = int(np.isnan(matrix[place]).sum())
            words = (
                f"note {shown_id(names[place])} lacks {untold:,} of {matrix.shape[1]:,} codes, "
                "though the file is said to list every code for every note"
            )
            cause = "a note lacks scores, though the file is said to have every one"
            self.problems.add(self.first_rows[place], words, cause)


def _lists_candidates(listed: NDArray[np.bool_]) -> bool:
    """Whether a file's rows are candidates rather than what was given, by how many there are:
    the very same codes for every note, the same number of them, or more than anybody gives.
    `listed` (notes, codes)."""
    notes, columns = listed.shape
    if not notes:
        return False
    counts = listed.sum(axis=1)
    if (
        notes > 1
        and counts.min() == counts.max()
        and (counts[0] >= FEW or counts[0] == columns > 1)
    ):
        return True
    return float(counts.mean()) > MANY


def _listed_words(matrix: NDArray[np.float32]) -> str:
    """For people: how much is told."""
    told = np.count_nonzero(~np.isnan(matrix), axis=1)
    columns = matrix.shape[1]
    if not len(told):
        return "no scores"
    least, most = int(told.min()), int(told.max())
    if least == columns:
        return f"a score for each of {columns:,} codes; of others nothing is told"
    if least == most:
        return f"scores of {least:,} codes a note, taken as its highest; the others are not told"
    return (
        f"scores of {least:,} to {most:,} codes a note, taken as its highest; "
        "the others are not told"
    )
