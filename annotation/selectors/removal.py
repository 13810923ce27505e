"""Who uses a batch, why it cannot leave, and what is said of studies whose notes were removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from annotation.models import Batch, Event, Purge, Rater, Study, Upload
from annotation.selectors.practice import practice_fixed
from annotation.selectors.study_life import in_words

EXPORTED = "study.exported"


@dataclass(frozen=True)
class Removed:
    """A study's notes are without their text, for they were removed for good."""

    at: datetime
    notes: int
    by_models: int
    """Of these, how many a model had coded."""

    @property
    def words(self) -> str:
        """What stands wherever the study's results do."""
        return removed_words(in_words(self.at), self.notes, self.by_models)


def removed_of(study: Study) -> Removed | None:
    """When the texts of a study's notes were removed; None where they were not."""
    if study.batch.removed_at is None:
        return None
    coded = study.codings.filter(rater__kind=Rater.Kind.MODEL).values("note").distinct()
    return Removed(study.batch.removed_at, study.notes.count(), coded.count())


def removed_words(at: str, notes: int, by_models: int) -> str:
    """That texts were removed `at` a time in words, and by how much n was reduced."""
    if notes == 1:
        whose = "text of its 1 note was"
    else:
        whose = f"texts of all {notes:,} notes were"
    words = (
        f"The {whose} removed for good on {at}. The codes given stay, by note id: figures of "
        f"codes keep n = {notes:,}."
    )
    if by_models:
        words += (
            " The models' probabilities and evidence went with the texts: for AUC, P@k and other "
            f"thresholds n fell from {by_models:,} to 0."
        )
    return words


def users_of(batch: Batch) -> list[Study]:
    """The drafts and open studies that use a batch: for their notes, or for practice."""
    alive = Study.objects.exclude(status=Study.Status.CLOSED)
    if not batch.for_practice:
        return list(alive.filter(batch=batch).order_by("pk"))
    practised = set(batch.notes.values_list("pk", flat=True))
    return [study for study in alive.order_by("pk") if practised & set(practice_fixed(study) or [])]


def in_use(batch: Batch) -> str:
    """Which drafts and open studies keep a batch here, in words; "" where none does."""
    users = users_of(batch)
    if not users:
        return ""
    names = ", ".join(f"{study.slug} ({study.status})" for study in users)
    needed_for = "practice" if batch.for_practice else "their notes"
    return (
        f"{batch.name} is in use, for {needed_for}, by studies that are not closed: {names}. "
        "Close an open study, or discard a draft, first"
    )


def withdrawal_refusal(batch: Batch) -> str:
    """Why a batch cannot be withdrawn, in words; "" where it can."""
    if batch.withdrawn_at is not None:
        return f"{batch.name} was withdrawn on {in_words(batch.withdrawn_at)} already"
    return in_use(batch)


def put_back_refusal(batch: Batch) -> str:
    """Why a batch cannot be put back, in words; "" where it can."""
    if batch.withdrawn_at is None:
        return f"{batch.name} is not withdrawn"
    if batch.removed_at is not None:
        return f"the notes of {batch.name} were removed on {in_words(batch.removed_at)}"
    if purge_of(batch) is not None:
        return f"the notes of {batch.name} are being removed"
    return ""


def purge_of(batch: Batch) -> Purge | None:
    """The removal of a batch's notes, ended or not; None where nobody asked for one."""
    return Purge.objects.filter(batch=batch).first()


def uploads_of_batch(batch: Batch) -> list[Upload]:
    """The files that a batch came from, or that wait and have notes of it, by their check."""
    studies = {str(pk) for pk in batch.studies.values_list("pk", flat=True)}
    found = []
    for upload in Upload.objects.order_by("pk"):
        waits_with_notes = not upload.ended and _has_notes_of(upload, batch.pk)
        about_a_study = not upload.ended and str(upload.asked.get("study")) in studies
        if upload.batch_id == batch.pk or waits_with_notes or about_a_study:
            found.append(upload)
    return found


def _has_notes_of(upload: Upload, batch_id: int) -> bool:
    """Whether its check found texts of the batch in it, whatever ids they have there."""
    for here in upload.found.get("here", []):
        if here["batch"] == batch_id and here["same"]["count"] + here["other_id"]["count"]:
            return True
    return False


def uploads_at_work() -> list[Upload]:
    """The files of notes that a worker checks or stores just now: what is in them is not known."""
    notes = Upload.objects.filter(kind=Upload.Kind.NOTES).order_by("pk")
    return [upload for upload in notes.exclude(state__in=Upload.ENDED) if upload.at_work]


def removed_before(batch: Batch) -> str:
    """Why the very same notes do not come in again, in words."""
    return (
        f"these notes were here as {batch.name}, and an admin had them removed for good; closed "
        "studies still name them, so the same file is not taken again"
    )


def closed_studies_of(batch: Batch) -> list[Study]:
    """The closed studies that were made of a batch."""
    return list(batch.studies.filter(status=Study.Status.CLOSED).order_by("pk"))


def exports_of(slugs: list[str]) -> list[Event]:
    """The bundles of these studies that were handed out, oldest first."""
    objects = [f"study:{slug}" for slug in slugs]
    events = Event.objects.filter(verb=EXPORTED, object__in=objects)
    return list(events.select_related("actor").order_by("pk"))


def batch_named(name: str) -> Batch:
    """A batch by its name or number. Raises ValueError where there is none, or several."""
    found = list(Batch.objects.filter(name=name).order_by("pk"))
    if not found and name.isdecimal():
        found = list(Batch.objects.filter(pk=int(name)))
    if not found:
        names = ", ".join(Batch.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise ValueError(f"no batch named {name}; there is: {names}")
    if len(found) > 1:
        numbers = ", ".join(str(batch.pk) for batch in found)
        raise ValueError(f"{len(found)} batches are named {name}; give a number: {numbers}")
    return found[0]
