"""`make test-containers`: the served form from its images to Table 1.

As docs/operations.md tells the first start. Whatever happens, containers, network and volumes are
removed at the end, and the images too unless KEEP=1.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.cast import PASSWORD
from tests.containers.absent import absent_modules
from tests.containers.engine import FOLDER, Docker, Engine, EngineError
from tests.containers.first_start import commands, without_terminal, write_env
from tests.containers.podman import Podman
from tests.containers.test_files import SERVICES
from tests.live import free_port
from tests.require import require

pytestmark = [pytest.mark.containers, pytest.mark.browser, pytest.mark.timeout(7200)]

WEB_MEGABYTES = 1000
PATIENCE = 900
"""Seconds for what may be slow on a busy machine."""


@dataclass
class Installation:
    """A running served form."""

    engine: Engine
    settings: dict[str, str]

    def command(self, command: list[str]) -> str:
        """A line of the docs."""
        return self.engine.compose(*without_terminal(command), stdin=f"{PASSWORD}\n")

    def api(self, path: str) -> Any:
        answer = httpx.get(
            f"{self.settings['CODERBENCH_URL']}/api/v1/{path}", auth=("rae", PASSWORD), timeout=60
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done, how long it took, and which step failed."""
    print(f"{name} ...", flush=True)
    began = time.monotonic()
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        pytest.fail(f"failed at: {name}\n{error}", pytrace=False)
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


def wait_until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(2)


def wait_until_healthy(engine: Engine) -> None:
    for service in SERVICES:
        wait_until(lambda name=service: engine.healthy(name), f"{service} is healthy")


@pytest.fixture
def installation() -> Iterator[Installation]:
    """An engine, made ready, and settings; nothing is built or started yet."""
    require(
        "A container engine",
        Docker.runs_here() or Podman.possible_here(),
        "Docker, or root on Debian for Podman",
    )
    env_file = FOLDER / "env"
    engine = Docker(env_file) if Docker.runs_here() else Podman(env_file)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what is below runs then too
    with step(f"{engine.name} is made ready"):
        engine.prepare()
    settings = write_env(env_file, free_port(), free_port())
    if isinstance(engine, Podman):
        with env_file.open("a") as out:
            out.write("CODERBENCH_TORCH=\n")  # the wheel that this machine's own pip would take
    try:
        yield Installation(engine, settings)
    finally:
        with step("taking it down"):
            engine.take_down(keep_images=os.environ.get("KEEP") == "1")
        env_file.unlink()


def test_the_served_form_from_build_to_table_1(installation, chromium):
    for command in commands():
        with step(f"docker compose {' '.join(command)}"):
            told = installation.command(command)
        if command == ["build"]:
            with step("images"):
                images_are_small(installation.engine)
        if command[0] == "up":
            with step("every service is healthy"):
                wait_until_healthy(installation.engine)
        if "open_study" in command:
            with step("Ada codes a note in Chromium"):
                ada_codes_a_note(installation, chromium)
        if "run_benchmark" in command:
            print(told)
            assert "RAC" in told and "Human coders" in told
        if "doctor" in command:
            print(told)
    with step("Redis is killed and started again"):
        redis_comes_back(installation)
    with step("a service that ends is started again"):
        the_clock_is_started_again(installation.engine)


def images_are_small(engine: Engine) -> None:
    """The web's and the clock's image hold no PyTorch, and the web's is under 1 GB."""
    for service in ("web", "worker", "label-studio"):
        print(f"  image of {service}: {engine.megabytes(service)} MB")
    assert engine.megabytes("web") < WEB_MEGABYTES


def holds_no_model(engine: Engine, service: str) -> None:
    absent = sorted(absent_modules())
    asked = f"import importlib.util as u; print([m for m in {absent} if u.find_spec(m)])"
    found = engine.compose("exec", "-T", service, "python", "-c", asked).strip()
    print(f"  of {', '.join(absent)}, {service} holds: {found}")
    assert found == "[]"


def ada_codes_a_note(installation: Installation, chromium: Any) -> None:
    """In a browser of this machine, at the published ports; the webhook brings the coding."""
    for service in ("web", "sync", "beat"):
        holds_no_model(installation.engine, service)
    page = chromium.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{installation.settings['CODERBENCH_URL']}/login/")
    page.fill("input[name=username]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.click("button:has-text('Log in')")
    page.wait_for_url(lambda address: "/login/" not in address)
    page.click("button:has-text('I have read this')")
    page.get_by_text("Begin with note 1").click()
    page.wait_for_url("**/code/*/")
    page.fill("#search", "hypertension")
    page.wait_for_selector("#results [data-code]")
    page.press("#search", "Enter")
    ticked = page.locator("#tray-list li").get_attribute("data-code")
    began = time.monotonic()
    page.keyboard.press("Control+Enter")
    page.locator("#last-sent", has_text="submitted").wait_for()
    (ada,) = [
        rater
        for rater in installation.api("raters/?kind=coder")["results"]
        if rater["name"] == "Ada"
    ]
    address = f"codings/?rater={ada['id']}"
    wait_until(lambda: installation.api(address)["results"], "Ada's coding is here")
    (coding,) = installation.api(address)["results"]
    assert coding["codes"] == [ticked]
    print(f"  from Submit to a coding: {time.monotonic() - began:.1f} s")
    page.context.close()
    copied = "Task annotation.tasks.mirror_assignment"
    wait_until(lambda: copied in installation.engine.log("sync"), "its copy is in Label Studio")


def redis_comes_back(installation: Installation) -> None:
    """The others live on, and both queues are served again without a hand."""
    engine = installation.engine
    others = [service for service in SERVICES if service != "redis"]
    before = {service: engine.started_at(service) for service in others}
    engine.compose("kill", "redis")
    time.sleep(10)
    engine.compose("start", "redis")
    wait_until_healthy(engine)
    wait_until(lambda: all_is_well(installation), "doctor finds every part")
    restarted = [service for service in others if engine.started_at(service) != before[service]]
    print(f"  ended and were started again meanwhile: {', '.join(restarted) or 'none'}")
    told = installation.command(
        ["exec", "worker", "python", "manage.py", "run_model", "first", "RAC", "--wait"]
    )
    print(f"  {told.strip()}")


def all_is_well(installation: Installation) -> bool:
    try:
        installation.command(["exec", "web", "python", "manage.py", "doctor"])
    except EngineError:
        return False
    return True


def the_clock_is_started_again(engine: Engine) -> None:
    before = engine.started_at("beat")
    engine.compose("exec", "-T", "beat", "sh", "-c", "kill -TERM 1")
    wait_until(lambda: engine.started_at("beat") != before, "beat is started again")
    wait_until_healthy(engine)
