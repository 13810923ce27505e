"""An adjudicator at work in a browser, by keyboard alone: what Cid ticks is the panel's coding."""

from __future__ import annotations

import pytest

from tests.stack.conftest import NOTES, seconds_until
from tests.stack.test_sync import token_of, unanswered

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]


def test_cid_settles_a_note(stack, open_page):
    if not stack.codings("Ada"):
        stack.label_studio().submit(
            token_of(stack, "ada"), unanswered(stack, "Ada")[0], ["401.9"], 30.0
        )
        seconds_until(lambda: stack.codings("Ada"), 90)
    page = open_page("cid", width=390)
    assert page.url.endswith("/adjudicate/")
    page.get_by_role("link", name="Settle next note").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Note')")
    for name in ("Ada", "Ben", "reference of batch"):
        assert name not in page.locator("main").inner_text()
    boxes = page.locator("input[name=code]")
    first = boxes.first.get_attribute("value")
    boxes.first.focus()
    page.keyboard.press("Space")
    page.get_by_label("Codes that nobody gave").fill("V10.05")
    settled = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address != settled)
    (panel,) = stack.api("raters/?kind=panel")["results"]
    (coding,) = stack.api(f"codings/?rater={panel['id']}")["results"]
    assert coding["codes"] == sorted({first, "V10.05"})
    page.goto(f"{stack.site}/adjudicate/")
    progress = page.locator("progress").first
    assert progress.get_attribute("value") == "1" and int(progress.get_attribute("max")) <= NOTES
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.foreign == []


def test_the_doctor_finds_every_part_well(stack):
    assert "both queues are served" in stack.manage("doctor")
