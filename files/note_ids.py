"""The note ids of a file of codings against the notes that a study has."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from files.cells import ID_LIMIT, shown_id
from files.codings import Codings, CodingsFile
from files.problems import Problems

SHOWN = 5
"""Notes that a remark names; of the others it gives the number."""
OUTSIDE = "a note is not of this study"
STUDY_ALONE = "--notes-of-study"
LEAVE_OUT = f"check the ids, or leave such notes out: {STUDY_ALONE}"
FLOAT = re.compile(r"\d+\.0")


def without_point_zero(
    file: CodingsFile, known: Collection[str] | None
) -> tuple[CodingsFile, list[str]]:
    """The file with 100001 for 100001.0 where every id ends so: the ids were read as numbers.

    `known`: the study's notes, if there is a study; then some must be meant by it. Returns the
    file and what is to be said of it.
    """
    ids = set().union(*(given.codings for given in file.raters.values()))
    if not ids or not all(FLOAT.fullmatch(note) for note in ids):
        return file, []
    if known is not None and (ids & set(known) or not {_whole(note) for note in ids} & set(known)):
        return file, []
    raters = {name: _renamed(given) for name, given in file.raters.items()}
    scores = {}
    for name, told in file.scores.items():
        scores[name] = replace(told, note_ids=tuple(map(_whole, told.note_ids)))
    example = min(ids)
    said = f"every note id ends in .0, which was left out: {example} is {_whole(example)}"
    return replace(file, raters=raters, scores=scores), [said]


def _whole(note: str) -> str:
    return note.removesuffix(".0")


def _renamed(given: Codings) -> Codings:
    return replace(
        given,
        codings={_whole(note): codes for note, codes in given.codings.items()},
        places={(_whole(note), code): row for (note, code), row in given.places.items()},
        kinds={(_whole(note), code): kind for (note, code), kind in given.kinds.items()},
    )


def notes_outside(raters: Mapping[str, Codings], known: Collection[str]) -> dict[str, int]:
    """Notes of the file that the study lacks -> the line that names each first."""
    found: dict[str, int] = {}
    for given in raters.values():
        for note in given.codings:
            if note not in known:
                found.setdefault(note, given.places[note, ""])
    return found


def refuse_outside(outside: Mapping[str, int], problems: Problems) -> None:
    """Notes that the study lacks go to `problems`."""
    for note, row in outside.items():
        problems.add(row, f"note {shown_id(note)} is not of this study", OUTSIDE, LEAVE_OUT)


def left_out(outside: Collection[str], total: int) -> str:
    """What is said of the notes that were left out of a file of `total` notes.

    >>> left_out(["n8", "n9"], 10)
    'left out, not of this study: 2 of the 10 notes of the file: n8, n9'
    """
    shown = ", ".join(shown_id(note) for note in sorted(outside)[:SHOWN])
    more = len(outside) - SHOWN
    others = f" and {more:,} more" if more > 0 else ""
    return (
        f"left out, not of this study: {len(outside):,} of the {total:,} notes of the file: "
        f"{shown}{others}"
    )


def within(given: Codings, outside: Collection[str]) -> Codings:
    """A rater's codings without those notes."""
    return replace(
        given,
        codings={note: codes for note, codes in given.codings.items() if note not in outside},
        places={key: row for key, row in given.places.items() if key[0] not in outside},
        kinds={key: kind for key, kind in given.kinds.items() if key[0] not in outside},
    )


def refuse_long_ids(raters: Mapping[str, Codings], problems: Problems) -> None:
    """Refuse ids of notes that the database cannot take."""
    for given in raters.values():
        for note in given.codings:
            if len(note) > ID_LIMIT:
                words = f"the note id {note[:20]}... is over {ID_LIMIT} characters; shorten it"
                problems.add(given.places[note, ""], words, "a note_id that cannot be taken")
