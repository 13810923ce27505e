"""The clock of the coding page, in Chromium, on a time that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CLOCK = Path(__file__).resolve().parents[2] / "static" / "desk" / "clock.js"
SITE = "http://desk.test"

# Runs a script of [second, act], and returns what the clock said.
PLAY = """
async ([script, start]) => {
  const { Clock } = await import("/clock.js");
  let second = 0;
  const events = [];
  const clock = new Clock(start, {
    now: () => second * 1000,
    onEvent: (event, seconds) => events.push(`${event} ${Math.round(seconds * 10) / 10}`),
  });
  for (const [at, act] of script) {
    second = at;
    if (act === "look") clock.seconds;
    else clock[act]();
  }
  return { seconds: clock.seconds, paused: clock.paused, events };
}
"""


@dataclass(frozen=True)
class Case:
    """What somebody did, and what the clock must say of it."""

    script: list[tuple[float, str]]
    """(second, act): an act of the clock, or "look", which reads its seconds."""
    seconds: float
    events: list[str]
    """Each with the seconds so far."""
    start: float = 0


def working(begin: int, end: int, every: int = 10) -> list[tuple[float, str]]:
    """A sign of somebody every so many seconds."""
    return [(second, "touch") for second in range(begin, end + 1, every)]


CASES = {
    "worked through": Case(working(0, 600), 600, []),
    "opened and read, no key": Case([(100, "look")], 100, []),
    "idle for less than two minutes": Case([(0, "touch"), (119, "touch"), (238, "look")], 238, []),
    "idle, then back": Case(
        [(10, "touch"), (500, "touch"), (530, "look")], 160, ["idle 130", "back 130"]
    ),
    "idle, as a page notices that looks each minute": Case(
        [(60, "look"), (120, "look"), (180, "look"), (240, "touch"), (250, "look")],
        130,
        ["idle 120", "back 120"],
    ),
    "idle to the end": Case([(10, "touch"), (3600, "look"), (7200, "look")], 130, ["idle 130"]),
    "hidden": Case(
        [(50, "touch"), (60, "hide"), (600, "show"), (630, "look")],
        90,
        ["hidden 60", "shown 60"],
    ),
    "hidden twice over": Case(
        [(10, "hide"), (20, "hide"), (30, "show"), (40, "show"), (50, "look")],
        30,
        ["hidden 10", "shown 10"],
    ),
    "hidden and shown again and again": Case(
        [(10, "hide"), (20, "show"), (30, "hide"), (40, "show"), (50, "look")],
        30,
        ["hidden 10", "shown 10", "hidden 20", "shown 20"],
    ),
    "idle, then hidden": Case(
        [(10, "touch"), (400, "hide"), (500, "show"), (520, "look")],
        150,
        ["idle 130", "hidden 130", "shown 130", "back 130"],
    ),
    "a sign while hidden": Case([(10, "hide"), (20, "touch"), (300, "look")], 10, ["hidden 10"]),
    "paused": Case(
        [(30, "pause"), (40, "touch"), (900, "resume"), (910, "look")],
        40,
        ["paused 30", "resumed 30"],
    ),
    "paused twice over": Case(
        [(10, "pause"), (15, "pause"), (20, "resume"), (25, "resume"), (30, "look")],
        20,
        ["paused 10", "resumed 10"],
    ),
    "resumed without a pause": Case([(10, "resume"), (20, "look")], 20, []),
    "idle, then paused": Case(
        [(300, "pause"), (900, "resume"), (910, "look")],
        130,
        ["idle 120", "back 120", "paused 120", "resumed 120"],
    ),
    "paused while hidden": Case(
        [(10, "hide"), (20, "pause"), (30, "show"), (40, "look"), (50, "resume"), (60, "look")],
        20,
        ["hidden 10", "paused 10", "shown 10", "resumed 10"],
    ),
    "hidden while paused": Case(
        [(10, "pause"), (20, "hide"), (30, "show"), (40, "resume"), (50, "look")],
        20,
        ["paused 10", "hidden 10", "shown 10", "resumed 10"],
    ),
    "resumed while hidden": Case(
        [(10, "pause"), (20, "hide"), (30, "resume"), (40, "show"), (50, "look")],
        20,
        ["paused 10", "hidden 10", "resumed 10", "shown 10"],
    ),
    "the computer slept for a night": Case(
        [(100, "touch"), (110, "look"), (30_000, "look"), (30_005, "touch"), (30_015, "look")],
        230,
        ["idle 220", "back 220"],
    ),
    "the clock was set back by an hour": Case(
        [(7200, "touch"), (7210, "look"), (3610, "look"), (3620, "look")],
        140,
        ["idle 120", "back 120"],
    ),
    "gone on with": Case([(60, "look")], 310, [], start=250),
    "gone on with, paused": Case(
        [(0, "pause"), (60, "resume"), (70, "look")], 260, ["paused 250", "resumed 250"], start=250
    ),
    "an earlier start that is no time": Case([(60, "look")], 60, [], start=-5),
}

AN_HOUR = Case(
    [
        *working(0, 600),  # 600 s worked
        (617.4, "hide"),  # 17.4 s more
        (917.4, "show"),
        *working(920, 1500),  # 582.6 s
        (2100, "touch"),  # the first two minutes of ten: 120 s
        *working(2110, 2400),  # 300 s
        (2403.5, "pause"),  # 3.5 s
        (2700, "hide"),
        (2760, "show"),
        (3003.5, "resume"),
        *working(3010, 3600),  # 596.5 s
    ],
    600 + 17.4 + 582.6 + 120 + 300 + 3.5 + 596.5,
    [
        "hidden 617.4",
        "shown 617.4",
        "idle 1320",
        "back 1320",
        "paused 1623.5",
        "hidden 1623.5",
        "shown 1623.5",
        "resumed 1623.5",
    ],
)


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """A page of a site that serves the clock alone."""
    made = chromium.new_page()
    made.route(f"{SITE}/", lambda route: route.fulfill(content_type="text/html", body=""))
    made.route(
        f"{SITE}/clock.js",
        lambda route: route.fulfill(content_type="text/javascript", path=CLOCK),
    )
    made.goto(f"{SITE}/")
    yield made
    made.close()


@pytest.mark.parametrize("name", [*CASES, "an hour"])
def test_the_clock_counts_the_time_that_was_worked(page: Any, name: str) -> None:
    case = CASES.get(name, AN_HOUR)
    said = page.evaluate(PLAY, [case.script, case.start])
    assert said["seconds"] == pytest.approx(case.seconds, abs=0.01)
    assert said["events"] == case.events


def test_the_clock_says_whether_it_is_paused(page: Any) -> None:
    paused = page.evaluate(PLAY, [[(1, "pause")], 0])
    resumed = page.evaluate(PLAY, [[(1, "pause"), (2, "resume")], 0])
    assert paused["paused"] is True
    assert resumed["paused"] is False


def test_how_often_the_clock_is_read_changes_nothing(page: Any) -> None:
    """A page reads it each second, another only at the end."""
    often = sorted([*AN_HOUR.script, *((second + 0.5, "look") for second in range(3600))])
    said = page.evaluate(PLAY, [often, 0])
    assert said["seconds"] == pytest.approx(AN_HOUR.seconds, abs=0.01)
    assert said["events"] == AN_HOUR.events


def test_the_clock_goes_on_in_real_time(page: Any) -> None:
    """Without a time of the test's own it goes by the browser's even clock."""
    said = page.evaluate(
        """async () => {
            const { Clock } = await import("/clock.js");
            Date.now = () => 0;
            const clock = new Clock();
            const began = performance.now();
            await new Promise((resolve) => setTimeout(resolve, 300));
            return { counted: clock.seconds, passed: (performance.now() - began) / 1000 };
        }"""
    )
    assert said["counted"] == pytest.approx(said["passed"], abs=0.05)
