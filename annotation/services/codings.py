"""Storing codings. They are added, never changed; the same event delivered twice is stored once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from annotation.models import Code, Coding, CodingItem, Note, Rater, Study

AT_ONCE = 500
"""Codings that one query stores."""


@dataclass(frozen=True)
class Given:
    """What one rater says of one note."""

    note: Note
    scores: Mapping[Code, float | None]
    """The codes given, each with its probability; None where the rater gives no probabilities."""
    source_key: str
    """Names the event that the coding came from, so that it is stored once."""
    submitted_at: datetime
    active_seconds: float | None = None
    """Time as it was worked; None where nobody measured it."""
    lead_time: float | None = None
    """Label Studio's clock, in seconds; None for other doors."""
    unlisted: str = ""
    """A needed code that the study's list lacks, in the coder's words."""


def coding_append(*, study: Study | None, rater: Rater, given: Given) -> bool:
    """Store one coding as the next revision. False when its source key is there already."""
    try:
        with transaction.atomic():
            if Coding.objects.filter(source_key=given.source_key).exists():
                return False
            revision = Coding.objects.filter(study=study, rater=rater, note=given.note).count() + 1
            coding = _row(study, rater, given, revision)
            coding.save(force_insert=True)
            CodingItem.objects.bulk_create(_items(coding, given))
    except IntegrityError:
        return False  # another worker stored the same event first
    return True


def codings_append(*, study: Study | None, rater: Rater, given: Sequence[Given]) -> int:
    """Store many in one transaction, by few queries. Returns how many were new."""
    new = 0
    with transaction.atomic():
        for start in range(0, len(given), AT_ONCE):
            some = given[start : start + AT_ONCE]
            try:
                with transaction.atomic():
                    new += _some_append(study, rater, some)
            except IntegrityError:  # another worker stored some of them first
                new += sum(coding_append(study=study, rater=rater, given=one) for one in some)
    return new


def _some_append(study: Study | None, rater: Rater, given: Sequence[Given]) -> int:
    """Those whose source keys are not there yet. IntegrityError where one comes meanwhile."""
    keys = [one.source_key for one in given]
    stored = Coding.objects.filter(source_key__in=keys).values_list("source_key", flat=True)
    fresh = {one.source_key: one for one in given}
    for key in stored:
        fresh.pop(key)
    notes = {one.note.pk for one in fresh.values()}
    earlier = Coding.objects.filter(study=study, rater=rater, note__in=notes)
    revisions = Counter(earlier.order_by().values_list("note", flat=True))
    rows = []
    for one in fresh.values():
        revisions[one.note.pk] += 1
        rows.append(_row(study, rater, one, revisions[one.note.pk]))
    codings = Coding.objects.bulk_create(rows)
    items = []
    for coding, one in zip(codings, fresh.values(), strict=True):
        items += _items(coding, one)
    CodingItem.objects.bulk_create(items, batch_size=2000)
    return len(codings)


def _row(study: Study | None, rater: Rater, given: Given, revision: int) -> Coding:
    return Coding(
        note=given.note,
        rater=rater,
        study=study,
        revision=revision,
        source_key=given.source_key,
        submitted_at=given.submitted_at,
        active_seconds=given.active_seconds,
        lead_time=given.lead_time,
        unlisted=given.unlisted,
    )


def _items(coding: Coding, given: Given) -> list[CodingItem]:
    return [CodingItem(coding=coding, code=code, score=p) for code, p in given.scores.items()]
