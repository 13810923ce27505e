"""Storing codings. They are added, never changed; the same event delivered twice is stored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from annotation.models import Code, Coding, CodingItem, Note, Rater, Study


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
            coding = Coding.objects.create(
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
            items = []
            for code, score in given.scores.items():
                items.append(CodingItem(coding=coding, code=code, score=score))
            CodingItem.objects.bulk_create(items)
    except IntegrityError:
        return False  # another worker stored the same event first
    return True


def codings_append(*, study: Study | None, rater: Rater, given: Sequence[Given]) -> int:
    """Store many in one short transaction. Returns how many were new."""
    with transaction.atomic():
        return sum(coding_append(study=study, rater=rater, given=one) for one in given)
