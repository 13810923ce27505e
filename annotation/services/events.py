"""The record of who did what."""

from __future__ import annotations

from annotation.models import Event, User

ACKNOWLEDGED = "guideline.acknowledged"
OPENING, OPENING_BEGUN, NOT_OPENED = "study.opening", "study.opening-begun", "study.not-opened"
WEBHOOKS = "study.webhooks"
DISCARDED, RENAMED, CHANGED = "study.discarded", "study.renamed", "study.changed"
ASKED, SCORING_BEGUN, NOT_SCORED = "benchmark.asked", "benchmark.begun", "benchmark.failed"
LEAVING_OWED, LEFT = "label-studio.leaving-owed", "label-studio.left"
"""Verbs from which a state is read."""


def event_record(*, actor: User | None, verb: str, object: str, **data: object) -> Event:
    return Event.objects.create(actor=actor, verb=verb, object=object, data=data)
