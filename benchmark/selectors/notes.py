"""A study's notes, and what each rater gave one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q, QuerySet

from annotation.models import Code, Coding, CodingItem, Note, Rater, Study, User
from annotation.selectors.studies import texts_hidden_from
from benchmark.models import Evidence
from benchmark.tables.notes.highlight import Why


def notes_of(study: Study) -> QuerySet[Note]:
    """A study's notes by their ids, without their texts."""
    # All are of its batch, whose index has the order.
    return study.notes.filter(batch=study.batch_id).defer("text").order_by("external_id")


@dataclass(frozen=True)
class Neighbours:
    """A note among all notes of its study, by id."""

    total: int
    place: int
    """From 1."""
    previous: int | None
    following: int | None


def neighbours_of(study: Study, note: Note) -> Neighbours:
    """The notes before and after it."""
    before = Q(external_id__lt=note.external_id)
    after = Q(external_id__gt=note.external_id)
    # All are of its batch, whose index has the ids.
    notes = study.notes.filter(batch=study.batch_id).order_by()
    found = notes.aggregate(
        total=Count("pk"),
        before=Count("pk", filter=before),
        previous=Max("external_id", filter=before),
        following=Min("external_id", filter=after),
    )
    beside = notes.filter(external_id__in=[found["previous"], found["following"]])
    pks = dict(beside.values_list("external_id", "pk"))
    return Neighbours(
        total=found["total"],
        place=found["before"] + 1,
        previous=pks.get(found["previous"]),
        following=pks.get(found["following"]),
    )


def with_raters(study: Study, notes: Sequence[Note]) -> list[tuple[Note, int]]:
    """Each note and how many raters of the study have coded it."""
    given = Coding.objects.filter(study=study, note__in=[note.pk for note in notes]).order_by()
    raters = dict(given.values_list("note").annotate(Count("rater", distinct=True)))
    return [(note, raters.get(note.pk, 0)) for note in notes]


def titles_of(codes: Iterable[str]) -> dict[str, str]:
    """Code, or category, -> its title; those without one are left out."""
    return dict(Code.objects.filter(code__in=list(codes)).values_list("code", "long_title"))


@dataclass(frozen=True)
class CodeRow:
    """One code on a note's page and what each rater, in column order, said of it."""

    code: str
    title: str
    given: list[bool]

    @property
    def agreed(self) -> bool:
        return all(self.given)


@dataclass(frozen=True)
class SideBySide:
    """What every rater gave one note: a column a rater, a row a code."""

    raters: list[Rater]
    rows: list[CodeRow]


def note_side_by_side(study: Study, note: Note) -> SideBySide:
    """Every rater's newest codes of one note; codes that most raters gave come first."""
    codings = _newest_codings(study, note)
    items = CodingItem.objects.filter(coding__in=codings).select_related("code")
    return _side_by_side(study, codings, items)


def side_and_evidence(study: Study, note: Note) -> tuple[SideBySide, dict[Rater, list[Why]]]:
    """What everybody gave the note, and where the models looked; read once.

    The evidence: each model's newest codes, likeliest first, by its name. Models of which neither
    probabilities nor evidence are known are left out: they have nothing to show.
    """
    codings = _newest_codings(study, note)
    found = CodingItem.objects.filter(coding__in=codings).select_related("code", "evidence")
    items = list(found.order_by(F("score").desc(nulls_last=True), "code__code"))
    return _side_by_side(study, codings, items), _evidence(codings, items)


def _newest_codings(study: Study, note: Note) -> list[Coding]:
    """Of each rater, and of the study's reference."""
    codings = Coding.objects.filter(Q(study=study) | Q(rater=study.reference), note=note)
    newest: dict[int, Coding] = {}
    for coding in codings.select_related("rater").order_by("submitted_at", "id"):
        newest[coding.rater_id] = coding
    return list(newest.values())


def _side_by_side(
    study: Study, codings: Sequence[Coding], items: Iterable[CodingItem]
) -> SideBySide:
    def column(coding: Coding) -> tuple[bool, str, str]:
        """The reference first."""
        return coding.rater_id != study.reference_id, coding.rater.kind, coding.rater.name

    ordered = sorted(codings, key=column)
    given: dict[int, set[str]] = {coding.pk: set() for coding in ordered}
    titles = {}
    for item in items:
        given[item.coding_id].add(item.code.code)
        titles[item.code.code] = item.code.long_title
    rows = []
    for code, title in titles.items():
        rows.append(CodeRow(code, title, [code in given[coding.pk] for coding in ordered]))
    rows.sort(key=lambda row: (-sum(row.given), row.code))
    return SideBySide([coding.rater for coding in ordered], rows)


def _evidence(codings: Sequence[Coding], items: Iterable[CodingItem]) -> dict[Rater, list[Why]]:
    models = {
        coding.pk: coding.rater for coding in codings if coding.rater.kind == Rater.Kind.MODEL
    }
    given: dict[int, list[Why]] = {coding: [] for coding in models}
    for item in items:
        if item.coding_id in given:
            given[item.coding_id].append(_why(item))
    found = {}
    for coding in sorted(models, key=lambda coding: models[coding].name):
        whys = given[coding]
        if not whys or any(why.probability is not None or why.spans for why in whys):
            found[models[coding]] = whys
    return found


def _why(item: CodingItem) -> Why:
    code = item.code.code
    title = item.code.long_title
    if not hasattr(item, "evidence"):
        return Why(code, title, item.score)
    found = item.evidence
    spans = [(start, end, weight) for start, end, weight in found.spans]
    return Why(code, title, item.score, found.logit, found.bias, found.rest, spans)


def evidence_seen_by(user: User) -> QuerySet[Evidence]:
    """Evidence of codings that the person may see."""
    seen = Evidence.objects.all()
    hidden = texts_hidden_from(user)
    if hidden is not None:
        seen = seen.exclude(item__coding__note__sha256__in=hidden)
    return seen.select_related("item__coding", "item__code")
