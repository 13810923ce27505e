"""A table's column of ICD-9 codes.

Each is read by the one check of codes and counted; those that cannot be taken are refused together
at the end.
"""

from __future__ import annotations

from collections import Counter

from icd.check import Answer, Cause, CodeCheck, Fold, Refused, Standing, Taken
from icd.codes import KIND_NAMES, Kind
from icd.tally import EXAMPLES, CodeTally
from mimic.table import MimicError

CHECK = CodeCheck(unlisted_procedures=True, old_tables=True)
FEW_ROWS = 10
FEW_SHARE = 0.05
"""Codes of no list that a table may have, in rows or as a share of its codes, whichever is more."""
ZEROS_LOST = (
    "leading zeros lost, because the column was saved as numbers (0066 became 66), which makes "
    "others of its codes wrong codes: {examples}; read the original with codes as text "
    "(pandas: dtype=str) and save it again"
)


class CodeColumn:
    """The codes of one file, all of one kind. `read` them all, then `finish`."""

    def __init__(self, name: str, kind: Kind) -> None:
        self.name = name
        self.kind = kind
        self.rows = 0
        self.codes: dict[str, str | None] = {}
        """What is written -> the dotted code; None where it is none."""
        self.answers: dict[str, Answer] = {}
        """What is written -> what the check says of it."""
        self.times: Counter[str] = Counter()
        self.first_refused = 0
        """Row of the first code that cannot be taken; 0: none yet."""

    def read(self, written: str, row: int) -> str | None:
        """The dotted code; None where the cell is empty, says that there is none, or is no code."""
        self.rows += 1
        if not written.strip():
            return None
        if written not in self.codes:
            answer = _read(written, self.kind)
            self.answers[written] = answer
            self.codes[written] = answer.code if isinstance(answer, Taken) else None
            if isinstance(answer, Refused) and not self.first_refused:
                self.first_refused = row
        self.times[written] += 1
        return self.codes[written]

    def finish(self) -> CodeTally:
        """What was read, counted.

        MimicError where the table is empty, where any of its codes cannot be taken, and where too
        many are in no list.
        """
        if not self.rows:
            raise MimicError(f"{self.name} has a header and no rows; copy it again, whole")
        tally = CodeTally()
        for written, times in self.times.items():
            tally.add(self.answers[written], times)
        if not tally.taken and not tally.refusals:
            raise MimicError(
                f"{self.name} has {self.rows:,} rows and no code in any; copy it again, whole"
            )
        unlisted = sum(tally.unlisted.values())
        too_many = unlisted > max(FEW_ROWS, FEW_SHARE * tally.taken)
        if tally.refusals or too_many:
            self._refuse_swapped()
        if tally.refusals:
            raise MimicError(self._refusal(tally))
        if too_many:
            examples = ", ".join(
                f"{code} ({count})" for code, count in tally.unlisted.most_common(EXAMPLES)
            )
            raise MimicError(
                f"{self.name}: {unlisted:,} of {tally.taken:,} codes are in no list of ICD-9-CM "
                f"{KIND_NAMES[self.kind]}: {examples}; check that the file is what its name says"
            )
        del tally.folds[Fold.DOT]  # MIMIC-III's codes have none
        if not any("." in written for written in self.times):
            tally.alike.clear()  # without dots, zeros are lost at the beginning alone
        return tally

    def _refuse_swapped(self) -> None:
        """MimicError where most codes are of the other kind."""
        other: Kind = "proc" if self.kind == "dx" else "dx"
        own_count = self._valid_as(self.kind)
        other_count = self._valid_as(other)
        if other_count > max(2 * own_count, self.times.total() / 2):
            raise MimicError(
                f"{self.name}: {other_count:,} of its codes are {KIND_NAMES[other]} and "
                f"{own_count:,} are {KIND_NAMES[self.kind]}; the two tables of codes were swapped, "
                "or this is another file: check their names"
            )

    def _valid_as(self, kind: Kind) -> int:
        """How many of the codes are valid ones of a kind."""
        found = 0
        for written, times in self.times.items():
            answer = _read(written, kind)
            if isinstance(answer, Taken) and answer.standing == Standing.VALID:
                found += times
        return found

    def _refusal(self, tally: CodeTally) -> str:
        total = tally.taken + tally.refusals
        reasons = [_of_this_table(reason) for reason in tally.reasons()]
        return (
            f"{self.name}: {tally.refusals:,} of {total:,} codes cannot be taken, the first in row "
            f"{self.first_refused:,}. {'. '.join(reasons)}"
        )


def _read(written: str, kind: Kind) -> Answer:
    return CHECK.read(written, kind, undotted="." not in written)


def _of_this_table(reason: str) -> str:
    """A tally's reason in the words of a table whose codes have no dots."""
    count, _, said = reason.partition(f": {Cause.SPREADSHEET}: ")
    if not said:
        return reason
    return f"{count}: {ZEROS_LOST.format(examples=said.rpartition('; ')[0])}"
