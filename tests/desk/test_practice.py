"""Practice on the coding page: the hospital's codes come after Submit, and nothing is kept."""

from __future__ import annotations

import pytest

from tests.desk.furnish import PRACTICE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def counted(site) -> list[tuple[int, ...]]:
    """How many drafts and how many codings there are."""
    drafts, codings = "annotation_draft", "annotation_coding"
    return [site.rows(f"select count(*) from {table}")[0] for table in (drafts, codings)]


def test_a_practice_note_is_compared_after_submit_and_the_next_one_comes(
    desk_site, sessions, chromium
):
    before = counted(desk_site)
    context = chromium.new_context(storage_state=sessions["ada"])
    context.set_default_timeout(60_000)
    page = context.new_page()
    received: list[str] = []
    # The list of codes names every code, of whatever note.
    page.on(
        "response",
        lambda answer: "/code/codes/" in answer.url or received.append(answer.text()),
    )
    page.goto(f"{desk_site.url}/code/practice/small/1/")
    page.get_by_text("To practise on:").first.wait_for()
    assert page.get_by_text("Practice: this is not counted.").is_visible()
    page.evaluate("localStorage.setItem('coderbench-desk:1:1', '{\"draft\": {}}')")
    page.check("#none")
    page.wait_for_timeout(500)
    assert not any(code in text for text in received for code in PRACTICE)
    page.press("#search", "Control+Enter")
    page.locator("#comparison .group-missed li").first.wait_for()
    missed = page.locator("#comparison .group-missed .code").all_inner_texts()
    assert sorted(missed) == sorted(PRACTICE)
    page.click("#next-practice")
    page.wait_for_url("**/code/practice/small/2/")
    page.locator("#position", has_text="2 of 3").wait_for()
    rows = desk_site.rows("select none_applies from annotation_practiceanswer")
    assert rows == [(1,)]
    assert counted(desk_site) == before
    context.close()
