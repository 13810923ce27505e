"""One pass over a file of notes, and over the files with its rows mended since.

The good rows come one after the other and are not kept, so that memory does not grow with the
texts. What is to be said of the whole is counted meanwhile.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from files.cells import ID_LIMIT
from files.notes import MOST_OF_BATCH, CheckedNote, NoteReader, NoteRow, patients_words
from files.problems import Problems
from files.source import from_stream
from icd.check import CodeCheck
from icd.codes import Kind
from icd.tally import CodeTally

Part = tuple[str, IO[bytes]]
"""A file's name, and its bytes from the first on."""


@dataclass
class PartFound:
    """What a pass has found in one file."""

    name: str
    problems: Problems
    read_as: str = ""
    good: int = 0

    @property
    def bad(self) -> int:
        """Rows that cannot be stored."""
        return len(self.problems.rows)


class Counted:
    """A stream whose bytes are counted and hashed as they are read."""

    def __init__(self, stream: IO[bytes], tell: Callable[[int], object]) -> None:
        self.stream = stream
        self.tell = tell
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.stream.read(size)
        self.digest.update(piece)
        self.tell(len(piece))
        return piece

    def finish(self) -> None:
        """Read what the reader of rows left, so that the hash is that of the whole file."""
        while self.read(2**20):
            pass


@dataclass
class NotesPass:
    """The good rows of a file of notes and of its mended rows, and what was found on the way.

    A row of a later part stands for a bad row of an earlier one. What is wrong with a file is in
    its part's problems. `tell` is given how many bytes of all parts were read.
    """

    parts: Sequence[Part]
    check: CodeCheck = field(default_factory=CodeCheck)
    limit: int | None = None
    """Most bytes of a part, unpacked."""
    tell: Callable[[int], object] | None = None
    count_words: bool = True

    found: list[PartFound] = field(default_factory=list)
    tally: CodeTally = field(default_factory=CodeTally)
    kinds: dict[str, Kind] = field(default_factory=dict)
    """Code of any good note -> its kind."""
    given: Counter[Kind] = field(default_factory=Counter)
    """Kind -> codes of good notes, one a note."""
    coded: int = 0
    """Good notes of which the file says their codes, be there none."""
    words: array[int] = field(default_factory=lambda: array("L"))
    """Words of each good note."""
    patients: set[str] = field(default_factory=set)
    of_patients: int = 0
    """Good notes that name their patient."""
    names_patients: bool = False
    sha256: str = ""
    """Known at the end: of one part its bytes', of more their hashes'."""
    _read: int = 0

    def rows(self) -> Iterator[NoteRow]:
        """Each good row. FileError where a part cannot be read to its end."""
        digests = []
        several = len(self.parts) > 1
        ids: set[str] = set()
        for name, stream in self.parts:
            counted = Counted(stream, self._told)
            for note in self._of_part(name, counted, ids):
                if several:
                    ids.add(note.raw.note_id)
                self._count(note)
                yield note.row
            counted.finish()
            digests.append(counted.digest.hexdigest())
        self.sha256 = digests[0]
        if several:
            self.sha256 = hashlib.sha256("\n".join(digests).encode()).hexdigest()

    @property
    def good(self) -> int:
        """Rows that can be stored."""
        return sum(part.good for part in self.found)

    @property
    def bad(self) -> int:
        """Rows that cannot, and that no later part mends."""
        left = 0
        for part in self.found:
            left = max(0, left - part.good - part.bad) + part.bad
        return left

    @property
    def missing(self) -> int:
        """Bad rows of earlier parts that no later part has."""
        return self.bad - self.found[-1].bad

    def remarks(self) -> Iterator[str]:
        """A sentence each on what was folded, dropped or marked, and on patients."""
        yield from self.tally.remarks()
        if self.names_patients:
            yield patients_words(len(self.patients), self.of_patients, self.good)

    def _of_part(self, name: str, stream: Any, ids: set[str]) -> Iterator[CheckedNote]:
        problems = Problems(name)
        part = PartFound(name, problems)
        self.found.append(part)
        source = from_stream(name, stream, limit=self.limit)
        reader = NoteReader(
            source,
            problems,
            id_limit=ID_LIMIT,
            most=MOST_OF_BATCH,
            earlier=frozenset(ids),
            mended=len(self.found) > 1,
        )
        for note in reader.checked(self.check):
            if note.good:
                part.good += 1
                yield note
        part.read_as = reader.read_as
        self.tally.no_code += reader.nulls
        self.names_patients |= reader.names_patients

    def _count(self, note: CheckedNote) -> None:
        kinds = note.kinds
        self.kinds.update(kinds)
        self.given.update(kinds.values())
        self.coded += note.raw.codes is not None
        if self.count_words:
            self.words.append(len(note.raw.text.split()))
        for answer in note.answers:
            self.tally.add(answer)
        if note.raw.patient:
            self.patients.add(note.raw.patient)
            self.of_patients += 1

    def _told(self, count: int) -> None:
        self._read += count
        if self.tell is not None:
            self.tell(self._read)
