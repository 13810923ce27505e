"""Starting the guarded Label Studio: its environment and its command line.

Standard library only, for it runs outside Label Studio's environment too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
SHORTEST_PASSWORD = 12
LONGEST_TOKEN = 40
WELL_KNOWN = (
    "secret",
    "password",
    "changeme",
    "change-me",
    "admin",
    "default",
    "example",
    "label-studio",
    "coderbench",
)
DATABASE_KEYS = ("host", "port", "user", "password", "name")


class PortTaken(OSError):
    """Something else listens on the port asked for."""


class NotUp(RuntimeError):
    """The server did not start, or does not answer."""


def environment(
    data_dir: Path,
    port: int,
    coderbench_url: str,
    secret: str,
    admin_email: str,
    admin_password: str,
    admin_token: str,
    database: Mapping[str, str] | None = None,
    url: str | None = None,
) -> dict[str, str]:
    """What to add to the environment of the Label Studio process.

    - `coderbench_url` is our site's address for browsers, `url` that of Label Studio, which is on
      this machine without it.
    - `database` has host, port, user, password and name of a PostgreSQL database. Without it there
      is an SQLite database in `data_dir`.
    - Label Studio reads `admin_token` at its first start only.

    Raises ValueError for a secret that is missing, short or well known.
    """
    _refuse_weak("secret", secret, SHORTEST_SECRET)
    _refuse_weak("admin_password", admin_password, SHORTEST_PASSWORD)
    _refuse_weak("admin_token", admin_token, SHORTEST_SECRET)
    if len(admin_token) > LONGEST_TOKEN:
        raise ValueError(
            f"admin_token has {len(admin_token)} characters: "
            f"Label Studio keeps {LONGEST_TOKEN} at most"
        )
    return {
        "DJANGO_SETTINGS_MODULE": "label_studio_guard.settings",
        "PYTHONPATH": str(ROOT),
        "CODERBENCH_URL": coderbench_url,
        "CODERBENCH_GUARD_SECRET": secret,
        "LABEL_STUDIO_BASE_DATA_DIR": str(data_dir),
        "LABEL_STUDIO_HOST": url or f"http://127.0.0.1:{port}",
        "LABEL_STUDIO_USERNAME": admin_email,
        "LABEL_STUDIO_PASSWORD": admin_password,
        "LABEL_STUDIO_USER_TOKEN": admin_token,
        **_database(database),
        **SWITCHES,
    }


# Nothing is sent outside, nobody signs up, tokens work, and webhooks may go to this machine and to
# private addresses.
SWITCHES = {
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "LATEST_VERSION_CHECK": "false",
    "FEATURE_FLAGS_OFFLINE": "true",
    "ENABLE_CSP": "false",
    "DEBUG": "false",
    "LOG_LEVEL": "WARNING",
    "ENABLE_LOCAL_FILES_STORAGE": "false",
    "LOCAL_FILES_SERVING_ENABLED": "false",
    "USE_DEFAULT_BANNED_SUBNETS": "false",
}


def command(venv_bin: Path, port: int, host: str = "127.0.0.1") -> list[str]:
    """The command line of the server.

    Label Studio silently takes the next port where this one is taken: ask /health on this one.
    """
    options = ["--no-browser", "--internal-host", host, "--port", str(port)]
    return [str(Path(venv_bin) / "label-studio"), "start", *options]


def _database(database: Mapping[str, str] | None) -> dict[str, str]:
    """The database in the variables that Label Studio reads."""
    if database is None:
        return {"DJANGO_DB": "sqlite"}
    variables = {"DJANGO_DB": "default"}
    for key in DATABASE_KEYS:
        variables[f"POSTGRE_{key.upper()}"] = str(database[key])
    return variables


def _refuse_weak(name: str, value: str, shortest: int) -> None:
    """Raises ValueError for a secret that somebody could guess."""
    if len(value) < shortest:
        raise ValueError(
            f"{name} has {len(value)} characters: make a random one of at least {shortest}"
        )
    if value.lower().strip("0123456789-_! ") in WELL_KNOWN or len(set(value)) < 6:
        raise ValueError(
            f"{name} is a well-known value: make a random one of at least {shortest} characters"
        )


def start(
    venv_bin: Path, port: int, settings: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start the server in a process group of its own; it writes to `log`.

    `settings` is what `environment` gave. Raises PortTaken where something listens there already.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise PortTaken(f"port {port} is taken: choose another for Label Studio")
    with log.open("ab") as out:
        return subprocess.Popen(
            command(venv_bin, port),
            env={**os.environ, **settings},
            cwd=settings["LABEL_STUDIO_BASE_DATA_DIR"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until_up(process: subprocess.Popen[bytes], port: int, seconds: float = 240) -> float:
    """Wait until the server answers on its port. Returns how many seconds that took.

    Raises NotUp where it has ended, or does not answer within `seconds`.
    """
    address = f"http://127.0.0.1:{port}/health/"
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if process.poll() is not None:
            raise NotUp(f"Label Studio ended with status {process.returncode}: see its log")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return time.monotonic() - began
        time.sleep(0.3)
    raise NotUp(f"Label Studio did not answer on port {port} within {seconds:.0f} s: see its log")


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """End the server and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(seconds)
