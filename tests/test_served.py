"""The served form, as far as it can be checked without a Docker engine.

The files parse, the settings are strict.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


def test_every_part_is_there_with_a_health_check():
    assert set(SERVICES) == {"postgres", "redis", "label-studio", "web", "worker", "sync", "beat"}
    assert all("healthcheck" in service for service in SERVICES.values())


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text()
    secret = re.findall(r"\$\{(\w*(?:SECRET|PASSWORD|TOKEN|KEY)\w*)([^}]*)\}", text)
    assert secret and all(rest.startswith(":?") for _, rest in secret)
    example = (ROOT / "env.example").read_text()
    assert {name for name, _ in secret} <= set(re.findall(r"(?m)^(\w+)=$", example))


def test_every_variable_of_the_site_is_one_the_settings_read():
    code = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|required)\(\s*"([A-Z_]+)"', code))
    assert set(SERVICES["web"]["environment"]) <= read


def test_nothing_is_published_beyond_this_machine():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)


def test_the_dockerfile_copies_what_exists_and_builds_both_targets():
    text = (ROOT / "Dockerfile").read_text()
    assert {"site", "label-studio"} <= set(re.findall(r"AS ([\w-]+)", text))
    for line in re.findall(r"(?m)^COPY (.*)$", text):
        *sources, _ = (word for word in line.split() if not word.startswith("--"))
        assert all((ROOT / source).exists() for source in sources), line


SECRETS = {
    "CODERBENCH_SECRET_KEY": "k" * 50,
    "CODERBENCH_URL": "https://coderbench.example",
    "REDIS_URL": "redis://redis:6379/0",
    "LABEL_STUDIO_URL": "http://label-studio:8080",
    "LABEL_STUDIO_TOKEN": "t" * 40,
    "CODERBENCH_GUARD_SECRET": "g" * 40,
    "CODERBENCH_WEBHOOK_SECRET": "w" * 40,
    "DATABASE_URL": "postgres://u:p@postgres/coderbench",
}


def served(tmp_path: Path, without: str | None = None) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in SECRETS}
    given = {k: v for k, v in SECRETS.items() if k != without}
    environment = {**clean, **given, "CODERBENCH_SERVED": "1", "CODERBENCH_HOME": str(tmp_path)}
    command = [sys.executable, "manage.py", "check", "--deploy"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_secret_stops_the_start_and_is_named(tmp_path, missing):
    done = served(tmp_path, without=missing)
    assert done.returncode != 0 and f"{missing} is not set" in done.stderr


@pytest.mark.slow
def test_with_all_of_them_it_starts(tmp_path):
    assert served(tmp_path).returncode == 0
