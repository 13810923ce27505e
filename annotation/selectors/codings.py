"""Codings as plain sets of codes."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import Assignment, Coding, CodingItem, Rater, Study, User
from annotation.selectors.studies import batches_hidden_from

Codings = dict[str, list[str]]


def codings_of(study: Study, rater: Rater) -> Codings:
    """note external id -> codes of this rater's latest revision (the reference's, for the reference)."""
    scope = (
        {"study__isnull": True, "note__studies": study}
        if rater.kind == Rater.Kind.REFERENCE
        else {"study": study}
    )
    return latest_codes(Coding.objects.filter(rater=rater, **scope))


def primary_codings(study: Study) -> Codings:
    """note external id -> codes given by the note's primary coder: Table 1's human coders."""
    primary = Assignment.objects.filter(
        study=OuterRef("study"), note=OuterRef("note"), rater=OuterRef("rater"), role="primary"
    )
    return latest_codes(Coding.objects.filter(Exists(primary), study=study))


def latest_codes(codings: QuerySet[Coding]) -> Codings:
    """The codes of each note's newest coding among `codings` (of one rater, or one rater a note)."""
    newest = dict(codings.order_by("submitted_at", "id").values_list("note__external_id", "id"))
    note_of = {pk: note for note, pk in newest.items()}
    result: Codings = {note: [] for note in newest}
    items = CodingItem.objects.filter(coding__in=codings).values_list("coding_id", "code__code")
    for coding, code in items:
        if coding in note_of:
            result[note_of[coding]].append(code)
    return {note: sorted(codes) for note, codes in sorted(result.items())}


def codings_seen_by(user: User) -> QuerySet[Coding]:
    """Codings, the reference's included, of notes that the person may see."""
    hidden = batches_hidden_from(user)
    return Coding.objects.exclude(note__batch__in=hidden) if hidden else Coding.objects.all()
