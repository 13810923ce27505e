"""Codings are appended, never changed; the same event delivered twice is stored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from annotation.models import Code, Coding, CodingItem, Note, Rater, Study


@dataclass(frozen=True)
class Given:
    """One note's codes from one rater: `scores` maps code rows to a probability, or to None where there is none."""

    note: Note
    scores: Mapping[Code, float | None]
    source_key: str
    submitted_at: datetime
    active_seconds: float | None = None
    unlisted: str = ""


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
                unlisted=given.unlisted,
            )
            CodingItem.objects.bulk_create(
                [
                    CodingItem(coding=coding, code=code, score=score)
                    for code, score in given.scores.items()
                ]
            )
    except IntegrityError:
        return False  # another worker stored the same event first
    return True


def codings_append(*, study: Study | None, rater: Rater, given: Sequence[Given]) -> int:
    """Store many in one short transaction. Returns how many were new."""
    with transaction.atomic():
        return sum(coding_append(study=study, rater=rater, given=one) for one in given)
