"""Celery tasks of the benchmark side. Arguments are ids; note text never enters Redis."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from benchmark.services.runs import chunk_claim, chunk_work, chunks_sweep

logger = logging.getLogger(__name__)


def poke(run_id: int) -> None:
    """Ask a worker to look at a run. Without Redis nothing is lost: the sweep will ask again."""
    try:
        run_chunk.apply_async((run_id,), retry=False)
    except OperationalError as error:
        logger.warning("run %s waits for the sweep, the queue does not answer: %s", run_id, type(error).__name__)


@shared_task
def run_chunk(run_id: int) -> None:
    """Claim one waiting chunk of the run and code it; nothing to claim is nothing to do."""
    chunk = chunk_claim(run_id)
    if chunk is not None:
        chunk_work(chunk)
        chunk.refresh_from_db(fields=["state"])
        if chunk.state == chunk.State.WAITING:
            poke(run_id)


@shared_task
def sweep_chunks() -> None:
    chunks_sweep(poke)
