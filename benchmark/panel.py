"""What adjudicators have to settle: which notes, and what the raters gave, without who gave it. Reads only."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Q, QuerySet

from annotation.models import Code, Coding, Note, Rater, Study, User
from benchmark.selectors import note_side_by_side

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def studies_to_settle(user: User) -> QuerySet[Study]:
    """Studies in work or closed in which the person does not code: nobody judges an own answer."""
    started = Study.objects.exclude(status=Study.Status.DRAFT).select_related("batch")
    return started.exclude(pk__in=Study.objects.filter(workspaces__rater__user=user).values("pk"))


def panel_of(study: Study) -> Rater | None:
    """The rater that the adjudicators of a study are together; None before they settled a note."""
    return Rater.objects.filter(kind=Rater.Kind.PANEL, codings__study=study).order_by("pk").first()


@dataclass(frozen=True)
class Docket:
    """The notes of a study that two or more raters coded and whose text is here, by lot: those settled so far are a
    random sample of them."""

    study: Study
    notes: list[int]
    settled: set[int]

    @cached_property
    def done(self) -> int:
        return sum(note in self.settled for note in self.notes)

    @cached_property
    def next(self) -> int | None:
        return next((note for note in self.notes if note not in self.settled), None)


def docket_of(study: Study) -> Docket:
    codings = Coding.objects.filter(Q(study=study) | Q(rater=study.reference_id), note__studies=study)
    codings = codings.exclude(note__text="")
    given = codings.exclude(rater__kind=Rater.Kind.PANEL).values("note", "note__external_id")
    rows = given.annotate(raters=Count("rater", distinct=True)).filter(raters__gte=2)
    lots = {row["note"]: _lot(study, row["note__external_id"]) for row in rows}
    return Docket(study, sorted(lots, key=lots.__getitem__), settled_notes(study))


def settled_notes(study: Study) -> set[int]:
    return set(Coding.objects.filter(study=study, rater__kind=Rater.Kind.PANEL).values_list("note", flat=True))


def _lot(study: Study, note: str) -> str:
    return hashlib.sha256(f"panel {study.seed} {note}".encode()).hexdigest()


@dataclass(frozen=True)
class Candidate:
    """A code that some rater gave: by whom, as letters, and whether it is the panel's answer so far."""

    code: str
    title: str
    given: list[bool]
    chosen: bool


@dataclass(frozen=True)
class Ballot:
    """A note to settle. `letters` stand for raters, dealt out anew for each note; `revision`: answers so far."""

    letters: list[str]
    candidates: list[Candidate]
    revision: int


def ballot_of(study: Study, note: Note) -> Ballot:
    """Codes in the order of the code system: not of how many gave them, which would be a hint."""
    side = note_side_by_side(study, note)
    raters = [place for place, rater in enumerate(side.raters) if rater.kind != Rater.Kind.PANEL]
    random.Random(f"letters {study.seed} {note.external_id}").shuffle(raters)
    panel = next((place for place, rater in enumerate(side.raters) if rater.kind == Rater.Kind.PANEL), None)
    codes = codes_named({row.code for row in side.rows})
    candidates = []
    for row in side.rows:
        if row.code in codes:  # what a rater wrote that is no code cannot be right
            given = [row.given[place] for place in raters]
            chosen = panel is not None and row.given[panel]
            candidates.append(Candidate(row.code, row.title, given, chosen))
    return Ballot(
        [LETTERS[k % len(LETTERS)] for k in range(len(raters))],
        sorted(candidates, key=lambda candidate: candidate.code),
        Coding.objects.filter(study=study, note=note, rater__kind=Rater.Kind.PANEL).count(),
    )


def codes_named(names: set[str]) -> dict[str, Code]:
    return {code.code: code for code in Code.objects.of_systems().filter(code__in=names)}
