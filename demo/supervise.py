"""Child processes that are started again when they end: what a restart policy is to containers, for
the embedded form.

Each child writes to a log of its own, which is kept from start to start.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 20
LOOK_EVERY = 0.5
RESTARTS = 20
"""A child that ends so often within WITHIN_SECONDS is not started again."""
WITHIN_SECONDS = 600.0
LONGEST_WAIT = 30.0
TROUBLE = ("ERROR", "Traceback", "database is locked")
KEPT_BYTES = 20 * 2**20
LIBC = ctypes.CDLL(None)  # loaded here: little is safe between fork and exec


@dataclass(frozen=True)
class Child:
    """How a child is started."""

    argv: list[str]
    environment: Mapping[str, str]
    cwd: Path


class Logs:
    """A log a child, in one folder. A new start goes on below the last one; a large log moves aside
    first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begins: dict[str, int] = {}

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def begin(self, name: str) -> None:
        """A line that says where this start's part begins."""
        log = self.path(name)
        if log.exists() and log.stat().st_size > KEPT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        self._begins[name] = log.stat().st_size if log.exists() else 0
        self.say(name, "a new start")

    def say(self, name: str, line: str) -> None:
        """A line of ours in the child's log."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        with self.path(name).open("a") as out:
            out.write(f"---- {moment} {line}\n")

    def trouble(self) -> str | None:
        """The first line since this start that speaks of an error, with its log's name; note text
        is never in a log."""
        for log in sorted(self.folder.glob("*.log")):
            with log.open("rb") as file:
                file.seek(self._begins.get(log.stem, 0))
                text = file.read().decode(errors="replace")
            for line in text.splitlines():
                if any(word in line for word in TROUBLE):
                    return f"{log.name}: {line[:200]}"
        return None


@dataclass
class Family:
    """Children of one start. From `watch` on, one that ends is started again: at once, then after
    longer and longer waits; one that ends too often is given up."""

    folder: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    given_up: str | None = None

    def __post_init__(self) -> None:
        self.logs = Logs(self.folder)
        self._how: dict[str, Child] = {}
        self._ends: dict[str, list[float]] = {}
        self._due: dict[str, float] = {}
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, name: str, child: Child) -> None:
        self._how[name] = child
        self.logs.begin(name)
        self._spawn(name)

    @property
    def lost(self) -> str | None:
        """The name of a child that has ended and is not started again, if any."""
        if self._watcher is not None:
            return self.given_up
        return next(
            (name for name, child in self.children.items() if child.poll() is not None), None
        )

    def watch(self) -> None:
        """Look after the children, in a thread, until `stop`."""
        self._watcher = threading.Thread(target=self._watch, daemon=True, name="watch the children")
        self._watcher.start()

    def stop(self) -> None:
        """End every child, the last started first, and whatever they started."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        for child in reversed(self.children.values()):
            _end(child)
        self.children.clear()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            for name in list(self._how):
                self._look(name, time.monotonic())

    def _look(self, name: str, now: float) -> None:
        """Note that a child has ended, or start it again when it is time."""
        if name == self.given_up or self.children[name].poll() is None:
            return
        if name not in self._due:
            self._ended(name, now)
        elif now >= self._due[name]:
            del self._due[name]
            self._spawn(name)

    def _ended(self, name: str, now: float) -> None:
        ended = self.children[name]
        end_group(ended)  # what it had started, as the processes of a worker's pool
        recent = [moment for moment in self._ends.get(name, []) if moment > now - WITHIN_SECONDS]
        self._ends[name] = [*recent, now]
        if len(recent) >= RESTARTS:
            self.given_up = name
            self._say(
                name,
                f"{name} has ended {len(recent) + 1} times in {WITHIN_SECONDS / 60:.0f} minutes: given up",
            )
            return
        wait = min(LONGEST_WAIT, 2.0 ** len(recent) / 2) if recent else 0.0
        self._due[name] = now + wait
        why = f"{name} has ended with status {ended.returncode}"
        self._say(
            name, f"{why}; it is started again in {wait:.0f} s ({len(recent) + 1} of {RESTARTS})"
        )

    def _say(self, name: str, line: str) -> None:
        self.logs.say(name, line)
        print(line, file=sys.stderr, flush=True)

    def _spawn(self, name: str) -> None:
        """In a session of its own, so that Ctrl-C reaches us alone; it dies with us all the
        same."""
        how = self._how[name]
        with self.logs.path(name).open("ab") as out:
            self.children[name] = subprocess.Popen(
                how.argv,
                cwd=how.cwd,
                env={**os.environ, **how.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )


def die_with_parent() -> None:
    """In a child, before it becomes what it is: end when the thread that started us ends."""
    LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End all that is left of the child's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the child alone, which looks after its own children; then end all that is left of its
    group."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(STOP_SECONDS)
    end_group(child)
    child.wait(5)
