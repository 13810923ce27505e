"""Starting Label Studio.

No weak secret, nothing sent outside, and no other port than the one asked for.
"""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Any

import pytest

from label_studio_guard.serve import PortTaken, command, environment, start

GOOD: dict[str, Any] = {
    "port": 8090,
    "coderbench_url": "http://127.0.0.1:8000",
    "secret": secrets.token_hex(20),
    "admin_email": "sam@example.org",
    "admin_password": secrets.token_hex(10),
    "admin_token": secrets.token_hex(20),
}


def test_the_environment_names_the_guard_and_sends_nothing_outside(tmp_path: Path) -> None:
    made = environment(tmp_path, **GOOD)
    assert made["DJANGO_SETTINGS_MODULE"] == "label_studio_guard.settings"
    assert (Path(made["PYTHONPATH"]) / "label_studio_guard" / "settings.py").exists()
    assert made["LABEL_STUDIO_HOST"] == "http://127.0.0.1:8090"
    assert made["DJANGO_DB"] == "sqlite"
    assert {made["COLLECT_ANALYTICS"], made["LATEST_VERSION_CHECK"], made["DEBUG"]} == {"false"}
    assert made["SENTRY_DSN"] == made["FRONTEND_SENTRY_DSN"] == ""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("secret", "", "has 0 characters"),
        ("secret", "short", "has 5 characters"),
        ("secret", "a" * 40, "well-known"),
        ("admin_password", "changeme1234", "well-known"),
        ("admin_password", "label-studio", "well-known"),
        ("admin_token", "0123456789", "has 10 characters"),
        ("admin_token", "48cca90895d83b401a68bcf483b4d4ac01b57947b2645", "keeps 40 at most"),
    ],
)
def test_a_weak_secret_is_refused(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"{name}.*{message}"):
        environment(tmp_path, **GOOD | {name: value})


def test_postgresql_is_named_the_way_label_studio_spells_it(tmp_path: Path) -> None:
    database = {"host": "db", "port": "5432", "user": "u", "password": "p", "name": "n"}
    made = environment(tmp_path, **GOOD, database=database, url="https://notes.example.org")
    assert (made["DJANGO_DB"], made["POSTGRE_HOST"], made["POSTGRE_PORT"]) == (
        "default",
        "db",
        "5432",
    )
    assert (made["POSTGRE_USER"], made["POSTGRE_PASSWORD"], made["POSTGRE_NAME"]) == ("u", "p", "n")
    assert made["LABEL_STUDIO_HOST"] == "https://notes.example.org"


def test_it_listens_on_loopback_unless_told_otherwise() -> None:
    assert command(Path("/venv/bin"), 8090) == [
        "/venv/bin/label-studio",
        "start",
        "--no-browser",
        "--internal-host",
        "127.0.0.1",
        "--port",
        "8090",
    ]
    assert "0.0.0.0" in command(Path("/venv/bin"), 8090, host="0.0.0.0")


def test_a_taken_port_is_refused_not_replaced(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            start(Path("/nowhere"), port, environment(tmp_path, **GOOD), tmp_path / "log")
