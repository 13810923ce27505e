"""Ada's page in a real browser: in by ticket, filter, tick, submit, correct.

Nothing is asked of any other host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.label_studio.answers import Answer
from annotation.label_studio.client import LabelStudio
from icd.tables import read_icd9_tables
from tests.label_studio.conftest import ADA, Desk, listed, new_project
from tests.live import LiveLabelStudio

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

CODES = listed(read_icd9_tables()[:300])
BOXES = ".cb-list label:visible"
TICKED = ".cb-list input:checked"


@pytest.fixture
def page(chromium: Any, label_studio: LiveLabelStudio) -> Iterator[Any]:
    """A page that records requests to other hosts, refusals, and its scripts' errors."""
    tab = chromium.new_page(viewport={"width": 1400, "height": 900})
    tab.strayed, tab.refused = [], []
    inside = (label_studio.url, "data:", "blob:")
    tab.on("request", lambda asked: asked.url.startswith(inside) or tab.strayed.append(asked.url))
    tab.on("response", lambda got: got.status < 400 or tab.refused.append((got.status, got.url)))
    tab.set_default_timeout(60_000)
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def project(label_studio: LiveLabelStudio, ada: Desk) -> int:
    return new_project(label_studio, ADA, CODES)


@pytest.fixture(scope="module")
def tasks(label_studio: LiveLabelStudio, project: int) -> dict[str, int]:
    made: dict[str, int] = label_studio.client().push_tasks(
        project, [(f"n-{number}", f"Summary {number}\n\nof a stay.") for number in range(1, 9)]
    )
    return made


def open_note(page: Any, client: LabelStudio, project: int, task: int) -> None:
    page.goto(client.login_url(ADA, project, task))
    page.wait_for_selector(BOXES)


def submit(page: Any, button: str) -> None:
    with page.expect_response(
        lambda got: "/annotations" in got.url and got.request.method in {"POST", "PATCH"}
    ) as sent:
        page.locator(f"button:has-text('{button}')").click()
    assert sent.value.ok


def answer_to(client: LabelStudio, project: int, note_id: str) -> Answer:
    (found,) = [answer for answer in client.changed(project) if answer.note_id == note_id]
    return found


def test_ada_codes_a_note_and_corrects_it(
    page: Any, label_studio: LiveLabelStudio, project: int, tasks: dict[str, int], ada: Desk
) -> None:
    client = label_studio.client()
    open_note(page, client, project, tasks["n-1"])
    assert page.locator(".cb-note").inner_text().startswith("Summary 1\n\nof a stay.")
    assert page.locator(BOXES).count() == len(CODES) + 1

    page.get_by_placeholder("Filter by code or word").fill("cholera")
    fitting = sum("cholera" in code.title.lower() for code in CODES)
    expect(page.locator(BOXES)).to_have_count(fitting)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.locator(TICKED).count() == 0, "Enter in the filter ticked a code"

    page.get_by_text("001.1 ").click()
    page.get_by_placeholder("A needed code that is not listed").fill("518.5 lung")
    submit(page, "Submit")
    given = answer_to(client, project, "n-1")
    assert (given.parsed.codes, given.parsed.unlisted) == (("001.1",), "518.5 lung")
    assert given.completed_by == ada.account.id

    open_note(page, client, project, tasks["n-1"])
    page.wait_for_selector(TICKED)
    page.get_by_text("001.0 ").click()
    submit(page, "Update")
    corrected = answer_to(client, project, "n-1")
    assert (corrected.annotation_id, corrected.parsed.codes) == (
        given.annotation_id,
        ("001.0", "001.1"),
    )
    assert corrected.updated_at > given.updated_at

    open_note(page, client, project, tasks["n-5"])
    assert page.locator(".cb-note").inner_text().startswith("Summary 5")
    assert page.locator(TICKED).count() == 0
    assert (page.strayed, page.refused) == ([], [])


def test_no_listed_code_excludes_the_codes_and_keys_tick_none(
    page: Any, label_studio: LiveLabelStudio, project: int, tasks: dict[str, int]
) -> None:
    client = label_studio.client()
    open_note(page, client, project, tasks["n-2"])
    page.get_by_text("001.1 ").click()
    for key in "12qwa":
        page.keyboard.press(key)
    page.wait_for_function(f"document.querySelectorAll('{TICKED}').length === 1")
    page.get_by_text("No listed code applies").click()
    page.wait_for_function(f"document.querySelector('{TICKED}')?.name === 'No listed code applies'")
    page.wait_for_timeout(300)
    assert page.locator(TICKED).count() == 1
    submit(page, "Submit")
    given = answer_to(client, project, "n-2").parsed
    assert (given.codes, given.none_applies) == ((), True)


def test_the_way_back_leads_to_our_queue(
    page: Any, label_studio: LiveLabelStudio, project: int, tasks: dict[str, int]
) -> None:
    open_note(page, label_studio.client(), project, tasks["n-3"])
    links = page.locator("#cb-bar a")
    queue = f"{label_studio.coderbench_url}/queue/"
    assert [link.get_attribute("href") for link in links.all()] == [queue, f"{queue}next/"]
    assert all(link.is_visible() for link in links.all())


def test_search_opens_beside_the_note_and_gives_codes(
    page: Any, label_studio: LiveLabelStudio, ada: Desk
) -> None:
    client = label_studio.client()
    project = new_project(label_studio, ADA, CODES, "search")
    task = client.push_tasks(project, [("n-1", "A note.")])["n-1"]
    page.goto(client.login_url(ADA, project, task))
    page.locator(".cb-list .ant-select-selector").click()
    page.locator(
        ".ant-select-dropdown input[type=text], .ant-select-dropdown input:not([type])"
    ).first.fill("001.1")
    page.locator(".ant-select-dropdown").get_by_text("001.1 ").first.click()
    submit(page, "Submit")
    assert answer_to(client, project, "n-1").parsed.codes == ("001.1",)
