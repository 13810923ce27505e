"""What adjudicators have to settle: which notes, and what the raters gave, without who gave it. Reads only."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from annotation.models import Code, Coding, Note, Rater, Study, User
from benchmark.selectors.notes import note_side_by_side

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def studies_to_settle(user: User) -> QuerySet[Study]:
    """Studies in work or closed in which the person does not code: nobody judges an own answer."""
    started = Study.objects.exclude(status=Study.Status.DRAFT).select_related("batch")
    return started.exclude(pk__in=Study.objects.filter(workspaces__rater__user=user).values("pk"))


def panel_of(study: Study) -> Rater | None:
    """The rater that the adjudicators of a study are together; None before they settled a note."""
    settled = Coding.objects.filter(study=study, rater=OuterRef("pk"))
    return Rater.objects.filter(Exists(settled), kind=Rater.Kind.PANEL).order_by("pk").first()


@dataclass(frozen=True)
class Docket:
    """The notes of a study that two or more raters coded and whose text is here, by lot: those settled so far are a
    random sample of them."""

    study: Study
    members: frozenset[int]
    settled: frozenset[int]

    @property
    def total(self) -> int:
        return len(self.members)

    @property
    def done(self) -> int:
        return len(self.members & self.settled)

    @property
    def left(self) -> int:
        return self.total - self.done

    @cached_property
    def notes(self) -> list[int]:
        """In the order of the lot."""
        of_batch = Note.objects.filter(batch=self.study.batch_id).values_list("pk", "external_id")
        lots = {pk: _lot(self.study, note) for pk, note in of_batch if pk in self.members}
        return sorted(lots, key=lots.__getitem__)

    @cached_property
    def next(self) -> int | None:
        return next((note for note in self.notes if note not in self.settled), None)


def docket_of(study: Study, of_reference: Collection[int] | None = None) -> Docket:
    """What there is to settle. `of_reference`: the notes that the study's reference coded, where they are known."""
    if of_reference is None:
        of_reference = reference_notes(study.reference_id)
    members = set()
    for note, first, last in _given(study):
        if first != last or (first != study.reference_id and note in of_reference):
            members.add(note)
    members -= set(Note.objects.filter(batch=study.batch_id, text="").values_list("pk", flat=True))
    return Docket(study, frozenset(members), settled_notes(study))


def dockets_of(studies: Iterable[Study]) -> list[Docket]:
    """Of several studies, which share their references."""
    references: dict[int | None, frozenset[int]] = {}
    found = []
    for study in studies:
        if study.reference_id not in references:
            references[study.reference_id] = reference_notes(study.reference_id)
        found.append(docket_of(study, references[study.reference_id]))
    return found


def reference_notes(reference: int | None) -> frozenset[int]:
    """The notes that a reference has codes of."""
    coded = (
        Coding.objects.filter(rater=reference, study=None) if reference else Coding.objects.none()
    )
    return frozenset(coded.order_by().values_list("note", flat=True))


def _given(study: Study) -> QuerySet[Coding, tuple[int, int, int]]:
    """(note, least and greatest id of the raters that coded it in the study), the panel aside."""
    panels = Rater.objects.filter(kind=Rater.Kind.PANEL).values("pk")
    given = Coding.objects.filter(study=study).exclude(rater__in=panels)
    return given.order_by().values_list("note").annotate(Min("rater"), Max("rater"))


def settled_notes(study: Study) -> frozenset[int]:
    panels = Rater.objects.filter(kind=Rater.Kind.PANEL).values("pk")
    return frozenset(
        Coding.objects.filter(study=study, rater__in=panels)
        .order_by()
        .values_list("note", flat=True)
    )


def settled_count(study: Study) -> int:
    panels = Rater.objects.filter(kind=Rater.Kind.PANEL).values("pk")
    settled = Coding.objects.filter(study=study, rater__in=panels)
    count: int = settled.aggregate(n=Count("note", distinct=True))["n"]
    return count


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
    panel = next(
        (place for place, rater in enumerate(side.raters) if rater.kind == Rater.Kind.PANEL), None
    )
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
