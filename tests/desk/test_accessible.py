"""What axe says of the coding page, in each of its states."""

from __future__ import annotations

from importlib.resources import files

import pytest

from tests.desk.hands import saved, search, tick

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
SERIOUS = ("serious", "critical")
PHONE = {"width": 390, "height": 844}


def serious(page) -> list[str]:
    """What axe finds on the page as it is, in words."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{each['id']}: {each['help']} ({[node['html'][:120] for node in each['nodes']]})"
        for each in found
        if each["impact"] in SERIOUS
    ]


def test_axe_finds_nothing_serious(open_desk, desk_site):
    page = open_desk()
    tick(page, "401.9", "96.04")
    saved(page)
    assert serious(page) == [], "resting"
    search(page, "heart failure")
    page.keyboard.press("ArrowDown")
    assert serious(page) == [], "found"
    page.keyboard.press("Tab")
    assert serious(page) == [], "tabular"
    search(page, "snorkelling")
    page.click("#unlisted summary")
    assert serious(page) == [], "nothing found"
    page.keyboard.press("F1")
    assert serious(page) == [], "keys"
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+g")
    assert serious(page) == [], "guideline"
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+p")
    assert serious(page) == [], "paused"
    page.keyboard.press("Alt+p")
    page.route("**/draft/", lambda route: route.abort())
    tick(page, "486")
    page.locator("[data-notice=down]").wait_for()
    assert serious(page) == [], "server down"
    page.unroute("**/draft/")


def test_axe_finds_nothing_serious_on_a_phone(open_desk):
    page = open_desk(viewport=PHONE, has_touch=True)
    assert serious(page) == [], "note"
    page.tap("#panes [value=find]")
    search(page, "heart failure")
    assert serious(page) == [], "find"
    page.tap("#results [role=option] >> nth=0")
    page.tap("#panes [value=codes]")
    assert serious(page) == [], "my codes"
