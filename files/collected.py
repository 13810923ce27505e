"""The codings of one rater, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from files.cells import Written, shown_id
from files.problems import Problems
from icd.codes import Kind, dotted

if TYPE_CHECKING:
    from files.score_rows import ScoreRows
    from files.score_tables import WideRows
    from files.scores import ReadScores


MOST_NOTES = 400_000
"""Notes of one file: MIMIC-IV has 331,794 discharge summaries."""
MOST_CODES = 200_000
"""Different codes of one file: no code system has as many."""
MOST_PAIRS = 6_000_000
"""Codes that a file gives to its notes, over all of them: they are held in memory."""
MOST_REPEATS = 1_000_000
"""Rows that say what another row has said already, after which a file is read no further."""


class Collected:
    """What one rater gave to the notes so far."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.codings: dict[str, set[str]] = {}
        self.places: dict[tuple[str, str], int] = {}
        self.kinds: dict[tuple[str, str], Kind] = {}
        self.empty: dict[str, int] = {}
        self.again: dict[str, int] = {}
        """Notes that have a further row of their own -> that row."""
        self.codes: set[str] = set()
        """Every code that was given to some note."""
        self.repeats = 0
        self.nulls = 0
        self.scored: ScoreRows | WideRows | None = None
        """The rater's scores so far."""
        self.read: ReadScores | None = None
        """All of them."""

    def see(self, row: int, note: str) -> set[str]:
        """The note was coded; its codes so far."""
        given = self.codings.get(note)
        if given is None:
            given = self.codings[note] = set()
            self.places[note, ""] = row
            if len(self.codings) > MOST_NOTES:
                words = f"over {MOST_NOTES:,} notes; split the file"
                raise self.problems.fatal(row, f"{words}, and check that these are ids of notes")
        return given

    def add(self, row: int, note: str, written: Written) -> None:
        """One row of a long table; an empty code says that there is none."""
        code = written.text
        if not code:
            self.add_empty(row, note)
            return
        if written.kind is not None:
            code = self._of_kind(row, note, code, written.kind)
        given = self.codings.get(note)
        if given is None:
            given = self.see(row, note)
        if code in given:
            self._repeat(row)
        else:
            given.add(code)
            self.places[note, code] = row
            self._count(row, code)

    def add_empty(self, row: int, note: str) -> None:
        """A row that says that the note has no code."""
        self.see(row, note)
        if note in self.empty:
            self._repeat(row)
        self.empty[note] = row

    def _repeat(self, row: int) -> None:
        self.repeats += 1
        if self.repeats > MOST_REPEATS:
            words = f"over {MOST_REPEATS:,} rows repeat another one"
            raise self.problems.fatal(row, f"{words}; give each note and code once")

    def _count(self, row: int, code: str) -> None:
        self.codes.add(code)
        if len(self.codes) > MOST_CODES:
            words = f"over {MOST_CODES:,} different codes"
            raise self.problems.fatal(row, f"{words}; check which column has the codes")
        if len(self.places) > MOST_PAIRS + MOST_NOTES:
            words = f"over {MOST_PAIRS:,} rows of a note and a code; split the file"
            raise self.problems.fatal(row, words)

    def _of_kind(self, row: int, note: str, code: str, kind: Kind) -> str:
        """The code, of which the file says the kind: with its dot where the note has the same
        string as a code of the other kind, since 0066 is a diagnosis and a procedure."""
        if self.kinds.setdefault((note, code), kind) == kind:
            return code
        with_dot = dotted(code, kind)
        if with_dot == code:
            words = f"note {shown_id(note)} has a code as a diagnosis and as a procedure; keep one"
            self.problems.add(row, words)
            return code
        self.kinds[note, with_dot] = kind
        return with_dot

    def add_note(self, row: int, note: str, codes: Sequence[Written]) -> None:
        """A line that has all codes of its note."""
        if note in self.codings:
            self.refuse_again(row, note)
            return
        self.see(row, note)
        for written in codes:
            self.add(row, note, written)

    def refuse_again(self, row: int, note: str) -> None:
        """A note whose codes stand on a line of their own is given a second time."""
        first = self.places[note, ""]
        words = f"note {shown_id(note)} is already on row {first}; give each note one row"
        self.problems.add(row, words, "a note is given twice")

    def refuse_all_again(self) -> None:
        """Every note that has a row twice, where a row has all codes of its note."""
        for note, row in self.again.items():
            self.refuse_again(row, note)

    def settle(self) -> str:
        """Add the codes that follow from the scores. Returns how these were read; "" without."""
        if self.scored is not None:
            for note in self.codings:
                self.scored.also(self.places[note, ""], note)
            self.read = self.scored.finish()
            self.scored = None
        if self.read is None:
            return ""
        for row, note, written in self.read.given:
            self.add(row, note, written)
        self.repeats += self.read.repeats
        return self.read.said

    def finish(self) -> None:
        """A note whose codes are none and some is wrong."""
        for note, row in self.empty.items():
            if self.codings[note]:
                words = f"note {shown_id(note)} has no code here and codes elsewhere; remove one"
                self.problems.add(row, words, "a note has no code and codes")
