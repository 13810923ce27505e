"""Runs of a model over a study's notes. The database says what is left to do; a queued task is only
a poke."""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from annotation.models import Code, Note, Rater, Study, User
from annotation.selectors.removal import purge_of
from annotation.selectors.studies import notes_without_text
from annotation.services.codes import codes_ensure
from annotation.services.codings import Given, codings_append
from annotation.services.events import event_record
from benchmark.models import Chunk, Evidence, ModelRun
from benchmark.selectors.model_store import config_of, runnable
from benchmark.services.checkpoints import predictor
from benchmark.services.claims import claim_kept, held, silent_chunks
from benchmark.services.evidence import evidence_append, evidence_of
from benchmark.services.probabilities import packed, scores_append
from icd.codes import Kind

if TYPE_CHECKING:
    from rac_model.inference.predict import Predictor

logger = logging.getLogger(__name__)

NOTES_A_CHUNK = 8
ATTEMPTS = 3
SECONDS_OF_POKES = 1.0


class NoteChangedError(ValueError):
    """A stored text no longer has the sha256 it was stored with."""


def run_create(
    *, study: Study, rater: Rater, actor: User | None, poke: Callable[[int], object]
) -> ModelRun:
    """A run of `rater` over every note of the study, cut in chunks; `poke(run id)` is called once a
    chunk, unless the queue takes none: then the sweep does it.

    Raises ValueError for a rater whose checkpoint is not in the model store, and for notes that
    came without text.
    """
    if not runnable(rater):
        raise ValueError(
            f"the checkpoint of {rater.name} is not on this installation; "
            "register_model brings it in"
        )
    if purge_of(study.batch):
        raise ValueError(f"the texts of {study.slug} were removed, or are about to be")
    bare = notes_without_text(study)
    if bare:
        raise ValueError(
            f"{bare} notes of {study.slug} are here without their text; no model can read them"
        )
    notes = list(study.notes.order_by("external_id").values_list("pk", flat=True))
    with transaction.atomic():
        run = ModelRun.objects.create(
            study=study,
            rater=rater,
            checkpoint_sha256=rater.checkpoint_sha256,
            threshold=config_of(rater.checkpoint_sha256)["threshold"],
            requested_by=actor,
        )
        chunks = []
        for start in range(0, len(notes), NOTES_A_CHUNK):
            chunks.append(Chunk(run=run, note_ids=notes[start : start + NOTES_A_CHUNK]))
        Chunk.objects.bulk_create(chunks)
        event_record(
            actor=actor,
            verb="model.run",
            object=f"run:{run.pk}",
            study=study.slug,
            rater=rater.name,
        )
    pokes_send([run.pk] * len(chunks), poke)
    return run


def pokes_send(run_ids: Iterable[int], poke: Callable[[int], object]) -> int:
    """Poke each run; returns how many pokes went out.

    After one that the queue does not take (`poke` gives False), or a second in all, the rest is the
    sweep's.
    """
    end = time.monotonic() + SECONDS_OF_POKES
    sent = 0
    for run_id in run_ids:
        if poke(run_id) is False:
            break
        sent += 1
        if time.monotonic() > end:
            break
    return sent


def chunk_work(chunk: Chunk) -> int:
    """Code the chunk's notes. Returns how many chunks wait because of it.

    A note that fails leaves for a chunk of its own, so that the others are coded. A failure that is
    no note's, as of a checkpoint that cannot be read, is the whole chunk's. Either is tried again
    at once, and shown with its reason after the last try.
    """
    try:
        with claim_kept(chunk):
            coded = _coded(chunk)
            with transaction.atomic():
                codings_append(study=chunk.run.study, rater=chunk.run.rater, given=coded.given)
                evidence_append(coded.evidence)
                scores_append(coded.scores)
    except Exception as error:
        return _failed(chunk, reason(error))
    for note_id, why in coded.failed.items():
        logger.warning(
            "run %s: note %s failed: %s (attempt %s)", chunk.run_id, note_id, why, chunk.attempts
        )
    if coded.failed and len(chunk.note_ids) == 1:
        return _failed(chunk, coded.failed[chunk.note_ids[0]])
    return _finished(chunk, coded)


def _failed(chunk: Chunk, why: str) -> int:
    """The whole chunk waits again, or has failed; returns how many chunks wait."""
    state = _after_failure(chunk)
    held(chunk).update(state=state, error=why)
    logger.warning(
        "chunk %s of run %s: %s (attempt %s)", chunk.pk, chunk.run_id, why, chunk.attempts
    )
    return int(state == Chunk.State.WAITING)


def _finished(chunk: Chunk, coded: Coded) -> int:
    """The chunk is done; notes that failed are in chunks of their own now. Returns how many of
    these wait."""
    state = _after_failure(chunk)
    done = [note_id for note_id in chunk.note_ids if note_id not in coded.failed]
    apart = []
    for note_id, why in coded.failed.items():
        apart.append(
            Chunk(
                run=chunk.run,
                note_ids=[note_id],
                state=state,
                attempts=chunk.attempts,
                error=why,
            )
        )
    with transaction.atomic():
        ours = held(chunk).update(
            state=Chunk.State.DONE,
            note_ids=done,
            finished_at=timezone.now(),
            truncated=coded.truncated,
            error="",
        )
        if not ours:
            return 0
        Chunk.objects.bulk_create(apart)
    if state != Chunk.State.WAITING:
        return 0
    return len(apart)


def _after_failure(chunk: Chunk) -> str:
    """The state of notes that failed: they wait again, or that was their last attempt."""
    if chunk.attempts >= ATTEMPTS:
        return Chunk.State.FAILED
    return Chunk.State.WAITING


def reason(error: Exception) -> str:
    """What failed and where, without the error's own words: they may hold note text. Our own
    errors never do."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    found = f"{type(error).__name__} in {frame.name} (line {frame.lineno})"
    if isinstance(error, NoteChangedError | OSError):
        found = f"{found} {error}".strip()
    return found[:500]


@dataclass(frozen=True)
class Read:
    """What a model said of one note."""

    note: Note
    given: dict[str, float]
    """Code -> probability."""
    evidence: dict[str, Evidence]
    """Code -> where it looked; not stored yet."""
    scores: bytes
    """The probabilities of all codes, packed."""
    cut: bool
    """Whether the note was not read to its end."""


@dataclass
class Coded:
    """What a model said of a chunk's notes."""

    given: list[Given] = field(default_factory=list)
    evidence: dict[str, dict[str, Evidence]] = field(default_factory=dict)
    """Source key -> code -> where it looked."""
    scores: dict[str, bytes] = field(default_factory=dict)
    """Source key -> the probabilities of all codes, packed."""
    truncated: int = 0
    """Notes that were not read to their end."""
    failed: dict[int, str] = field(default_factory=dict)
    """Id of a note on which the model failed -> why."""


def _coded(chunk: Chunk) -> Coded:
    """Each note read on its own: one that the model cannot read keeps no other from being coded."""
    run = chunk.run
    model = predictor(run.checkpoint_sha256)
    coded = Coded()
    reads: list[Read] = []
    for note in Note.objects.filter(pk__in=chunk.note_ids).order_by("pk"):
        try:
            reads.append(_read(model, note, run.threshold))
        except Exception as error:
            coded.failed[note.pk] = f"note {note.pk}: {reason(error)}"
    given: set[str] = set()
    for read in reads:
        given.update(read.given)
    codes = _code_rows(given, model.kinds)
    now = timezone.now()
    for read in reads:
        key = f"run:{run.pk}:{read.note.pk}"
        of_codes = {codes[code]: probability for code, probability in read.given.items()}
        coded.given.append(Given(read.note, of_codes, key, now))
        coded.evidence[key] = read.evidence
        coded.scores[key] = read.scores
        coded.truncated += read.cut
    return coded


def _read(model: Predictor, note: Note, threshold: float) -> Read:
    """One note, read by the model. Raises NoteChangedError, and whatever the model raises."""
    if hashlib.sha256(note.text.encode()).hexdigest() != note.sha256:
        raise NoteChangedError(f"note {note.pk} differs from its sha256")
    coded = model.code(note.text, threshold)
    given: dict[str, float] = {}
    evidence: dict[str, Evidence] = {}
    for probability, why in coded.given:
        given[why.code] = probability
        evidence[why.code] = evidence_of(why)
    cut = coded.words_read < coded.words
    return Read(note, given, evidence, packed(coded.probabilities), cut)


def _code_rows(codes: set[str], kinds: Mapping[str, Kind]) -> dict[str, Code]:
    """The codes' rows, made where there are none."""
    rows = {row.code: row for row in Code.objects.of_systems().filter(code__in=codes)}
    missing = codes - rows.keys()
    if missing:
        rows |= codes_ensure(missing, kinds=kinds, keep_unknown=True)
    return rows


def chunks_retry(
    *, run: ModelRun, actor: User | None, poke: Callable[[int], object], only: int | None = None
) -> int:
    """Failed chunks wait again, or the one whose id is `only`, with their attempts back at nought.
    Returns how many notes."""
    failed = run.chunks.filter(state=Chunk.State.FAILED)
    if only is not None:
        failed = failed.filter(pk=only)
    notes = sum(len(note_ids) for note_ids in failed.values_list("note_ids", flat=True))
    again = failed.update(state=Chunk.State.WAITING, attempts=0)
    event_record(actor=actor, verb="model.retried", object=f"run:{run.pk}", chunks=again)
    pokes_send([run.pk] * again, poke)
    return notes


def chunks_sweep(poke: Callable[[int], object], queued: int = 0) -> int:
    """Return chunks whose worker went silent, and poke the runs that wait. Returns pokes sent.

    There are as many pokes as chunks wait, less those that are `queued` still: a poke that was lost
    is sent again, and pokes do not pile up.
    """
    for chunk in silent_chunks():
        _given_back(chunk)
    waiting = Count("chunks", filter=Q(chunks__state=Chunk.State.WAITING))
    runs = ModelRun.objects.annotate(waiting=waiting).filter(waiting__gt=0).order_by("pk")
    wanted: list[int] = []
    for run in runs:
        wanted += [run.pk] * run.waiting
    return pokes_send(wanted[queued:], poke)


def _given_back(chunk: Chunk) -> None:
    """A lost worker's chunk waits again. One that lost its worker each time is cut into its notes,
    so that a note which ends every worker is found, and fails alone."""
    if chunk.attempts < ATTEMPTS:
        held(chunk).update(state=Chunk.State.WAITING)
    elif len(chunk.note_ids) == 1:
        why = f"note {chunk.note_ids[0]}: the worker stopped without a word"
        held(chunk).update(state=Chunk.State.FAILED, error=why)
    else:
        first, *others = chunk.note_ids
        with transaction.atomic():
            if held(chunk).update(state=Chunk.State.WAITING, note_ids=[first], attempts=0):
                Chunk.objects.bulk_create(
                    [Chunk(run_id=chunk.run_id, note_ids=[note_id]) for note_id in others]
                )


def run_resume(*, run: ModelRun, poke: Callable[[int], object]) -> None:
    """Go on with a run whose workers are known to be gone: what they held waits again."""
    run.chunks.filter(state=Chunk.State.CLAIMED).update(state=Chunk.State.WAITING)
    waiting = run.chunks.filter(state=Chunk.State.WAITING).count()
    pokes_send([run.pk] * waiting, poke)
