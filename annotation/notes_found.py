"""What a check has found in a file of notes: what a person looks at before it is stored.

Never the text of a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from django.utils.text import capfirst

from files.notes_pass import NotesPass
from files.problems import FileError, Group

MOST_LISTED = 5
"""Notes that a sentence names; of the others it gives the number."""


@dataclass(frozen=True)
class Cause:
    """The errors of one cause."""

    cause: str
    count: int
    said: str
    """Where, with examples, and what to do about it."""


@dataclass
class Named:
    """How many notes, and the ids of the first of them."""

    count: int = 0
    ids: list[str] = field(default_factory=list)

    def add(self, note_id: str) -> None:
        """One more."""
        self.count += 1
        if len(self.ids) < MOST_LISTED:
            self.ids.append(note_id)

    def sentence(self, total: int, what: str, ending: str) -> str:
        """For example "2 of these 9 notes are in the batch: n1, n2"."""
        verb = "is" if self.count == 1 else "are"
        shown = ", ".join(self.ids)
        more = self.count - len(self.ids)
        if more:
            shown += f" and {more:,} more"
        return f"{self.count:,} of these {total:,} {what} {verb} {ending}: {shown}"


@dataclass
class HereAlready:
    """Which of the notes a batch holds already."""

    batch: int
    name: str
    same: Named = field(default_factory=Named)
    """Notes with the same id and the same text."""
    other_text: Named = field(default_factory=Named)
    """Ids that have another text there."""
    other_id: Named = field(default_factory=Named)
    """Texts that have another id there; by their ids in the file."""

    def sentences(self, total: int) -> Iterator[str]:
        """What is to be said of them; `total` is the number of notes in the file."""
        if self.same.count:
            ending = f"here already, with the same text, in batch {self.name}"
            yield self.same.sentence(total, "notes", ending)
        if self.other_text.count:
            ending = f"in batch {self.name} with another text"
            yield self.other_text.sentence(total, "ids", ending)
        if self.other_id.count:
            ending = f"in batch {self.name} under another id"
            yield self.other_id.sentence(total, "texts", ending)


@dataclass(frozen=True)
class NotesFound:
    """What a file of notes would bring, and what is wrong with it."""

    read_as: list[str]
    """How each part was understood."""
    good: int
    bad: int
    """Rows that cannot be stored as they are."""
    errors: int
    causes: list[Cause]
    sha256: str
    coded: int = 0
    """Notes that have reference codes, be there none."""
    diagnoses: int = 0
    procedures: int = 0
    distinct: int = 0
    words: int = 0
    """Median of a note."""
    remarks: list[str] = field(default_factory=list)
    here: list[HereAlready] = field(default_factory=list)
    twice: Named = field(default_factory=Named)
    """Notes with the text of an earlier one of the same file."""
    stored_as: int | None = None
    """The batch of the very same file."""
    to_mend: bool = True
    """Whether rows can be mended: not where the file cannot be read to its end."""

    @property
    def codes_a_note(self) -> float:
        """Mean over the notes that have reference codes."""
        return (self.diagnoses + self.procedures) / self.coded if self.coded else 0.0

    @property
    def said(self) -> list[str]:
        """All remarks, a sentence each."""
        found = list(self.remarks)
        if self.twice.count:
            ending = "in the file a second time, under another id"
            found.append(self.twice.sentence(self.good, "texts", ending))
        for batch in self.here:
            found += batch.sentences(self.good)
        return found

    def as_json(self) -> dict[str, Any]:
        """For a column of the database; `notes_found` reads it."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        for each in self.read_as:
            yield f"read as {each}"
        yield f"{self.good:,} good rows, {self.bad:,} to mend"
        yield f"median of {self.words:,} words a note"
        if self.coded:
            yield (
                f"{self.coded:,} notes have reference codes, {self.codes_a_note:.1f} a note: "
                f"{self.diagnoses:,} diagnoses, {self.procedures:,} procedures, "
                f"{self.distinct:,} different codes"
            )
        else:
            yield "no note has reference codes"
        for sentence in self.said:
            yield capfirst(sentence)


def notes_found(data: dict[str, Any]) -> NotesFound:
    """What `as_json` wrote."""
    causes = [Cause(**each) for each in data["causes"]]
    here = []
    for each in data["here"]:
        kinds = {kind: Named(**each[kind]) for kind in ("same", "other_text", "other_id")}
        here.append(HereAlready(**{**each, **kinds}))
    twice = Named(**data["twice"])
    return NotesFound(**{**data, "causes": causes, "here": here, "twice": twice})


def found_in(reading: NotesPass, remarks: Sequence[str], **more: Any) -> NotesFound:
    """What a pass that came to its end has found."""
    last = reading.found[-1]
    causes = causes_of(last.problems.groups.values())
    if reading.missing:
        words = "give a file with these rows as well, or leave them out"
        causes.append(Cause("bad rows that no file of mended rows has", reading.missing, words))
    return NotesFound(
        read_as=[part.read_as for part in reading.found],
        good=reading.good,
        bad=reading.bad,
        errors=last.problems.total,
        causes=causes,
        sha256=reading.sha256,
        coded=reading.coded,
        diagnoses=reading.given["dx"],
        procedures=reading.given["proc"],
        distinct=len(reading.kinds),
        words=int(median(reading.words)) if reading.words else 0,
        remarks=[*reading.remarks(), *remarks],
        **more,
    )


def found_refused(error: FileError) -> NotesFound:
    """What is said of a file that cannot be read to its end."""
    return NotesFound(
        read_as=[],
        good=0,
        bad=0,
        errors=error.total,
        causes=causes_of(error.groups),
        sha256="",
        to_mend=False,
    )


def causes_of(groups: Iterable[Group]) -> list[Cause]:
    """Groups of errors in words, the largest first."""
    largest_first = sorted(groups, key=lambda group: -group.count)
    return [Cause(group.cause, group.count, str(group)) for group in largest_first]
