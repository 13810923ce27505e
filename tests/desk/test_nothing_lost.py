"""No tick is lost: the server is killed, the session ends, two tabs, a reload, a log-out."""

from __future__ import annotations

import json

import pytest

from tests.cast import PASSWORD
from tests.desk.conftest import WIDE, log_in
from tests.desk.hands import kept, saved, says, search, submit, tick, tray, until

pytestmark = pytest.mark.browser


def codes_of(draft) -> list[str]:
    return json.loads(draft["codes"]) if draft else []


def test_the_server_is_killed_and_comes_back(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    page.wait_for_timeout(1000)  # the next note is fetched ahead
    desk_site.kill()
    tick(page, "427.31")
    says(page, "Kept on this computer, not sent")
    page.locator("[data-notice=down]").wait_for()
    submit(page)  # kept too; the note that was fetched ahead can be coded meanwhile
    second = page.assignment
    assert second != first and "note" not in json.dumps(kept(page)).lower()
    says(page, "kept on this computer", "#last-sent")
    tick(page, "486")
    page.keyboard.press("Control+Enter")
    says(page, "The server does not answer", "#waiting-words")
    assert {f"coderbench-desk:1:{first}", f"coderbench-desk:1:{second}"} <= set(kept(page))
    desk_site.start()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(lambda: desk_site.codings(second) == [["486"]])
    assert desk_site.codings(first) == [["401.9", "427.31"]]
    order = "select note_id from annotation_coding order by id desc limit 2"
    notes = "select note_id from annotation_assignment where id in (?, ?) order by id = ? desc"
    assert desk_site.rows(order) == desk_site.rows(notes, first, second, second)
    page.wait_for_url(lambda address: not address.endswith(f"/{second}/"))
    assert tray(page) == [] and page.locator("#note pre").first.is_visible()
    assert not page.locator("[data-notice=down]").is_visible()
    assert not [key for key in kept(page) if key.endswith((f":{first}", f":{second}"))]


def test_what_was_kept_is_there_after_a_reload(open_desk, desk_site):
    page = open_desk()
    tick(page, "401.9")
    saved(page)
    desk_site.kill()
    tick(page, "250.00", "486")
    says(page, "Kept on this computer, not sent")
    desk_site.start()
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert tray(page) == ["401.9", "250.00", "486"]
    until(lambda: codes_of(desk_site.draft(page.assignment)) == ["401.9", "250.00", "486"])
    says(page, "✓ Saved")
    until(lambda: not [key for key in kept(page) if key.endswith(f":{page.assignment}")])


def test_an_answer_that_was_kept_goes_after_a_reload(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    page.route("**/submit/", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    says(page, "Kept on this computer, not sent")
    page.unroute("**/submit/")
    page.goto(f"{desk_site.url}/code/{first}/")
    until(lambda: desk_site.codings(first) == [["401.9"]])
    page.wait_for_selector("#tray-list [data-code='401.9']")
    says(page, "✓ Submitted")


def test_an_answer_whose_reply_was_lost_is_stored_once(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    lost = []

    def lose(route) -> None:
        """The server takes it, and the line breaks before its reply."""
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/submit/", lose)
    page.keyboard.press("Control+Enter")
    says(page, "submitted", "#last-sent")
    assert len(lost) == 1 and desk_site.codings(first) == [["401.9"]]


def test_the_session_ends_and_goes_on(open_desk, desk_site, sessions, chromium):
    page = open_desk(context=None)
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    page.context.clear_cookies(name="coderbench_session")
    tick(page, "486")
    page.locator("[data-notice=ended]").wait_for()
    assert tray(page) == ["401.9", "486"]
    with page.context.expect_page() as opened:
        page.click("text=Log in, in a new tab")
    other = opened.value
    other.trouble = []
    other.fill("input[name=username]", "ada")
    other.fill("input[name=password]", PASSWORD)
    other.click("main button")
    other.wait_for_url("**/queue/")
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    until(lambda: codes_of(desk_site.draft(first)) == ["401.9", "486"])
    says(page, "✓ Saved")
    assert not page.locator("[data-notice=ended]").is_visible()


def test_answers_after_the_session_has_ended_are_kept_and_it_is_said_why(open_desk):
    page = open_desk()
    page.wait_for_timeout(1000)  # the next note is fetched ahead
    page.context.clear_cookies(name="coderbench_session")
    page.check("#none")
    submit(page)
    says(page, "no listed code applies: kept on this computer, not sent", "#last-sent")
    tick(page, "401.9")
    page.keyboard.press("Control+Enter")
    says(page, "You are logged out", "#waiting-words")
    says(page, "1 code: kept on this computer, not sent", "#last-sent")


def test_another_user_neither_sees_nor_sends_what_is_kept(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    desk_site.kill()
    tick(page, "401.9")
    says(page, "Kept on this computer, not sent")
    page.goto("about:blank")
    desk_site.start()
    page.context.clear_cookies()
    log_in_here(page, desk_site, "ben")
    page.goto(f"{desk_site.url}/code/{first}/")
    assert "403" in page.title() or page.locator("#desk-note").count() == 0
    assert desk_site.draft(first) is None
    key = f"coderbench-desk:1:{first}"
    assert key in kept(page)
    page.context.clear_cookies()
    log_in_here(page, desk_site, "ada")
    page.goto(f"{desk_site.url}/code/{first}/")
    page.wait_for_selector("#tray-list [data-code='401.9']")
    until(lambda: codes_of(desk_site.draft(first)) == ["401.9"])


def log_in_here(page, site, name) -> None:
    page.goto(f"{site.url}/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/queue/")


def test_two_tabs_of_a_browser(open_desk, desk_site):
    one = open_desk()
    tick(one, "401.9")
    saved(one)
    two = open_desk(one.assignment, context=one.context)
    two.locator("[data-notice=elsewhere]").wait_for()
    search(two, "486")
    two.press("#search", "Enter")
    says(two, "nothing was changed", "#undo-text")
    assert tray(two) == ["401.9"]
    tick(one, "427.31")
    two.click("#take-over")
    two.wait_for_selector("#tray-list [data-code='427.31']")
    one.locator("[data-notice=elsewhere]").wait_for()
    tick(two, "486")
    until(lambda: codes_of(desk_site.draft(one.assignment)) == ["401.9", "427.31", "486"])
    search(one, "250.00")
    one.press("#search", "Enter")
    assert tray(one) == ["401.9", "427.31"]
    one.click("#take-over")
    one.wait_for_selector("#tray-list [data-code='486']")
    submit(one)
    until(lambda: desk_site.codings(two.assignment) == [["401.9", "427.31", "486"]])


def test_another_computer_has_ticked_meanwhile(open_desk, desk_site):
    one = open_desk()
    two = open_desk(one.assignment)
    tick(one, "401.9")
    saved(one)
    tick(two, "486")
    two.locator("[data-notice=elsewhere]").wait_for()
    assert codes_of(desk_site.draft(one.assignment)) == ["401.9"]
    two.click("#take-over")
    two.locator("dialog.question").wait_for()
    words = two.inner_text("dialog.question")
    assert "486" in words and "401.9" in words
    two.click("text=Those ticked here")
    until(lambda: codes_of(desk_site.draft(one.assignment)) == ["486"])
    tick(one, "427.31")
    one.locator("[data-notice=elsewhere]").wait_for()
    one.click("#take-over")
    one.click("dialog.question >> text=Those saved")
    assert tray(one) == ["486"]


def test_submitted_elsewhere_meanwhile(open_desk, desk_site):
    one = open_desk()
    first = one.assignment
    two = open_desk(first)
    two.wait_for_timeout(1000)
    tick(one, "401.9")
    submit(one)
    until(lambda: desk_site.codings(first) == [["401.9"]])
    tick(two, "486")
    two.locator("dialog.question").wait_for()
    assert "401.9" in two.inner_text("dialog.question")
    two.click("text=Those ticked here")
    until(lambda: codes_of(desk_site.draft(first)) == ["486"])
    assert desk_site.codings(first) == [["401.9"]]
    submit(two)
    until(lambda: desk_site.codings(first) == [["401.9"], ["486"]])


def test_drafts_that_arrive_in_the_wrong_order(open_desk, desk_site):
    page = open_desk()
    tick(page, "401.9")
    saved(page)
    held = []

    def hold(route) -> None:
        """The first one is late: it arrives after all others."""
        if held:
            route.continue_()
        else:
            held.append(route.request)
            route.abort()

    page.route("**/draft/", hold)
    tick(page, "427.31", "486")
    says(page, "Kept on this computer, not sent")
    saved(page)
    assert codes_of(desk_site.draft(page.assignment)) == ["401.9", "427.31", "486"]
    late = held[0]
    answer = page.context.request.post(late.url, data=late.post_data, headers=late.headers)
    assert answer.status == 409 and answer.json()["reason"] == "older"
    assert codes_of(desk_site.draft(page.assignment)) == ["401.9", "427.31", "486"]


def test_a_closed_study_says_so(open_desk, desk_site):
    page = open_desk()
    tick(page, "401.9")
    saved(page)
    close = "update annotation_study set status = ? where slug = 'small'"
    desk_site.change(close, "closed")
    try:
        tick(page, "486")
        says(page, "closed", "[data-notice=refused]")
        assert tray(page) == ["401.9", "486"]
        assert f"coderbench-desk:1:{page.assignment}" in kept(page)
    finally:
        desk_site.change(close, "open")


def test_a_log_out_sends_first_or_asks(open_desk, desk_site, chromium):
    context = chromium.new_context(viewport=WIDE)
    log_in(context, desk_site, "ada")
    page = open_desk(context=context)
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    page.route("**/draft/", lambda route: route.abort())
    tick(page, "486")
    says(page, "Kept on this computer, not sent")
    page.unroute("**/draft/")
    page.goto(f"{desk_site.url}/queue/")
    page.click("text=Log out")
    page.wait_for_url("**/login/**")
    assert codes_of(desk_site.draft(first)) == ["401.9", "486"]
    assert [key for key in kept(page) if key.startswith("coderbench-desk:")] == []
    context.close()


def test_the_queue_sends_what_is_kept_and_says_so_only_where_it_cannot(open_desk, desk_site):
    page = open_desk()
    first = page.assignment
    tick(page, "401.9")
    saved(page)
    with page.expect_response("**/draft/"):  # of the queue: the page that is left keeps its time
        page.click("a.brand")
        page.wait_for_url("**/queue/")
    page.wait_for_load_state("networkidle")
    assert not page.is_visible("#kept-here")
    page.goto(f"{desk_site.url}/code/{first}/")
    page.wait_for_selector("body[data-ready]")
    assert tray(page) == ["401.9"] and kept_codes(page) == []
    page.route("**/draft/", lambda route: route.abort())
    tick(page, "486")
    says(page, "Kept on this computer, not sent")
    page.goto(f"{desk_site.url}/queue/")
    page.locator("#kept-here").wait_for()
    assert page.get_attribute("#kept-here a", "href") == f"/code/{first}/"
    page.unroute("**/draft/")
    page.reload()
    until(lambda: codes_of(desk_site.draft(first)) == ["401.9", "486"])
    assert not page.is_visible("#kept-here")


def kept_codes(page) -> list[str]:
    """Notes of which this browser keeps codes."""
    return [name for name, entry in kept(page).items() if '"codes"' in entry]


def test_a_log_out_that_cannot_send_asks(open_desk, desk_site, chromium):
    context = chromium.new_context(viewport=WIDE)
    log_in(context, desk_site, "ada")
    page = open_desk(context=context)
    page.route("**/draft/", lambda route: route.abort())
    tick(page, "486")
    says(page, "Kept on this computer, not sent")
    page.goto(f"{desk_site.url}/queue/")
    page.click("text=Log out")
    says(page, "could not be sent", "dialog.question")
    page.click("text=Stay")
    assert f"coderbench-desk:1:{page.assignment}" in kept(page)
    page.click("text=Log out")
    page.click("text=Log out and lose these codes")
    page.wait_for_url("**/login/**")
    assert [key for key in kept(page) if key.startswith("coderbench-desk:")] == []
    context.close()


def test_a_page_without_anything_to_keep_in(open_desk, desk_site, sessions, chromium):
    """A browser whose storage is full or switched off still sends every tick, and says so."""
    context = chromium.new_context(viewport=WIDE, storage_state=sessions["ada"])
    context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    page = open_desk(context=context)
    tick(page, "401.9")
    saved(page)
    page.route("**/draft/", lambda route: route.abort())
    tick(page, "486")
    says(page, "Not saved: do not leave this page")
    context.close()


def test_nothing_is_asked_of_other_addresses_nor_kept_of_the_note(open_desk, desk_site):
    page = open_desk()
    words = page.inner_text("#note pre >> nth=2").split()[:3]
    tick(page, "401.9")
    saved(page)
    stored = json.dumps([kept(page), page.evaluate("({ ...sessionStorage })")])
    assert " ".join(words) not in stored and "hypertension" not in stored
    assert page.locator("#desk-note").count() == 0
    assert page.trouble == []
