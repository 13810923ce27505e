"""A tick is not lost, however and whenever a coder leaves.

And whatever happens to the request that saves it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from annotation.label_studio.client import Account
from annotation.label_studio.labeling_page import Interface
from icd.tables import read_icd9_tables
from tests.label_studio.coding import (
    MINUTE,
    Seat,
    kept,
    ready,
    send,
    ticked,
    wait_for_reason,
    wait_for_state,
    wait_for_ticks,
)
from tests.label_studio.conftest import ADA, BEN, listed, new_project
from tests.live import LiveLabelStudio

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

CODES = listed(read_icd9_tables()[:40])
SOME = [code.code for code in CODES[3:9]]
NOTES = [(f"n-{number}", f"Summary {number}\nof a stay.") for number in range(60)]
NUMBERS = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def our_site(label_studio: LiveLabelStudio) -> Iterator[None]:
    """Something answers where our site should be, so that leaving Label Studio leads somewhere."""
    port = int(label_studio.coderbench_url.rpartition(":")[2])
    server = ThreadingHTTPServer(("127.0.0.1", port), OurSite)
    Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()


class OurSite(BaseHTTPRequestHandler):
    """Any page of our site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Our site</title><h1>Our site</h1>")

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


def seat_of(live: LiveLabelStudio, email: str, interface: Interface) -> Seat:
    client = live.client()
    client.ensure_account(email, email.partition("@")[0].capitalize())
    project = new_project(live, email, CODES, interface)
    return Seat(client, email, project, client.push_tasks(project, NOTES), interface)


@pytest.fixture(scope="module")
def seats(label_studio: LiveLabelStudio) -> dict[str, Seat]:
    """Ada's projects with either interface."""
    return {
        "list": seat_of(label_studio, ADA, "list"),
        "search": seat_of(label_studio, ADA, "search"),
    }


@pytest.fixture(scope="module")
def account(label_studio: LiveLabelStudio) -> Account:
    return label_studio.client().ensure_account(ADA, "Ada")


@pytest.fixture
def browser(chromium: Any) -> Iterator[Any]:
    """A browser of its own, with nothing kept in it yet."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(MINUTE)
    yield context
    context.close()


def fresh_note() -> str:
    return f"n-{next(NUMBERS)}"


# The five ways of leaving


def by_link(words: str) -> Callable[[Any], None]:
    def leave(page: Any) -> None:
        page.locator("#cb-bar").get_by_text(words).click()
        page.get_by_role("heading", name="Our site").wait_for()

    return leave


def by_back(page: Any) -> None:
    page.go_back(wait_until="commit")


def by_reload(page: Any) -> None:
    page.reload()


def by_closing(page: Any) -> None:
    page.close()


WAYS: dict[str, Callable[[Any], None]] = {
    "queue": by_link("Back to my queue"),
    "next": by_link("Code next note"),
    "back": by_back,
    "reload": by_reload,
    "closing": by_closing,
}

# What may happen to the request that saves a draft

FAULTS: dict[str, Callable[[Any], None] | None] = {
    "none": None,
    "403": lambda route: route.fulfill(status=403, json={"detail": "no"}),
    "500": lambda route: route.fulfill(status=500, json={"detail": "no"}),
    "never": lambda route: None,
    "cut": lambda route: route.abort(),
}
DRAFTS = "**/api/**/drafts*"
DRAFT = "**/api/drafts/**"


def leave_and_return(browser: Any, seat: Seat, way: str, fault: str) -> None:
    """Tick, leave at once, and come back: the tick is there.

    When drafts arrive again, the browser keeps nothing.
    """
    note, code = fresh_note(), SOME[0]
    page = browser.new_page()
    page.goto(f"{seat.client.url}/health/")
    seat.open(page, note)
    if FAULTS[fault]:
        for pattern in (DRAFTS, DRAFT):
            browser.route(pattern, FAULTS[fault])
    seat.tick(page, code)
    WAYS[way](page)
    if page.is_closed():
        page = browser.new_page()
    if way == "reload":
        ready(page)
    else:
        seat.open(page, note)
    wait_for_ticks(page, [code])
    browser.unroute_all(behavior="ignoreErrors")
    wait_for_state(page, "saved")
    page.wait_for_function(
        "!Object.keys(localStorage).some(key => key.startsWith('coderbench-ticks'))"
    )
    page.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_tick_is_there_on_return(browser: Any, seats: dict[str, Seat], way: str) -> None:
    leave_and_return(browser, seats["list"], way, "none")


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ("closing", "cut"),
        pytest.param("queue", "never", marks=pytest.mark.chaos),
        pytest.param("reload", "403", marks=pytest.mark.chaos),
        ("back", "500"),
    ],
)
def test_a_tick_that_was_not_saved_is_there_on_return(
    browser: Any, seats: dict[str, Seat], way: str, fault: str
) -> None:
    leave_and_return(browser, seats["search"], way, fault)


@pytest.mark.chaos
@pytest.mark.parametrize("interface", ["list", "search"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_and_every_fault(
    browser: Any, seats: dict[str, Seat], interface: str, way: str, fault: str
) -> None:
    leave_and_return(browser, seats[interface], way, fault)


@pytest.mark.parametrize("interface", ["list", pytest.param("search", marks=pytest.mark.chaos)])
def test_what_is_ticked_is_shown_and_removed_in_the_tray(
    browser: Any, seats: dict[str, Seat], interface: str
) -> None:
    seat, note, page = seats[interface], fresh_note(), browser.new_page()
    seat.open(page, note)
    for code in SOME:
        seat.tick(page, code)
    wait_for_ticks(page, SOME)
    page.keyboard.press("Escape")
    box = page.locator("#cb-tray").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 900
    page.get_by_role("button", name=f"Remove {SOME[0]}").click()
    wait_for_ticks(page, SOME[1:])
    seat.tick(page, "No listed code")
    wait_for_ticks(page, ["No"])
    seat.tick(page, SOME[2])
    wait_for_ticks(page, [SOME[2]])
    wait_for_state(page, "saved")
    send(page)
    wait_for_state(page, "submitted")
    (given,) = [each for each in seat.client.changed(seat.project) if each.note_id == note]
    assert (given.parsed.codes, given.parsed.none_applies) == ((SOME[2],), False)


def test_words_for_a_code_that_is_not_listed_are_kept_too(
    browser: Any, seats: dict[str, Seat]
) -> None:
    seat, note, page = seats["list"], fresh_note(), browser.new_page()
    seat.open(page, note)
    page.get_by_placeholder("A needed code that is not listed").fill("518.5 lung")
    page.locator("#cb-bar").get_by_text("Back to my queue").click()
    page.get_by_role("heading", name="Our site").wait_for()
    seat.open(page, note)
    page.get_by_text("518.5 lung").wait_for()


def test_no_text_is_kept_and_another_user_of_the_browser_sees_nothing(
    browser: Any, seats: dict[str, Seat], account: Account, label_studio: LiveLabelStudio
) -> None:
    seat, note, page = seats["search"], fresh_note(), browser.new_page()
    seat.open(page, note)
    browser.route(DRAFTS, FAULTS["cut"])
    seat.tick(page, SOME[0])
    page.keyboard.press("Escape")
    page.get_by_placeholder("A needed code that is not listed").fill("her own words")
    wait_for_state(page, "Not saved")
    ((key, entry),) = kept(page).items()
    assert key == f"coderbench-ticks:{account.id}:{seat.tasks[note]}"
    assert SOME[0] in entry and "Summary" not in entry and "words" not in entry
    browser.unroute_all(behavior="ignoreErrors")
    bens = seat_of(label_studio, BEN, "list")
    page.on("dialog", lambda dialog: dialog.accept())  # her words would be lost: the browser asks
    bens.open(page, note)
    assert ticked(page) == [] and kept(page) == {}
    assert not any(f":{account.id}:" in key for key in kept(page, "clock"))


@pytest.mark.parametrize("interface", ["list", pytest.param("search", marks=pytest.mark.chaos)])
def test_an_ended_session_is_said_and_the_ticks_survive(
    browser: Any, seats: dict[str, Seat], interface: str
) -> None:
    seat, note, page = seats[interface], fresh_note(), browser.new_page()
    seat.open(page, note)
    seat.tick(page, SOME[0])
    wait_for_state(page, "saved")
    seat.client.set_session(ADA, active=True)
    seat.tick(page, SOME[1])
    page.keyboard.press("Escape")
    send(page)
    wait_for_reason(page, "Your session has ended. Your ticks are kept on this computer.")
    again = page.get_by_role("link", name="Sign in again")
    assert again.get_attribute("href").endswith("/queue/")
    seat.open(page, note)
    wait_for_ticks(page, SOME[:2])
    send(page)
    wait_for_state(page, "submitted")


@pytest.mark.parametrize("interface", ["list", pytest.param("search", marks=pytest.mark.chaos)])
def test_label_studio_is_killed_before_submit_and_comes_back(
    browser: Any, seats: dict[str, Seat], interface: str, label_studio: LiveLabelStudio
) -> None:
    seat, note, page = seats[interface], fresh_note(), browser.new_page()
    seat.open(page, note)
    seat.tick(page, SOME[0])
    wait_for_state(page, "saved")
    label_studio.kill()
    try:
        seat.tick(page, SOME[1])
        page.keyboard.press("Escape")
        wait_for_state(page, "Not saved: Label Studio does not answer")
        send(page)
        wait_for_state(page, "Not submitted: Label Studio does not answer")
    finally:
        label_studio.start()
    assert ticked(page) == SOME[:2]
    send(page)
    wait_for_state(page, "submitted")
    (given,) = [each for each in seat.client.changed(seat.project) if each.note_id == note]
    assert set(given.parsed.codes) == set(SOME[:2]) and kept(page) == {}
