"""Searching the whole code system beside the study's list, and what is said of it."""

from __future__ import annotations

import pytest

from tests.desk.hands import found, in_hand, says, search, tick, tray

pytestmark = pytest.mark.browser

UNLISTED = "esophageal reflux"
"""No listed code has both words; 18 have one of them."""
UNLISTED_CODE = "530.81"


def search_everywhere(page) -> None:
    """By keyboard: from the last row, or from where nothing is found."""
    for _ in range(60):
        page.press("#search", "ArrowDown")
    page.press("#search", "Enter")


def test_the_whole_system_is_in_one_order_with_the_list(open_desk):
    page = open_desk()
    search(page, UNLISTED)
    listed = found(page)
    assert UNLISTED_CODE not in listed
    assert page.inner_text("#result-count").startswith("No code has all the words; 18 codes")
    search_everywhere(page)
    page.locator(f"#results [data-code='{UNLISTED_CODE}']").wait_for()
    assert found(page)[0] == UNLISTED_CODE and in_hand(page) == UNLISTED_CODE
    assert "not in this study" in page.inner_text(f"#results [data-code='{UNLISTED_CODE}']")
    assert "best first" in page.inner_text("#result-count")
    page.press("#search", "Enter")
    assert tray(page) == [] and page.input_value("#needed").startswith(UNLISTED_CODE)


def test_what_is_listed_stays_so_in_the_whole_system(open_desk):
    page = open_desk()
    tick(page, "401.9")
    search(page, "essential hypertension")
    listed = found(page)[:3]
    search_everywhere(page)
    page.locator("#results .act").wait_for(state="detached")
    assert set(listed) <= set(found(page))
    row = page.locator("#results [data-code='401.9']")
    assert "not in this study" not in row.inner_text() and "✓" in row.inner_text()


def test_back_in_the_box_typing_replaces_what_was_there(open_desk):
    page = open_desk()
    search(page, "427.31")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.type("afib")
    assert page.input_value("#search") == "afib"


def test_undo_is_offered_for_what_it_would_undo(open_desk):
    page = open_desk()
    tick(page, "401.9", "486")
    page.fill("#search", "401.9")
    page.press("#search", "Enter")
    says(page, "401.9 is already among your codes", "#undo-text")
    assert not page.is_visible("#undo-button")
    for code in ("401.9", "486"):
        page.click(f"#tray-list [data-code='{code}'] button")
        says(page, f"Removed {code}", "#undo-text")
        assert page.is_visible("#undo-button")
    page.check("#none")
    says(page, "Ticked “No listed code applies”", "#undo-text")
    page.click("#undo-button")
    says(page, "Undone: Ticked", "#undo-text")
    assert not page.is_checked("#none") and tray(page) == []
