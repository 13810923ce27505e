"""A phone, a window that changes its size, a screen at 200 per cent."""

from __future__ import annotations

import pytest

from tests.desk.conftest import WIDE
from tests.desk.hands import focused, says, search
from tests.desk.test_accessible import PHONE

pytestmark = pytest.mark.browser

ZOOMED = {"width": 720, "height": 450}


def place(page) -> tuple[int, str]:
    """How far the note is scrolled, and which place of what was searched is marked."""
    scrolled = page.evaluate("document.querySelector('#note').scrollTop")
    return round(scrolled), page.inner_text("#in-note-count")


def find_third(page) -> None:
    page.fill("#in-note", "the")
    for _ in range(2):
        page.press("#in-note", "Enter")
    says(page, "3 of ", "#in-note-count")


def find_last(page) -> None:
    page.fill("#in-note", "the")
    page.press("#in-note", "Shift+Enter")
    page.wait_for_function(
        """() => {
          const [place, of] = document.querySelector('#in-note-count').textContent.split(' of ');
          const section = document.querySelector("#jump [aria-current]");
          const follows = section && section !== document.querySelector("#jump-list a");
          return place === of && document.querySelector('#note').scrollTop > 0 && follows;
        }"""
    )


def test_panes_take_turns_and_the_note_stays_where_it_was(open_desk):
    page = open_desk(viewport=PHONE, has_touch=True)
    # The third place may be on the first screen: that depends on the machine's fonts.
    find_last(page)
    section = page.inner_text("#jump [aria-current]")
    before = place(page)
    assert before[0] > 0
    for pane in ("find", "note", "codes", "note"):
        page.tap(f"#panes [value={pane}]")
        page.wait_for_timeout(200)
    assert place(page) == before
    assert page.inner_text("#jump [aria-current]") == section


def test_a_window_of_another_size_keeps_the_place_that_was_found(open_desk):
    page = open_desk()
    find_third(page)
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_timeout(300)
    says(page, "3 of ", "#in-note-count")
    page.set_viewport_size(WIDE)
    page.wait_for_timeout(300)
    says(page, "3 of ", "#in-note-count")


def test_on_a_phone_a_tick_is_said_and_undone_where_it_was_made(open_desk):
    page = open_desk(viewport=PHONE, has_touch=True)
    page.tap("#panes [value=find]")
    search(page, "401.9")
    page.tap("#results [data-code]")
    assert page.inner_text("#undo-text") == "Added 401.9"
    page.tap("#undo-button")
    says(page, "Undone: Added 401.9", "#undo-text")
    search(page, "snorkelling")
    page.tap("#write-down")
    says(page, "Wrote down as needed but not listed: snorkelling", "#undo-text")


def test_at_200_per_cent_by_keyboard_nothing_is_covered(open_desk):
    page = open_desk(viewport=ZOOMED)
    page.keyboard.press("/")
    search(page, "401.9")
    page.press("#search", "Enter")
    says(page, "Added 401.9", "#undo-text")
    search(page, "diabetes")
    on_top = "e => { const b = e.getBoundingClientRect(); return e.contains("
    on_top += "document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)); }"
    for button in page.locator("#panes button").all():
        assert button.evaluate(on_top)
    cut = "rows => rows.filter((row) => row.scrollHeight > row.clientHeight).length"
    assert page.locator("#results [role=option]").evaluate_all(cut) == 0
    page.keyboard.press("PageDown")
    assert page.is_visible("#note") and focused(page) == "note"
    assert place(page)[0] > 0
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    assert page.is_visible("#tray-list li")
    page.keyboard.press("Delete")
    says(page, "Removed 401.9", "#undo-text")
