"""Celery tasks of the benchmark side. Arguments are ids; note text never enters Redis."""

from __future__ import annotations

from celery import shared_task

from benchmark.services.runs import chunk_claim, chunk_work, chunks_sweep


@shared_task
def run_chunk(run_id: int) -> None:
    """Claim one waiting chunk of the run and code it; nothing to claim is nothing to do."""
    chunk = chunk_claim(run_id)
    if chunk is not None:
        chunk_work(chunk)
        chunk.refresh_from_db(fields=["state"])
        if chunk.state == chunk.State.WAITING:
            run_chunk.delay(run_id)


@shared_task
def sweep_chunks() -> None:
    chunks_sweep(run_chunk.delay)
