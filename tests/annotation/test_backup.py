"""The recipe of docs/operations.md for a backup, as it is printed there."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASES = ("coderbench.sqlite3", "label-studio/label_studio.sqlite3")


def recipe(home: Path, backup: Path) -> str:
    """The commands, with these folders and this Python."""
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page.split("## Backup of an embedded installation")[1]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found
    _, _, commands = found[1].partition("\n")
    commands = commands.replace(".venv/bin/python", sys.executable)
    return f"export CODERBENCH_HOME={home} BACKUP={backup}\n{commands}"


def run(home: Path, backup: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-c", recipe(home, backup)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )


def rows(database: Path) -> list[tuple[str]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT word FROM kept").fetchall()
    finally:
        connection.close()


def test_a_backup_has_what_is_in_the_log_and_what_is_beside_the_databases(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    (home / "label-studio" / "media").mkdir(parents=True)
    (home / "models" / "abc").mkdir(parents=True)
    files = (
        "secret_key",
        "secrets.json",
        "models/abc/config.json",
        "label-studio/media/export.json",
    )
    for name in files:
        (home / name).write_text(name)
    running = []
    for name in DATABASES:
        connection = sqlite3.connect(home / name)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE kept (word TEXT)")
        connection.execute("INSERT INTO kept VALUES ('answer')")
        connection.commit()
        running.append(connection)
        shutil.copy(home / name, tmp_path / "copied")
        with pytest.raises(sqlite3.OperationalError):
            rows(tmp_path / "copied")  # the file alone lacks it
    done = run(home, backup)
    assert done.returncode == 0, done.stderr
    for name in DATABASES:
        assert rows(backup / name) == [("answer",)]
    for name in files:
        assert (backup / name).read_text() == name
    assert not list(backup.rglob("*-wal"))
    assert backup.stat().st_mode & 0o077 == 0
    again = run(home, backup)
    assert again.returncode != 0 and "already exists" in again.stderr
    for connection in running:
        connection.close()
