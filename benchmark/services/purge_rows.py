"""Removing the rows of a batch's notes from our database, in one transaction.

Where no study has a note, its row goes and everything that hangs on it. Where a closed study has
it, the row stays with its id, its hash and the codes that were given: those are the study's counts.
What goes then is its text, its patient, and all that came of reading the text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from annotation.label_studio.labeling_page import shown_text
from annotation.models import (
    Assignment,
    Batch,
    Coding,
    Draft,
    Mirror,
    Note,
    PracticeAnswer,
    Purge,
    QuarantinedAnswer,
    Rater,
    Study,
    Workspace,
)
from annotation.selectors.removal import uploads_of_batch
from annotation.services.withdraw import batch_held
from benchmark.models import Evidence, Export, NoteScores, ScoredFile

AT_ONCE = 200
"""Notes that are removed by one query."""
CODES_NAMED = "codes that the study's list lacks"
"""How a quarantined answer's reason begins that goes on with what somebody wrote."""
FREE_WORDS = ("remarks", "read_as", "left_out_rows")
"""Of how a batch was read: what may name columns and rows of its file."""


@transaction.atomic
def rows_remove(purge: Purge) -> dict[str, int]:
    """Remove the rows, once. Returns how many of each kind there were.

    What is still to be removed elsewhere is stored as the purge's plan. Raises ValueError where a
    study that is not closed has come to use the batch.
    """
    assert purge.batch is not None  # the batch goes in this step, not before
    batch = batch_held(purge.batch)
    alive = batch.studies.exclude(status=Study.Status.CLOSED)
    if alive.exists():
        raise ValueError(f"{batch.name} is used by {alive[0].slug}, which is not closed")
    notes = batch.notes.all()
    purge.plan = {
        "projects": _projects(batch),
        "texts": _texts(notes),
        "uploads": [upload.pk for upload in uploads_of_batch(batch)],
    }
    purge.save(update_fields=["plan"])
    counts = {"texts": notes.exclude(text="").count()}
    counts |= _read_of_texts_remove(batch, notes)
    in_studies = Study.notes.through.objects.filter(note=OuterRef("pk"))
    counts["notes_kept_by_id"] = _bare(notes.filter(Exists(in_studies)))
    counts["notes_gone"] = _remove(notes.filter(~Exists(in_studies)))
    _batch_leave(batch)
    return counts


def _projects(batch: Batch) -> list[int]:
    """The projects in Label Studio of the batch's studies, which are forgotten here."""
    spaces = Workspace.objects.filter(study__batch=batch, project_id__isnull=False)
    projects = [project for project in spaces.values_list("project_id", flat=True) if project]
    spaces.update(project_id=None)
    Assignment.objects.filter(study__batch=batch).update(task_id=None)
    return sorted(projects)


def _texts(notes: QuerySet[Note]) -> list[str]:
    """SHA-256 of each text as Label Studio was given it."""
    found = set()
    for text in notes.values_list("text", flat=True).iterator(AT_ONCE):
        if text:
            found.add(hashlib.sha256(shown_text(text).encode()).hexdigest())
    return sorted(found)


def _read_of_texts_remove(batch: Batch, notes: QuerySet[Note]) -> dict[str, int]:
    """Remove what came of reading the texts, of all notes. Returns how much of each kind."""
    studies = batch.studies.values("pk")
    removed = {
        "evidence": Evidence.objects.filter(item__coding__note__in=notes),
        "probabilities": NoteScores.objects.filter(coding__note__in=notes),
        "drafts": Draft.objects.filter(assignment__note__in=notes),
        "practice_answers": PracticeAnswer.objects.filter(note__in=notes),
        "copies_waiting": Mirror.objects.filter(assignment__note__in=notes, done_at=None),
        "bundles_waiting": Export.objects.filter(study__in=studies),
    }
    counts = {}
    for name, rows in removed.items():
        counts[name] = rows.count()
        rows.delete()
    ScoredFile.objects.filter(scores=None).delete()  # files that no probability is left of
    own_words = Coding.objects.filter(note__in=notes).exclude(unlisted="")
    counts["words_of_coders"] = own_words.update(unlisted="")
    quoting = QuarantinedAnswer.objects.filter(study__in=studies, reason__startswith=CODES_NAMED)
    quoting.update(reason=CODES_NAMED)
    return counts


def _bare(notes: QuerySet[Note]) -> int:
    """Take the text and the patient from notes that closed studies have."""
    return notes.update(text="", patient="")


def _remove(notes: QuerySet[Note]) -> int:
    """Remove notes that no study has, with their codings."""
    gone = list(notes.values_list("pk", flat=True))
    for some in _parts(gone):
        Coding.objects.filter(note__in=some).delete()
        Note.objects.filter(pk__in=some).delete()
    return len(gone)


def _parts(pks: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(pks), AT_ONCE):
        yield pks[start : start + AT_ONCE]


def _batch_leave(batch: Batch) -> None:
    """The batch goes, with the rater of its reference; where closed studies name it, it stays."""
    if batch.studies.exists():
        batch.removed_at = timezone.now()
        for name in FREE_WORDS:
            batch.details.pop(name, None)
        batch.save(update_fields=["removed_at", "details"])
        return
    named = f"reference of batch {batch.pk}, "
    idle = Rater.objects.filter(kind=Rater.Kind.REFERENCE, name__startswith=named, codings=None)
    idle.exclude(pk__in=Study.objects.exclude(reference=None).values("reference")).delete()
    batch.delete()
