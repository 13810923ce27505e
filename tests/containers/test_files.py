"""What `make test-containers` builds on, as far as it shows without a container.

Docs, compose file, build options.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.containers.absent import ROOT
from tests.containers.first_start import commands, without_terminal, write_env
from tests.containers.pip_settings import written

SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_docs_lead_from_build_to_table_1():
    told = commands()
    assert told[:2] == [["build"], ["up", "-d"]]
    assert [command[4] for command in told[2:] if command[0] == "exec"] == [
        "create_user",
        "create_user",
        "create_user",
        "load_codes",
        "load_mimic",
        "open_study",
        "register_model",
        "run_model",
        "run_benchmark",
        "doctor",
    ]
    assert {command[1] for command in told if command[0] == "exec"} <= set(SERVICES)
    for command in told:
        for word in command:
            assert not word.startswith("fixtures/") or (ROOT / word).exists()


def test_a_password_comes_from_standard_input():
    command = without_terminal(
        ["exec", "web", "python", "manage.py", "create_user", "ada", "--role", "coder"]
    )
    assert command[:3] == ["exec", "-T", "web"] and command[-1] == "--stdin"


def test_the_env_file_fills_every_line_of_the_example(tmp_path):
    path = tmp_path / "env"
    given = write_env(path, 18000, 18080)
    example = (ROOT / "env.example").read_text()
    wanted = {line.rstrip("=") for line in example.splitlines() if line.endswith("=")}
    assert wanted <= set(given)
    assert all(given.values())
    assert path.stat().st_mode & 0o077 == 0


def test_every_service_is_started_again_and_has_a_health_check():
    for name, service in SERVICES.items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name


def test_web_sync_and_clock_are_built_without_models():
    for name in ("web", "sync", "beat"):
        assert SERVICES[name]["build"]["target"] == "site"
    assert SERVICES["worker"]["build"]["target"] == "worker"
    stages = {stage.split()[2]: stage for stage in DOCKERFILE.split("\nFROM ")[1:]}
    assert "-r requirements-web.txt" in stages["site-packages"]
    assert stages["site"].split()[0] == "site-packages"
    assert "-r requirements.txt" not in stages["site-packages"] + stages["site"]


def test_the_webhooks_host_has_a_dot_and_is_the_webs_own():
    environment = SERVICES["web"]["environment"]
    host = environment["CODERBENCH_WEBHOOK_URL"].split("/")[2].partition(":")[0]
    assert "." in host
    assert host in environment["CODERBENCH_ALLOWED_HOSTS"].split(",")
    assert host in SERVICES["web"]["networks"]["default"]["aliases"]


@pytest.mark.parametrize(
    ("torch", "option"),
    [
        ("", ""),
        ("cpu", "--extra-index-url https://download.pytorch.org/whl/cpu"),
        ("cu126", "--extra-index-url https://download.pytorch.org/whl/cu126"),
    ],
)
def test_one_variable_chooses_pytorchs_wheels(torch, option):
    make = ["make", "--dry-run", "--always-make", "setup", f"TORCH={torch}"]
    printed = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in printed.splitlines() if line.endswith("-r requirements.txt")]
    pip = ".venv/bin/pip install --quiet --disable-pip-version-check"
    assert line.split() == f"{pip} {option} -r requirements.txt".split()
    (install,) = [line for line in DOCKERFILE.splitlines() if line.endswith("-r requirements.txt")]
    script = install.removeprefix("RUN ").replace("pip install", "echo")
    environment = {
        "TORCH": torch,
        "TORCH_INDEX": "https://download.pytorch.org/whl",
        "PATH": "/usr/bin:/bin",
    }
    told = subprocess.run(
        ["sh", "-c", script], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert told.split() == f"{option} -r requirements.txt".split()


def test_the_machines_pip_settings_go_into_the_build_with_the_paths_they_name(tmp_path: Path):
    index, wheels, cert = tmp_path / "index" / "simple", tmp_path / "wheels", tmp_path / "ca.crt"
    index.mkdir(parents=True)
    wheels.mkdir()
    cert.touch()
    listed = (
        f":env:.find-links='{wheels}'\n"
        f"global.find-links='/nowhere'\n"
        f"global.cert='{cert}'\n"
        f"global.extra-index-url='file://{index} https://wheels.example.org/simple'\n"
        "global.user='yes'\n"
    )
    text, paths = written(listed)
    assert paths == sorted([cert, index.parent, wheels])
    assert text.splitlines()[0] == "[global]"
    assert set(text.splitlines()[1:]) == {
        f"find-links = {wheels}",
        f"cert = {cert}",
        f"extra-index-url = file://{index} https://wheels.example.org/simple",
    }
