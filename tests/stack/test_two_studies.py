"""A researcher makes a study on the site and opens it; its coders find it in their queues."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]


def test_rae_makes_and_opens_a_study(stack, open_page):
    page = open_page("rae")
    page.goto(f"{stack.site}/studies/new/")
    page.get_by_label("Name in addresses").fill("second")
    page.get_by_label("Notes", exact=False).first.select_option(index=1)
    page.get_by_label("Ada").check()
    page.get_by_label("Shared notes").fill("0")
    page.click("button:has-text('Preview the plan')")
    plan = page.locator("section[aria-label='The plan']").inner_text()
    assert "Ada" in plan and "Ben" not in plan
    page.screenshot(path=str(stack.services.home / "study_new.png"), full_page=True)
    page.click("button:has-text('Draft the study')")
    page.click("button:has-text('Open the study')")
    page.wait_for_selector("text=second is open")
    assert page.foreign == []
    assert "second Ada" in stack.projects() and "second Ben" not in stack.projects()
    assert "second" in open_page("ada").content()
