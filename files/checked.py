"""Codings checked against the code system: codes in their proper spelling, or everything that is
wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from files.codings import Codings, Reading
from files.problems import Problems
from icd.check import Answer, Cause, CodeCheck, Refused, Taken
from icd.codes import Kind
from icd.tally import CodeTally

if TYPE_CHECKING:
    from files.checked_scores import CheckedScores
    from files.scores import Scores

Unknown = Literal["refuse", "keep", "drop"]
UNKNOWN: tuple[Unknown, ...] = get_args(Unknown)
"""What to do with a string that is no code: refuse the file; keep it as it was written; leave it
out."""
LONGEST_KEPT = 10
"""Characters of the longest code that can be kept as it was written."""
SHOWN_UNKNOWN = 50
"""Strings of one cause that a remark lists; of the others it gives the number."""
KEEP_OR_DROP = "--unknown keep (as written, never right) or drop"
DROP = "--unknown drop"
OF_ONE_KIND = "--codes-are dx or proc"
OF_CAML = "--reading caml"


@dataclass(frozen=True)
class CheckedCodings:
    """Codings whose every code is one of the system, or was kept as it was written."""

    raters: dict[str, dict[str, set[str]]]
    """Rater -> note id -> codes; an empty set: coded, with no code."""
    kinds: dict[str, Kind]
    """Code of the system -> its kind."""
    as_written: frozenset[str]
    """What is no code of the system and was kept."""
    dropped: frozenset[str]
    """What is no code of the system and was left out, as it may be shown."""
    remarks: list[str]
    """What was folded, dropped, marked or kept, a sentence each."""
    scores: dict[str, CheckedScores] = field(default_factory=dict)
    """Rater -> its scores; raters without any are left out."""


@dataclass
class _Check:
    """The check of a file's codings, rater after rater."""

    check: CodeCheck
    problems: Problems
    unknown: Unknown
    tally: CodeTally = field(default_factory=CodeTally)
    left: CodeTally = field(default_factory=CodeTally)
    """The strings that are no codes and were kept or dropped."""
    kinds: dict[str, Kind] = field(default_factory=dict)
    as_written: set[str] = field(default_factory=set)
    answers: dict[tuple[str, Kind | None, Reading], Answer] = field(default_factory=dict)
    emptied: int = 0
    """Notes of whose codes none is left."""

    def rater(self, given: Codings) -> dict[str, set[str]]:
        """One rater's codes by note, in their proper spelling."""
        self.tally.no_code += given.nulls
        found: dict[str, set[str]] = {note: set() for note in given.codings}
        dropped: set[str] = set()
        for (note, written), row in given.places.items():
            if not written:
                continue
            kind = given.kind_of(note, written)
            answer = self._answer(written, kind, given.reading)
            if isinstance(answer, Taken):
                self.tally.add(answer)
                found[note].add(answer.code)
                self.kinds[answer.code] = answer.kind
            elif not isinstance(answer, Refused):
                self.tally.add(answer)
            elif self.unknown == "drop":
                self.left.add(answer)
                dropped.add(note)
            elif self.unknown == "keep" and may_be_kept(answer):
                self.left.add(answer)
                self.as_written.add(written)
                found[note].add(written)
            else:
                self.problems.add(row, answer.words, f"a code {answer.cause}", _mend(answer))
        self.emptied += sum(not found[note] for note in dropped)
        return found

    def scores(self, given: Codings, scores: Scores) -> CheckedScores:
        """One rater's scores by codes of the system."""
        from files.checked_scores import check_scores  # NumPy is needed for scores alone

        def read(written: str, kind: Kind | None) -> Answer:
            return self._answer(written, kind or given.kind_of("", written), given.reading)

        codes = {written for _, written in given.places}
        refuse = self.unknown == "refuse"
        return check_scores(scores, read, self.problems, refuse=refuse, given=codes)

    def _answer(self, written: str, kind: Kind | None, reading: Reading) -> Answer:
        key = (written, kind, reading)
        if key not in self.answers:
            self.answers[key] = self.check.read(written, kind, reading=reading)
        return self.answers[key]

    def remarks(self) -> list[str]:
        """What was done to the codes, a sentence each."""
        said = list(self.tally.remarks())
        if not self.left.refusals:
            return said
        reasons = "; ".join(self.left.refused_words(SHOWN_UNKNOWN))
        if self.unknown == "keep":
            said.append(f"kept as written, counted as given and never right: {reasons}")
            return said
        given = self.tally.taken + self.left.refusals
        said.append(f"left out, no codes: {self.left.refusals:,} of {given:,} given: {reasons}")
        if self.emptied:
            said.append(f"coded, with no code left: {self.emptied:,} notes")
        return said


def check_codings(
    raters: Mapping[str, Codings],
    check: CodeCheck,
    problems: Problems,
    unknown: Unknown = "refuse",
    scores: Mapping[str, Scores] | None = None,
) -> CheckedCodings:
    """Each code of each rater checked, and those of its `scores`. What is no code goes to
    `problems`; with "keep" into `as_written`, with "drop" into `dropped`, and is said."""
    checking = _Check(check, problems, unknown)
    found = {name: checking.rater(given) for name, given in raters.items()}
    checked = {}
    for name, told in (scores or {}).items():
        if name in raters:
            checked[name] = checking.scores(raters[name], told)
    dropped = checking.left.refused_strings() if unknown == "drop" else frozenset()
    remarks = checking.remarks()
    for name in checked:
        remarks += checked[name].remarks
    as_written = frozenset(checking.as_written)
    return CheckedCodings(found, checking.kinds, as_written, dropped, remarks, checked)


def may_be_kept(answer: Refused) -> bool:
    """Whether a string that is no code may be stored as it was written: words may be text of a
    note."""
    return (
        answer.cause != Cause.TEXT
        and len(answer.written) <= LONGEST_KEPT
        and answer.written.isprintable()
    )


def _mend(answer: Refused) -> str:
    """What can be done about a string that is no code, in the command's words."""
    found = [answer.mend] if answer.mend else []
    if answer.cause == Cause.UNDOTTED:
        found.append(f"where all are of one kind, say {OF_ONE_KIND}")
    if answer.cause == Cause.SPREADSHEET:
        found.append(f"where CAML's code made the file, say {OF_CAML}")
    if may_be_kept(answer):
        found.append(f"or take the file all the same: {KEEP_OR_DROP}")
    else:
        found.append(f"or take the file without them: {DROP}")
    return "; ".join(found)
