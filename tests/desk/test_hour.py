"""A scripted hour on the real page: an idle stretch, a hidden tab and a pause are left out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.desk.conftest import WIDE
from tests.desk.hands import tick, until

pytestmark = pytest.mark.browser

SHOW = """hidden => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  const state = hidden ? 'hidden' : 'visible';
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SIGN_EVERY = 30
"""Seconds from key to key of somebody at work."""


class Hour:
    """A person on a page whose clocks are the test's, and the seconds that ought to count."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.gone = 0
        self.worked = 0

    def pass_by(self, seconds: int) -> None:
        self.page.clock.run_for(seconds * 1000)
        self.gone += seconds

    def work(self, minutes: int) -> None:
        for _ in range(minutes * 60 // SIGN_EVERY):
            self.pass_by(SIGN_EVERY)
            self.page.keyboard.press("PageDown")
        self.worked += minutes * 60

    def be_idle(self, minutes: int) -> None:
        """Only the first two minutes without a key or a click count."""
        self.pass_by(minutes * 60)
        self.page.keyboard.press("PageUp")
        self.worked += min(minutes * 60, 120)

    def look_elsewhere(self, minutes: int) -> None:
        self.page.evaluate(SHOW, True)
        self.pass_by(minutes * 60)
        self.page.evaluate(SHOW, False)

    def pause(self, minutes: int) -> None:
        self.page.keyboard.press("Alt+p")
        self.pass_by(minutes * 60)
        self.page.keyboard.press("Alt+p")


def test_an_hour_with_a_pause_an_idle_stretch_and_a_hidden_tab(desk_site, sessions, chromium):
    context = chromium.new_context(storage_state=sessions["ada"], viewport=WIDE)
    context.clock.install()
    page = context.new_page()
    assignment = desk_site.left()[0]
    page.goto(f"{desk_site.url}/code/{assignment}/")
    page.wait_for_selector("body[data-ready]")
    stop(page)
    before = shown(page)
    earlier = len(told(desk_site, assignment))
    hour = Hour(page)
    hour.work(9)
    hour.be_idle(11)
    hour.work(5)
    hour.look_elsewhere(8)
    hour.work(7)
    hour.pause(13)
    hour.be_idle(2)
    hour.work(5)
    assert hour.gone == 3600
    worked = shown(page) - before
    print(f"an hour, {hour.worked} s of it worked: {worked} s shown")
    assert abs(worked - hour.worked) <= 1
    page.clock.resume()
    tick(page, "401.9")
    stop(page)
    at_submit = shown(page)
    page.keyboard.press("Control+Enter")
    page.clock.resume()
    until(lambda: desk_site.codings(assignment))
    stored = desk_site.rows(
        "select c.active_seconds from annotation_coding c join annotation_assignment a on "
        "a.note_id = c.note_id and a.rater_id = c.rater_id where a.id = ? "
        "and c.source_key like 'page:%' order by c.id desc limit 1",
        assignment,
    )[0][0]
    assert abs(stored - at_submit) <= 1
    # The hour takes a few seconds, so that what the page tells may arrive in another order.
    assert sorted(told(desk_site, assignment)[earlier:]) == [
        *["coding.back"] * 2,
        "coding.hidden",
        *["coding.idle"] * 2,
        "coding.paused",
        "coding.resumed",
        "coding.shown",
    ]
    context.close()


def told(site: Any, assignment: int) -> list[str]:
    """The events of a note's clock, as the server has them."""
    rows = site.rows(
        "select verb from annotation_event where object = ? order by id", f"assignment:{assignment}"
    )
    return [verb for (verb,) in rows]


def stop(page: Any) -> None:
    """From now on time passes only where the test lets it."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)


def shown(page: Any) -> int:
    """The seconds on the page's clock."""
    minutes, seconds = page.locator("#worked").inner_text().rsplit(":", 1)
    hours, _, minutes = minutes.rpartition(":")
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
