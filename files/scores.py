"""Scores in a file of codings: what a model thought of codes, as far as the file tells it.

A score is a probability. One that the file does not tell is NaN, never zero. Which codes count as
given is said by the file (a column `given`, a list `codes`), by a threshold, or follows from how
the file lists codes (`_given_by_default`); `ReadScores.said` says which it was.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from files.cells import CellError, Written, code_text, codes_of_list, shown_id
from files.problems import Problems
from icd.codes import Kind

SCORE_NAMES = ("score", "probability", "prob", "p")
"""Names of the column, or of the key beside a code, that has its score."""
GIVEN_NAME = "given"
THRESHOLD = 0.5
"""Above it a candidate counts as given where nobody says more."""
FEW = 10
"""As many codes for every note are a list of candidates: nobody gives each note as many."""
MANY = 40
"""Codes a note, on average, above which a list is one of candidates."""
MOST_CELLS = 60_000_000
"""Notes times codes of the largest matrix: 240 MB. MIMIC-III's test split has 30 million."""
GIVEN = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y"), True),
    **dict.fromkeys(("0", "0.0", "false", "no", "n", ""), False),
}
CAUSE = "a score that is no probability"


@dataclass(frozen=True)
class AskedScores:
    """What the user says of a file's scores; everything else is found out."""

    threshold: float | None = None
    """A code is given where its score is above it."""
    threshold_dev: float | None = None
    """The threshold that the model's own development notes chose."""
    floor: float | None = None
    """Every code with a score above it is listed."""
    every_code: bool = False
    """The file lists every code that the model knows, for every note."""
    logits: bool = False
    """The scores are logits, made into probabilities as they are read."""

    def __post_init__(self) -> None:
        """ValueError for a threshold or a floor that is no probability."""
        for name in ("threshold", "threshold_dev", "floor"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                option = name.replace("_", "-")
                raise ValueError(f"--{option} {value:g} is not between 0 and 1")


@dataclass(frozen=True)
class Scores:
    """What one rater's file tells of its probabilities."""

    note_ids: tuple[str, ...]
    codes: tuple[str, ...]
    """As written; checked later like any code."""
    matrix: NDArray[np.float32]
    """(notes, codes): probabilities; NaN where the file did not tell one."""
    kinds: tuple[Kind | None, ...] = ()
    """Of the codes, where the file says it; empty: it says none."""
    rows: tuple[int, ...] = ()
    """The line that first has each code; empty: a column a code."""
    every_code: bool = False
    """Whether the codes are all that the model knows: any other has probability 0."""
    floor: float | None = None
    """No score that the file leaves out is above it; None: nothing is said."""


@dataclass(frozen=True)
class ReadScores:
    """A rater's scores, and the codes that count as given."""

    scores: Scores
    given: list[tuple[int, str, Written]]
    """(line, note, code); a note without any has one with an empty code."""
    said: str
    """How it was read, for people."""
    repeats: int = 0
    """(note, code) pairs listed again with the same score."""


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
    _note: array[int] = field(default_factory=lambda: array("l"))
    _code: array[int] = field(default_factory=lambda: array("l"))
    _row: array[int] = field(default_factory=lambda: array("l"))
    _score: array[float] = field(default_factory=lambda: array("f"))
    _given: array[int] = field(default_factory=lambda: array("b"))
    _says_given: bool = False

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
        self._given.append(bool(said))
        if said is not None:
            self._says_given = True

    def add_object(self, row: int, note: str, scores: object, codes: object = None) -> None:
        """All scores of a note, {code: score}, and the codes that it gives, where that is said.
        CellError."""
        if not isinstance(scores, Mapping):
            raise CellError('scores must be an object, like {"428.0": 0.91, "401.9": 0.2}')
        if note in self.notes:
            raise CellError(f"note {shown_id(note)} is given twice; give each note one row")
        self.candidates = True
        self._place(row, note)
        given: set[str] | None = None
        if codes is not None:
            given = {written.text for written in codes_of_list(codes)[0]}
        for name, score in scores.items():
            code = code_text(name)
            self.add(row, note, Written(code), score, None if given is None else code in given)
        for code in sorted((given or set()) - set(map(code_text, scores))):
            self.add(row, note, Written(code), None, True)

    def finish(self) -> ReadScores:
        """All of it. What is wrong between rows goes to `problems`."""
        columns = len(self.codes)
        if len(self.notes) * columns > MOST_CELLS:
            raise self.problems.fatal(0, _too_large(len(self.notes), columns))
        note = np.array(self._note, np.int64)
        code = np.array(self._code, np.int64)
        score = np.array(self._score, np.float32)
        repeats = self._refuse_doubles(note * columns + code, score)
        matrix = np.full((len(self.notes), columns), np.nan, np.float32)
        matrix[note, code] = score
        listed = np.zeros(matrix.shape, bool)
        listed[note, code] = True
        counts = listed.sum(axis=1)
        whole = len(counts) > 1 and columns > 1 and bool((counts == columns).all())
        given, said = self._which(score, counts, whole)
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
        self, score: NDArray[np.float32], counts: NDArray[np.int64], whole: bool
    ) -> tuple[NDArray[np.bool_], str]:
        """Which rows are given, and how that is known."""
        if self._says_given:
            return np.array(self._given, bool), "the file says which codes are given"
        if self.asked.threshold is not None:
            above = score > np.float32(self.asked.threshold)
            return above, f"given where the score is above {self.asked.threshold:g}"
        if self.candidates or _lists_candidates(counts, whole):
            words = f"given where the score is above {THRESHOLD:g}, as no --threshold is said"
            return score > np.float32(THRESHOLD), words
        words = "every listed code is given, as no --threshold is said"
        return np.ones(len(score), bool), words

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
            if place not in seen:
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


def wide_scores(
    note_ids: Sequence[str],
    codes: Sequence[str],
    matrix: NDArray[np.float32],
    problems: Problems,
    asked: AskedScores,
    first_row: int = 1,
) -> ReadScores:
    """The scores of a table with a row a note and a column a code, all of which are told.

    The columns are all codes that the model knows. `matrix` (notes, codes) is changed in place.
    `first_row` is the number of the first note's row.
    """
    doubled = _first_double(note_ids)
    if doubled is not None:
        words = f"note {shown_id(note_ids[doubled])} is given twice; give each note one row"
        problems.add(first_row + doubled, words, "a note is given twice")
    if asked.logits:
        _squeeze(matrix)
    _refuse_outside(codes, matrix, problems, asked, first_row)
    threshold = THRESHOLD if asked.threshold is None else asked.threshold
    given = []
    for place, name in enumerate(note_ids):
        above = np.flatnonzero(matrix[place] > np.float32(threshold))
        for column in above:
            given.append((first_row + place, name, Written(codes[column])))
        if not len(above):
            given.append((first_row + place, name, Written("")))
    said = f"given where the score is above {threshold:g}"
    if asked.threshold is None:
        said += ", as no --threshold is said"
    words = f"a score for each of {len(codes):,} codes, which are all that the model knows; {said}"
    scores = Scores(tuple(note_ids), tuple(codes), matrix, every_code=True, floor=asked.floor)
    return ReadScores(scores, given, words)


def score_written(score: object, *, logits: bool = False) -> float | None:
    """The probability that a cell has; None for an empty one. CellError.

    >>> score_written("0.25"), score_written("0,25"), score_written(1), score_written(" ")
    (0.25, 0.25, 1.0, None)
    >>> score_written("0", logits=True)
    0.5
    """
    if score is None:
        return None
    if isinstance(score, str):
        text = score.strip()
        if not text:
            return None
        number = _number(text)
    elif isinstance(score, int | float) and not isinstance(score, bool):
        number = float(score)
    else:
        raise CellError("a score is no number; write a probability such as 0.25")
    if not math.isfinite(number):
        raise CellError("a score is no finite number; leave the row out where there is none")
    if logits:
        return _sigmoid(number)
    if not 0 <= number <= 1:
        raise CellError(_outside(number))
    return number


def given_written(given: object) -> bool | None:
    """What a cell of the column `given` says; None where nothing is said. CellError.

    >>> given_written("1"), given_written("no"), given_written(""), given_written(None)
    (True, False, False, None)
    """
    if given is None or isinstance(given, bool):
        return given
    plain = str(given).strip().lower()
    if plain not in GIVEN:
        raise CellError("given is neither 0 nor 1; write one of the two")
    return GIVEN[plain]


def _number(text: str) -> float:
    if "," in text and "." not in text:
        text = text.replace(",", ".")
    try:
        if "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        raise CellError("a score is no number; write a probability such as 0.25") from None


def _outside(number: float) -> str:
    return (
        f"the score {number:g} is not between 0 and 1; write probabilities, "
        "or say --logits where these are logits"
    )


def _sigmoid(logit: float) -> float:
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    return math.exp(logit) / (1 + math.exp(logit))


def _squeeze(matrix: NDArray[np.float32]) -> None:
    """Logits into probabilities, a row at a time, in place."""
    for row in matrix:
        with np.errstate(over="ignore"):
            row[:] = 1 / (1 + np.exp(-row.astype(np.float64)))


def _refuse_outside(
    codes: Sequence[str],
    matrix: NDArray[np.float32],
    problems: Problems,
    asked: AskedScores,
    first_row: int,
) -> None:
    """Cells that are no probabilities are problems: the first of each row is named."""
    for place, row in enumerate(matrix):
        fine = (row >= 0) & (row <= 1)
        if fine.all():
            continue
        column = int(np.argmin(fine))
        number = float(row[column])
        if math.isfinite(number):
            words = _outside(number)
        else:
            words = "a score is no finite number"
        more = int((~fine).sum()) - 1
        if more:
            words += f" (and {more:,} more of this row)"
        problems.add(first_row + place, f"column {codes[column][:20]}: {words}", CAUSE)


def _lists_candidates(counts: NDArray[np.int64], whole: bool) -> bool:
    """Whether a file's rows are candidates rather than what was given, by how many there are:
    the very same codes for every note, the same number of them, or more than anybody gives."""
    if whole:
        return True
    if not len(counts):
        return False
    same = len(counts) > 1 and counts.min() == counts.max() >= FEW
    return bool(same) or float(counts.mean()) > MANY


def _listed_words(matrix: NDArray[np.float32]) -> str:
    """For people: how much is told."""
    told = np.count_nonzero(~np.isnan(matrix), axis=1)
    columns = matrix.shape[1]
    if not len(told):
        return "no scores"
    least, most = int(told.min()), int(told.max())
    if least == columns:
        return f"a score for each of {columns:,} codes"
    if least == most:
        return f"scores of {least:,} codes a note, taken as its highest; the others are not told"
    return (
        f"scores of {least:,} to {most:,} codes a note, taken as its highest; "
        "the others are not told"
    )


def _first_double(names: Sequence[str]) -> int | None:
    seen = set()
    for place, name in enumerate(names):
        if name in seen:
            return place
        seen.add(name)
    return None


def _too_large(notes: int, codes: int) -> str:
    return (
        f"{notes:,} notes x {codes:,} codes of scores are over {MOST_CELLS:,} cells; "
        "keep the study's notes, or split the file"
    )
