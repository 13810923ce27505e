"""Runs of a model over a study's notes. The database says what is left to do; a queued task is only a poke."""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from annotation.models import Code, Note, Rater, Study, User
from annotation.selectors import notes_without_text
from annotation.services.codes import codes_ensure
from annotation.services.codings import Given, codings_append
from annotation.services.events import event_record
from benchmark.models import Chunk, Evidence, ModelRun
from benchmark.services.evidence import evidence_append, evidence_of
from benchmark.services.registry import config_of, predictor, runnable
from benchmark.services.scores import packed, scores_append

if TYPE_CHECKING:
    from rac_model.predict import Predictor

logger = logging.getLogger(__name__)

NOTES_A_CHUNK = 8
ATTEMPTS = 3
STALE = timedelta(minutes=5)


class NoteChangedError(ValueError):
    """A stored text no longer has the sha256 it was stored with."""


def run_create(*, study: Study, rater: Rater, actor: User | None, poke: Callable[[int], object]) -> ModelRun:
    """A run of `rater` over every note of the study, cut in chunks; `poke(run id)` is called once a chunk.

    Raises ValueError for a rater whose checkpoint is not in the model store, and for notes that came without text.
    """
    if not runnable(rater):
        raise ValueError(f"the checkpoint of {rater.name} is not on this installation; register_model brings it in")
    if bare := notes_without_text(study):
        raise ValueError(f"{bare} notes of {study.slug} are here without their text; no model can read them")
    notes = list(study.notes.order_by("external_id").values_list("pk", flat=True))
    with transaction.atomic():
        run = ModelRun.objects.create(
            study=study,
            rater=rater,
            checkpoint_sha256=rater.checkpoint_sha256,
            threshold=config_of(rater.checkpoint_sha256)["threshold"],
            requested_by=actor,
        )
        chunks = [notes[start : start + NOTES_A_CHUNK] for start in range(0, len(notes), NOTES_A_CHUNK)]
        Chunk.objects.bulk_create([Chunk(run=run, note_ids=chunk) for chunk in chunks])
        event_record(actor=actor, verb="model.run", object=f"run:{run.pk}", study=study.slug, rater=rater.name)
    for _ in chunks:
        poke(run.pk)
    return run


def chunk_claim(run_id: int) -> Chunk | None:
    """The next waiting chunk of a run, ours alone; None when none is left."""
    while chunk := Chunk.objects.filter(run=run_id, state=Chunk.State.WAITING).first():
        claimed = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.WAITING).update(
            state=Chunk.State.CLAIMED, claimed_at=timezone.now(), attempts=F("attempts") + 1
        )
        if claimed:
            chunk.refresh_from_db()
            return chunk
    return None


def chunk_work(chunk: Chunk) -> None:
    """Code the chunk's notes. A failure is kept on the chunk: tried again at once, and shown after the last try."""
    try:
        given, evidence, scores, truncated = _predictions(chunk)
        with transaction.atomic():
            codings_append(study=chunk.run.study, rater=chunk.run.rater, given=given)
            evidence_append(evidence)
            scores_append(scores)
    except Exception as error:
        state = Chunk.State.FAILED if chunk.attempts >= ATTEMPTS else Chunk.State.WAITING
        Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.CLAIMED).update(state=state, error=reason(error))
        logger.warning("chunk %s of run %s: %s (attempt %s)", chunk.pk, chunk.run_id, reason(error), chunk.attempts)
        return
    Chunk.objects.filter(pk=chunk.pk).update(
        state=Chunk.State.DONE, finished_at=timezone.now(), truncated=truncated, error=""
    )


def reason(error: Exception) -> str:
    """What failed and where, without the error's own words, which may hold note text; ours never do."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    words = str(error) if isinstance(error, NoteChangedError | OSError) else ""
    return f"{type(error).__name__} in {frame.name} (line {frame.lineno}) {words}".strip()[:500]


def _predictions(chunk: Chunk) -> tuple[list[Given], dict[str, dict[str, Evidence]], dict[str, bytes], int]:
    """Codings, their evidence by source key and code, all probabilities by source key, and how many notes were not
    read to the end."""
    run = chunk.run
    model = predictor(run.checkpoint_sha256)
    notes = list(Note.objects.filter(pk__in=chunk.note_ids).order_by("pk"))
    for note in notes:
        if hashlib.sha256(note.text.encode()).hexdigest() != note.sha256:
            raise NoteChangedError(f"note {note.pk} differs from its sha256")
    scores: dict[str, dict[str, float]] = {}
    evidence: dict[str, dict[str, Evidence]] = {}
    rows: dict[str, bytes] = {}
    for note in notes:
        key = f"run:{run.pk}:{note.pk}"
        row, answer = model.code(note.text, run.threshold)
        found = {why.code: (p, evidence_of(why)) for p, why in answer}
        rows[key] = packed(row)
        scores[key] = {code: p for code, (p, _) in found.items()}
        evidence[key] = {code: row for code, (_, row) in found.items()}
    codes, now = _code_rows({code for row in scores.values() for code in row}), timezone.now()
    given = [
        Given(note, {codes[code]: p for code, p in row.items()}, key, now)
        for note, (key, row) in zip(notes, scores.items(), strict=True)
    ]
    return given, evidence, rows, _truncated(model, [note.text for note in notes])


def _code_rows(codes: set[str]) -> dict[str, Code]:
    rows = {row.code: row for row in Code.objects.filter(code__in=codes)}
    missing = codes - rows.keys()
    return rows | codes_ensure(missing) if missing else rows


def _truncated(model: Predictor, texts: Sequence[str]) -> int:
    return sum(read < total for total, read in map(model.tokens, texts))


def chunks_retry(*, run: ModelRun, actor: User | None, poke: Callable[[int], object]) -> int:
    """Failed chunks wait again, with their attempts back at nought. Returns how many."""
    again = run.chunks.filter(state=Chunk.State.FAILED).update(state=Chunk.State.WAITING, attempts=0)
    event_record(actor=actor, verb="model.retried", object=f"run:{run.pk}", chunks=again)
    for _ in range(again):
        poke(run.pk)
    return again


def chunks_sweep(poke: Callable[[int], object]) -> int:
    """Return chunks whose worker went silent, and poke every run that waits. Returns pokes sent.

    A poke too many finds nothing to claim; there are at most 16 a run and sweep, so that they cannot pile up.
    """
    silent = Chunk.objects.filter(state=Chunk.State.CLAIMED, claimed_at__lt=timezone.now() - STALE)
    silent.filter(attempts__gte=ATTEMPTS).update(state=Chunk.State.FAILED, error="the worker stopped without a word")
    silent.update(state=Chunk.State.WAITING)
    waiting = Count("chunks", filter=Q(chunks__state=Chunk.State.WAITING))
    runs = ModelRun.objects.annotate(waiting=waiting).filter(waiting__gt=0)
    pokes = [run.pk for run in runs for _ in range(min(run.waiting, 16))]
    for run_id in pokes:
        poke(run_id)
    return len(pokes)


def run_resume(*, run: ModelRun, poke: Callable[[int], object]) -> None:
    """Go on with a run whose workers are known to be gone: what they held waits again."""
    run.chunks.filter(state=Chunk.State.CLAIMED).update(state=Chunk.State.WAITING)
    for _ in range(run.chunks.filter(state=Chunk.State.WAITING).count()):
        poke(run.pk)
