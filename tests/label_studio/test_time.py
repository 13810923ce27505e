"""The time as it was worked, measured by the guard's script in a real Label Studio.

The browser's time is moved on by the test, so that two idle minutes take none.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotation.label_studio.answers import Answer
from annotation.label_studio.labeling_page import Interface, label_config
from icd.tables import read_icd9_tables
from tests.label_studio.coding import (
    MINUTE,
    Seat,
    kept,
    ready,
    send,
    wait_for_state,
    wait_for_ticks,
)
from tests.label_studio.conftest import ADA, listed, new_project
from tests.live import LiveLabelStudio

CODES = listed(read_icd9_tables()[:40])
FIRST, SECOND, THIRD = (code.code for code in CODES[3:6])
NUMBERS = itertools.count()
ROOT = Path(__file__).resolve().parents[2]


def test_the_guards_clock_is_that_of_our_page() -> None:
    ours = ROOT / "static" / "desk" / "clock.js"
    assert (ROOT / "label_studio_guard" / "page" / "clock.js").read_bytes() == ours.read_bytes()


class Timed:
    """A coder's tab whose time the test moves on, beside the time that goes by itself."""

    def __init__(self, context: Any) -> None:
        self.page = context.new_page()
        self.page.clock.install()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("response", self._look)
        self.began = time.monotonic()

    def _look(self, response: Any) -> None:
        if response.status >= 400:
            self.errors.append(f"{response.status} {response.url}")

    def passes(self, seconds: float) -> None:
        """So many seconds go by at once."""
        self.page.clock.fast_forward(int(seconds * 1000))

    def touch(self) -> None:
        self.page.keyboard.press("Shift")

    def turn(self, hidden: bool) -> None:
        """Leave the tab for another, or come back to it."""
        self.page.evaluate(
            """hidden => {
                Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    def near(self, seconds: float) -> Any:
        """What the clock may say: time also goes by itself while the test works."""
        passed = time.monotonic() - self.began
        return pytest.approx(seconds + passed / 2, abs=passed / 2 + 0.2)


@pytest.fixture
def contexts(chromium: Any) -> Iterator[Any]:
    """Makes browsers with nothing kept in them: each is another computer."""
    made = []

    def new() -> Any:
        made.append(chromium.new_context(viewport={"width": 1440, "height": 900}))
        made[-1].set_default_timeout(MINUTE)
        return made[-1]

    yield new
    for context in made:
        context.close()


def seat_of(label_studio: LiveLabelStudio, interface: Interface, config: str | None = None) -> Seat:
    client = label_studio.client()
    client.ensure_account(ADA, "Ada")
    if config is None:
        project = new_project(label_studio, ADA, CODES, interface)
    else:
        project = client.create_project(f"before {next(NUMBERS)}", config, ADA, "<p>Code.</p>")
    return Seat(client, ADA, project, client.push_tasks(project, [("n", "A stay.")]), interface)


def answer(seat: Seat) -> Answer:
    (given,) = seat.client.changed(seat.project)
    return given


@pytest.mark.label_studio
@pytest.mark.browser
@pytest.mark.parametrize("interface", ["list", pytest.param("search", marks=pytest.mark.chaos)])
def test_an_answer_says_what_it_took(
    contexts: Any, label_studio: LiveLabelStudio, interface: Interface
) -> None:
    """Idle, hidden, loaded anew, on another computer, and updated."""
    seat = seat_of(label_studio, interface)
    tab = Timed(contexts())
    page = tab.page
    seat.open(page, "n")
    tab.passes(100)
    tab.touch()
    tab.passes(500)  # 120 of them
    tab.touch()
    tab.passes(20)
    tab.turn(hidden=True)
    tab.passes(600)  # none
    tab.turn(hidden=False)
    tab.passes(30)
    page.reload()  # no draft knows of this, the browser does
    ready(page)
    tab.passes(40)
    seat.tick(page, FIRST)
    wait_for_state(page, "saved")
    worked = tab.near(100 + 120 + 20 + 30 + 40)
    (draft,) = task_of(page, seat)["drafts"]
    assert seconds_of(draft["result"]) == worked

    other = Timed(contexts())
    other.began = tab.began
    page = other.page
    seat.open(page, "n")
    wait_for_ticks(page, [FIRST])
    other.passes(50)
    seat.tick(page, SECOND)
    wait_for_state(page, "saved")
    page.keyboard.press("Escape")
    send(page)
    wait_for_state(page, "submitted")
    given = answer(seat)
    assert set(given.parsed.codes) == {FIRST, SECOND}
    assert given.active_seconds == other.near(310 + 50)
    assert given.lead_time is not None
    assert kept(page, "clock") == {}

    other.passes(60)  # looked at for a minute, then changed
    seat.tick(page, THIRD)
    wait_for_state(page, "saved")
    page.keyboard.press("Escape")
    send(page, "Update")
    wait_for_state(page, "submitted")
    assert answer(seat).active_seconds == other.near(360 + 60)

    again = Timed(contexts())
    again.began = tab.began
    seat.open(again.page, "n")
    wait_for_ticks(again.page, [FIRST, SECOND, THIRD])
    again.passes(10)
    again.page.get_by_role("button", name=re.compile(f"^Remove {FIRST}")).click()
    wait_for_state(again.page, "saved")
    send(again.page, "Update")
    wait_for_state(again.page, "submitted")
    changed = answer(seat)
    assert set(changed.parsed.codes) == {SECOND, THIRD}
    assert changed.active_seconds == again.near(420 + 10)
    names = [item["from_name"] for item in task_of(again.page, seat)["annotations"][0]["result"]]
    assert sorted(names) == ["clock", "codes"]
    assert tab.errors + other.errors + again.errors == []


@pytest.mark.label_studio
@pytest.mark.browser
def test_a_project_of_before_takes_answers_without_a_time(
    contexts: Any, label_studio: LiveLabelStudio
) -> None:
    config = label_config(CODES, "list").replace('<Number name="clock" toName="note"/>', "")
    seat = seat_of(label_studio, "list", config)
    tab = Timed(contexts())
    seat.open(tab.page, "n")
    seat.tick(tab.page, FIRST)
    wait_for_state(tab.page, "saved")
    tab.passes(10)
    assert kept(tab.page, "clock") == {}
    send(tab.page)
    wait_for_state(tab.page, "submitted")
    given = answer(seat)
    assert (given.parsed.codes, given.active_seconds) == ((FIRST,), None)
    assert given.lead_time is not None
    names = [item["from_name"] for item in task_of(tab.page, seat)["annotations"][0]["result"]]
    assert names == ["codes"]
    assert tab.errors == []


def task_of(page: Any, seat: Seat) -> dict[str, Any]:
    """The note with its drafts and answers, as Label Studio has it."""
    found: dict[str, Any] = page.evaluate(
        "task => fetch(`/api/tasks/${task}/`).then(answer => answer.json())", seat.tasks["n"]
    )
    return found


def seconds_of(result: list[dict[str, Any]]) -> float:
    (region,) = [item for item in result if item["from_name"] == "clock"]
    return float(region["value"]["number"])
