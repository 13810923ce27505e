"""A worker's claim on a chunk: renewed while the worker lives, so that a sweep can tell a slow one
from a dead one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from benchmark.models import Chunk

logger = logging.getLogger(__name__)

RENEWED_EVERY = timedelta(seconds=5)
STALE = timedelta(seconds=30)
"""A claim that was not renewed for so long is a dead worker's: six renewals were missed."""


def chunk_claim(run_id: int) -> Chunk | None:
    """The next waiting chunk of a run, ours alone; None when none is left."""
    while True:
        chunk = Chunk.objects.filter(run=run_id, state=Chunk.State.WAITING).first()
        if chunk is None:
            return None
        now = timezone.now()
        # Another worker may have claimed it since: then it no longer waits, and no row is updated.
        claimed = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.WAITING).update(
            state=Chunk.State.CLAIMED, claimed_at=now, renewed_at=now, attempts=F("attempts") + 1
        )
        if claimed:
            chunk.refresh_from_db()
            return chunk


def held(chunk: Chunk) -> QuerySet[Chunk]:
    """The chunk's row while the claim is still ours; empty when a sweep returned it and another
    worker has it."""
    return Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.CLAIMED, attempts=chunk.attempts)


@contextmanager
def claim_kept(chunk: Chunk) -> Iterator[None]:
    """Renew the claim every few seconds for as long as the block takes: a note may take a model
    minutes."""
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(chunk, done), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        renewing.join()


def _renew(chunk: Chunk, done: threading.Event) -> None:
    """In a thread with a database connection of its own. A renewal that fails is tried again at the
    next turn."""
    try:
        while not done.wait(RENEWED_EVERY.total_seconds()):
            try:
                held(chunk).update(renewed_at=timezone.now())
            except DatabaseError as error:
                logger.warning(
                    "the claim on chunk %s was not renewed: %s", chunk.pk, type(error).__name__
                )
                connection.close()
    finally:
        connection.close()


def silent_chunks() -> QuerySet[Chunk]:
    """Chunks whose worker has not renewed its claim."""
    long_ago = timezone.now() - STALE
    never_renewed = Q(renewed_at=None, claimed_at__lt=long_ago)  # claimed before renewals were kept
    return Chunk.objects.filter(
        Q(renewed_at__lt=long_ago) | never_renewed, state=Chunk.State.CLAIMED
    )
