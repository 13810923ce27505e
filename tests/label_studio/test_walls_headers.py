"""No browser keeps a note or an answer.

Over https the cookies are Secure and the browser stays with https.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from label_studio_guard.headers import PROGRAM
from label_studio_guard.wall_table import ROWS, Scope
from tests.label_studio.conftest import ADA, Desk
from tests.live import VENV_BIN, LiveLabelStudio

PUBLIC_PAGES = {"/guard/login", "/guard/admin", "/guard/leave", "/guard/*", "/health/"}
STATIC = "/static/images/favicon.ico"


def test_all_that_is_not_the_program_itself_is_never_kept() -> None:
    """A browser may keep the program, and nothing else.

    By the table, the program is what is open to everybody, the guard's own pages aside.
    """
    for row in ROWS:
        kept = row.path.startswith(PROGRAM)
        is_program = row.scope is Scope.PUBLIC and row.path not in PUBLIC_PAGES
        assert kept == is_program or row.path == "/static/docs/**", row


def answers(live: LiveLabelStudio, host: str, addresses: list[str]) -> list[dict[str, Any]]:
    """The answers of Label Studio, as it is served at `host`."""
    script = Path(__file__).with_name("answers.py")
    environment = {**os.environ, **live.environment, "LABEL_STUDIO_HOST": host}
    ran = subprocess.run(
        [VENV_BIN / "python", script],
        env=environment,
        input=json.dumps(addresses),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(ran.stdout.splitlines()[-1]))


def addresses(live: LiveLabelStudio, ada: Desk) -> list[str]:
    """Wherever a note or an answer can show: as Ada, then as the admin."""
    client, task = live.client(), ada.tasks["n-1"]
    ticket = client.login_url(ADA, ada.project, task).removeprefix(live.url)
    admin_ticket = client.admin_login_url().removeprefix(live.url)
    return [
        ticket,
        f"/projects/{ada.project}/data/?task={task}",
        f"/api/tasks/{task}/",
        f"/api/tasks/{task}/drafts",
        f"/api/tasks/?project={ada.project}",
        f"/api/annotations/{ada.annotation}/",
        f"/api/drafts/{ada.draft}/",
        f"/api/projects/{ada.project}/",
        f"/api/projects/{ada.project}/export",
        "/user/login/",
        "/no/such/page",
        "/logout",
        admin_ticket,
        "/projects/",
        f"/projects/{ada.project}/settings/",
        f"/api/projects/{ada.project}/export?exportType=JSON",
        "/admin/tasks/annotation/",
        "/admin/tasks/task/",
        "/data/upload/1/notes.json",
        "/metrics/",
        "/feature-flags/",
    ]


@pytest.mark.label_studio
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_every_answer_carries(label_studio: LiveLabelStudio, ada: Desk, scheme: str) -> None:
    asked = addresses(label_studio, ada)
    told = answers(label_studio, f"{scheme}://notes.example.org", [*asked, STATIC])
    *pages, static = told
    for answer in pages:
        assert answer["headers"]["Cache-Control"] == "no-store", answer["address"]
    assert static["headers"].get("Cache-Control") != "no-store"
    assert sum(answer["status"] == 200 for answer in pages) > 10, "refusals alone show nothing"

    secure = scheme == "https"
    for answer in told:
        assert answer["headers"]["Referrer-Policy"] == "same-origin"
        assert ("Strict-Transport-Security" in answer["headers"]) == secure, answer["address"]
        assert set(answer["cookies"].values()) <= {secure}, answer["address"]
    assert any("label_studio_session" in answer["cookies"] for answer in told)
