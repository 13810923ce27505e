"""Somebody who looks for an answer on the site, and how many clicks it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.browser import PATIENCE

MOST_CLICKS = 4


@dataclass
class Visitor:
    """A page of a browser in which somebody is logged in, and the clicks made on it."""

    page: Any
    clicks: int = 0

    def click(self, name: str, within: str = "body", exact: bool = True) -> None:
        """One click on the first link or button of that name, in a part of the page."""
        self.press(self.page.locator(within).get_by_role("link", name=name, exact=exact).first)

    def press(self, place: Any) -> None:
        """One click on what leads to another page."""
        self.clicks += 1
        with self.page.expect_navigation(timeout=PATIENCE):
            place.click()

    def unfold(self, words: str) -> None:
        """One click that opens a part of the page."""
        self.clicks += 1
        self.page.locator(f"summary:has-text('{words}')").click()

    def compare(self, a: str, b: str) -> None:
        """Choose two raters in the bar and press Show: one click."""
        bar = self.page.locator("form:has(select[name=a])")
        bar.locator("select[name=a]").select_option(a)
        bar.locator("select[name=b]").select_option(b)
        self.press(bar.get_by_role("button", name="Show"))

    def filter(self, **chosen: str) -> None:
        """Type and choose in the form above a list, and press its button: one click."""
        form = self.page.locator("main form:has([name=q])")
        for name, value in chosen.items():
            field = form.locator(f"[name={name}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.press(form.get_by_role("button", name="Filter"))

    def words(self, within: str = "main") -> str:
        """What can be read there, in one line."""
        return " ".join(self.page.locator(within).first.inner_text().split())

    def rows(self, within: str) -> list[list[str]]:
        """The cells of the rows of a table's body, in words."""
        found = []
        for row in self.page.locator(f"{within} tbody tr").all():
            cells = row.locator("th, td").all_inner_texts()
            found.append([" ".join(cell.split()) for cell in cells])
        return found

    def heads(self, within: str) -> list[str]:
        """The heads of a table's columns."""
        cells = self.page.locator(f"{within} thead tr").last.locator("th, td").all_inner_texts()
        return [" ".join(cell.split()) for cell in cells]

    def number(self, pattern: str, within: str = "main") -> float:
        """The number that a pattern's group finds in the words there."""
        words = self.words(within)
        found = re.search(pattern, words)
        assert found, f"{pattern!r} is not in {words!r}"
        return float(found[1].replace(",", ""))
