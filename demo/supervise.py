"""Child processes that are started again when they end, as containers with a restart policy are.

Each child writes to a log of its own, which the next start goes on with.
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
"""How long a child may take to end when it is asked to."""
LOOK_EVERY = 0.5
RESTARTS = 20
"""A child that was started again so often within WITHIN_SECONDS is given up."""
WITHIN_SECONDS = 600.0
LONGEST_WAIT = 30.0
"""Seconds before a child is started again, at most."""
TROUBLE = ("ERROR", "Traceback", "database is locked")
"""Words in a log that tell of an error."""
KEPT_BYTES = 20 * 2**20
"""A longer log is moved aside at the next start."""
LIBC = ctypes.CDLL(None)  # loaded here, for little is safe between fork and exec


@dataclass(frozen=True)
class Child:
    """How a child is started."""

    argv: list[str]
    environment: Mapping[str, str]
    cwd: Path


class Logs:
    """The children's logs, all in one folder. A new start writes below the last one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begins: dict[str, int] = {}

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def begin(self, name: str) -> None:
        """Mark where this start's part of a log begins. A long log is moved aside first."""
        log = self.path(name)
        size = 0
        if log.exists():
            size = log.stat().st_size
        if size > KEPT_BYTES:
            log.replace(log.with_suffix(".log.1"))
            size = 0
        self._begins[name] = size
        self.say(name, "a new start")

    def say(self, name: str, line: str) -> None:
        """Write a line of ours into a child's log."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        with self.path(name).open("a") as out:
            out.write(f"---- {moment} {line}\n")

    def trouble(self) -> str | None:
        """The first line since this start that tells of an error, after its log's name.

        It can be shown: note text is never in a log.
        """
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
    """The children of one start.

    From `watch` on a child that ends is started again: first at once, then after longer and longer
    waits. One that ends too often is given up.
    """

    folder: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    given_up: str | None = None

    def __post_init__(self) -> None:
        self.logs = Logs(self.folder)
        self._how: dict[str, Child] = {}
        self._ends: dict[str, list[float]] = {}  # when each child has ended, lately
        self._due: dict[str, float] = {}  # when a child that has ended is started again
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, name: str, child: Child) -> None:
        """Start a child for the first time."""
        self._how[name] = child
        self.logs.begin(name)
        self._spawn(name)

    @property
    def lost(self) -> str | None:
        """The name of a child that has ended and is not started again; None where there is none."""
        if self._watcher is not None:
            return self.given_up
        for name, child in self.children.items():
            if child.poll() is not None:
                return name
        return None

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
        """Note that a child has ended, or start it again where it is time."""
        if name == self.given_up or self.children[name].poll() is None:
            return
        if name not in self._due:
            self._ended(name, now)
        elif now >= self._due[name]:
            del self._due[name]
            self._spawn(name)

    def _ended(self, name: str, now: float) -> None:
        """Decide when a child that has ended is started again, or give it up."""
        ended = self.children[name]
        end_group(ended)  # what it had started, as the processes of a worker's pool
        recent = [moment for moment in self._ends.get(name, []) if moment > now - WITHIN_SECONDS]
        self._ends[name] = [*recent, now]
        times = len(recent) + 1
        if len(recent) >= RESTARTS:
            self.given_up = name
            minutes = WITHIN_SECONDS / 60
            self._say(name, f"{name} has ended {times} times in {minutes:.0f} minutes: given up")
            return
        wait = 0.0
        if recent:
            wait = min(LONGEST_WAIT, 2.0 ** len(recent) / 2)
        self._due[name] = now + wait
        self._say(
            name,
            f"{name} has ended with status {ended.returncode}; "
            f"it is started again in {wait:.0f} s ({times} of {RESTARTS})",
        )

    def _say(self, name: str, line: str) -> None:
        """Tell the person at the terminal, and the child's log."""
        self.logs.say(name, line)
        print(line, file=sys.stderr, flush=True)

    def _spawn(self, name: str) -> None:
        """Start a child's process.

        It has a session of its own, so that Ctrl-C reaches us alone; it ends with us all the same.
        """
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
    """Called in a new child before its program: it shall end when the thread that made it ends."""
    LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End all that is left of the child's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to end, which ends its own children; then end whatever is left of its group."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(STOP_SECONDS)
    end_group(child)
    child.wait(5)
