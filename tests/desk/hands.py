"""What a coder does on the coding page, and what she sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.stack.conftest import seconds_until

PATIENCE = 30
"""Seconds for what happens by itself; the machine may be busy."""


def search(page: Any, words: str) -> None:
    page.fill("#search", words)
    page.wait_for_function(
        "() => !document.querySelector('#result-bar').hidden "
        "|| !document.querySelector('#nothing').hidden"
    )


def tick(page: Any, *codes: str) -> None:
    """By keyboard, each code by its number."""
    for code in codes:
        search(page, code)
        page.press("#search", "Enter")
        page.wait_for_selector(f"#tray-list [data-code='{code}']")


def tray(page: Any) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('#tray-list li')].map(r => r.dataset.code)")


def found(page: Any) -> list[str]:
    """The codes of the rows in view, best first."""
    return page.evaluate(
        "[...document.querySelectorAll('#results [data-code]')].map(r => r.dataset.code)"
    )


def in_hand(page: Any) -> str | None:
    """The row that a screen reader is told of."""
    return page.evaluate(
        "document.getElementById(document.querySelector('#search')"
        ".getAttribute('aria-activedescendant'))?.dataset.code"
    )


def says(page: Any, words: str, place: str = "#saved") -> None:
    """Wait until a place of the page says some words."""
    page.locator(place, has_text=words).wait_for(timeout=PATIENCE * 1000)


def saved(page: Any) -> None:
    says(page, "✓ Saved")


def submit(page: Any) -> None:
    """Ctrl Enter, and wait until another note is on the screen."""
    before = page.inner_text("#note-id")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "(before) => document.querySelector('#note-id').textContent !== before", arg=before
    )
    page.assignment = int(page.url.rstrip("/").rsplit("/", 1)[1])


def kept(page: Any) -> dict[str, str]:
    """What the browser keeps."""
    return page.evaluate("({ ...localStorage })")


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.id")


def until(condition: Callable[[], object]) -> None:
    seconds_until(condition, PATIENCE)
