"""A coder codes notes on our own page: by keyboard alone, by mouse, on a phone."""

from __future__ import annotations

import json

import pytest

from tests.desk.furnish import MISSING
from tests.desk.hands import (
    focused,
    found,
    in_hand,
    saved,
    says,
    search,
    submit,
    tick,
    tray,
    until,
)
from tests.desk.site import DeskSite

pytestmark = pytest.mark.browser


def test_search_tick_undo_and_submit_by_keyboard(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    assert focused(page) == "search"
    page.keyboard.type("chr sys hf")
    page.wait_for_selector("#results [data-code='428.22']")
    assert in_hand(page) == "428.22" and page.inner_text("#results .why >> nth=0")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert tray(page) == ["428.22"] and page.input_value("#search") == ""
    page.keyboard.type("428.3")
    page.keyboard.press("ArrowDown")
    second = in_hand(page)
    page.keyboard.press("Shift+Enter")
    assert tray(page) == ["428.22", second] and page.input_value("#search") == "428.3"
    page.keyboard.press("Escape")
    tick(page, "401.9", "96.04")
    page.keyboard.press("ArrowDown")  # from the empty box into my codes
    page.keyboard.press("Delete")
    assert tray(page) == [second, "401.9", "96.04"]
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert tray(page) == ["428.22", second] and focused(page) == "search"
    saved(page)
    until(lambda: json.loads(desk_site.draft(first)["codes"]) == ["428.22", second])
    submit(page)
    until(lambda: desk_site.codings(first) == [["428.22", second]])
    assert desk_site.draft(first) is None
    assert tray(page) == [] and focused(page) == "search" and page.assignment != first
    says(page, "submitted", "#last-sent")
    announced = page.locator("#announce", has_text="Note ")
    announced.wait_for(state="attached")
    assert page.input_value("#search") == ""


def test_by_mouse(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    search(page, "pneumonia")
    page.click("#results [role=option] >> nth=1")
    page.click("#results [role=option] >> nth=0")
    chosen = found(page)[:2]
    assert tray(page) == [chosen[1], chosen[0]] and page.input_value("#search") == "pneumonia"
    page.click(f"#tray-list [data-code='{chosen[1]}'] button")
    assert tray(page) == [chosen[0]]
    page.click("#undo-button")
    assert tray(page) == [chosen[1], chosen[0]]
    second = desk_site.left()[1]
    until(lambda: opened(desk_site, second) == ["ahead"])  # in the browser, and not shown yet
    page.click("#send")
    until(lambda: desk_site.codings(first) == [[chosen[1], chosen[0]]])
    until(lambda: opened(desk_site, second) == ["ahead", "coding"])


def opened(site: DeskSite, assignment: int) -> list[str]:
    """The ways by which the note of an assignment was opened."""
    question = (
        "select way from annotation_noteopening where note = "
        "(select note_id from annotation_assignment where id = ?) order by id"
    )
    return [way for (way,) in site.rows(question, assignment)]


def test_pressed_twice_submits_no_note_that_was_not_read(open_desk, desk_site):
    """The next note was begun before, so that it could be submitted."""
    page = open_desk(desk_site.left()[1])
    tick(page, "486")
    saved(page)
    second = page.assignment
    page = open_desk(context=page.context)
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    page.wait_for_timeout(1000)  # the next note is fetched ahead
    page.dblclick("#send")
    until(lambda: desk_site.codings(first) == [["401.9"]])
    page.wait_for_timeout(500)
    assert desk_site.codings(second) == [] and tray(page) == ["486"]


def test_on_a_phone(open_desk, desk_site):
    page = open_desk(viewport={"width": 390, "height": 844}, has_touch=True)
    first = page.assignment
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#note").is_visible() and not page.locator("#search").is_visible()
    page.tap("#panes [value=find]")
    page.tap("#search")
    page.keyboard.type("afib")
    page.tap("#results [data-code='427.31']")
    page.tap("#panes [value=codes]")
    assert tray(page) == ["427.31"] and page.inner_text("#pane-count") == "1"
    button = page.locator("#tray-list button").bounding_box()
    assert button["height"] >= 40 and button["width"] >= 40
    page.route("**/draft/", lambda route: route.abort())
    page.tap("#panes [value=find]")
    page.fill("#search", "401.9")
    page.tap("#results [data-code='401.9']")
    page.locator("[data-notice=down]").wait_for()
    page.tap("#panes [value=codes]")
    assert page.locator("[data-notice=down]").is_visible(), "above whichever pane is shown"
    page.unroute("**/draft/")
    page.tap("#send")
    until(lambda: desk_site.codings(first) == [["427.31", "401.9"]])
    page.locator("#note").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_only_rows_in_view_exist(open_desk):
    page = open_desk()
    search(page, "dis")
    rows = page.locator("#results [role=option]")
    first = rows.first
    size = int(first.get_attribute("aria-setsize"))
    assert rows.count() < 20 <= size
    for _ in range(size - 1):
        page.keyboard.press("ArrowDown")
    assert rows.count() < 20
    last = page.locator("#results [aria-selected=true]")
    assert last.get_attribute("aria-posinset") == str(size) and last.is_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 500


def test_the_tabular_list_beside_the_code_and_from_the_chapters_down(open_desk):
    page = open_desk()
    search(page, "428.22")
    page.keyboard.press("Tab")
    assert focused(page) == "tabular"
    beside = page.locator("#tabular [role=option]")
    assert [row.get_attribute("data-code") for row in beside.all()] == [
        "428.20",
        MISSING,
        "428.22",
        "428.23",
    ]
    assert "not in this study" in page.inner_text(f"#tabular [data-code='{MISSING}']")
    assert "fifth digit" in page.inner_text("#level-title")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert tray(page) == ["428.23"]
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert page.inner_text("#level-title") == "Chapters"
    while "390–459" not in page.inner_text("#tabular [aria-selected=true]"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    while page.get_attribute("#tabular [aria-selected=true]", "data-code") != "428":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert tray(page) == ["428.23", "428.0"]
    page.keyboard.press("Escape")
    assert focused(page) == "search"


def test_a_needed_code_that_is_not_listed(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    search(page, MISSING)
    assert found(page) == []
    page.keyboard.press("Enter")
    row = page.locator(f"#results [data-code='{MISSING}']")
    row.wait_for()
    assert "not in this study" in row.inner_text()
    page.keyboard.press("Enter")
    assert tray(page) == [] and MISSING in page.input_value("#needed")
    search(page, "snorkelling")
    page.click("#write-down")
    assert page.input_value("#needed").splitlines()[1] == "snorkelling"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    assert page.input_value("#needed").splitlines() == [f"{MISSING} Acute systolic heart failure"]
    page.keyboard.press("Control+Enter")
    says(page, "Tick a code first", "#undo-text")
    page.check("#none")
    submit(page)
    until(lambda: desk_site.codings(first) == [[]])
    wanted = "select c.unlisted from annotation_coding c order by c.id desc limit 1"
    assert desk_site.rows(wanted)[0][0].startswith(MISSING)


def test_the_note_its_sections_and_find(open_desk):
    page = open_desk()
    names = page.locator("#jump a").all_inner_texts()
    assert "Hospital course" in names and len(names) > 5
    page.keyboard.press("Alt+ArrowDown")
    assert page.inner_text("#jump [aria-current]") == names[1]
    page.keyboard.press("PageDown")
    assert page.evaluate("document.querySelector('#note').scrollTop") > 0
    page.keyboard.press("Control+f")
    assert focused(page) == "in-note"
    page.keyboard.type("the")
    says(page, "1 of ", "#in-note-count")
    page.keyboard.press("Enter")
    says(page, "2 of ", "#in-note-count")
    page.keyboard.press("Escape")
    assert focused(page) == "search"


MARK = """(words) => {
  for (const part of document.querySelectorAll("#note pre")) {
    const at = part.textContent.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(part.firstChild, at);
    range.setEnd(part.firstChild, at + words.length);
    document.getSelection().removeAllRanges();
    document.getSelection().addRange(range);
    document.querySelector("#note").focus();
    return true;
  }
  return false;
}"""


def test_marked_words_go_to_the_search_only_on_enter(open_desk):
    page = open_desk()
    asked = []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    assert page.evaluate(MARK, "Admission Date")
    page.locator("#ask").wait_for()
    page.wait_for_timeout(300)
    assert page.input_value("#search") == ""
    page.keyboard.press("Enter")
    assert page.input_value("#search") == "Admission Date" and focused(page) == "search"
    assert not page.locator("#ask").is_visible()
    assert [each for each in asked if "dmission" in each] == []
    assert "dmission" not in page.evaluate("JSON.stringify([location.href, history.state])")


def test_pause_hides_the_note_and_stops_the_clock(open_desk, desk_site):
    page = open_desk()
    tick(page, "401.9")
    page.keyboard.press("Alt+p")
    says(page, "Go on", "#pause-word")
    assert not page.locator("#note pre").first.is_visible() and tray(page) == ["401.9"]
    page.wait_for_timeout(200)  # the press itself may turn a second
    before = page.inner_text("#worked")
    page.wait_for_timeout(2500)
    assert page.inner_text("#worked") == before
    page.keyboard.press("Alt+p")
    assert page.locator("#note pre").first.is_visible()
    verbs = "select verb from annotation_event where object = ? order by id"
    events = f"assignment:{page.assignment}"
    until(
        lambda: (
            [verb for (verb,) in desk_site.rows(verbs, events)][-2:]
            == ["coding.paused", "coding.resumed"]
        )
    )


def test_the_keys_and_switching_single_keys_off(open_desk):
    page = open_desk()
    page.focus("#note")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible() and "fifth digit" in page.inner_text("#keys")
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    page.focus("#note")
    page.keyboard.press("?")
    page.keyboard.press("/")
    assert not page.locator("#keys").is_visible() and focused(page) == "note"
    page.keyboard.press("F1")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.focus("#note")
    page.keyboard.press("?")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("Alt+g")
    assert page.locator("#guideline").is_visible()


def test_a_note_is_opened_again_and_changed(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    tick(page, "401.9")
    submit(page)
    until(lambda: desk_site.codings(first))
    says(page, "submitted", "#last-sent")
    page.click("#open-again")
    page.wait_for_selector("#tray-list [data-code='401.9']")
    assert page.url.endswith(f"/code/{first}/")
    says(page, "✓ Submitted")
    tick(page, "486")
    submit(page)
    until(lambda: desk_site.codings(first) == [["401.9"], ["401.9", "486"]])
    page.go_back()
    page.wait_for_url(f"**/code/{first}/")
    page.wait_for_selector("#tray-list [data-code='486']")


def test_after_the_last_note_back_to_the_queue(open_desk, desk_site):
    page = open_desk(name="ben")
    for left in (3, 2):
        assert len(desk_site.left("end")) == left
        tick(page, "401.9")
        submit(page)
        until(lambda left=left: len(desk_site.left("end")) == left - 1)
    tick(page, "401.9")
    page.keyboard.press("Control+Enter")
    says(page, "Thank you", "#waiting-words")
    page.wait_for_url("**/queue/")
    assert desk_site.left("end") == []
