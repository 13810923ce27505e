"""Model runs: claimed chunks, failures that show, retries, and sweeps."""

import shutil
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Coding, Note
from benchmark.models import Chunk
from benchmark.selectors.model_store import stored
from benchmark.selectors.runs import codes_out_of_reach, run_progress
from benchmark.selectors.table1 import study_table
from benchmark.services import claims, runs
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.checkpoints import model_register, predictor
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import (
    chunk_work,
    chunks_retry,
    chunks_sweep,
    pokes_send,
    run_create,
    run_resume,
)
from rac_model.checkpoint import FILES, SUMS, CheckpointError, load, save
from tests.cast import logged_in


@pytest.fixture
def pokes():
    return []


@pytest.fixture
def run(study, titles, pokes):
    return run_create(study=study, rater=titles, actor=None, poke=pokes.append)


def work_off(run):
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)


def test_a_run_codes_every_note_once(run, pokes, study):
    assert pokes == [run.pk] * 2  # twelve notes, eight a chunk
    work_off(run)
    progress = run_progress(run)
    assert (progress.state, progress.done, progress.total, progress.truncated) == (
        "done",
        12,
        12,
        0,
    )
    assert Coding.objects.filter(study=study, rater=run.rater).count() == 12


def test_two_workers_never_hold_one_chunk(run):
    first, second = chunk_claim(run.pk), chunk_claim(run.pk)
    assert first.pk != second.pk and chunk_claim(run.pk) is None


def test_the_model_reads_what_the_note_says(run, study):
    """A changed note is an error, not a coding.

    The text's sha256 is checked before the model sees it.
    """
    Note.objects.filter(external_id="n3").update(text="something else, private")
    work_off(run)
    failed = run_progress(run).failed
    assert len(failed) == 1 and "NoteChangedError" in failed[0].error and failed[0].attempts == 3
    assert "private" not in failed[0].error


def test_a_failed_chunk_shows_its_reason_and_is_retried_from_the_page(run, study, rae, monkeypatch):
    note = Note.objects.get(external_id="n3")
    Note.objects.filter(pk=note.pk).update(text="changed")
    work_off(run)
    page = logged_in(rae).get(f"/runs/{run.pk}/").content.decode()
    assert "NoteChangedError" in page and "Try again" in page
    Note.objects.filter(pk=note.pk).update(text=note.text)
    poked = []
    monkeypatch.setattr("pages.runs.poke", poked.append)
    logged_in(rae).post(f"/runs/{run.pk}/retry/")
    assert poked == [run.pk]
    work_off(run)
    assert run_progress(run).state == "done"


def test_a_chunk_delivered_twice_has_one_effect(run):
    chunk = chunk_claim(run.pk)
    chunk_work(chunk)
    chunk_work(chunk)
    assert Coding.objects.filter(rater=run.rater).count() == len(chunk.note_ids)


def test_the_sweep_returns_silent_claims_and_leaves_busy_chunks_alone(run):
    chunk = chunk_claim(run.pk)
    assert chunks_sweep(lambda run_id: None) == 1  # the other chunk waits; this one is somebody's
    assert Chunk.objects.get(pk=chunk.pk).state == Chunk.State.CLAIMED
    long_ago = timezone.now() - timedelta(minutes=11)
    Chunk.objects.filter(pk=chunk.pk).update(renewed_at=long_ago)
    poked = []
    assert chunks_sweep(poked.append) == 2 and poked == [run.pk, run.pk]
    assert Chunk.objects.get(pk=chunk.pk).state == Chunk.State.WAITING


def test_a_note_that_kills_its_workers_fails_alone_in_the_end(run):
    """First its chunk is cut into notes; then the one that goes on killing is known."""
    lose(chunk_claim(run.pk), attempts=3)
    assert chunks_sweep(lambda run_id: None) == 9, "eight notes, and the other chunk"
    killer = chunk_claim(run.pk)
    assert len(killer.note_ids) == 1 and killer.attempts == 1
    lose(killer, attempts=3)
    chunks_sweep(lambda run_id: None)
    work_off(run)
    progress = run_progress(run)
    assert (progress.done, progress.notes_failed, progress.total) == (11, 1, 12)
    note = killer.note_ids[0]
    assert progress.failed[0].error == f"note {note}: the worker stopped without a word"


def lose(chunk: Chunk, attempts: int) -> None:
    """Its worker is silent since long ago."""
    Chunk.objects.filter(pk=chunk.pk).update(
        renewed_at=timezone.now() - timedelta(minutes=11), attempts=attempts
    )


def test_the_sweep_sends_what_waits_less_what_is_queued(run):
    poked = []
    assert chunks_sweep(poked.append, queued=1) == 1 and chunks_sweep(poked.append, queued=5) == 0


def test_after_one_poke_that_the_queue_does_not_take_no_other_is_tried():
    tried = []
    assert pokes_send([1] * 64, lambda run_id: bool(tried.append(run_id))) == 0 and len(tried) == 1


def test_a_claim_is_renewed_while_its_worker_lives_and_lost_when_it_is_silent(run, monkeypatch):
    chunk = chunk_claim(run.pk)
    renewed = []
    monkeypatch.setattr(claims, "RENEWED_EVERY", timedelta(seconds=0.02))
    monkeypatch.setattr(claims, "held", lambda held: renewed.append(held) or Chunk.objects.none())
    with claims.claim_kept(chunk):
        while len(renewed) < 3:
            time.sleep(0.01)
    count = len(renewed)
    time.sleep(0.1)
    assert len(renewed) == count, "nobody renews when the work is done"


def test_a_worker_that_lost_its_claim_changes_nothing(run):
    late = chunk_claim(run.pk)
    lose(late, attempts=late.attempts)
    chunks_sweep(lambda run_id: None)
    newer = chunk_claim(run.pk)
    chunk_work(late)
    assert newer.pk == late.pk and Chunk.objects.get(pk=newer.pk).state == Chunk.State.CLAIMED
    chunk_work(newer)
    assert Chunk.objects.get(pk=newer.pk).state == Chunk.State.DONE


class Moody:
    """A real model, but for one note on which it raises."""

    def __init__(self, model, bad: str) -> None:
        self.model, self.bad = model, bad

    def __getattr__(self, name: str):
        return getattr(self.model, name)

    def code(self, text: str, threshold: float):
        if self.bad and self.bad in text:
            raise KeyError(f"chest pain: {text}")
        return self.model.code(text, threshold)


def test_one_note_that_makes_the_model_raise_fails_alone_and_is_retried_alone(
    run, rae, monkeypatch, caplog
):
    model = Moody(predictor(run.checkpoint_sha256), "Note 3.")
    monkeypatch.setattr(runs, "predictor", lambda digest: model)
    work_off(run)
    progress = run_progress(run)
    note = Note.objects.get(external_id="n3")
    assert (progress.state, progress.done, progress.notes_failed) == ("failed", 11, 1)
    (failed,) = progress.failed
    assert failed.note_ids == [note.pk] and failed.attempts == 3
    assert failed.error.startswith(f"note {note.pk}: KeyError in code")
    assert "chest pain" not in failed.error
    assert "chest pain" not in caplog.text and Coding.objects.filter(rater=run.rater).count() == 11
    client = logged_in(rae)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "11 of 12 notes, 1 failed" in page and ">n3</a>" in page and "KeyError" in page
    assert "11 of 12, 1 failed" in client.get("/studies/small/").content.decode()
    assert client.get("/api/v1/model-runs/").json()["results"][0]["notes_failed"] == 1
    model.bad = ""
    assert client.post(f"/runs/{run.pk}/retry/", {"chunk": "x"}).status_code == 404
    client.post(f"/runs/{run.pk}/retry/", {"chunk": failed.pk})
    work_off(run)
    assert run_progress(run).state == "done"
    assert Coding.objects.filter(rater=run.rater).count() == 12


def test_table_1_says_on_how_many_notes_a_model_failed(run, monkeypatch):
    model = Moody(predictor(run.checkpoint_sha256), "Note 3.")
    monkeypatch.setattr(runs, "predictor", lambda digest: model)
    work_off(run)
    benchmark = benchmark_run(study=run.study)
    assert benchmark.result.to_json()["failed"] == {"Title matching": 1} and benchmark.interim
    assert any("Title matching 1 failed" in line for line in study_table(benchmark).footnotes)


def test_a_run_whose_workers_are_gone_is_resumed_at_once(run):
    chunk = chunk_claim(run.pk)
    poked = []
    run_resume(run=run, poke=poked.append)
    assert len(poked) == 2 and Chunk.objects.get(pk=chunk.pk).state == Chunk.State.WAITING


def test_without_redis_a_run_waits_for_the_sweep(study, titles, rae, settings):
    from config.celery import app

    before, app.conf.broker_url = app.conf.broker_url, "redis://127.0.0.1:1/0"
    try:
        answer = logged_in(rae).post("/studies/small/run-model/", {"model": titles.pk})
        assert answer.status_code == 302
    finally:
        app.conf.broker_url = before
    assert study.model_runs.count() == 1


def test_retry_without_failures_does_nothing(run, pokes):
    assert chunks_retry(run=run, actor=None, poke=pokes.append) == 0


def test_a_damaged_checkpoint_is_refused_and_nothing_is_stored(db, title_checkpoint, tmp_path):
    damaged = shutil.copytree(title_checkpoint, tmp_path / "damaged")
    with (damaged / "codes.csv").open("ab") as out:
        out.write(b"x")
    with pytest.raises(CheckpointError):
        model_register(folder=damaged, name="Damaged")


def test_a_name_belongs_to_one_checkpoint(titles, title_checkpoint, tmp_path):
    assert model_register(folder=title_checkpoint, name="Title matching") == titles
    assert stored(titles.checkpoint_sha256).exists()
    titles.checkpoint_sha256 = "0" * 64
    titles.save()
    with pytest.raises(ValueError, match="another checkpoint"):
        model_register(folder=title_checkpoint, name="Title matching")


def test_codes_that_a_model_can_never_give_are_listed(run, study, rae, title_checkpoint, tmp_path):
    page = logged_in(rae).get(f"/runs/{run.pk}/").content.decode()
    assert "out of this model's reach" not in page
    whole = load(title_checkpoint)
    gone = study.code_set.codes.first().code
    save(replace(whole, codes=[row for row in whole.codes if row.code != gone]), tmp_path / "less")
    less = model_register(folder=tmp_path / "less", name="less", actor=None)
    other = run_create(study=study, rater=less, actor=None, poke=lambda pk: None)
    assert [code.code for code in codes_out_of_reach(other)] == [gone]
    page = logged_in(rae).get(f"/runs/{other.pk}/").content.decode()
    assert "1 codes of the study are out of this model's reach" in page and gone in page


def test_the_store_keeps_the_checkpoint_and_nothing_that_training_left_beside_it(
    db, title_checkpoint, tmp_path
):
    folder = shutil.copytree(title_checkpoint, tmp_path / "trained")
    (folder / "state.pt").write_bytes(b"weights and moments")
    rater = model_register(folder=folder, name="trained", actor=None)
    kept = {path.name for path in stored(rater.checkpoint_sha256).iterdir()}
    assert kept == {*FILES, SUMS}
