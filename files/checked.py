"""Codings checked against the code system: codes in their proper spelling, or everything that is
wrong."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from files.codings import Codings
from files.problems import Problems
from icd.check import Answer, Cause, CodeCheck, Refused, Taken
from icd.codes import Kind
from icd.tally import CodeTally

Unknown = Literal["refuse", "keep"]
LONGEST_KEPT = 10
"""Characters of the longest code that can be kept as it was written."""


@dataclass(frozen=True)
class CheckedCodings:
    """Codings whose every code is one of the system, or was kept as it was written."""

    codings: dict[str, set[str]]
    kinds: dict[str, Kind]
    """Code of the system -> its kind."""
    as_written: frozenset[str]
    """What is no code of the system and was kept."""
    remarks: list[str]
    """What was folded, dropped, marked or kept, a sentence each."""


def check_codings(
    file: Codings, check: CodeCheck, problems: Problems, unknown: Unknown = "refuse"
) -> CheckedCodings:
    """Each code checked; what is refused goes to `problems`, or with "keep" into `as_written`."""
    tally = CodeTally()
    tally.no_code = file.nulls
    kept = CodeTally()
    kinds: dict[str, Kind] = {}
    as_written: set[str] = set()
    found: dict[str, set[str]] = {note: set() for note in file.codings}
    answers: dict[tuple[str, Kind | None], Answer] = {}
    for (note, written), row in file.places.items():
        if not written:
            continue
        key = (written, file.kinds.get((note, written), file.kind))
        if key not in answers:
            answers[key] = check.read(*key)
        answer = answers[key]
        if isinstance(answer, Refused) and unknown == "keep" and may_be_kept(answer):
            kept.add(answer)
            as_written.add(written)
            found[note].add(written)
            continue
        tally.add(answer)
        if isinstance(answer, Taken):
            found[note].add(answer.code)
            kinds[answer.code] = answer.kind
        if isinstance(answer, Refused):
            problems.add(row, answer.words, f"a code {answer.cause}", answer.mend)
    remarks = list(tally.remarks())
    if as_written:
        remarks.append(
            f"kept as written, counted as given and never right: {'; '.join(kept.reasons())}"
        )
    return CheckedCodings(found, kinds, frozenset(as_written), remarks)


def may_be_kept(answer: Refused) -> bool:
    """Whether a string that is no code may be stored as it was written: words may be text of a
    note."""
    return (
        answer.cause != Cause.TEXT
        and len(answer.written) <= LONGEST_KEPT
        and answer.written.isprintable()
    )


def unknown_notes(file: Codings, known: Collection[str], problems: Problems) -> None:
    """Notes that the study lacks go to `problems`."""
    for note in file.codings:
        if note not in known:
            words = f"note {note[:64]} is not of this study; its notes are on the study's page"
            problems.add(file.places[note, ""], words, "a note is not of this study")
