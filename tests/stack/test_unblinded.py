"""A study of its own is closed, reopened and coded on in Chromium.

The answer is marked under Table 1.
"""

from __future__ import annotations

import pytest

from tests.stack.conftest import seconds_until
from tests.stack.test_coding import BOXES, send, tick
from tests.stack.test_sync import token_of

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]


def test_closed_reopened_answered_and_marked(stack, open_page):
    stack.manage(
        "open_study",
        "life",
        "--coders",
        "ada",
        "--overlap",
        "0",
        "--sample",
        "3",
        "--interface",
        "list",
    )
    (study,) = [row["id"] for row in stack.api("studies/")["results"] if row["slug"] == "life"]

    def coded() -> list[dict]:
        return [coding for coding in stack.codings("Ada") if coding["study"] == study]

    client, project = stack.label_studio(), stack.projects()["life Ada"]
    client.submit(token_of(stack, "ada"), min(client._task_ids(project).values()), ["401.9"], 10.0)
    seconds_until(coded, 90)
    rae = open_page("rae")
    closed(rae, stack)
    ada = open_page("ada")
    ada.goto(f"{stack.site}/queue/")
    assert "Study life" not in ada.content()
    reopened(open_page("sam"), stack)
    ada.goto(f"{stack.site}/queue/")
    ada.locator("section", has_text="Study life").get_by_role(
        "button", name="I have read this"
    ).click()
    ada.locator("section", has_text="Study life").locator(".go-on").click()
    ada.wait_for_selector(BOXES, timeout=120_000)
    tick(ada, "hypertension")
    send(ada, "Submit", "POST")
    seconds_until(lambda: len(coded()) == 2, 90)
    assert sorted(row["after_reopening"] is not None for row in coded()) == [False, True]
    rae.goto(f"{stack.site}/studies/life/runs/")
    rae.click("button:has-text('Run the benchmark')")
    rae.wait_for_selector(
        "text=1 answer was given after the study was reopened on", timeout=120_000
    )
    rae.screenshot(path=str(stack.services.home / "marked.png"), full_page=True)
    under = rae.locator("#how").text_content()
    assert "results could be seen by: Rae (researcher); Sam (admin)" in under and rae.foreign == []


def closed(page, stack) -> None:
    """Rae closes it: she is told what is left, and types the name once wrong."""
    page.goto(f"{stack.site}/studies/life/settings/")
    page.click("a:has-text('Close the study')")
    assert "2 of 3 assignments are not done" in page.content()
    for typed in ("small", "life"):
        page.get_by_label("Type the short name").fill(typed)
        page.get_by_label("Type the short name").press("Enter")
        page.wait_for_load_state()
        if typed == "small":
            assert "small is not life" in page.locator("[role=alert]").inner_text()
    page.wait_for_selector(".study-head .tag.closed", timeout=60_000)
    page.goto(f"{stack.site}/studies/life/settings/")
    assert page.locator("a:has-text('Close the study')").count() == 0


def reopened(page, stack) -> None:
    page.goto(f"{stack.site}/studies/life/settings/")
    page.click("a:has-text('Reopen the study')")
    assert "Rae (researcher); Sam (admin)" in page.content()
    page.get_by_label("Type the short name").fill("life")
    page.click("button:has-text('Reopen the study')")
    page.wait_for_selector(".study-head .tag.open", timeout=60_000)
