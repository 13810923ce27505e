"""Codings as plain sets of codes."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import Assignment, Coding, CodingItem, Rater, Study, User
from annotation.selectors.studies import texts_hidden_from, unfinished_batches

Codings = dict[str, list[str]]
"""A note's external id -> its codes, both in order."""


def codings_of(study: Study, rater: Rater) -> Codings:
    """What a rater says of the study's notes now: the newest coding of each note."""
    codings = Coding.objects.filter(rater=rater)
    if rater.kind == Rater.Kind.REFERENCE:
        # A reference belongs to the batch, not to one study of it.
        return latest_codes(codings.filter(study__isnull=True, note__studies=study))
    return latest_codes(codings.filter(study=study))


def primary_codings(study: Study) -> Codings:
    """The codes that each note's primary coder gave: the human coders of Table 1."""
    primary = Assignment.objects.filter(
        study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater"), role="primary"
    )
    return latest_codes(Coding.objects.filter(Exists(primary), study=study))


def latest_codes(codings: QuerySet[Coding]) -> Codings:
    """The codes of each note's newest coding. `codings` must have one rater for each note."""
    newest = dict(codings.order_by("submitted_at", "id").values_list("note__external_id", "id"))
    note_of = {pk: note for note, pk in newest.items()}
    result: Codings = {note: [] for note in newest}
    items = CodingItem.objects.filter(coding__in=codings).values_list("coding_id", "code__code")
    for coding, code in items:
        if coding in note_of:
            result[note_of[coding]].append(code)
    return {note: sorted(codes) for note, codes in sorted(result.items())}


def codings_seen_by(user: User) -> QuerySet[Coding]:
    """Codings of notes that the person may see, the reference's among them."""
    codings = Coding.objects.all()
    hidden = texts_hidden_from(user)
    if hidden is not None:
        codings = codings.exclude(note__sha256__in=hidden)
    unfinished = unfinished_batches()
    if unfinished:
        codings = codings.exclude(note__batch__in=unfinished)
    return codings
