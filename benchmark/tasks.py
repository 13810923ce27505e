"""Celery tasks of the benchmark side. Arguments are ids; note text never enters Redis."""

from __future__ import annotations

import logging

from celery import shared_task

from annotation.models import Purge, Study
from annotation.selectors.asked import who_asked
from annotation.work_queue import AWAY, kind, send, waiting_in
from benchmark.selectors.inputs import NothingToCompareError
from benchmark.services.agreements import agreements_begun, agreements_failed, agreements_store
from benchmark.services.benchmarks import (
    benchmark_begun,
    benchmark_failed,
    benchmark_run,
    benchmarks_sweep,
)
from benchmark.services.claims import chunk_claim
from benchmark.services.codings_uploads import codings_upload_work, codings_uploads_sweep
from benchmark.services.exports import export_failed, export_make
from benchmark.services.purge import purge_go_on, purges_sweep
from benchmark.services.runs import chunk_work, chunks_sweep, pokes_send

logger = logging.getLogger(__name__)


def poke(run_id: int) -> bool:
    """Ask a worker to look at a run. False where Redis does not answer; the sweep will ask
    again."""
    return send(run_chunk, run_id)


@shared_task
def run_chunk(run_id: int) -> None:
    """Claim one waiting chunk of the run and code it, if there is one."""
    chunk = chunk_claim(run_id)
    if chunk is not None:
        again = chunk_work(chunk)
        pokes_send([run_id] * again, poke)


@shared_task
def sweep_chunks() -> None:
    """Return what lost workers held, and send pokes until as many wait in the queue as chunks
    wait."""
    try:
        queued = waiting_in("models")
    except AWAY as error:
        logger.warning("the queue does not answer: %s", kind(error))
        queued = 0
    chunks_sweep(poke, queued)


def queue_agreement(study_id: int) -> None:
    """Ask a worker who agrees with whom in a study.

    Without Redis the next visit of the page asks again.
    """
    if not send(find_agreement, study_id):
        agreements_failed(Study.objects.get(pk=study_id), "Redis does not answer")


@shared_task
def find_agreement(study_id: int) -> None:
    """Who agrees with whom in a study, for its pages to read."""
    study = Study.objects.get(pk=study_id)
    try:
        agreements_begun(study)
        agreements_store(study)
    except Exception as error:  # no words, they may hold text
        logger.error("study %s: agreement not found: %s", study_id, kind(error))
        agreements_failed(study, kind(error))


def queue_export(export_id: int) -> None:
    """Ask a worker to make a bundle. Without Redis the page says so."""
    if not send(make_export, export_id):
        export_failed(export_id, "Redis does not answer")


@shared_task
def make_export(export_id: int) -> None:
    """A large study's bundle, for its page to hand out."""
    try:
        export_make(export_id)
    except Exception as error:  # no words, they may hold text
        logger.error("export %s is not made: %s", export_id, kind(error))


def queue_scoring(study_id: int, preset: str, user_id: int | None) -> None:
    """Ask a worker to score a study. Without Redis the sweep scores it when Redis is back."""
    send(score_study, study_id, preset, user_id)


@shared_task
def score_study(study_id: int, preset: str, user_id: int | None) -> None:
    """Score a study's raters; the pages find the run in the database.

    On the default queue, "sync": its worker is busy for seconds, or for minutes while it opens a
    large study, and that answers arrive later does no harm; those of "models" may be busy for
    hours. After a failure the page asks to press the button again.
    """
    try:
        study = Study.objects.get(pk=study_id)
        actor = who_asked(user_id)
        benchmark_begun(study=study, preset=preset)
        benchmark_run(study=study, preset=preset, actor=actor)
    except NothingToCompareError as error:  # its words are ours
        benchmark_failed(study=study, preset=preset, error=str(error))
    except Exception as error:  # no words, they may hold text
        logger.error("study %s not scored, preset %s: %s", study_id, preset, kind(error))
        still_here = Study.objects.filter(pk=study_id).first()
        if still_here is not None:
            benchmark_failed(study=still_here, preset=preset, error=kind(error))


def queue_purge(purge_id: int) -> None:
    """Ask a worker to remove a batch's notes. Without Redis the sweep does it later."""
    send(go_on_with_purge, purge_id)


@shared_task
def go_on_with_purge(purge_id: int) -> None:
    """Do what is left of a removal."""
    purge = Purge.objects.filter(pk=purge_id, finished_at=None).first()
    if purge is not None:
        purge_go_on(purge)


@shared_task
def sweep_purges() -> None:
    """Go on with removals that could not end: a service was away, or their worker was killed."""
    purges_sweep()


@shared_task
def sweep_benchmarks() -> None:
    """Score what was asked for while no worker could be told. In the one worker that also takes
    `score_study`."""
    benchmarks_sweep(score_study)


def queue_codings(upload_id: int) -> None:
    """Ask a worker to check or store an uploaded file of codings. A sweep does it otherwise."""
    send(work_on_codings, upload_id)


@shared_task
def work_on_codings(upload_id: int) -> None:
    """Check or store an uploaded file of codings, whichever is asked for."""
    codings_upload_work(upload_id)


@shared_task
def sweep_codings() -> None:
    """Check and store uploads of codings that no worker was told of.

    It runs in the worker that also takes `work_on_codings`, so that the two never overlap.
    """
    codings_uploads_sweep()
