"""The browser of the measured: a coder's hands, which are counted, and the clock in the page.

Everything is timed in the page itself (in_page.js), from the event of a key or a click until the
frame that shows what it did was painted. A round trip to the browser would take as long as a tick.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

IN_PAGE = Path(__file__).with_name("in_page.js").read_text()
SCREEN = {"width": 1440, "height": 900}
MINUTES_3 = 180_000


class Window:
    """A window of the browser for one interface, with a cache of its own."""

    def __init__(self, browser: Any, interface: str) -> None:
        self.context = browser.new_context(viewport=SCREEN)
        self.context.add_init_script(f"{IN_PAGE}\nbench.watch({interface!r});")
        self.page = self.context.new_page()
        self.page.set_default_timeout(MINUTES_3)
        self.reset()

    def close(self) -> None:
        self.context.close()

    # A coder's hands

    def key(self, name: str) -> None:
        """One key, or several held together ("Control+Enter")."""
        self.keys += 1
        self.page.keyboard.press(name)

    def type(self, words: str) -> None:
        """Letter by letter."""
        for letter in words:
            self.key(letter)

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def click_row(self, code: str) -> None:
        """Click the row of a code, which is in view."""
        self.clicks += 1
        self.page.mouse.click(*self.ask("placeOf", code))

    def scroll_to(self, code: str) -> None:
        """Bring the row of a code to the middle of the screen."""
        self.screens += self.ask("scrollTo", code)

    def reset(self) -> None:
        """Count from here."""
        self.keys = 0
        self.clicks = 0
        self.screens = 0.0

    # The clock

    def ask(self, call: str, *arguments: object) -> Any:
        """What a function of in_page.js gives."""
        return self.page.evaluate(f"given => bench.{call}(...given)", list(arguments))

    def expect(self, what: str, *arguments: object) -> None:
        """Begin to watch for something, before the key or the click that brings it."""
        self.ask("expect", what, *arguments)

    def seconds(self) -> float:
        """From the last key or click until what was watched for was on the screen."""
        return float(self.ask("seconds"))

    def usable_at(self, came: str) -> float:
        """When the coding page was usable, ms since 1970; its address has `came` in it."""
        self.page.wait_for_url(lambda address: came in address, wait_until="commit")
        return float(self.page.evaluate("() => bench.usable"))

    # What the page weighs

    def heap_mb(self) -> float:
        """JavaScript's heap after rubbish was collected, in MB."""
        session = self.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        session.send("Performance.enable")
        metrics = session.send("Performance.getMetrics")["metrics"]
        session.detach()
        (used,) = [each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"]
        return float(used) / 1e6

    def nodes(self) -> int:
        return int(self.ask("nodes"))
