"""The whole embedded form with its processes killed, again and again: everything goes on with
nobody's help."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from demo.processes import LABEL_STUDIO_BIN, ROOT, Services
from tests.require import require
from tests.stack.conftest import Stack, furnish

pytestmark = [pytest.mark.chaos, pytest.mark.label_studio, pytest.mark.redis]

NOTES = 508
SENT = "Sending due task pull every open project"
MAKE_STUDY = """
from annotation.models import Note, Rater, Study
from annotation.services.batches import batch_create
from annotation.services.studies import study_draft
from files.notes import NoteRow
small = Study.objects.get()
texts = list(small.batch.notes.values_list("text", flat=True))
rows = [NoteRow(f"k{k}", f"{texts[k % len(texts)]} Number {k}.", ("401.9",)) for k in range(NOTES)]
batch, _ = batch_create(
    name="many", sha256="2" * 64, origin="synthetic", rows=rows, split="test", user=None
)
coder = Rater.objects.filter(kind="coder").first()
study_draft(slug="many", batch=batch, code_set=small.code_set, coders=[coder], interface="list")
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[Stack]:
    """An installation of its own: its logs speak of errors in the end."""
    require("Label Studio", (LABEL_STUDIO_BIN / "label-studio").exists(), "make setup installs it")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CODERBENCH_HOME", str(home))
        environment.setenv("CODERBENCH_POLL_SECONDS", "5")
        services = Services(home)
        try:
            services.start()
            services.wait()
            made = Stack(services)
            furnish(made)
            made.manage("shell", "-c", f"NOTES = {NOTES}\n{MAKE_STUDY}")
            made.manage("register_model", str(ROOT / "fixtures" / "rac_demo"), "--name", "RAC")
            yield made
        finally:
            services.stop()


def until(condition: Callable[[], object], seconds: float, what: str) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.fixture(autouse=True)
def label_studio_goes_on(stack) -> Iterator[None]:
    """Whatever became of the test that stopped it."""
    yield
    group_signal(stack, "label-studio", signal.SIGCONT)


def count(stack: Stack, name: str, line: str) -> int:
    """How often a log has a line."""
    return stack.services.log(name).read_text(errors="replace").count(line)


def pulls(stack: Stack, word: str) -> int:
    """How many pulls the worker of the sync has received, or has succeeded in."""
    log = stack.services.log("sync").read_text(errors="replace")
    return len(re.findall(rf"Task annotation\.tasks\.pull_all\[[\w-]+\] {word}", log))


def done(stack: Stack, state: str = "done") -> int:
    """Notes in chunks of that state."""
    with sqlite3.connect(
        f"file:{stack.services.home / 'coderbench.sqlite3'}?mode=ro", uri=True
    ) as reader:
        rows = reader.execute(
            "SELECT COALESCE(SUM(json_array_length(note_ids)), 0) "
            "FROM benchmark_chunk WHERE state = ?",
            [state],
        )
        return int(rows.fetchone()[0])


def children_of(pid: int) -> list[int]:
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def group_signal(stack: Stack, name: str, number: int) -> None:
    os.killpg(stack.services.children[name].pid, number)


def test_redis_killed_with_a_pull_in_flight(stack):
    """Label Studio is stopped, so that a pull waits for it; then Redis is killed; then Label Studio
    goes on."""
    until(lambda: pulls(stack, "succeeded") > 1, 120, "the first pulls")
    for _ in range(5):
        group_signal(stack, "label-studio", signal.SIGSTOP)
        until(lambda: pulls(stack, "received") > pulls(stack, "succeeded"), 60, "a pull in flight")
        time.sleep(1)
        clock = count(stack, "beat", SENT)
        ended = pulls(stack, "succeeded")
        stack.services.children["redis"].kill()
        time.sleep(random.random() * 3)
        group_signal(stack, "label-studio", signal.SIGCONT)
        at = time.monotonic()
        until(
            lambda ended=ended: pulls(stack, "succeeded") > ended + 1,
            90,
            "a pull after the one in flight",
        )
        worker = time.monotonic() - at
        until(lambda clock=clock: count(stack, "beat", SENT) > clock + 1, 90, "clock")
        print(f"worker of the sync {worker:.1f} s, clock {time.monotonic() - at:.1f} s")
        assert time.monotonic() - at < 30
    assert count(stack, "sync", "Unrecoverable") == 0


def test_workers_killed_while_a_model_codes_508_notes(stack):
    """Ten kills of a pool's child and five of the whole worker, spread over the run: one every
    thirty notes."""
    stack.manage("run_model", "many", "RAC")
    kills = ["child"] * 10 + ["worker"] * 5
    random.Random(7).shuffle(kills)
    for number, kill in enumerate(kills, start=1):
        until(
            lambda number=number: done(stack) >= 30 * number, 600, f"the notes before kill {number}"
        )
        worker = stack.services.children["worker"].pid
        victims = children_of(worker)
        os.kill(random.choice(victims) if kill == "child" and victims else worker, signal.SIGKILL)
    left = NOTES - done(stack)
    took = until(lambda: done(stack) == NOTES, 600, "all notes")
    print(f"{NOTES} of {NOTES} notes, {left} were left at the last kill; {took:.0f} s after it")
    assert done(stack, "failed") == 0
    assert took < 120


@pytest.mark.parametrize("name", ["redis", "label-studio", "web", "worker", "sync", "beat"])
def test_each_part_is_started_again(stack, name):
    before = stack.services.children[name].pid
    stack.services.children[name].kill()
    took = until(lambda: stack.services.children[name].pid != before, 60, name)
    ready = until(lambda: is_ready(stack), 240, "every part")
    print(f"{name}: started again after {took:.1f} s, all answer after {ready:.0f} s more")
    assert stack.services.dead() is None


def is_ready(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.site}/readyz", timeout=20).status_code == 200
    except httpx.HTTPError:
        return False
