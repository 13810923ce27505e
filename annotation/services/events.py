"""The record of who did what."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from annotation.models import Event, User

logger = logging.getLogger(__name__)
PROXY = "proxy.unnamed"
"""The event that `proxy_noticed` records."""


def event_record(*, actor: User | None, verb: str, object: str, **data: object) -> Event:
    """Record that `actor` (None: a command or a worker) did `verb` to `object`, as "study:demo"."""
    return Event.objects.create(actor=actor, verb=verb, object=object, data=data)


def proxy_noticed() -> None:
    """Warn of a proxy that the settings do not name, and record it once a day."""
    logger.warning(
        "X-Forwarded-For arrives, and CODERBENCH_BEHIND_PROXY is false: if a proxy sends it, "
        "set it to true, or ten wrong passwords of one person lock that name for everybody"
    )
    try:
        if not proxy_is_unnamed():
            event_record(actor=None, verb=PROXY, object="site")
    except DatabaseError as error:
        logger.warning("not recorded: %s", type(error).__name__)


def proxy_is_unnamed() -> bool:
    """Whether `proxy_noticed` recorded such a proxy within the last day."""
    since = timezone.now() - timedelta(days=1)
    return Event.objects.filter(verb=PROXY, object="site", at__gte=since).exists()
