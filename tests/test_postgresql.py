"""The site under PostgreSQL: the same tests of pages, codings and runs, against a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import cluster

ROOT = Path(__file__).resolve().parent.parent
AREAS = [
    "tests/annotation/test_codings.py",
    "tests/annotation/test_desk.py",
    "tests/annotation/test_desk_at_once.py",
    "tests/annotation/test_practice.py",
    "tests/annotation/test_storing.py",
    "tests/pages/test_odd_values.py",
    "tests/pages/test_pages.py",
    "tests/pages/test_queue.py",
    "tests/benchmark/test_imported_scores.py",
    "tests/benchmark/test_imports.py",
    "tests/benchmark/test_runs.py",
    "tests/benchmark/test_scoring.py",
    "tests/pages/test_walls.py",
]


SHORT = "not browser and not chaos and not containers"
LONG = pytest.param("chaos", marks=[pytest.mark.chaos, pytest.mark.timeout(3600)])


@pytest.mark.postgresql
@pytest.mark.parametrize("chosen", [SHORT, LONG])
def test_the_site_passes_its_tests_under_postgresql(chosen):
    with cluster("coderbench") as server:
        environment = {**os.environ, "DATABASE_URL": f"{server}/coderbench"}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-n",  # nothing else runs meanwhile, and each process has a database of its own
            "2",
            "-p",
            "no:cacheprovider",
            "-m",
            chosen,
            *AREAS,
        ]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout.splitlines()[-1]


@pytest.mark.postgresql
def test_no_migration_is_missing_under_postgresql():
    with cluster("coderbench") as server:
        environment = {**os.environ, "DATABASE_URL": f"{server}/coderbench"}
        said = [
            _manage(environment, *command)
            for command in (["makemigrations", "--check"], ["migrate", "-v0"])
        ]
        loaded = [_manage(environment, "load_codes") for _ in range(2)]
    assert said == ["No changes detected\n", ""]
    assert loaded == [f"ICD-9-CM v32: 18449 codes, {new} new\n" for new in (18449, 0)]


def _manage(environment: dict[str, str], *command: str) -> str:
    line = [sys.executable, "manage.py", *command]
    return subprocess.run(
        line, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
