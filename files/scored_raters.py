"""The scores of a file's raters as they are met, and what each of them gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from files.cells import CellError, Written, code_text, kind_written
from files.problems import Problems
from files.score_cells import SCORE_NAMES, AskedScores
from files.score_rows import ScoreRows
from files.scores import ReadScores, Scores


class Collects(Protocol):
    """Takes the codes that a rater gave."""

    repeats: int
    codings: dict[str, set[str]]
    places: dict[tuple[str, str], int]

    def add(self, row: int, note: str, written: Written) -> None:
        """One code of a note; an empty one says that there is none."""


@dataclass
class ScoredRaters:
    """Rater -> its scores so far; "" for the rater of a file that names none."""

    asked: AskedScores
    problems: Problems
    rows: dict[str, ScoreRows] = field(default_factory=dict)
    whole: dict[str, ReadScores] = field(default_factory=dict)
    """Scores that were read at once, from a table of numbers."""

    def named(self, rater: str = "") -> ScoreRows:
        """The rows of a rater."""
        if rater not in self.rows:
            self.rows[rater] = ScoreRows(self.asked, self.problems)
        return self.rows[rater]

    def add_object(self, row: int, note: str, value: Mapping[str, object]) -> None:
        """An object of a note that has `scores`, with or without `codes`; or codes that have a
        score each. CellError."""
        scores = value.get("scores")
        if scores is not None:
            self.named().add_object(row, note, scores, value.get("codes"))
            return
        codes = value.get("codes")
        rows = self.named()
        if not isinstance(codes, list):
            raise CellError('codes must be a list, like [{"code": "428.0", "score": 0.9}]')
        if note in rows.notes:
            raise CellError(f"note {note[:40]} is given twice; give each note one row")
        rows.add(row, note, Written(""), None)
        for item in codes:
            code, score = _scored_item(item)
            rows.add(row, note, code, score, True)

    def give(self, collected: Callable[[str], Collects]) -> tuple[dict[str, Scores], list[str]]:
        """(each rater's scores, how they were read). What each gave goes to `collected` of its
        name."""
        found = {}
        said: list[str] = []
        for name in [*self.rows, *self.whole]:
            target = collected(name)
            read = self.whole.get(name)
            if read is None:
                for note in target.codings:
                    self.rows[name].also(target.places[note, ""], note)
                read = self.rows[name].finish()
            target.repeats += read.repeats
            for row, note, written in read.given:
                target.add(row, note, written)
            found[name] = read.scores
            if read.said not in said:
                said.append(read.said)
        return found, said


def has_scores(value: Mapping[str, object]) -> bool:
    """Whether an object of a note tells scores: {"scores": {...}}, or a score beside a code.

    >>> has_scores({"codes": [{"code": "428.0", "probability": 0.9}]})
    True
    >>> has_scores({"codes": ["428.0", {"code": "401.9"}]})
    False
    """
    if isinstance(value.get("scores"), Mapping):
        return True
    codes = value.get("codes")
    if not isinstance(codes, list):
        return False
    return any(_score_of(item) is not None for item in codes if isinstance(item, Mapping))


def is_scores_by_note(value: object) -> bool:
    """Whether a JSON value is {note: {code: score}}, as CAML writes its top 100 codes.

    >>> is_scores_by_note({"104128": {"401.9": 0.98}, "104131": {}})
    True
    >>> is_scores_by_note({"104128": ["401.9"]}), is_scores_by_note({})
    (False, False)
    """
    if not isinstance(value, Mapping) or not value:
        return False
    notes = list(value.values())
    for scores in notes:
        if not isinstance(scores, Mapping):
            return False
        if not all(isinstance(score, int | float) for score in scores.values()):
            return False
    return any(notes)


def _scored_item(item: object) -> tuple[Written, object]:
    """A code of a list, and its score. CellError."""
    if not isinstance(item, Mapping):
        return Written(code_text(item)), None
    kind = item.get("kind")
    written = Written(
        code_text(item.get("code")), kind_written(kind) if isinstance(kind, str) else None
    )
    return written, _score_of(item)


def _score_of(item: Mapping[str, object]) -> object:
    for name in SCORE_NAMES:
        if item.get(name) is not None:
            return item[name]
    return None
