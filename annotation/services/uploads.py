"""Files on their way in: kept privately, worked on by one process at a time, removed in the end.

What is in a file is the business of who checks and stores it (`annotation.services.notes_in` for
notes). Here is its life: waiting, checking, checked or refused, confirmed, storing, stored; or
discarded.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotation.models import Batch, Upload, User
from annotation.selectors.uploads import Progress, is_lost, parts_of, progress_file
from annotation.services.events import event_record
from annotation.uploaded import refused_if_too_large
from annotation.work_queue import kind as kind_of_error

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""After so long a file that nobody confirmed is removed."""
LONGEST_ERROR = 600
BEGINS = 3
"""How often a work is begun where each process dies of it, for want of memory for instance."""
State = Upload.State
BEGUN = {State.WAITING: State.CHECKING, State.CONFIRMED: State.STORING}
"""What is asked for -> what it is while somebody does it."""
AFTER_FAILURE = {State.CHECKING: State.REFUSED, State.STORING: State.CHECKED}
"""What somebody does -> what it is where that fails, so that it can be asked for again."""


@dataclass(frozen=True)
class Outcome:
    """What came of a work on an upload."""

    state: str
    """The state it is in from now on."""
    found: Mapping[str, object] = field(default_factory=dict)
    """For the page: JSON, never with text of a note. Empty: what was found stays."""
    batch: Batch | None = None
    error: str = ""
    """Why it could not be done, in words of ours."""
    remove: bool = False
    """Whether its files are removed: they were stored, or nothing in them can be mended."""


Work = Callable[[Upload, Progress], Outcome]


def upload_keep(
    *, owner: User, kind: str, file: UploadedFile[bytes], asked: Mapping[str, object] | None = None
) -> Upload:
    """Keep an uploaded file until it is checked and confirmed. FileError where it is too large."""
    refused_if_too_large(file)
    with transaction.atomic():  # no worker sees it before its file is there
        upload = Upload.objects.create(
            owner=owner, kind=kind, asked=dict(asked or {}), changed_at=timezone.now()
        )
        _part_keep(upload, file)
    return upload


def upload_mend(*, upload: Upload, file: UploadedFile[bytes]) -> None:
    """Keep a file of mended rows beside the first, and have both checked. FileError, ValueError."""
    refused_if_too_large(file)
    with transaction.atomic():
        _move(upload, (State.REFUSED, State.CHECKED), State.WAITING)
        _part_keep(upload, file)


def upload_confirm(*, upload: Upload, actor: User, **asked: object) -> None:
    """Have a checked upload stored. ValueError where it is not checked, or not any more."""
    with transaction.atomic():
        moved = _move(upload, (State.CHECKED, State.REFUSED), State.CONFIRMED)
        moved.asked.update(asked)
        moved.save(update_fields=["asked"])
    event_record(actor=actor, verb="upload.confirmed", object=f"upload:{upload.pk}")


def part_drop(upload: Upload) -> None:
    """Remove the last of its files: that of mended rows which cannot be read."""
    path = parts_of(upload)[-1]
    upload.size -= path.stat().st_size
    upload.parts = upload.parts[:-1]
    upload.save(update_fields=["parts", "size"])
    path.unlink()


def upload_again(*, upload: Upload, **asked: object) -> None:
    """Have an upload checked again, with other choices. ValueError where it is not checked, or not
    any more."""
    with transaction.atomic():
        moved = _move(upload, (State.CHECKED, State.REFUSED), State.WAITING)
        moved.asked.update(asked)
        moved.save(update_fields=["asked"])


def upload_discard(*, upload: Upload, actor: User | None) -> None:
    """Forget an upload: its files are removed, its row says that it was there.

    ValueError where it is being stored, or was.
    """
    of_row = Upload.objects.filter(pk=upload.pk).exclude(state__in=[State.STORING, State.STORED])
    if not of_row.update(state=State.DISCARDED, found={}, changed_at=timezone.now()):
        raise ValueError(f"{upload.name} is being stored, or was: it cannot be discarded")
    files_remove(upload)
    event_record(actor=actor, verb="upload.discarded", object=f"upload:{upload.pk}")


def files_remove(upload: Upload) -> None:
    """Remove whatever lies in the folder of uploads for this one."""
    for path in [*parts_of(upload), progress_file(upload)]:
        path.unlink(missing_ok=True)


def upload_work(upload_id: int, before: str, work: Work) -> bool:
    """Do a work that is asked for, `before` being "waiting" or "confirmed". False: nobody asks.

    One process at a time does it. Of an unexpected error the log and the page get the kind, no
    words: they may hold text.
    """
    upload = _claimed(upload_id, before)
    if upload is None:
        return False
    progress = Progress(progress_file(upload))
    progress.write(0, 0)
    try:
        outcome = work(upload, progress)
    except Exception as error:
        logger.error("upload %s, %s: %s", upload_id, upload.state, kind_of_error(error))
        words = f"{upload.state} it failed ({kind_of_error(error)})"
        outcome = Outcome(AFTER_FAILURE[State(upload.state)], error=words)
    _ended(upload, outcome)
    return True


def uploads_sweep(kind: str, check: Work, store: Work) -> None:
    """Do what no worker was told of or finished, and remove what was forgotten.

    It runs in the worker that also takes single uploads, so that the two never overlap.
    """
    _forgotten_remove()
    open_ones = Upload.objects.filter(kind=kind)
    for upload in open_ones.filter(state__in=Upload.AT_WORK):
        if is_lost(upload):
            _give_back(upload)
    works = {State.WAITING: check, State.CONFIRMED: store}
    for upload in open_ones.filter(state__in=works).order_by("pk"):
        upload_work(upload.pk, upload.state, works[State(upload.state)])


def _part_keep(upload: Upload, file: UploadedFile[bytes]) -> None:
    """Move or write the bytes to their place; a large upload lies in the same folder already."""
    path = parts_of(upload, more=1)[-1]
    on_disk = getattr(file, "temporary_file_path", None)
    if on_disk is not None:
        Path(on_disk()).replace(path)
    else:
        with path.open("wb") as out:
            shutil.copyfileobj(file, out)
    path.chmod(0o600)
    upload.parts = [*upload.parts, (file.name or "")[-120:]]
    upload.size += file.size or 0
    upload.save(update_fields=["parts", "size"])


def _move(upload: Upload, states: tuple[State, ...], to: State) -> Upload:
    """Compare and set the state. ValueError in words where it is none of `states`."""
    found = Upload.objects.filter(pk=upload.pk, state__in=states)
    if not found.update(state=to, tries=0, error="", changed_at=timezone.now()):
        upload.refresh_from_db()
        if upload.state in Upload.ENDED:
            raise ValueError(f"nothing was changed: {upload.name} is {upload.state} already")
        raise ValueError(f"{upload.name} is {upload.state}: look at it again")
    upload.refresh_from_db()
    return upload


def _claimed(upload_id: int, before: str) -> Upload | None:
    asked_for = Upload.objects.filter(pk=upload_id, state=before)
    during = BEGUN[State(before)]
    if not asked_for.update(state=during, tries=F("tries") + 1, changed_at=timezone.now()):
        return None
    return Upload.objects.get(pk=upload_id)


def _ended(upload: Upload, outcome: Outcome) -> None:
    """Write down what came of it, unless somebody else has taken it over or discarded it."""
    mine = Upload.objects.filter(pk=upload.pk, state=upload.state, tries=upload.tries)
    values: dict[str, object] = {"state": outcome.state, "tries": 0}
    values["error"] = outcome.error[:LONGEST_ERROR]
    if outcome.found:
        values["found"] = dict(outcome.found)
    if outcome.batch is not None:
        values["batch"] = outcome.batch
    changed = mine.update(changed_at=timezone.now(), **values)
    progress_file(upload).unlink(missing_ok=True)
    if changed and outcome.remove:
        files_remove(upload)


def _give_back(upload: Upload) -> None:
    """The process that had it is gone: ask again, or give up after some times."""
    before = {during: asked for asked, during in BEGUN.items()}[State(upload.state)]
    if upload.tries < BEGINS:
        values: dict[str, object] = {"state": before}
    else:
        words = f"begun {BEGINS} times, and each time the process ended before it was done"
        values = {"state": AFTER_FAILURE[State(upload.state)], "error": words, "tries": 0}
    same = Upload.objects.filter(pk=upload.pk, state=upload.state, tries=upload.tries)
    same.update(changed_at=timezone.now(), **values)


def leftovers_remove(older_than: timedelta = timedelta(hours=1)) -> int:
    """Remove files that belong to no upload: of one that broke off, or ended. Returns how many."""
    before = (timezone.now() - older_than).timestamp()
    owned: set[Path] = set()
    for upload in Upload.objects.exclude(state__in=Upload.ENDED):
        owned.update([*parts_of(upload), progress_file(upload)])
    removed = 0
    for path in settings.UPLOADS.iterdir():
        if path not in owned and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _forgotten_remove() -> None:
    """Uploads that nobody confirmed within a day, and files that belong to none."""
    long_ago = timezone.now() - KEPT
    old = Upload.objects.exclude(state__in=[*Upload.ENDED, *Upload.AT_WORK])
    for upload in old.filter(created_at__lt=long_ago):
        upload_discard(upload=upload, actor=None)
    leftovers_remove(KEPT)
