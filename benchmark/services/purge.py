"""Removing a batch's notes for good, step by step.

Each step is stored when it is done, and may be done again without harm. So what was killed half-way
goes on where it stopped: by the clock, by the command, or by the button on the receipt's page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from annotation.event_names import PURGE_ASKED, PURGED
from annotation.label_studio.client import LabelStudioError
from annotation.label_studio.forget import clean, forget
from annotation.models import Batch, Purge, Upload, User, Workspace
from annotation.selectors.removal import closed_studies_of, purge_of
from annotation.selectors.uploads import parts_of
from annotation.services.events import event_record
from annotation.services.free_pages import DatabaseBusyError, database_clean
from annotation.services.uploads import files_remove, leftovers_remove, upload_discard
from annotation.services.withdraw import batch_held
from annotation.services.workstation import workstation
from annotation.work_queue import kind
from benchmark.selectors.purges import (
    beyond_reach,
    label_studio_had_notes,
    purge_refusal,
    same_texts,
)
from benchmark.services.purge_rows import rows_remove

logger = logging.getLogger(__name__)
Step = Purge.Step

LONGEST_CLEANING = 1800.0
"""Seconds that Label Studio may take to delete, and to write its database anew."""
NEVER_THERE = "Label Studio never had these texts"
THERE_IN = 10.0
"""Seconds in which it must say that it is there."""


class NotYetError(RuntimeError):
    """A step has to wait; the words say for what."""


def purge_ask(
    *, batch: Batch, actor: User | None, queue: Callable[[int], object] = lambda purge_id: None
) -> Purge:
    """Ask for a batch's notes to be removed for good; `queue(purge id)` hands it to a worker.

    From then on no study can have the batch. Where it was asked for before, that one goes on.
    Raises ValueError in words where the batch is in use.
    """
    with transaction.atomic():
        held = batch_held(batch)
        purge = purge_of(held)
        if purge is None or purge.finished_at is not None:
            refusal = purge_refusal(held)
            if refusal:
                raise ValueError(refusal)
            purge = _asked(held, actor)
    queue(purge.pk)
    return purge


def _asked(batch: Batch, actor: User | None) -> Purge:
    """Store what was asked for."""
    notes = list(batch.notes.order_by("pk").values_list("pk", flat=True))
    purge = Purge.objects.create(
        batch=batch,
        number=batch.pk,
        name=batch.name,
        notes=len(notes),
        studies=[study.slug for study in closed_studies_of(batch)],
        asked_by=actor,
    )
    if batch.withdrawn_at is None:
        batch.withdrawn_at = timezone.now()
        batch.save(update_fields=["withdrawn_at"])
    event_record(
        actor=actor,
        verb=PURGE_ASKED,
        object=f"batch:{batch.pk}",
        purge=purge.pk,
        notes=id_ranges(notes),
    )
    return purge


def id_ranges(ids: list[int]) -> list[list[int]]:
    """Ids in order as [first, last] of each run without a gap.

    >>> id_ranges([4, 5, 6, 9])
    [[4, 6], [9, 9]]
    """
    ranges: list[list[int]] = []
    for each in ids:
        if ranges and ranges[-1][1] == each - 1:
            ranges[-1][1] = each
        else:
            ranges.append([each, each])
    return ranges


def purge_go_on(purge: Purge, tell: Callable[[str], object] = lambda line: None) -> bool:
    """Do what is left to do. Returns whether all is done.

    A step that cannot be done now is told of, kept with its reason, and left for the next time.
    `tell` is given a line for each step.
    """
    for step in Step:
        if step in purge.done:
            continue
        tell(f"{step.label} ...")
        try:
            counts = _DO[step](purge)
        except (NotYetError, LabelStudioError, DatabaseBusyError, ValueError) as error:
            _trouble(purge, step, str(error))
        except DatabaseError as error:  # no words of it: they may hold text
            _trouble(purge, step, f"the database refused: {kind(error)}")
        except OSError as error:
            _trouble(purge, step, f"a file could not be removed: {kind(error)}")
        else:
            _is_done(purge, step, counts)
        if step in purge.trouble:
            tell(f"  not done: {purge.trouble[step]}")
        else:
            tell(f"  {step_words(purge.done[step])}")
    return _finish(purge)


def step_words(done: dict[str, Any]) -> str:
    """What a step removed, as "2 projects, 12 tasks"; "done" where it counts nothing."""
    if "nothing" in done:
        return f"nothing to do: {done['nothing']}"
    words = []
    for name, count in done.items():
        if isinstance(count, int) and count:
            words.append(f"{name.replace('_', ' ')}: {count:,}")
    return ", ".join(words) or "done"


def purges_sweep() -> int:
    """Go on with removals that have not ended. Returns how many ended."""
    ended = 0
    for purge in Purge.objects.filter(finished_at=None).order_by("pk"):
        ended += purge_go_on(purge)
    return ended


def _is_done(purge: Purge, step: str, counts: dict[str, Any]) -> None:
    """Store that a step is done. Whoever did the same at once is not contradicted."""
    with transaction.atomic():
        held = Purge.objects.select_for_update().get(pk=purge.pk)
        held.done.setdefault(step, {"at": timezone.now().isoformat(), **counts})
        held.trouble.pop(step, None)
        held.save(update_fields=["done", "trouble"])
    purge.refresh_from_db()


def _trouble(purge: Purge, step: str, words: str) -> None:
    """Store why a step could not be done."""
    logger.warning("removal %s: step %s is not done: %s", purge.pk, step, words)
    with transaction.atomic():
        held = Purge.objects.select_for_update().get(pk=purge.pk)
        held.trouble[step] = words[:300]
        held.save(update_fields=["trouble"])
    purge.refresh_from_db()


def _finish(purge: Purge) -> bool:
    """Where all is done: complete the receipt, once, and record it. Returns whether all is."""
    if any(step not in purge.done for step in Step):
        return False
    beyond = beyond_reach(purge)
    with transaction.atomic():
        unfinished = Purge.objects.filter(pk=purge.pk, finished_at=None)
        if unfinished.update(finished_at=timezone.now(), beyond=beyond, plan={}):
            removed = purge.done[Step.ROWS]
            event_record(
                actor=purge.asked_by,
                verb=PURGED,
                object=f"batch:{purge.number}",
                purge=purge.pk,
                texts=removed["texts"],
                studies=purge.studies,
            )
    purge.refresh_from_db()
    return True


# The steps. Each returns what it removed, or raises.


def _rows(purge: Purge) -> dict[str, Any]:
    """The rows, in one transaction with the word that they are gone."""
    with transaction.atomic():
        held = Purge.objects.select_for_update().get(pk=purge.pk)
        if Step.ROWS in held.done:
            return {}
        assert held.batch is not None  # it goes in this step, not before
        shared = same_texts(held.batch)
        counts = {**rows_remove(held), "same_texts": shared}
        held.done[Step.ROWS] = {"at": timezone.now().isoformat(), **counts}
        held.save(update_fields=["done"])
    return counts


def _files(purge: Purge) -> dict[str, Any]:
    """Uploaded files that have the notes, and what an upload that broke off left behind."""
    _needs(purge, Step.ROWS)
    removed = 0
    for upload in Upload.objects.filter(pk__in=purge.plan.get("uploads", [])):
        removed += any(path.exists() for path in parts_of(upload))
        with suppress(ValueError):  # it was stored: no more than files can be left of it
            upload_discard(upload=upload, actor=purge.asked_by)
        files_remove(upload)
    return {"uploads": removed + leftovers_remove()}


def _label_studio(purge: Purge) -> dict[str, Any]:
    """Projects and tasks, wherever they are in Label Studio, and files made of them there."""
    _needs(purge, Step.ROWS)
    if not _has_to_forget(purge):
        return {"nothing": NEVER_THERE}
    workstation(THERE_IN).health()
    client = workstation(LONGEST_CLEANING)
    projects = purge.plan["projects"]
    for project in projects:
        client.delete_project(project)
    others = Workspace.objects.filter(project_id__isnull=False)
    keep = [project for project in others.values_list("project_id", flat=True) if project]
    found = forget(client, projects, purge.plan["texts"], keep)
    return {"projects": len(projects), "tasks_elsewhere": found["tasks"], "files": found["files"]}


def _pages(purge: Purge) -> dict[str, Any]:
    """Our own database, written anew."""
    _needs(purge, Step.ROWS)
    return {"beyond": database_clean()}


def _label_studio_pages(purge: Purge) -> dict[str, Any]:
    """Label Studio's database, written anew."""
    _needs(purge, Step.LABEL_STUDIO)
    if not _has_to_forget(purge):
        return {"nothing": NEVER_THERE}
    workstation(THERE_IN).health()
    busy, beyond = clean(workstation(LONGEST_CLEANING))
    if busy:
        raise NotYetError(busy)
    return {"beyond": beyond}


def _needs(purge: Purge, step: str) -> None:
    """Raises NotYetError where an earlier step is not done."""
    if step not in purge.done:
        raise NotYetError(f"waits for the step before: {Step(step).label}")


def _has_to_forget(purge: Purge) -> bool:
    """Whether Label Studio may ever have had these texts."""
    if purge.plan.get("projects"):
        return True
    return bool(purge.plan.get("texts")) and label_studio_had_notes()


_DO: dict[str, Callable[[Purge], dict[str, Any]]] = {
    Step.ROWS: _rows,
    Step.FILES: _files,
    Step.LABEL_STUDIO: _label_studio,
    Step.PAGES: _pages,
    Step.LABEL_STUDIO_PAGES: _label_studio_pages,
}
