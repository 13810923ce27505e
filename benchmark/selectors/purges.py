"""Removals of notes: what is against one, what it would do, and its receipt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from annotation.event_names import CHANGED, DISCARDED, OPENING_BEGUN
from annotation.models import Batch, Event, Note, Purge, Workspace
from annotation.selectors.removal import (
    closed_studies_of,
    exports_of,
    in_use,
    uploads_at_work,
    uploads_of_batch,
)
from annotation.selectors.study_life import in_words
from benchmark.models import Chunk

ENTERED = "label-studio.entered"
AT_ONCE = 500


def name_to_type(batch: Batch) -> str:
    """What has to be typed before a batch's notes are removed."""
    return " ".join(batch.name.split()) or f"batch {batch.pk}"


def purge_refusal(batch: Batch) -> str:
    """Why a batch's notes cannot be removed, in words; "" where they can."""
    if batch.removed_at is not None:
        return f"the notes of {batch.name} were removed on {in_words(batch.removed_at)} already"
    used = in_use(batch)
    if used:
        return used
    studies = closed_studies_of(batch)
    if studies and not batch.notes.exclude(text="").exists():
        names = ", ".join(study.slug for study in studies)
        return (
            f"the notes of {batch.name} are here by their ids alone, for {names}: there is no text "
            "to remove"
        )
    waiting = uploads_at_work()
    if waiting:
        names = ", ".join(upload.name for upload in waiting)
        return f"files of notes are being checked or stored just now: {names}; wait a moment"
    return _models_at_work(batch)


def _models_at_work(batch: Batch) -> str:
    """Which models read the notes just now, in words; "" where none does."""
    unfinished = [Chunk.State.WAITING, Chunk.State.CLAIMED]
    chunks = Chunk.objects.filter(run__study__batch=batch, state__in=unfinished)
    runs = chunks.values_list("run__rater__name", "run__study__slug").distinct().order_by()
    if not runs:
        return ""
    words = ", ".join(f"{model} on {study}" for model, study in sorted(runs))
    return f"models read the notes of {batch.name} just now: {words}; wait until they have ended"


def label_studio_had_notes() -> bool:
    """Whether this installation ever gave Label Studio any notes."""
    verbs = [OPENING_BEGUN, "study.opened", DISCARDED, CHANGED]
    with_project = Workspace.objects.filter(project_id__isnull=False)
    return with_project.exists() or Event.objects.filter(verb__in=verbs).exists()


def same_texts(batch: Batch) -> list[tuple[str, int]]:
    """Other batches that have some of a batch's texts: (name, how many of its notes)."""
    hashes = list(batch.notes.exclude(text="").values_list("sha256", flat=True))
    found: dict[str, int] = {}
    for start in range(0, len(hashes), AT_ONCE):
        some = hashes[start : start + AT_ONCE]
        others = Note.objects.filter(sha256__in=some).exclude(Q(batch=batch) | Q(text=""))
        for name in others.values_list("batch__name", flat=True):
            found[name] = found.get(name, 0) + 1
    return sorted(found.items())


def purge_facts(batch: Batch) -> list[str]:
    """What removing a batch's notes would do, a sentence each, for whoever is asked."""
    notes = batch.notes.count()
    studies = closed_studies_of(batch)
    facts = [
        f"The texts of {notes:,} notes go for good: from Coderbench's database and its free pages, "
        "with drafts, practice answers, the models' evidence and probabilities, bundles that wait; "
        "from Label Studio with its projects, tasks, answers, files and free pages."
    ]
    for study in studies:
        facts.append(
            f"The closed study {study.slug} keeps its tables as they were run, and the codes of "
            f"its {study.notes.count():,} notes by note id. It cannot be reopened, and no model "
            "can run on it. Where a figure needs a model's probabilities (AUC, P@k, other "
            "thresholds) a new benchmark lacks it."
        )
    if not studies:
        facts.append("No study has its notes: the batch goes whole, with its reference codes.")
    waiting = [upload.name for upload in uploads_of_batch(batch) if not upload.ended]
    if waiting:
        facts.append(f"Uploaded files that wait and have its notes go too: {', '.join(waiting)}.")
    for name, count in same_texts(batch):
        facts.append(f"{count:,} of these texts are in batch {name} as well, and stay there.")
    facts.append(
        "Not reached: backups, bundles that were exported, the file that the batch came from. "
        "The receipt lists what is known of them."
    )
    facts.append("While the databases are written anew, which may take minutes, pages wait.")
    return facts


def beyond_reach(purge: Purge) -> list[str]:
    """What a removal could not reach, a sentence each."""
    lines = []
    for event in exports_of(purge.studies):
        study = event.object.removeprefix("study:")
        text = "with the notes' text" if event.data.get("text") else "without the notes' text"
        lines.append(
            f"Bundle of study {study}, {text}, exported on {in_words(event.at)} {_by(event)}."
        )
    lines += _entries_of_admins()
    lines += same_texts_left(purge)
    lines.append(
        "Backups of the databases: Coderbench makes none and knows of none. Delete those made "
        f"before {in_words(purge.asked_at)}."
    )
    lines.append(f"The file or folder that {purge.name} was loaded from, wherever it is kept.")
    lines.append(
        "Blocks that files gave back to the disk, its snapshots, and swapped memory are not "
        "written over."
    )
    if connection.vendor == "postgresql":
        lines.append(
            "PostgreSQL's write-ahead log (pg_wal), its archive and replicas hold what was written "
            "until they are recycled, and cannot be cleaned from here; nor can the server's own "
            "log, where it logs statements."
        )
    for done in purge.done.values():
        lines += done.get("beyond", [])
    return lines


def _entries_of_admins() -> list[str]:
    """Who entered Label Studio as its admin, how often, and when last."""
    entered = Event.objects.filter(verb=ENTERED).select_related("actor").order_by("pk")
    last: dict[str, datetime] = {}
    times: Counter[str] = Counter()
    for event in entered:
        last[_by(event)] = event.at
        times[_by(event)] += 1
    lines = []
    for who, at in last.items():
        lines.append(
            f"Label Studio was entered as its admin {who}, {times[who]:,} times, last on "
            f"{in_words(at)}: what was copied out of it there is not known."
        )
    return lines


def same_texts_left(purge: Purge) -> list[str]:
    """Which other batches had some of the texts, by what was found before the rows went."""
    rows = purge.done.get(Purge.Step.ROWS, {})
    lines = []
    for name, count in rows.get("same_texts", []):
        lines.append(f"{count:,} of the texts are in batch {name} as well, and stay there.")
    return lines


def _by(event: Event) -> str:
    if event.actor is None:
        return "by a command"
    return f"by {event.actor.first_name or event.actor.username}"


@dataclass(frozen=True)
class StepTold:
    """A step of a removal, for people."""

    label: str
    at: str
    """When it was done, in words; "" where it is not."""
    removed: list[tuple[str, int]]
    """What it removed, with counts."""
    trouble: str
    """Why it could not be done yet."""
    nothing: str
    """Why there was nothing to do; "" where there was."""


REMOVED_WORDS = {
    "texts": "texts of notes",
    "notes_gone": "notes gone whole",
    "notes_kept_by_id": "notes kept by their id and codes, for closed studies",
    "evidence": "rows of evidence of models",
    "probabilities": "notes' probabilities of models",
    "drafts": "drafts of coders",
    "practice_answers": "practice answers",
    "copies_waiting": "copies that waited for Label Studio",
    "bundles_waiting": "bundles that waited to be fetched",
    "uploads": "uploaded files",
    "words_of_coders": "coders' own words for codes that were not listed",
    "projects": "projects",
    "tasks_elsewhere": "copies of notes in other projects",
    "files": "files uploaded there or exported from there",
}


def steps_told(purge: Purge) -> list[StepTold]:
    """Each step of a removal: when it was done and what it removed, or why not yet."""
    told = []
    for step in Purge.Step:
        done: dict[str, Any] = purge.done.get(step, {})
        at = ""
        if done:
            at = in_words(datetime.fromisoformat(done["at"]))
        removed = [(words, done[name]) for name, words in REMOVED_WORDS.items() if name in done]
        trouble, nothing = purge.trouble.get(step, ""), done.get("nothing", "")
        told.append(StepTold(step.label, at, removed, trouble, nothing))
    return told


def receipt_lines(purge: Purge) -> list[str]:
    """The receipt as text: what was asked for, what was done, and what could not be reached."""
    asked_by = "a command"
    if purge.asked_by:
        asked_by = purge.asked_by.first_name or purge.asked_by.username
    lines = [
        f"Coderbench: removal {purge.pk} of the notes of batch {purge.number}, {purge.name}",
        f"Asked for by {asked_by} on {in_words(purge.asked_at)}.",
        f"Notes of the batch: {purge.notes:,}.",
        f"Closed studies that used it: {', '.join(purge.studies) or 'none'}.",
        status_words(purge),
        "",
    ]
    for step in steps_told(purge):
        lines.append(f"{step.label}: {step.at or 'NOT DONE'}")
        if step.nothing:
            lines.append(f"  nothing to do: {step.nothing}")
        if step.trouble:
            lines.append(f"  not yet: {step.trouble}")
        lines += [f"  {count:,} {words}" for words, count in step.removed]
    if purge.finished_at:
        lines += ["", "Not reached:"]
        lines += [f"- {line}" for line in purge.beyond]
    return lines


def status_words(purge: Purge) -> str:
    """Whether a removal has ended, in a sentence."""
    if purge.finished_at:
        return f"Complete on {in_words(purge.finished_at)}."
    return "NOT COMPLETE: what is not done below is tried again every minute."


def purge_named(name: str) -> Purge | None:
    """A removal that has not ended, by the name or the number of its batch; None without one."""
    unfinished = Purge.objects.filter(finished_at=None)
    if name.isdecimal():
        return unfinished.filter(Q(name=name) | Q(number=int(name))).first()
    return unfinished.filter(name=name).first()
