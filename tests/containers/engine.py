"""The container engine that the test uses, each by compose commands.

Docker where it runs, else Podman.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.containers.absent import ROOT

FOLDER = ROOT / "var" / "containers"
LOG = FOLDER / "log.txt"
PROJECT = "coderbench-check"
"""A compose project of its own.

The volumes and images of an installation on this machine are not touched.
"""


class EngineError(RuntimeError):
    """A command of the engine failed; the message ends with its last lines."""


def run(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    seconds: float = 3600,
) -> str:
    """Run a command to its end and return its standard output.

    All that it writes goes to LOG too.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}\n")
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise EngineError(f"{' '.join(words)}: exit status {done.returncode}\n{last}")
    return done.stdout


class Engine(ABC):
    """Compose commands, and what compose cannot say."""

    name: str
    compose_command: Sequence[str | Path]
    environment: Mapping[str, str] = {}

    def compose(self, *arguments: str, stdin: str = "") -> str:
        """`docker compose ARGUMENTS`, for this engine."""
        return run([*self.compose_command, *arguments], self.environment, stdin)

    def prepare(self) -> None:
        """Make ready for `build`."""
        return

    @abstractmethod
    def container(self, service: str) -> str:
        """Name or id of the service's container."""

    @abstractmethod
    def image(self, service: str) -> str:
        """Name of the service's image."""

    @abstractmethod
    def healthy(self, service: str) -> bool:
        """What the service's health check says."""

    @abstractmethod
    def take_down(self, keep_images: bool) -> None:
        """Remove containers, network and volumes, and images unless they are to be kept."""

    @abstractmethod
    def engine(self, *arguments: str) -> str:
        """A command of the engine itself."""

    def log(self, service: str) -> str:
        """What the service's containers have written."""
        command = shlex.join(str(word) for word in [*self.compose_command, "logs", service])
        return run(["sh", "-c", f"{command} 2>&1"], self.environment)

    def started_at(self, service: str) -> str:
        """When the container's process was started last."""
        return self.engine(
            "inspect", "--format", "{{.State.StartedAt}}", self.container(service)
        ).strip()

    def megabytes(self, service: str) -> int:
        """Size of the service's image, as the engine counts it."""
        size = self.engine("image", "inspect", "--format", "{{.Size}}", self.image(service))
        return int(size) // 10**6


class Docker(Engine):
    """Docker with its compose plugin."""

    name = "Docker"

    def __init__(self, env_file: Path) -> None:
        self.compose_command = [
            "docker",
            "compose",
            "--env-file",
            env_file,
            "--project-name",
            PROJECT,
        ]

    @staticmethod
    def runs_here() -> bool:
        if shutil.which("docker") is None:
            return False
        asked = (["docker", "info"], ["docker", "compose", "version"])
        return all(subprocess.run(words, capture_output=True).returncode == 0 for words in asked)

    def engine(self, *arguments: str) -> str:
        return run(["docker", *arguments])

    def container(self, service: str) -> str:
        return self.compose("ps", "--all", "--quiet", service).strip()

    def image(self, service: str) -> str:
        return f"{PROJECT}-{service}"

    def healthy(self, service: str) -> bool:
        told = self.engine(
            "inspect", "--format", "{{.State.Health.Status}}", self.container(service)
        )
        return told.strip() == "healthy"

    def take_down(self, keep_images: bool) -> None:
        images = [] if keep_images else ["--rmi", "local"]
        self.compose("down", "--volumes", "--remove-orphans", *images)
