"""What the clock's health check looks at.

A file that is touched as long as the clock sends tasks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.celery import TICKED
from tests.containers.absent import ROOT
from tests.containers.test_files import SERVICES

pytestmark = pytest.mark.redis


def newer_than(path: Path, moment: float, seconds: float) -> bool:
    """Whether the file is written anew within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists() and path.stat().st_mtime > moment:
            return True
        time.sleep(0.2)
    return False


@pytest.mark.chaos
def test_the_file_is_touched_while_the_clock_sends_and_not_while_it_cannot(queue, tmp_path):
    port = queue.connection_pool.connection_kwargs["port"]
    environment = {
        **os.environ,
        "CODERBENCH_HOME": str(tmp_path),
        "CODERBENCH_POLL_SECONDS": "1",
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
    }
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    command = [*celery, "beat", "--pidfile=", "--schedule", str(tmp_path / "beat")]
    clock = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        file = tmp_path / TICKED
        assert newer_than(file, 0, 120)
        assert newer_than(file, file.stat().st_mtime, 60), "again and again"
        queue.shutdown(nosave=True)
        time.sleep(5)
        assert not newer_than(file, time.time(), 5)
    finally:
        clock.kill()
        clock.wait(10)


def test_the_health_check_asks_after_that_file():
    test = " ".join(SERVICES["beat"]["healthcheck"]["test"])
    assert f"/data/{TICKED} " in test
