"""The queue in a real browser: by keyboard, on a phone, and without its script.

The site's answers are taken first and handed to Chromium with their headers.
"""

from __future__ import annotations

import pytest

from tests.annotation.test_practice import to_practise
from tests.answered import opened as served
from tests.browser import launched
from tests.cast import logged_in
from tests.pages.test_queue import at, draft, opened, send

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture
def answers(batch, codes, ada) -> dict[str, tuple[dict[str, str], bytes]]:
    """Address -> (headers, body) of Ada's queue in every state, and of where it leads."""
    to_practise(3)
    study = opened("desk", batch, codes, ada)
    send(at(study, 1), "401.9", "428.0")
    send(at(study, 2), unlisted="a rare one")
    draft(at(study, 1), "401.9")
    draft(at(study, 3), "401.9")
    client = logged_in(ada)
    found = {}
    for address in ("/queue/", "/queue/?study=desk&show=changed"):
        response = client.get(address)
        found[address] = (dict(response.headers), response.content)
    found[f"/code/{at(study, 3).pk}/"] = ({"Content-Type": "text/html"}, b"<p>coding page</p>")
    return found


def coding_page(answers) -> str:
    return next(address for address in answers if address.startswith("/code/"))


def test_it_is_used_by_keyboard(answers):
    with launched() as browser:
        page = served(browser, answers, "/queue/", viewport=DESKTOP)
        assert page.locator("#go-on").inner_text().split() == ["Go", "on", "with", "note", "3", "G"]
        for key in ("Control+g", "Alt+g", "h"):
            page.keyboard.press(key)
        assert page.url.endswith("/queue/")
        assert [line for line in page.trouble if "404" not in line] == []
        page.keyboard.press("g")
        page.wait_for_url(f"**{coding_page(answers)}")


def test_the_key_can_be_switched_off(answers):
    with launched() as browser:
        page = served(browser, answers, "/queue/", viewport=DESKTOP)
        user = page.locator(".my-queue").get_attribute("data-user")
        name = f"coderbench-desk:{user}:single-keys"
        page.evaluate("name => localStorage.setItem(name, 'false')", name)
        page.keyboard.press("g")
        page.wait_for_timeout(300)
        assert page.url.endswith("/queue/")
        page.locator("#go-on").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{coding_page(answers)}")


def test_links_filter_without_a_script_and_nothing_is_wider_than_a_phone(answers):
    with launched() as browser:
        page = served(browser, answers, "/queue/", viewport=PHONE, java_script_enabled=False)
        assert page.locator("#sent tbody tr").count() == 2
        page.get_by_role("link", name="Changed, not sent 1").click()
        assert "show=changed" in page.url
        assert page.locator("#sent tbody tr").count() == 1
        assert page.get_by_role("link", name="Send the change of note").count() == 1
        widest = max(box["x"] + box["width"] for box in boxes(page))
        assert widest <= PHONE["width"]
        assert [line for line in page.trouble if "404" not in line] == []


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("17", '{"draft": {"codes": ["401.9"]}}', True),
        ("17", '{"submit": {"codes": ["401.9"]}}', True),
        ("17", '{"seconds": 12}', False),
        ("single-keys", "true", False),
    ],
)
def test_what_this_browser_keeps_and_cannot_send_is_said(answers, name, entry, said):
    """Codes that the server does not take; of this coder alone."""
    with launched() as browser:
        page = served(browser, answers, "/queue/", viewport=DESKTOP)
        assert not page.locator("#kept-here").is_visible()
        user = page.locator(".my-queue").get_attribute("data-user")
        keep = "([name, entry]) => localStorage.setItem(name, entry)"
        page.evaluate(keep, [f"coderbench-desk:{user}9:18", '{"draft": {"codes": []}}'])
        page.evaluate(keep, [f"coderbench-desk:{user}:{name}", entry])
        page.reload()
        page.wait_for_load_state("networkidle")
        if said:
            page.locator("#kept-here").wait_for()
        assert page.locator("#kept-here").is_visible() == said
        if said:
            assert page.locator("#kept-here a").get_attribute("href") == "/code/17/"


def boxes(page) -> list[dict[str, float]]:
    """Where each thing on the page is, that a person reads or presses."""
    found = []
    for each in page.locator("h1, h2, p, a, button, td, th, dd").all():
        box = each.bounding_box()
        if box:
            found.append(box)
    return found
