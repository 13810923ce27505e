"""What adjudicators have to settle: which notes, and what the raters gave, without who gave it.

Reads only.
"""

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
    coded_by_user = Study.objects.filter(workspaces__rater__user=user)
    return started.exclude(pk__in=coded_by_user.values("pk"))


def panel_of(study: Study) -> Rater | None:
    """The rater that the adjudicators of a study are together; None before they settled a note."""
    settled = Coding.objects.filter(study=study, rater=OuterRef("pk"))
    return Rater.objects.filter(Exists(settled), kind=Rater.Kind.PANEL).order_by("pk").first()


@dataclass(frozen=True)
class Docket:
    """The notes of a study that there are to settle, in a random order.

    So those settled so far are a random sample of them.
    """

    study: Study
    members: frozenset[int]
    """Ids of the notes that two or more raters coded and whose text is here."""
    settled: frozenset[int]
    """Ids of the notes that the panel has answered."""

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
        """Ids in the random order."""
        of_batch = Note.objects.filter(batch=self.study.batch_id).values_list("pk", "external_id")
        keys = {pk: _shuffle_key(self.study, note) for pk, note in of_batch if pk in self.members}
        return sorted(keys, key=keys.__getitem__)

    @cached_property
    def next(self) -> int | None:
        """The first note that is not settled; None where all are."""
        for note in self.notes:
            if note not in self.settled:
                return note
        return None


def docket_of(study: Study, of_reference: Collection[int] | None = None) -> Docket:
    """What there is to settle.

    `of_reference`: the notes that the study's reference coded, where they are known already.
    """
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
    if not reference:
        return frozenset()
    coded = Coding.objects.filter(rater=reference, study=None).order_by()
    return frozenset(coded.values_list("note", flat=True))


def _given(study: Study) -> QuerySet[Coding, tuple[int, int, int]]:
    """(note, least and greatest id of the raters that coded it in the study), the panel aside."""
    given = Coding.objects.filter(study=study).exclude(rater__in=_panels())
    return given.order_by().values_list("note").annotate(Min("rater"), Max("rater"))


def settled_notes(study: Study) -> frozenset[int]:
    """Ids of the notes that the panel has answered."""
    settled = Coding.objects.filter(study=study, rater__in=_panels()).order_by()
    return frozenset(settled.values_list("note", flat=True))


def settled_count(study: Study) -> int:
    """How many these are."""
    settled = Coding.objects.filter(study=study, rater__in=_panels())
    count: int = settled.aggregate(n=Count("note", distinct=True))["n"]
    return count


def _panels() -> QuerySet[Rater]:
    return Rater.objects.filter(kind=Rater.Kind.PANEL)


def _shuffle_key(study: Study, note: str) -> str:
    """What notes are sorted by: as good as random, and always the same."""
    return hashlib.sha256(f"panel {study.seed} {note}".encode()).hexdigest()


@dataclass(frozen=True)
class Candidate:
    """A code that some rater gave to the note."""

    code: str
    title: str
    given: list[bool]
    """By whom, in the order of the ballot's letters."""
    chosen: bool
    """Whether it is in the panel's answer so far."""


@dataclass(frozen=True)
class Ballot:
    """A note to settle."""

    letters: list[str]
    """They stand for raters, dealt out anew for each note."""
    candidates: list[Candidate]
    revision: int
    """How many answers the panel has given so far."""


def ballot_of(study: Study, note: Note) -> Ballot:
    """Codes in the order of the code system: not of how many gave them, which would be a hint."""
    side = note_side_by_side(study, note)
    columns = []
    panel = None
    for column, rater in enumerate(side.raters):
        if rater.kind != Rater.Kind.PANEL:
            columns.append(column)
        elif panel is None:
            panel = column
    random.Random(f"letters {study.seed} {note.external_id}").shuffle(columns)
    codes = codes_named({row.code for row in side.rows})
    candidates = []
    for row in side.rows:
        if row.code in codes:  # what a rater wrote that is no code cannot be right
            given = [row.given[column] for column in columns]
            chosen = panel is not None and row.given[panel]
            candidates.append(Candidate(row.code, row.title, given, chosen))
    return Ballot(
        letters=[LETTERS[place % len(LETTERS)] for place in range(len(columns))],
        candidates=sorted(candidates, key=lambda candidate: candidate.code),
        revision=Coding.objects.filter(
            study=study, note=note, rater__kind=Rater.Kind.PANEL
        ).count(),
    )


def codes_named(names: set[str]) -> dict[str, Code]:
    """Those of the strings that are codes of a code system."""
    return {code.code: code for code in Code.objects.of_systems().filter(code__in=names)}
