"""One batch: its figures, where it is used, its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from annotation.event_names import PRACTICE_DRAWN
from annotation.models import Batch, Coding, CodingItem, Event, Note, Rater, Study, User
from annotation.selectors.studies import studies_of, texts_hidden_from


@dataclass(frozen=True)
class BatchFigures:
    """A batch in numbers."""

    notes: int
    coded: int
    """Notes with reference codes, be there none."""
    codes: int
    different: int
    patients: int

    @property
    def codes_a_note(self) -> float:
        """Mean over the notes that have reference codes."""
        return self.codes / self.coded if self.coded else 0.0


@dataclass(frozen=True)
class Use:
    """A study that has notes of the batch."""

    study: Study
    notes: int
    answers: int
    workspaces: int
    """Projects in Label Studio that its coders have."""
    may_open: bool
    """Whether the person who looks may see its results."""


@dataclass(frozen=True)
class BatchNote:
    """A row of the list of notes."""

    note: Note
    words: int
    codes: int | None
    """None: no reference, or it is hidden from who looks."""
    raters: int
    study: str
    """A study whose page of the note the person may open; "" where there is none."""


def batch_figures(batch: Batch) -> BatchFigures:
    """Counted by the database; no text is read."""
    reference = _reference(batch)
    items = CodingItem.objects.filter(coding__in=reference)
    counted = items.aggregate(codes=Count("pk"), different=Count("code", distinct=True))
    named = batch.notes.exclude(patient="").order_by().values("patient").distinct()
    return BatchFigures(
        notes=batch.notes.count(), coded=reference.count(), patients=named.count(), **counted
    )


def batch_uses(batch: Batch, user: User) -> list[Use]:
    """The studies that have notes of the batch, newest first."""
    may_open = set(studies_of(user).values_list("pk", flat=True))
    found = []
    for study in Study.objects.filter(batch=batch):
        use = Use(
            study=study,
            notes=study.notes.count(),
            answers=study.codings.filter(rater__kind=Rater.Kind.CODER).count(),
            workspaces=study.workspaces.exclude(project_id=None).count(),
            may_open=study.pk in may_open,
        )
        found.append(use)
    return found


def practised_in(batch: Batch) -> list[Study]:
    """The studies whose practice set has notes of the batch."""
    if not batch.for_practice:
        return []
    own = set(batch.notes.values_list("pk", flat=True))
    slugs = []
    for event in Event.objects.filter(verb=PRACTICE_DRAWN):
        if own.intersection(event.data["notes"]):
            slugs.append(event.object.removeprefix("study:"))
    return list(Study.objects.filter(slug__in=slugs))


def batch_notes(batch: Batch, find: str) -> QuerySet[Note]:
    """Its notes by id; `find` is a part of an id."""
    notes = batch.notes.order_by("external_id")
    if find:
        notes = notes.filter(external_id__icontains=find)
    return notes


def batch_rows(batch: Batch, notes: Sequence[Note], user: User) -> list[BatchNote]:
    """Some notes of a batch for its page."""
    pks = [note.pk for note in notes]
    sizes = _reference(batch).filter(note__in=pks).annotate(size=Count("items"))
    codes = dict(sizes.order_by().values_list("note", "size"))
    others = ~Q(rater__kind=Rater.Kind.REFERENCE)
    given = Coding.objects.filter(others, note__in=pks).order_by().values_list("note")
    raters = dict(given.annotate(Count("rater", distinct=True)))
    opens = dict(_study_of_notes(pks, user))
    hidden = _hidden(notes, user)
    found = []
    for note in notes:
        count = None if note.sha256 in hidden else codes.get(note.pk)
        found.append(
            BatchNote(
                note=note,
                words=len(note.text.split()),
                codes=count,
                raters=0 if note.sha256 in hidden else raters.get(note.pk, 0),
                study=opens.get(note.pk, ""),
            )
        )
    return found


def _reference(batch: Batch) -> QuerySet[Coding]:
    return Coding.objects.filter(note__batch=batch, rater__kind=Rater.Kind.REFERENCE)


def _study_of_notes(pks: Sequence[int], user: User) -> list[tuple[int, str]]:
    """(note, short name of a study of it that the person may open), the newest study last."""
    through = Study.notes.through.objects.filter(note_id__in=pks, study__in=studies_of(user))
    return list(through.order_by("study_id").values_list("note_id", "study__slug"))


def _hidden(notes: Sequence[Note], user: User) -> set[str]:
    """Texts among these whose codings the person may not see."""
    hidden = texts_hidden_from(user)
    if hidden is None:
        return set()
    own = [note.sha256 for note in notes]
    return set(hidden.filter(sha256__in=own).values_list("sha256", flat=True))
