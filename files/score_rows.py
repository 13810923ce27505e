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
Ints = NDArray[np.int32]
MOST_SCORES = 6_000_000
"""Rows with a score: those of 500 notes with 8,921 codes each are 4.5 million."""
A_LOOK = 65_536
"""Rows after which it is looked how many there are."""
MOST_REPEATS = 1_000_000
"""Rows that say what another row has said, after which a file is read no further."""
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
    _note: array[int] = field(default_factory=lambda: array("i"))
    _code: array[int] = field(default_factory=lambda: array("i"))
    _row: array[int] = field(default_factory=lambda: array("i"))
    _score: array[float] = field(default_factory=lambda: array("f"))
    _given: array[int] = field(default_factory=lambda: array("b"))

    def add(
        self, row: int, note: str, written: Written, score: object, given: object = None
    ) -> None:
        """One code of a note. `score` None or "": not told, which only a given code may be;
        `given` None: not said. A code "" says that the note was read, and nothing else.
        CellError."""
        place = self.notes.get(note)
        if place is None:
            place = self._place(row, note)
        if not written.text:
            return
        told = self._told_quickly(score)
        if told is None:
            told = score_written(score, logits=self.asked.logits)
        if given is not None:
            given = given_written(given)
        elif told is None:
            raise CellError("no score; write one, or leave the row out: what is not told is no 0")
        key = (written.text, written.kind)
        column = self.codes.get(key)
        if column is None:
            column = self.codes[key] = len(self.codes)
            self.code_rows.append(row)
            refuse_large(len(self.notes), len(self.codes), self.problems)
        self._note.append(place)
        self._code.append(column)
        self._row.append(row)
        self._score.append(math.nan if told is None else told)
        self._given.append(NOT_SAID if given is None else bool(given))
        if len(self._row) % A_LOOK == 0:
            self._refuse_many(row)

    def _told_quickly(self, score: object) -> float | None:
        """The probability of a cell that is written as most are; None for any other."""
        if type(score) is not str or self.asked.logits or "_" in score:
            return None
        try:
            number = float(score)
        except ValueError:
            return None
        return number if 0 <= number <= 1 else None

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
        note = np.frombuffer(self._note, np.int32)
        code = np.frombuffer(self._code, np.int32)
        score = np.frombuffer(self._score, np.float32)
        matrix = np.full((len(self.notes), columns), np.nan, np.float32)
        matrix[note, code] = score
        listed = np.zeros(matrix.shape, bool)
        listed[note, code] = True
        counts = np.count_nonzero(listed, axis=1)
        del listed
        self._refuse_doubles(note, code, score, matrix)
        given, said = self._which(score, matrix, counts)
        scores = Scores(
            tuple(self.notes),
            tuple(text for text, _ in self.codes),
            matrix,
            tuple(kind for _, kind in self.codes),
            tuple(self.code_rows),
            self.asked.every_code,
            self.asked.floor,
        )
        if self.asked.every_code:
            self._refuse_untold(matrix)
        words = f"{_listed_words(_told(matrix), columns)}; {said}"
        repeats = len(score) - int(counts.sum())
        return ReadScores(scores, self._rows_given(note, code, given), words, repeats)

    def _place(self, row: int, note: str) -> int:
        if note not in self.notes:
            self.notes[note] = len(self.notes)
            self.first_rows.append(row)
            refuse_large(len(self.notes), len(self.codes), self.problems)
        return self.notes[note]

    def _refuse_many(self, row: int) -> None:
        """FileError for more rows than are read, or than say anything new."""
        if len(self._row) > MOST_SCORES:
            words = f"over {MOST_SCORES:,} rows of scores"
            advice = "give a column a code (feather, Parquet), or only scores above a floor"
            raise self.problems.fatal(row, f"{words}; {advice}")
        if len(self._row) > len(self.notes) * len(self.codes) + MOST_REPEATS:
            words = f"over {MOST_REPEATS:,} rows repeat another one"
            raise self.problems.fatal(row, f"{words}; give each note and code once")

    def _refuse_doubles(self, note: Ints, code: Ints, score: Floats, matrix: Floats) -> None:
        """A pair listed twice with two scores is a problem. `matrix` has the last one of each."""
        kept = matrix[note, code]
        others = np.flatnonzero((kept != score) & ~(np.isnan(kept) & np.isnan(score)))
        if not len(others):
            return
        last: dict[tuple[int, int], int] = {}
        first = {(int(note[place]), int(code[place])): int(place) for place in others[::-1]}
        for place in range(len(score)):
            pair = (int(note[place]), int(code[place]))
            if pair in first:
                last[pair] = place
        names = list(self.notes)
        for pair, before in sorted(first.items(), key=lambda item: last[item[0]]):
            words = (
                f"note {shown_id(names[pair[0]])} has this code with another score on "
                f"row {self._row[before]}; keep one"
            )
            self.problems.add(self._row[last[pair]], words, "a code of a note has two scores")

    def _which(
        self, score: Floats, matrix: Floats, counts: NDArray[np.int64]
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
        of_floor = self.asked.floor is not None
        if self.candidates or of_floor or _lists_candidates(counts, matrix.shape[1]):
            words = f"given where the score is above {THRESHOLD:g}, as no threshold is said"
            others = score > np.float32(THRESHOLD)
            words += self._maybe_more(matrix, THRESHOLD)
        else:
            words = "every listed code is given, as no threshold is said"
            others = np.ones(len(score), bool)
        if said.any():
            words = f"the file says of some notes which codes are given; else {words}"
        return np.where(said, given == 1, others), words

    def _maybe_more(self, matrix: Floats, threshold: float) -> str:
        """What is to be said where codes that a file leaves out may be above the threshold: all
        that are listed for a note are."""
        if self.asked.floor is not None and self.asked.floor <= threshold:
            return ""
        told = _told(matrix)
        lowest = np.fmin.reduce(matrix, axis=1, initial=np.inf)
        cut = (told > 0) & (told < matrix.shape[1]) & (lowest > threshold)
        count = int(cut.sum())
        if not count:
            return ""
        notes = f"{count:,} notes" if count > 1 else "1 note"
        return f"; in {notes} every listed code is, so that codes which are left out may be too"

    def _rows_given(
        self, note: Ints, code: Ints, given: NDArray[np.bool_]
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
        """Notes that lack codes, where the file was said to list every code for every note."""
        names = list(self.notes)
        untold_of = matrix.shape[1] - _told(matrix)
        for place in np.flatnonzero(untold_of):
            untold = int(untold_of[place])
            words = (
                f"note {shown_id(names[place])} lacks {untold:,} of {matrix.shape[1]:,} codes, "
                "though the file is said to list every code for every note"
            )
            cause = "a note lacks scores, though the file is said to have every one"
            self.problems.add(self.first_rows[place], words, cause)


def _told(matrix: Floats) -> NDArray[np.int64]:
    """(notes,) how many scores of each are told."""
    return np.array([np.count_nonzero(~np.isnan(row)) for row in matrix], np.int64)


def _lists_candidates(counts: NDArray[np.int64], columns: int) -> bool:
    """Whether a file's rows are candidates rather than what was given, by how many there are:
    the very same codes for every note, the same number of them, or more than anybody gives.
    `counts` (notes,) of the codes listed, `columns` of all codes of the file."""
    if not len(counts):
        return False
    same = len(counts) > 1 and counts.min() == counts.max()
    if same and (counts[0] >= FEW or counts[0] == columns > 1):
        return True
    return float(counts.mean()) > MANY


def _listed_words(told: NDArray[np.int64], columns: int) -> str:
    """For people: how much is told of each note."""
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
