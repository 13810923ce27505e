"""The practice set of a study: a few notes to try our page on, which count nowhere."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.event_names import PRACTICE_DRAWN
from annotation.models import Code, Coding, Event, Note, PracticeAnswer, Rater, Study

SIZE = 3
"""Notes of a practice set."""
AT_ONCE = 500
"""Values that one query asks after."""
SHOWN = 5
"""Notes that a refusal names."""


@dataclass(frozen=True)
class PracticeNote:
    """A note of a study's practice set, its text not loaded."""

    place: int
    """From 1 on; it stands in the address."""
    note: Note


@dataclass(frozen=True)
class Practised:
    """A practice note, and the newest answer that one coder gave it."""

    place: int
    note: Note
    answer: PracticeAnswer | None


def practice_notes(study: Study) -> list[PracticeNote]:
    """A study's practice set: as it was fixed, or as it would be drawn now.

    A note is left out that has come into a study since it was drawn, or whose patient has: its
    reference must not be shown. Only studies with an arm on our own page have a practice set.
    """
    if Study.Interface.PAGE not in study.arms:
        return []
    fixed = practice_fixed(study)
    drawn = practice_draw(study) if fixed is None else fixed
    notes = Note.objects.defer("text").in_bulk(drawn)
    in_studies = _texts_in_studies(study, [note.sha256 for note in notes.values()])
    patients = _patients_in_studies(study, [note.patient for note in notes.values()])
    found = []
    for place, pk in enumerate(drawn, start=1):
        note = notes.get(pk)
        if note and note.sha256 not in in_studies and note.patient not in patients:
            found.append(PracticeNote(place, note))
    return found


def practice_fixed(study: Study) -> list[int] | None:
    """The ids of the practice notes that were fixed for a study; None where none were yet."""
    events = Event.objects.filter(verb=PRACTICE_DRAWN, object=f"study:{study.slug}")
    drawn = events.order_by("pk").first()
    if drawn is None:
        return None
    return list(drawn.data["notes"])


def practice_draw(study: Study) -> list[int]:
    """Draw up to SIZE practice notes with the study's seed; ids, in the order they are practised.

    They are of the study's origin and have a reference. None has the text, or the patient where
    both are known, of a note of this study or of another one that is not closed; nor of one
    another.
    """
    ordered = list(_candidates(study).order_by("sha256", "pk"))
    in_studies = _texts_in_studies(study, [note.sha256 for note in ordered])
    patients = _patients_in_studies(study, [note.patient for note in ordered])
    chosen: list[Note] = []
    for note in random.Random(f"practice {study.seed}").sample(ordered, len(ordered)):
        if len(chosen) == SIZE:
            break
        if note.sha256 in in_studies or note.patient in patients:
            continue
        chosen.append(note)
        in_studies.add(note.sha256)
        if note.patient:
            patients.add(note.patient)
    return [note.pk for note in chosen]


def practised_by(study: Study, rater: Rater) -> list[Practised]:
    """A study's practice set, with what a coder answered last."""
    newest: dict[int, PracticeAnswer] = {}
    for answer in PracticeAnswer.objects.filter(study=study, rater=rater):
        newest[answer.note_id] = answer
    found = []
    for each in practice_notes(study):
        found.append(Practised(each.place, each.note, newest.get(each.note.pk)))
    return found


def practice_reference(note: Note) -> QuerySet[Code]:
    """The reference's codes of a practice note, in code order."""
    newest = _references().filter(note=note).order_by("submitted_at", "pk").last()
    if newest is None:
        return Code.objects.none()
    return Code.objects.filter(codingitem__coding=newest).order_by("code")


def practised_before(notes: Collection[int], coders: Sequence[Rater]) -> str:
    """Why these notes cannot be coded by these coders, in words; "" where they can.

    A coder who has practised on a note has seen its reference. `notes` are ids.
    """
    answers = PracticeAnswer.objects.filter(rater__in=coders).order_by()
    texts = answers.values_list("note__sha256", flat=True).distinct()
    seen = []
    for some in _parts(sorted(set(texts))):
        same = Note.objects.filter(sha256__in=some).values_list("pk", "external_id")
        seen += [name for pk, name in same if pk in notes]
    if not seen:
        return ""
    shown = ", ".join(sorted(seen)[:SHOWN])
    if len(seen) > SHOWN:
        shown += " ..."
    return (
        f"its coders have practised on {len(seen)} of these notes, and have seen the codes: "
        f"{shown}; choose another seed, other notes or other coders"
    )


def _references() -> QuerySet[Coding]:
    return Coding.objects.filter(rater__kind=Rater.Kind.REFERENCE, study=None)


def _candidates(study: Study) -> QuerySet[Note]:
    """The notes that coders may practise on, whatever study they are in."""
    notes = Note.objects.filter(
        batch__for_practice=True,
        batch__whole=True,
        batch__withdrawn_at=None,
        batch__origin=study.batch.origin,
    )
    coded = notes.exclude(text="").filter(Exists(_references().filter(note=OuterRef("pk"))))
    return coded.only("sha256", "patient")


def _notes_not_to_show(study: Study) -> QuerySet[Note]:
    """The notes of the study, and of every other one that is not closed."""
    open_ones = Study.objects.filter(~Q(status=Study.Status.CLOSED) | Q(pk=study.pk))
    return Note.objects.filter(studies__in=open_ones.values("pk")).order_by()


def _texts_in_studies(study: Study, texts: Sequence[str]) -> set[str]:
    """Those of the texts, as SHA-256, that a note has whose reference is not to be shown."""
    found: set[str] = set()
    for some in _parts(texts):
        same = _notes_not_to_show(study).filter(sha256__in=some)
        found.update(same.values_list("sha256", flat=True))
    return found


def _patients_in_studies(study: Study, patients: Sequence[str]) -> set[str]:
    """Those of the patients that have a note whose reference is not to be shown.

    Ids of patients are compared within one origin: another source has ids of its own.
    """
    found: set[str] = set()
    for some in _parts(sorted(set(patients) - {""})):
        of_them = _notes_not_to_show(study).filter(patient__in=some)
        same_source = of_them.filter(batch__origin=study.batch.origin)
        found.update(same_source.values_list("patient", flat=True))
    return found


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """The values, AT_ONCE at a time."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
