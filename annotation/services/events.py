"""The record of who did what."""

from __future__ import annotations

from annotation.models import Event, User


def event_record(*, actor: User | None, verb: str, object: str, **data: object) -> Event:
    return Event.objects.create(actor=actor, verb=verb, object=object, data=data)
