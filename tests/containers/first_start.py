"""The first start of the served form as docs/operations.md tells it.

Its commands, and the .env that they need.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from tests.containers.absent import ROOT

DOCS = ROOT / "docs" / "operations.md"
SECTION = "### First start"
COMPOSE = "docker compose "


def commands() -> list[list[str]]:
    """What follows `docker compose` in each line of the section's code blocks, in words."""
    section = DOCS.read_text().split(SECTION)[1].split("\n### ")[0]
    found = []
    for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL):
        for line in block.splitlines():
            assert line.startswith(COMPOSE), line
            found.append(line.removeprefix(COMPOSE).split())
    return found


def without_terminal(command: list[str]) -> list[str]:
    """The command for a program to run: passwords come from standard input."""
    if command[0] != "exec":
        return command
    asks = ["--stdin"] if "create_user" in command else []
    return ["exec", "-T", *command[1:], *asks]


def write_env(path: Path, site_port: int, label_studio_port: int) -> dict[str, str]:
    """env.example filled in: addresses on this machine's loopback, and secrets made now."""
    given = {
        "CODERBENCH_URL": f"http://127.0.0.1:{site_port}",
        "CODERBENCH_ALLOWED_HOSTS": "127.0.0.1",
        "CODERBENCH_PORT": str(site_port),
        "LABEL_STUDIO_PUBLIC_URL": f"http://127.0.0.1:{label_studio_port}",
        "LABEL_STUDIO_PORT": str(label_studio_port),
        "LABEL_STUDIO_ADMIN_EMAIL": "sam@example.org",
    }
    for name in re.findall(r"(?m)^(\w+)=$", (ROOT / "env.example").read_text()):
        given.setdefault(name, secrets.token_hex(20))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    return given
