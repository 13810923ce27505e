"""Children that end are started again; logs are kept from start to start."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo import supervise
from demo.supervise import Child, Family, Logs


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    made = Family(tmp_path)
    yield made
    made.stop()


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def python(code: str, tmp_path: Path) -> Child:
    return Child([sys.executable, "-c", code], {}, tmp_path)


def test_a_child_that_is_killed_is_started_again_and_the_log_says_so(family, tmp_path, capsys):
    family.start(
        "sleeper", python("print('here', flush=True); import time; time.sleep(600)", tmp_path)
    )
    family.watch()
    for count in (1, 2):
        before = family.children["sleeper"].pid
        until(lambda count=count: family.logs.path("sleeper").read_text().count("here") == count)
        os.kill(before, signal.SIGKILL)
        until(lambda before=before: family.children["sleeper"].pid != before)
    log = family.logs.path("sleeper").read_text()
    assert "sleeper has ended with status -9; it is started again in 0 s (1 of 20)" in log
    assert "started again in 1 s (2 of 20)" in capsys.readouterr().err
    assert family.lost is None and family.logs.trouble() is None


def test_what_a_child_had_started_ends_with_it(family, tmp_path):
    code = (
        "import subprocess, time; "
        "print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    )
    family.start("parent", python(code, tmp_path))
    family.watch()
    until(lambda: len(family.logs.path("parent").read_text().splitlines()) == 2)
    grandchild = int(family.logs.path("parent").read_text().splitlines()[1])
    os.kill(family.children["parent"].pid, signal.SIGKILL)
    until(lambda: not is_alive(grandchild))


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_child_that_ends_again_and_again_is_given_up(family, tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "RESTARTS", 3)
    monkeypatch.setattr(supervise, "LONGEST_WAIT", 0.1)
    family.start("broken", python("raise SystemExit(3)", tmp_path))
    family.watch()
    until(lambda: family.lost == "broken")
    log = family.logs.path("broken").read_text()
    assert log.count("has ended with status 3; it is started again") == 3
    assert "4 times in 10 minutes: given up" in log


def test_without_a_watch_an_ended_child_is_lost(family, tmp_path):
    family.start("short", python("", tmp_path))
    until(lambda: family.lost == "short")


def test_a_log_goes_on_below_the_last_start_and_only_this_starts_part_is_looked_at(tmp_path):
    first = Logs(tmp_path)
    first.begin("web")
    first.say("web", "an ERROR of yesterday")
    assert first.trouble()
    second = Logs(tmp_path)
    second.begin("web")
    assert second.trouble() is None
    second.say("web", "an ERROR of today")
    assert second.trouble().endswith("an ERROR of today")
    text = second.path("web").read_text()
    assert text.count("a new start") == 2 and "yesterday" in text


def test_a_large_log_moves_aside_at_a_new_start(tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "KEPT_BYTES", 10)
    for _ in range(2):
        logs = Logs(tmp_path)
        logs.begin("web")
    assert (tmp_path / "web.log.1").exists()
    assert logs.path("web").read_text().count("a new start") == 1
