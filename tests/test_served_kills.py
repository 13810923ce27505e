"""The served form's commands as processes on a real PostgreSQL and a real Redis, which go away
under them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.live import free_port
from tests.postgres import cluster
from tests.served import RESTARTING, ROOT, SERVICES, Process, command_of, start_redis, until

PASSWORD = "a-test-password"
FURNISH = """
from annotation.models import Rater, Role, Study, Workspace
from annotation.services.batches import batch_create
from annotation.services.codes import code_set_create, icd9_load
from annotation.services.people import user_create
from annotation.services.studies import study_draft
from files.notes import NoteRow
from benchmark.services.checkpoints import model_register
icd9_load()
codes = code_set_create(name="two", codes=["401.9", "428.0"])
rows = [NoteRow(f"n{k}", f"Hypertension, note {k}.", ("401.9",)) for k in range(24)]
batch, _ = batch_create(
    name="b", sha256="1" * 64, origin="synthetic", rows=rows, split="test", user=None
)
ada = user_create(username="ada", password="a long enough phrase", role=Role.CODER)
study_draft(slug="small", batch=batch, code_set=codes, coders=[Rater.objects.get(user=ada)])
Study.objects.update(status="open")
Workspace.objects.update(project_id=1, account_id=1)
model_register(folder=CHECKPOINT, name="Title matching")
"""


def test_every_service_has_a_restart_policy():
    assert SERVICES
    policies = {name: service.get("restart") for name, service in SERVICES.items()}
    assert {name: policy for name, policy in policies.items() if policy not in RESTARTING} == {}


class SlowLabelStudio:
    """Takes a pull's connection and cuts it after some seconds: so that a pull is in flight when
    Redis is killed."""

    def __init__(self, seconds: float) -> None:
        self.asked = 0
        self.seconds = seconds
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.asked += 1
            threading.Timer(self.seconds, connection.close).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"


@dataclass
class Served:
    """PostgreSQL, Redis, and the site's four services."""

    folder: Path
    database: str
    label_studio: SlowLabelStudio
    port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        secret = "s" * 20 + "ecret-of-the-tests-only"
        self.environment = {
            "CODERBENCH_SERVED": "1",
            "CODERBENCH_HOME": str(self.folder),
            "CODERBENCH_STATIC_ROOT": str(self.folder / "static"),
            "CODERBENCH_SECRET_KEY": "k" * 50,
            "CODERBENCH_URL": f"http://127.0.0.1:{self.web_port}",
            "CODERBENCH_ALLOWED_HOSTS": "127.0.0.1",
            "CODERBENCH_GUARD_SECRET": secret,
            "CODERBENCH_WEBHOOK_SECRET": secret,
            "CODERBENCH_POLL_SECONDS": "5",
            "DATABASE_URL": self.database,
            "LABEL_STUDIO_URL": self.label_studio.url,
            "LABEL_STUDIO_TOKEN": "t" * 40,
            "OMP_NUM_THREADS": "1",
            "REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0",
        }
        self.redis = start_redis(self.folder, self.port, PASSWORD)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self) -> None:
        for name in ("web", "worker", "sync", "beat"):
            line = (
                command_of(name)
                .replace("/tmp/", f"{self.folder}/")
                .replace("0.0.0.0:8000", f"127.0.0.1:{self.web_port}")
            )
            if name in ("worker", "sync"):
                line += f" -n {name}@%h"  # a host of its own in its container
            process = Process(name, line, self.environment, self.folder / f"{name}.log")
            process.start()
            self.processes.append(process)

    def kill_redis(self) -> None:
        self.redis.kill()
        self.redis.wait()

    def redis_is_back(self) -> None:
        self.redis = start_redis(self.folder, self.port, PASSWORD)

    def cut_every_connection_of_the_database(self) -> int:
        with psycopg.connect(self.database, autocommit=True) as admin:
            cut = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = %s"
            )
            return len(admin.execute(cut, ["coderbench"]).fetchall())

    def pull_in_flight(self, seconds: float = 120) -> float:
        """Until Label Studio is asked for answers again."""
        before = self.label_studio.asked
        return until(lambda: self.label_studio.asked > before, self.processes, seconds)

    def runs_done(self) -> bool:
        with psycopg.connect(self.database) as reader:
            left = "SELECT count(*) FROM benchmark_chunk WHERE state <> 'done'"
            return bool(reader.execute(left).fetchone()[0] == 0)

    def is_ready(self) -> bool:
        try:
            states = httpx.get(f"http://127.0.0.1:{self.web_port}/readyz", timeout=20).json()
        except (httpx.HTTPError, ValueError):
            return False
        return (states["database"], states["redis"]) == ("ok", "ok")

    def stop(self) -> None:
        for process in self.processes:
            process.stop()
        self.redis.kill()
        self.label_studio.server.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory, title_checkpoint) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with cluster("coderbench") as server:
        made = Served(folder, f"{server}/coderbench", SlowLabelStudio(2.0))
        try:
            made.manage("migrate", "-v0")
            made.manage(
                "shell",
                "-c",
                f"CHECKPOINT = __import__('pathlib').Path({str(title_checkpoint)!r})\n{FURNISH}",
            )
            made.start()
            until(made.is_ready, made.processes, 240)
            made.pull_in_flight(240)
            yield made
        finally:
            made.stop()


def kill_and_see(served: Served) -> dict[str, float]:
    """Redis killed with a pull in flight, the database's connections cut; back after some seconds.
    How long each part took to be at work again."""
    served.pull_in_flight()
    served.kill_redis()
    served.cut_every_connection_of_the_database()
    served.manage("run_model", "small", "Title matching")  # no worker can be told
    time.sleep(3)
    served.redis_is_back()
    took = {"sync and clock": served.pull_in_flight()}
    took["models"] = until(served.runs_done, served.processes, 180)
    took["web"] = until(served.is_ready, served.processes, 120)
    return took


@pytest.mark.postgresql
@pytest.mark.redis
def test_each_service_goes_on_when_redis_and_the_databases_connections_are_back(served):
    print(kill_and_see(served), {process.name: process.ends for process in served.processes})
    for process in served.processes:
        assert "Unrecoverable error" not in process.log.read_text()


@pytest.mark.postgresql
@pytest.mark.redis
@pytest.mark.chaos
def test_five_kills_of_redis(served):
    for _ in range(5):
        took = kill_and_see(served)
        print(took, {process.name: process.ends for process in served.processes})
        assert took["sync and clock"] < 30


@pytest.mark.postgresql
@pytest.mark.redis
@pytest.mark.chaos
@pytest.mark.parametrize("name", ["web", "worker", "sync", "beat"])
def test_a_killed_service_is_back_by_its_restart_policy(served, name):
    (process,) = [one for one in served.processes if one.name == name]
    process.running.kill()
    until(lambda: process.ends, served.processes, 20)
    took = (
        served.pull_in_flight(120)
        if name != "web"
        else until(served.is_ready, served.processes, 120)
    )
    print(f"{name}: {took:.1f} s")


SLOW_WORKER = """
import time
from annotation.models import Rater, Study
from benchmark.models import Chunk
from benchmark.services import claims, runs

class Slow:
    def __init__(self, model):
        self.model = model

    def __getattr__(self, name):
        return getattr(self.model, name)

    def code(self, text, threshold):
        time.sleep(SECONDS)
        return self.model.code(text, threshold)

fast = runs.predictor
runs.predictor = lambda digest: Slow(fast(digest))
runs.NOTES_A_CHUNK = 2
study = Study.objects.get()
study.notes.set(study.notes.order_by("pk")[:2])
model = Rater.objects.get(kind="model")
run = runs.run_create(study=study, rater=model, actor=None, poke=lambda run_id: None)
runs.chunk_work(claims.chunk_claim(run.pk))
chunk = Chunk.objects.get(run=run)
print(chunk.state, chunk.attempts, len(chunk.note_ids))
"""


@pytest.mark.postgresql
@pytest.mark.redis
@pytest.mark.chaos
def test_a_model_that_takes_ninety_seconds_a_note_is_coded_at_the_first_attempt(served):
    """While the clock sweeps as ever, and other workers would take what is given back."""
    printed = served.manage("shell", "-c", f"SECONDS = 90\n{SLOW_WORKER}")
    assert printed.splitlines()[-1] == "done 1 2"
