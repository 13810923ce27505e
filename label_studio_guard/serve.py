"""How the guarded Label Studio is started: its environment and its command line. Standard library only."""

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
    """The server did not come up."""


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

    coderbench_url: our site as the coders' browsers see it; url: Label Studio as they see it, if not loopback;
    database: host, port, user, password and name of a PostgreSQL database, SQLite in `data_dir` without it.
    Raises ValueError for a secret that is missing, short or well known. The token is read at the first start only.
    """
    _refuse_weak("secret", secret, SHORTEST_SECRET)
    _refuse_weak("admin_password", admin_password, SHORTEST_PASSWORD)
    _refuse_weak("admin_token", admin_token, SHORTEST_SECRET)
    if len(admin_token) > LONGEST_TOKEN:
        raise ValueError(
            f"admin_token has {len(admin_token)} characters: Label Studio keeps {LONGEST_TOKEN} at most"
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


# Nothing is sent outside, nobody signs up, tokens work, webhooks may go to loopback and private addresses.
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
    """Command line of the server. A taken port is silently replaced by the next: ask /health on the port you named."""
    options = ["--no-browser", "--internal-host", host, "--port", str(port)]
    return [str(Path(venv_bin) / "label-studio"), "start", *options]


def _database(database: Mapping[str, str] | None) -> dict[str, str]:
    if database is None:
        return {"DJANGO_DB": "sqlite"}
    return {"DJANGO_DB": "default"} | {
        f"POSTGRE_{key.upper()}": str(database[key]) for key in DATABASE_KEYS
    }


def _refuse_weak(name: str, value: str, shortest: int) -> None:
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
    """Start the server in a process group of its own, writing to `log`; `settings` is what environment() gave.

    Raises PortTaken when something listens there already.
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
    """Wait for /health on the port asked for; gives the seconds it took. Raises NotUp when it died or took longer."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if process.poll() is not None:
            raise NotUp(f"Label Studio ended with status {process.returncode}: see its log")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5),
        ):
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
