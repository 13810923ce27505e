"""Redis away, in both ways of being away: a button costs a moment whatever there is to do, and
nothing is lost."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from annotation.models import Event, Study
from annotation.services.codings import Given, coding_append
from annotation.tasks import pull_project
from benchmark.models import Chunk
from benchmark.services import runs
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, chunks_sweep, run_create
from benchmark.tasks import sweep_chunks
from tests.broker import NOWHERE, broker
from tests.cast import logged_in

A_MOMENT = 6.0
"""Seconds that no answer may take, on the busiest machine; alone it is one. Tries that add up take
minutes."""


class Silent:
    """Takes every connection and says nothing."""

    def __init__(self) -> None:
        self.taken = 0
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(64)
        self._kept: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.taken += 1
            self._kept.append(connection)

    @property
    def url(self) -> str:
        return f"redis://:password@127.0.0.1:{self.server.getsockname()[1]}/0"


@pytest.fixture(params=["refused", "silent"])
def away(request, no_broker: None) -> Iterator[Silent | None]:
    """Redis is away: nothing listens there, or something that never answers."""
    if request.param == "refused":
        with broker(NOWHERE):
            yield None
        return
    silent = Silent()
    with broker(silent.url):
        yield silent
    silent.server.close()


@pytest.fixture
def many(study, titles, monkeypatch) -> Study:
    """A study whose run is cut in as many chunks as it has notes."""
    monkeypatch.setattr(runs, "NOTES_A_CHUNK", 1)
    return study


def quickly(act):
    """What `act` gives, and that it took a moment."""
    began = time.monotonic()
    answer = act()
    took = time.monotonic() - began
    print(f"{took:.2f} s")
    assert took < A_MOMENT
    return answer


def test_the_button_that_runs_a_model(away, many, titles, rae):
    client = logged_in(rae)
    sent = quickly(lambda: client.post("/studies/small/run-model/", {"model": titles.pk}))
    assert sent.status_code == 302 and Chunk.objects.filter(state="waiting").count() == 12
    assert away is None or away.taken == 1, "after one poke that was not taken no other is tried"
    page = client.get(sent.url).content.decode()
    assert "No worker has begun it" in page and "begins by itself" in page


def test_the_command_that_runs_a_model(away, many, titles, capsys):
    quickly(lambda: call_command("run_model", "small", "Title matching"))
    assert "is stored" in capsys.readouterr().out and Chunk.objects.count() == 12


def test_the_buttons_that_score_and_open(away, study, rae):
    client = logged_in(rae)
    code = study.code_set.codes.first()
    for assignment in study.assignments.select_related("note", "rater"):
        given = Given(assignment.note, {code: None}, f"key {assignment.pk}", timezone.now())
        coding_append(study=study, rater=assignment.rater, given=given)
    assert quickly(lambda: client.post("/studies/small/benchmark/")).status_code == 302
    assert Event.objects.filter(verb="benchmark.asked").count() == 1
    Study.objects.update(status=Study.Status.DRAFT)
    assert quickly(lambda: client.post("/studies/small/open/")).status_code == 302
    assert Event.objects.filter(verb="study.opening").count() == 1


def test_a_webhook(away, study, settings, caplog):
    settings.WEBHOOK_SECRET = "a secret of the tests"
    headers = {"X-Coderbench-Webhook": settings.WEBHOOK_SECRET}
    client = Client(raise_request_exception=True)
    sent = quickly(lambda: client.post("/webhooks/label-studio/7/", headers=headers))
    assert sent.status_code == 204 and "project 7 waits for the poll" in caplog.text
    assert not any(record.exc_info for record in caplog.records)
    quickly(lambda: pull_project(7))


def test_failed_notes_wait_again(away, many, titles, rae):
    run = run_create(study=many, rater=titles, actor=None, poke=lambda run_id: None)
    run.chunks.update(state=Chunk.State.FAILED)
    quickly(lambda: logged_in(rae).post(f"/runs/{run.pk}/retry/"))
    assert run.chunks.filter(state="waiting").count() == 12
    quickly(sweep_chunks)


def test_when_redis_is_back_the_sweep_sends_as_many_as_wait_and_no_more(queue, many, titles):
    with broker(NOWHERE):
        run = run_create(study=many, rater=titles, actor=None, poke=lambda run_id: False)
    for _ in range(3):
        sweep_chunks()
    assert queue.llen("models") == 12, "one each, however often the sweep comes round"
    queue.lpop("models", 5)
    chunk_work(chunk_claim(run.pk))
    sweep_chunks()
    assert queue.llen("models") == 11 == run.chunks.filter(state="waiting").count()


def test_a_thousand_pokes_are_no_reason_to_wait(study, titles, monkeypatch):
    """A queue that takes its time: after a second the rest is the sweep's."""
    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    Chunk.objects.bulk_create([Chunk(run=run, note_ids=[]) for _ in range(1000)])
    assert quickly(lambda: chunks_sweep(lambda run_id: time.sleep(0.1))) < 100
