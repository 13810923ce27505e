"""Celery tasks of the benchmark side. Arguments are ids; note text never enters Redis."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from annotation.models import Study, User
from benchmark.services.compare import benchmark_failed, benchmark_run
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


def queue_scoring(study_id: int, preset: str, user_id: int | None) -> None:
    """Ask a worker to score a study. Without Redis it is scored here and now."""
    try:
        score_study.apply_async((study_id, preset, user_id), retry=False)
    except OperationalError as error:
        logger.warning("study %s is scored at once, the queue does not answer: %s", study_id, type(error).__name__)
        score_study(study_id, preset, user_id)


@shared_task(acks_late=False)
def score_study(study_id: int, preset: str, user_id: int | None) -> None:
    """Score a study's raters; the pages find the run in the database.

    On the default queue, "sync": its worker is busy for seconds, or for minutes while it opens a large study, and that
    answers arrive later does no harm; those of "models" may be busy for hours. Taken once (no late acknowledgement): a
    study too large for the worker's memory must not end it again and again. After a failure the page asks to press the
    button again.
    """
    try:
        actor = User.objects.filter(pk=user_id).first()
        benchmark_run(study=Study.objects.get(pk=study_id), preset=preset, actor=actor)
    except Exception as error:  # no words, they may hold text
        logger.error("study %s not scored, preset %s: %s", study_id, preset, type(error).__name__)
        if study := Study.objects.filter(pk=study_id).first():
            benchmark_failed(study=study, preset=preset, error=type(error).__name__)
