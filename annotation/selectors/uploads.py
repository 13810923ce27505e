"""Files on their way in: where they lie, and how far the work on them is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from annotation.models import Upload, User
from files.notes import NoteRow
from files.notes_mend import rows_to_mend
from files.notes_pass import NotesPass, Part
from files.problems import FileError
from icd.check import CodeCheck

LOST_SECONDS = 120
"""After so long without a sign of progress, whoever worked on it is thought to be gone."""
PATIENCE_SECONDS = 4
"""After so long without a worker the page offers to do it right there."""
EVERY_SECONDS = 0.4
"""How often progress is written at most."""
FIRST, FIRST_CODES = 3, 6
"""Notes that are shown before they are stored, and codes of each."""
BEGINNING = 600
"""Characters of a note's text that are shown."""


@dataclass
class Progress:
    """How far a work is, in a small file beside the upload.

    Not in the database: what a transaction has written others see only at its end.
    """

    path: Path
    written: float = field(default=0.0, compare=False)

    def write(self, done: int, total: int) -> None:
        """`done` of `total` bytes or notes; 0 of 0 where it has just begun."""
        self.path.write_text(f"{done} {total}")
        self.written = time.monotonic()

    def tell(self, done: int, total: int) -> None:
        """The same, at most a few times a second: to be called as often as one likes."""
        if time.monotonic() - self.written >= EVERY_SECONDS:
            self.write(done, total)


@dataclass(frozen=True)
class HowFar:
    """What a page shows of a work that is going on."""

    done: int
    total: int
    seconds: int
    """Since it was asked for, or begun."""
    waits: bool
    """No worker has begun it."""

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def nobody(self) -> bool:
        """Whether it waits for longer than a worker takes to begin."""
        return self.waits and self.seconds >= PATIENCE_SECONDS


def parts_of(upload: Upload, *, more: int = 0) -> list[Path]:
    """Where its files lie; `more`: with the places of so many that are to come."""
    count = len(upload.parts) + more
    return [settings.UPLOADS / f"{upload.pk}-{part}" for part in range(count)]


def progress_file(upload: Upload) -> Path:
    """Where its progress is written."""
    folder: Path = settings.UPLOADS
    return folder / f"{upload.pk}.progress"


def how_far(upload: Upload) -> HowFar:
    """How far the work on an upload is."""
    done = total = 0
    try:
        first, _, second = progress_file(upload).read_text().partition(" ")
        done, total = int(first), int(second)
    except (FileNotFoundError, ValueError):
        pass  # not begun, or just being written
    return HowFar(
        done=done,
        total=total,
        seconds=int((timezone.now() - upload.changed_at).total_seconds()),
        waits=upload.state not in Upload.AT_WORK,
    )


def is_lost(upload: Upload) -> bool:
    """Whether whoever works on it has given no sign for long."""
    try:
        last = progress_file(upload).stat().st_mtime
    except FileNotFoundError:
        last = upload.changed_at.timestamp()
    return time.time() - max(last, upload.changed_at.timestamp()) > LOST_SECONDS


def uploads_of(user: User, kind: str) -> list[Upload]:
    """A person's uploads that are not at their end yet, newest first. One that was refused whole
    is at its end: its file is removed."""
    open_ones = Upload.objects.filter(owner=user, kind=kind).exclude(state__in=Upload.ENDED)
    found = []
    for upload in open_ones:
        refused_whole = upload.state == Upload.State.REFUSED and not upload.error
        if not refused_whole or upload.found.get("to_mend"):
            found.append(upload)
    return found


def names_of_parts(upload: Upload) -> Sequence[tuple[str, Path]]:
    """(name as it was uploaded, where it lies) of each of its files."""
    return list(zip(upload.parts, parts_of(upload), strict=True))


@contextmanager
def opened_parts(upload: Upload) -> Iterator[list[Part]]:
    """Its files, open from the first byte on. FileNotFoundError where they were removed."""
    with ExitStack() as files:
        parts: list[Part] = []
        for name, path in names_of_parts(upload):
            parts.append((name, files.enter_context(path.open("rb"))))
        yield parts


@dataclass(frozen=True)
class FirstNote:
    """One of the first notes as it would be stored: for the page alone, kept nowhere."""

    note_id: str
    beginning: str
    """Of its text."""
    more: int
    """Characters that follow."""
    words: int
    codes: Sequence[str]
    more_codes: int
    says_codes: bool


def first_notes(upload: Upload, check: CodeCheck) -> list[FirstNote]:
    """The first notes of an upload that are good; none where its files are gone."""
    found: list[FirstNote] = []
    with suppress(FileError, FileNotFoundError), opened_parts(upload) as parts:
        for row in islice(NotesPass(parts, check, settings.UPLOAD_LIMIT).rows(), FIRST):
            found.append(_first_note(row))
    return found


def _first_note(row: NoteRow) -> FirstNote:
    codes = row.codes or ()
    return FirstNote(
        note_id=row.note_id,
        beginning=row.text[:BEGINNING],
        more=max(0, len(row.text) - BEGINNING),
        words=len(row.text.split()),
        codes=codes[:FIRST_CODES],
        more_codes=max(0, len(codes) - FIRST_CODES),
        says_codes=row.codes is not None,
    )


def bad_rows(upload: Upload, check: CodeCheck) -> Iterator[Sequence[str]]:
    """The rows of its last file that are to be mended, the header first (files.notes_mend)."""
    with opened_parts(upload) as parts:
        *before, (name, stream) = parts
        earlier: frozenset[str] = frozenset()
        if before:
            passed = NotesPass(before, check, settings.UPLOAD_LIMIT)
            earlier = frozenset(row.note_id for row in passed.rows())
        yield from rows_to_mend(
            name, stream, check, limit=settings.UPLOAD_LIMIT, earlier=earlier, mended=bool(before)
        )
