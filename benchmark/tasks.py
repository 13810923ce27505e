"""Celery tasks of the benchmark side. Arguments are ids; note text never enters Redis."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from annotation.models import Study, User
from benchmark.presets import NothingToCompareError
from benchmark.services.agreements import agreements_failed, agreements_store
from benchmark.services.compare import benchmark_failed, benchmark_run
from benchmark.services.exports import export_failed, export_make
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


def queue_agreement(study_id: int) -> None:
    """Ask a worker who agrees with whom in a study. Without Redis the next visit of the page asks again."""
    try:
        find_agreement.apply_async((study_id,), retry=False)
    except OperationalError as error:
        logger.warning("study %s waits, the queue does not answer: %s", study_id, type(error).__name__)
        agreements_failed(Study.objects.get(pk=study_id), type(error).__name__)


@shared_task(acks_late=False)
def find_agreement(study_id: int) -> None:
    """Who agrees with whom in a study, for its pages to read."""
    study = Study.objects.get(pk=study_id)
    try:
        agreements_store(study)
    except Exception as error:  # no words, they may hold text
        logger.error("study %s: agreement not found: %s", study_id, type(error).__name__)
        agreements_failed(study, type(error).__name__)


def queue_export(export_id: int) -> None:
    """Ask a worker to make a bundle. Without Redis the page says so."""
    try:
        make_export.apply_async((export_id,), retry=False)
    except OperationalError as error:
        logger.warning("export %s is not made, the queue does not answer: %s", export_id, type(error).__name__)
        export_failed(export_id, "Redis does not answer")


@shared_task(acks_late=False)
def make_export(export_id: int) -> None:
    """A large study's bundle, for its page to hand out."""
    try:
        export_make(export_id)
    except Exception as error:  # no words, they may hold text
        logger.error("export %s is not made: %s", export_id, type(error).__name__)


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
        study = Study.objects.get(pk=study_id)
        benchmark_run(study=study, preset=preset, actor=actor)
    except NothingToCompareError as error:  # its words are ours
        benchmark_failed(study=study, preset=preset, error=str(error))
    except Exception as error:  # no words, they may hold text
        logger.error("study %s not scored, preset %s: %s", study_id, preset, type(error).__name__)
        if study := Study.objects.filter(pk=study_id).first():
            benchmark_failed(study=study, preset=preset, error=type(error).__name__)
