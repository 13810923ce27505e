"""Every route that Label Studio has is in the table.

None of them opens Ben's desk to Ada or to nobody.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from label_studio_guard.walls import Scope, row_for
from tests.label_studio.conftest import Desk, Person
from tests.live import VENV_BIN, LiveLabelStudio

pytestmark = pytest.mark.label_studio

Route = tuple[str, list[str]]
FORMATS = {"<format>": "json", "<drf_format_suffix:format>": ".json"}
OPEN_TO_ALL = {Scope.PUBLIC}
OPEN_TO_CODERS = {Scope.PUBLIC, Scope.SELF, Scope.STAND_IN}


@pytest.fixture(scope="module")
def routes(label_studio: LiveLabelStudio) -> list[Route]:
    """(route, methods) as Label Studio's URL resolver has them."""
    script = Path(__file__).with_name("routes.py")
    environment = {**os.environ, **label_studio.environment}
    ran = subprocess.run(
        [VENV_BIN / "python", script], env=environment, capture_output=True, text=True, check=True
    )
    return [(route, methods) for route, methods in json.loads(ran.stdout.splitlines()[-1])]


def path_of(route: str, desk: Desk) -> str:
    """An address of the route, with the ids of somebody's desk in it."""
    ids = {
        "projects": desk.project,
        "tasks": desk.tasks["n-1"],
        "annotations": desk.annotation,
        "drafts": desk.draft,
    }
    parts: list[str] = []
    for part in route.replace("\\.", ".").rstrip("?").split("/"):
        number = str(ids.get(parts[-1] if parts else "", 1))
        parts.append(
            re.sub(
                r"<(\w+:)?(\w+)>", lambda name, number=number: FORMATS.get(name[0], number), part
            )
        )
    return "/".join(parts)


def scope_of(method: str, path: str) -> Scope | None:
    row, _ = row_for(method.upper(), path)
    return row.scope if row else None


def test_every_route_has_a_row(routes: list[Route], ben: Desk) -> None:
    absent = [
        route
        for route, methods in routes
        if not any(scope_of(method, path_of(route, ben)) for method in methods)
    ]
    assert len(routes) > 300
    assert absent == []


NAMED = pytest.param("?project={project}&task={task}&view=1", marks=pytest.mark.chaos)


@pytest.mark.parametrize("query", ["", NAMED])
def test_no_route_opens_bens_desk(
    routes: list[Route],
    ben: Desk,
    as_ada: Person,
    as_nobody: Person,
    query: str,
    label_studio: LiveLabelStudio,
) -> None:
    asked = query.format(project=ben.project, task=ben.tasks["n-1"])
    visitors = (("Ada", as_ada, OPEN_TO_CODERS), ("nobody", as_nobody, OPEN_TO_ALL))
    opened = []
    for route, methods in routes:
        if query and "<" in route:
            continue
        path = path_of(route, ben)
        for method, (who, ask, open_to) in product(methods, visitors):
            if scope_of(method, path) in open_to:
                continue
            status = _status(ask, method, path + asked, label_studio)
            if status != "refused":
                opened.append(f"{who}: {method.upper()} {path}{asked} -> {status}")
    assert opened == []


def test_no_route_takes_a_password(
    routes: list[Route], ben: Desk, label_studio: LiveLabelStudio
) -> None:
    """The admin's right e-mail address and password.

    In the header, and as a form or an API would read them.
    """
    name, password = label_studio.admin_email, label_studio.admin_password
    words = {
        "email": name,
        "username": name,
        "login": name,
        "password": password,
        "persist_session": "on",
    }
    taken = []
    with httpx.Client(base_url=label_studio.url, timeout=60, auth=(name, password)) as visitor:
        for path in sorted({path_of(route, ben) for route, methods in routes if "post" in methods}):
            how = "json" if path.startswith("/api/") else "data"
            status = _status(visitor.request, "POST", path, label_studio, **{how: words})
            if status != "refused" and scope_of("POST", path) is not Scope.PUBLIC:
                taken.append(f"{path} -> {status}")
        assert visitor.get("/api/current-user/whoami").status_code == 403
        assert visitor.get(f"/api/projects/{ben.project}/").status_code == 403
    assert taken == []


def _status(ask: Person, method: str, path: str, live: LiveLabelStudio, **sent: Any) -> str:
    response = ask(method.upper(), path, **sent)
    home = response.status_code == 302 and response.headers["location"].startswith(
        live.coderbench_url
    )
    return "refused" if response.status_code == 403 or home else str(response.status_code)
