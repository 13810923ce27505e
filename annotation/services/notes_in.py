"""Notes come in: checked in one pass over the file, stored in another. All rows or none.

The texts are never all in memory: a pass goes through them a few hundred at a time.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.models import Batch, Upload, User
from annotation.notes_found import NotesFound, found_in, found_refused, notes_found
from annotation.selectors.codes import check_of_installation
from annotation.selectors.notes_here import NotesHere
from annotation.selectors.removal import purge_of, removed_before
from annotation.selectors.uploads import LOST_SECONDS, Progress, opened_parts
from annotation.services.batches import (
    LONGEST_NAME,
    GrowingBatch,
    batch_forget,
    some_at_once,
)
from annotation.services.codes import icd9_load
from annotation.services.uploads import Outcome, part_drop, upload_work
from files.notes_pass import NotesPass, Part
from files.problems import FileError, refused

MOST_LEFT_OUT = 1_000
"""Left-out rows that a batch remembers one by one; of more it has the number."""
IDLE_SECONDS = LOST_SECONDS / 2
"""After so long without another note nobody stores a batch any more; sooner than its upload is
given to another worker."""
State = Upload.State
Tell = Callable[[int], object]


def batch_upload(
    *,
    name: str,
    data: bytes | IO[bytes],
    user: User | None,
    for_practice: bool = False,
) -> tuple[Batch, bool]:
    """Store a file of notes (CSV or JSONL) as a batch. Returns the batch and whether it is new.

    Its `details` say how the file was read, and what was merged, ignored or here already.
    Raises FileError with the wrong rows and the reasons; then nothing was stored.
    """
    parts = [(name, io.BytesIO(data) if isinstance(data, bytes) else data)]
    reading, found = notes_check(parts, for_practice=for_practice)
    same = same_file(found, for_practice)
    if same is not None:
        return same, False
    reading.found[0].problems.refuse()
    return batch_store(parts, found, name=name, user=user, for_practice=for_practice)


def notes_check(
    parts: Sequence[Part], *, for_practice: bool = False, tell: Tell | None = None
) -> tuple[NotesPass, NotesFound]:
    """Go through a file of notes, and the files with its rows mended since, and store nothing.

    FileError where one cannot be read to its end.
    """
    reading = _from_the_start(parts, tell)
    here = NotesHere()
    for row in reading.rows():
        here.add(row)
    remarks = []
    bare = reading.good - reading.coded
    if for_practice and bare:
        remarks.append(
            f"{bare:,} of these {reading.good:,} notes have no reference codes: "
            "nobody practises on them"
        )
    found = found_in(reading, remarks, here=here.batches(), twice=here.twice)
    return reading, found


def same_file(found: NotesFound, for_practice: bool) -> Batch | None:
    """The batch that was made of the very same bytes.

    FileError where it has another use, or its notes were removed for good.
    """
    batch = Batch.objects.filter(sha256=found.sha256).first()
    if batch is not None and purge_of(batch) is not None:
        raise refused(removed_before(batch))
    if batch is not None and batch.for_practice != for_practice:
        raise refused(_here_for_another_use(batch))
    return batch


def _here_for_another_use(batch: Batch) -> str:
    if batch.for_practice:
        use = "for practice, and a practice note must not be in a study"
    else:
        use = "for studies, and a note of a study must not be practised on"
    return f"this file is here already as {batch.name}, {use}; give other notes"


def batch_store(
    parts: Sequence[Part],
    found: NotesFound,
    *,
    name: str,
    user: User | None,
    for_practice: bool = False,
    origin: str = Batch.Origin.OWN,
    leave_out: bool = False,
    tell: Tell | None = None,
) -> tuple[Batch, bool]:
    """Store what `notes_check` has found good. Returns the batch and whether it is new.

    All or nothing: FileError where rows are bad, unless somebody said to `leave_out` these, and
    where the file is not as it was found. Nobody sees the batch before its last note is in; each
    few hundred are a transaction of their own, since SQLite has others wait for the end of one.
    """
    if found.bad and not leave_out:
        raise refused(f"{found.bad:,} rows are still to mend", name)
    icd9_load()
    batch_forget_unfinished(found.sha256)
    try:
        with transaction.atomic():
            batch = Batch.all_objects.create(
                name=name[-LONGEST_NAME:],
                sha256=found.sha256,
                origin=origin,
                details={"read_as": " + ".join(found.read_as), "remarks": found.said},
                for_practice=for_practice,
                uploaded_by=user,
                whole=False,
                grown_at=timezone.now(),
            )
    except IntegrityError:
        return _stored_meanwhile(found, for_practice, name), False
    try:
        _fill(batch, _from_the_start(parts, tell), found, user)
    except BaseException:
        batch_forget(batch)
        raise
    return batch, True


def _fill(batch: Batch, reading: NotesPass, found: NotesFound, user: User | None) -> None:
    """Store every good row, then show the batch."""
    reading.count_words = False
    growing = GrowingBatch(batch, "", (), reading.kinds)
    for rows in some_at_once(reading.rows()):
        with transaction.atomic():
            growing.add(rows)
            Batch.all_objects.filter(pk=batch.pk).update(grown_at=timezone.now())
    as_found = (found.sha256, found.good, found.bad)
    if (reading.sha256, reading.good, reading.bad) != as_found:
        raise refused("the file or the codes have changed since it was checked", batch.name)
    if found.bad:
        batch.details = {**batch.details, **_left_out(reading)}
    with transaction.atomic():
        batch.whole = True
        batch.grown_at = None
        batch.save(update_fields=["whole", "grown_at", "details"])
        growing.created(user)


def batch_forget_unfinished(sha256: str = "") -> None:
    """Remove batches that nobody stores any more, since whoever did has died; `sha256`: this one.

    FileError where it is being stored just now.
    """
    unfinished = Batch.all_objects.filter(whole=False)
    if sha256:
        unfinished = unfinished.filter(sha256=sha256)
    for batch in unfinished:
        idle = timezone.now() - (batch.grown_at or batch.created_at)
        if idle.total_seconds() > IDLE_SECONDS:
            batch_forget(batch)
        elif sha256:
            raise refused("this very file is being stored just now; look again in a minute")


def _stored_meanwhile(found: NotesFound, for_practice: bool, name: str) -> Batch:
    """The batch where the same file came in twice at once. FileError where it is not whole yet."""
    same = same_file(found, for_practice)
    if same is None:
        raise refused("this very file is being stored just now; look again in a minute", name)
    return same


def _from_the_start(parts: Sequence[Part], tell: Tell | None) -> NotesPass:
    for _, stream in parts:
        stream.seek(0)
    return NotesPass(parts, check_of_installation(), settings.UPLOAD_LIMIT, tell)


def _left_out(reading: NotesPass) -> dict[str, object]:
    """Which rows the batch lacks, and why; it can be downloaded from the batch's page."""
    rows: list[list[object]] = []
    for part in reading.found:
        for problem in part.problems.kept[: MOST_LEFT_OUT - len(rows)]:
            rows.append([part.name, problem.row, problem.cause, problem.message])
    return {"left_out": reading.bad, "left_out_rows": rows}


# What a worker does with an upload of notes.


def upload_work_on(upload_id: int) -> None:
    """Check it or store it, whichever is asked for; nothing where neither is."""
    if not upload_work(upload_id, State.WAITING, upload_check_notes):
        upload_work(upload_id, State.CONFIRMED, upload_store_notes)


def upload_check_notes(upload: Upload, progress: Progress) -> Outcome:
    """Check an upload for its page. What cannot be read to its end is removed at once."""
    for_practice = bool(upload.asked.get("for_practice"))
    try:
        with _opened(upload, progress) as (parts, tell):
            _, found = notes_check(parts, for_practice=for_practice, tell=tell)
        same = same_file(found, for_practice)
    except FileError as error:
        if len(upload.parts) > 1:  # the good rows before it still wait
            part_drop(upload)
            before = upload_check_notes(upload, progress)
            return replace(before, error=f"the mended rows were not taken: {error}")
        return Outcome(State.REFUSED, found_refused(error).as_json(), remove=True)
    if same is not None:
        was_here = replace(found, stored_as=same.pk)
        return Outcome(State.STORED, was_here.as_json(), batch=same, remove=True)
    return Outcome(State.REFUSED if found.bad else State.CHECKED, found.as_json())


def upload_store_notes(upload: Upload, progress: Progress) -> Outcome:
    """Store an upload that was confirmed."""
    asked: Mapping[str, Any] = upload.asked
    try:
        with _opened(upload, progress) as (parts, tell):
            batch, _ = batch_store(
                parts,
                notes_found(upload.found),
                name=asked.get("name") or upload.name,
                user=upload.owner,
                for_practice=bool(asked.get("for_practice")),
                origin=asked.get("origin") or Batch.Origin.OWN,
                leave_out=bool(asked.get("leave_out")),
                tell=tell,
            )
    except FileError as error:
        return Outcome(State.REFUSED, error=str(error))
    return Outcome(State.STORED, batch=batch, remove=True)


@contextmanager
def _opened(upload: Upload, progress: Progress) -> Iterator[tuple[list[Part], Tell]]:
    """The files of an upload, and what is told how many bytes of them were read."""
    total = upload.size

    def tell(done: int) -> None:
        progress.tell(done, total)

    with opened_parts(upload) as parts:
        yield parts, tell
