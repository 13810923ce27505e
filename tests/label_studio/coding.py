"""A coder's hands on the page in Label Studio, whichever interface it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotation.label_studio.client import LabelStudio
from annotation.label_studio.labeling_page import Interface

TRAY = "#cb-tray"
SEARCH_FIELD = "[data-testid=taxonomy-search]"
FOUND = ".ant-select-dropdown .ant-select-tree-title"
MINUTE = 60_000


@dataclass
class Seat:
    """One coder's project, and the notes in it."""

    client: LabelStudio
    email: str
    project: int
    tasks: dict[str, int]
    interface: Interface

    def open(self, page: Any, note: str) -> None:
        """Into the note by a ticket, as from the queue, until its codes can be ticked."""
        page.goto(self.client.login_url(self.email, self.project, self.tasks[note]))
        ready(page)

    def tick(self, page: Any, code: str) -> None:
        """Find a code by its number and click it."""
        if self.interface == "list":
            page.get_by_placeholder("Filter by code or word").fill(code)
            page.locator(".cb-list label:visible").filter(has_text=f"{code} ").first.click()
        else:
            found(page, code).filter(has_text=f"{code} ").first.click()


def found(page: Any, words: str) -> Any:
    """The codes that the drop-down finds for some words."""
    if not page.evaluate("document.activeElement?.dataset.testid === 'taxonomy-search'"):
        page.wait_for_timeout(500)  # it may just be closing
        if not page.locator(".ant-select-dropdown:visible").count():
            page.locator(".cb-list .ant-select-selector").click()
            page.locator(FOUND).first.wait_for()  # a search before the list is there finds nothing
    page.locator(SEARCH_FIELD).fill(words)
    return page.locator(FOUND)


def ready(page: Any) -> None:
    """Wait until the note on the screen can be coded."""
    page.wait_for_selector(f"{TRAY} [role=status]", timeout=MINUTE)


def ticked(page: Any) -> list[str]:
    """The codes in the tray, which is there without scrolling, after its count was checked."""
    codes = [line.split()[0] for line in page.locator(f"{TRAY} li span").all_inner_texts()]
    count = page.locator(f"{TRAY} strong").inner_text()
    assert count == ("1 code ticked" if len(codes) == 1 else f"{len(codes)} codes ticked")
    return codes


def wait_for_ticks(page: Any, codes: list[str]) -> None:
    """Wait until the tray has exactly these codes."""
    ready(page)
    wanted = f"""codes => [...document.querySelectorAll('{TRAY} li span')]
        .map(line => line.textContent.split(' ')[0])
        .sort().join() === codes.sort().join()"""
    page.wait_for_function(wanted, arg=list(codes), timeout=MINUTE)


SAID = f"document.querySelector('{TRAY} [role=status]')?.textContent.trim()"
"""What the tray says of the note, in JavaScript."""


def wait_for_state(page: Any, words: str) -> None:
    """Wait until what the tray says begins so: "saved" is no part of "Not saved" then."""
    page.wait_for_function(f"words => {SAID}?.startsWith(words)", arg=words, timeout=MINUTE)


def wait_for_reason(page: Any, words: str) -> None:
    """Wait until the tray says so, of a draft or of an answer that was not taken."""
    page.wait_for_function(f"words => {SAID}?.includes(words)", arg=words, timeout=MINUTE)


def kept(page: Any, what: str = "ticks") -> dict[str, str]:
    """What the browser keeps of ticks, or with "clock" of the seconds worked."""
    found: dict[str, str] = page.evaluate(
        "what => Object.fromEntries(Object.entries(localStorage)"
        ".filter(([key]) => key.startsWith(`coderbench-${what}`)))",
        what,
    )
    return found


def send(page: Any, button: str = "Submit") -> None:
    """Press Submit or Update."""
    page.locator(f"button:has-text('{button}')").click()
