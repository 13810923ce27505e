"""A real PostgreSQL cluster in a temporary folder, for as long as a test needs it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live import free_port
from tests.require import require


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def cluster(*databases: str) -> Iterator[str]:
    """Start a cluster with these databases; gives its address without the database's name."""
    bin_folder = binaries()
    require("PostgreSQL", bin_folder is not None, "make setup-system installs it")
    folder, port = Path(tempfile.mkdtemp(prefix="coderbench-pg-")), free_port()
    account = _unprivileged(folder)
    try:
        (folder / "password").write_text("a-test-password")
        (folder / "password").chmod(0o644)
        _as(
            account,
            f"{bin_folder}/initdb",
            *("-D", f"{folder}/data"),
            *("-U", "coderbench"),
            *("-A", "scram-sha-256"),
            *("--pwfile", f"{folder}/password"),
            *("-E", "UTF8"),
            "--no-sync",
        )
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={folder} -c fsync=off"
        )
        _as(
            account,
            f"{bin_folder}/pg_ctl",
            *("-D", f"{folder}/data"),
            "-w",
            *("-l", f"{folder}/log"),
            *("-o", options),
            "start",
        )
        for database in databases:
            _psql(bin_folder, port, f"CREATE DATABASE {database}")
        yield f"postgres://coderbench:a-test-password@127.0.0.1:{port}"
    finally:
        stop = _line(
            account, f"{bin_folder}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop"
        )
        subprocess.run(stop, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: then it runs as an account that owns nothing else."""
    if os.getuid():
        return None
    name = next(
        n for n in ("postgres", "nobody") if n in {entry.pw_name for entry in pwd.getpwall()}
    )
    shutil.chown(folder, name)
    return name


def _line(account: str | None, *command: str) -> list[str]:
    return [*(["setpriv", "--reuid", account, "--clear-groups", "--"] if account else []), *command]


def _as(account: str | None, *command: str) -> None:
    subprocess.run(_line(account, *command), check=True, stdout=subprocess.DEVNULL, cwd="/")


def _psql(bin_folder: Path | None, port: int, statement: str) -> None:
    command = [
        f"{bin_folder}/psql",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "coderbench",
        "-d",
        "postgres",
        "-c",
        statement,
    ]
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PGPASSWORD": "a-test-password"},
    )
