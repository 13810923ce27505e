"""The whole embedded form, for real, with a small study in it.

Redis, Label Studio, the site, a worker and beat.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from annotation.label_studio.client import LabelStudio
from demo.processes import LABEL_STUDIO_BIN, ROOT, Services
from tests.browser import PATIENCE
from tests.cast import MIMIC_30, PASSWORD
from tests.require import require

CAST = {"ada": "coder", "ben": "coder", "cid": "adjudicator", "rae": "researcher", "sam": "admin"}
NOTES, SHARED = 8, 2


@dataclass
class Stack:
    """A running installation, used as its people use it: by commands, pages and the API."""

    services: Services

    @property
    def site(self) -> str:
        return self.services.addresses["CODERBENCH_URL"]

    def manage(self, *arguments: str, stdin: str = "") -> str:
        environment = {**os.environ, "CODERBENCH_HOME": str(self.services.home)}
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def api(self, path: str, name: str = "rae") -> Any:
        answer = httpx.get(f"{self.site}/api/v1/{path}", auth=(name, PASSWORD), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def label_studio(self) -> LabelStudio:
        a = self.services.addresses
        return LabelStudio(
            a["LABEL_STUDIO_URL"], a["LABEL_STUDIO_TOKEN"], a["CODERBENCH_GUARD_SECRET"]
        )

    def codings(self, name: str) -> list[dict[str, Any]]:
        (rater,) = [r for r in self.api("raters/?kind=coder")["results"] if r["name"] == name]
        return self.api(f"codings/?rater={rater['id']}")["results"]

    def projects(self) -> dict[str, int]:
        """Coder -> Label Studio project, as Label Studio itself names them."""
        listed = httpx.get(
            f"{self.services.addresses['LABEL_STUDIO_URL']}/api/projects/",
            headers={"Authorization": f"Token {self.services.addresses['LABEL_STUDIO_TOKEN']}"},
            timeout=30,
        ).json()["results"]
        return {project["title"].removeprefix("small "): project["id"] for project in listed}


def seconds_until(condition: Callable[[], object], limit: float) -> float:
    """How long it took until `condition` held; fails after `limit` seconds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < limit, f"not within {limit} s"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Stack]:
    require("Label Studio", (LABEL_STUDIO_BIN / "label-studio").exists(), "make setup installs it")
    home = tmp_path_factory.mktemp("home")
    outside, os.environ["CODERBENCH_HOME"] = os.environ["CODERBENCH_HOME"], str(home)
    services = Services(home)
    try:
        services.start()
        services.wait()
        made = Stack(services)
        furnish(made)
        yield made
    finally:
        services.stop()
        os.environ["CODERBENCH_HOME"] = outside


def furnish(stack: Stack) -> None:
    """People, notes and an open study, each by the command that a user would type."""
    stack.manage("load_codes")
    for name, role in CAST.items():
        stack.manage("create_user", name, "--role", role, "--stdin", stdin=PASSWORD)
    stack.manage(
        "load_mimic", str(MIMIC_30), "--name", "thirty", "--split", "train", "--sample", str(NOTES)
    )
    stack.manage(
        "open_study", "small", "--overlap", str(SHARED), "--seed", "1", "--interface", "list"
    )


@pytest.fixture
def open_page(chromium, stack) -> Iterator[Callable[..., Any]]:
    """open_page("ada") gives a tab in which Ada has logged in on our site.

    It notes every foreign address asked for, and everything that Label Studio refused her page.
    """
    contexts = []

    def start(name: str, width: int = 1440) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.foreign, page.refused = [], []
        studio = stack.services.addresses["LABEL_STUDIO_URL"]
        own = (stack.site, studio, "data:", "blob:")
        page.on(
            "request", lambda asked: asked.url.startswith(own) or page.foreign.append(asked.url)
        )
        page.on(
            "response",
            lambda got: (
                got.status < 400 or not got.url.startswith(studio) or page.refused.append(got.url)
            ),
        )
        page.goto(f"{stack.site}/login/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("button:has-text('Log in')")
        page.wait_for_url(lambda address: "/login/" not in address)
        return page

    yield start
    for context in contexts:
        context.close()
