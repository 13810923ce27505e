"""The record of who did what."""

from __future__ import annotations

from annotation.models import Event, User

ACKNOWLEDGED = "guideline.acknowledged"
OPENING, NOT_OPENED = "study.opening", "study.not-opened"
ASKED, NOT_SCORED = "benchmark.asked", "benchmark.failed"
AGREEMENT_ASKED, AGREEMENT_FAILED = "agreement.asked", "agreement.failed"
"""Verbs from which a state is read."""


def event_record(*, actor: User | None, verb: str, object: str, **data: object) -> Event:
    return Event.objects.create(actor=actor, verb=verb, object=object, data=data)
