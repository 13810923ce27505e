"""The raters of a file of codings, as they are met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from files.cells import CellError, unstorable
from files.collected import Collected
from files.problems import Problems
from files.score_cells import AskedScores

if TYPE_CHECKING:
    from files.score_rows import ScoreRows

LONGEST_NAME = 80
"""Characters of a rater's name."""
MOST_RATERS = 200
"""Raters of one file: what has more is no column of raters."""


class Raters:
    """Name -> what that rater gave; "" for the rater of a file that names none."""

    def __init__(self, problems: Problems, asked: AskedScores | None = None) -> None:
        self.problems = problems
        self.asked = asked or AskedScores()
        self.found: dict[str, Collected] = {}

    def named(self, cell: str | None) -> Collected:
        """The rater that a cell names. CellError for an empty cell, FileError for too many
        raters."""
        known = self.found.get(cell or "") if cell != "" else None
        if known is not None:
            return known
        name = "" if cell is None else _name(cell)
        if name not in self.found:
            if len(self.found) >= MOST_RATERS:
                words = f"over {MOST_RATERS} raters; is the column named rater one of raters?"
                raise self.problems.fatal(0, words)
            self.found[name] = Collected(self.problems)
        return self.found[name]

    def score_rows(self, collected: Collected) -> ScoreRows:
        """The scores of one of the raters, to which rows are added."""
        from files.score_rows import ScoreRows  # NumPy is needed for scores alone

        if collected.scored is None:
            collected.scored = ScoreRows(self.asked, self.problems)
        if not isinstance(collected.scored, ScoreRows):
            raise TypeError("a table has its scores in rows or in columns")
        return collected.scored

    def settle(self) -> list[str]:
        """Add the codes that follow from scores. Returns how the scores were read."""
        said = []
        for collected in self.found.values():
            words = collected.settle()
            if words and words not in said:
                said.append(words)
        return said


def _name(cell: str) -> str:
    name = cell.strip()
    if not name:
        raise CellError("no rater; every row names one where any does")
    if len(name) > LONGEST_NAME or not name.isprintable() or unstorable(name):
        raise CellError(f"a rater's name has 1 to {LONGEST_NAME} plain characters; mend it")
    return name


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "rater"), counted(1200, "code")
    ('1 rater', '1,200 codes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
