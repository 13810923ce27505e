"""A scripted person who codes note after note on our coding page by keyboard alone, and in Label
Studio with the mouse, whatever ends under her hands."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser import CHROMIUM
from tests.cast import PASSWORD
from tests.label_studio.coding import ready, wait_for_state, wait_for_ticks

MINUTE = 60_000
TRAY = "[...document.querySelectorAll('#tray-list li')].map(row => row.dataset.code)"
READY = "document.querySelector('#note-id')?.textContent && document.querySelector('#search')"


@dataclass
class Person:
    """A coder at a browser of her own, whose folder outlives the browser."""

    name: str
    site: str
    folder: Path
    listed: list[str]
    playwright: Any
    given: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    """("page", assignment) or ("list", task) -> the codes that she submitted."""
    context: Any = None
    page: Any = None

    def come(self) -> None:
        """Start the browser, log in, and go to the queue."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=CHROMIUM,
            args=["--no-sandbox"],
            viewport={"width": 1440, "height": 900},
        )
        self.context.set_default_timeout(2 * MINUTE)
        self.page = self.context.new_page()
        self.log_in(self.page)

    def log_in(self, page: Any) -> None:
        self.to(page, "/queue/")
        if "/login/" in page.url:
            page.fill("input[name=username]", self.name)
            page.fill("input[name=password]", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda address: "/login/" not in address)

    def to(self, page: Any, path: str) -> None:
        """Go to a page of the site; while nothing answers, try again as a person would."""
        end = time.monotonic() + 120
        while True:
            try:
                page.goto(f"{self.site}{path}")
                if "ERR_" not in page.url and page.locator("main").count():
                    return
            except Exception:
                assert time.monotonic() < end, f"the site does not come back for {self.name}"
            time.sleep(1)

    def killed(self) -> None:
        """The browser dies as by a power cut, and is started again."""
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if f"--user-data-dir={self.folder}".encode() in words:
                os.kill(int(folder.name), signal.SIGKILL)
        time.sleep(2)
        for lock in self.folder.glob("Singleton*"):
            lock.unlink(missing_ok=True)
        self.come()

    def work(self, events: dict[int, Callable[[Person], None]]) -> None:
        """Code everything in the queue. `events` happen in the middle of the n-th note."""
        self.go_on()
        number = 0
        while True:
            where = self.where()
            if where is None:
                return
            number += 1
            event = events.get(number, lambda person: None)
            codes = self.choice(where)
            if where[0] == "page":
                self.code_here(where, codes, event)
            else:
                self.code_in_label_studio(codes, event)
            self.given[where] = codes

    def choice(self, where: tuple[str, int]) -> list[str]:
        """Some codes of the list, by the note; now and then none."""
        draw = random.Random(f"{self.name} {where}")
        return draw.sample(self.listed, draw.choice((0, 1, 2, 3, 4, 5)))

    def go_on(self) -> None:
        """From the queue to the next note; the guideline is accepted first."""
        self.to(self.page, "/queue/")
        accept = self.page.locator("button:has-text('I have read this')")
        if accept.count():
            accept.first.press("Enter")
            self.page.wait_for_load_state()
        button = self.page.locator("a, button").filter(
            has_text=re.compile("(Go on|Begin) with note")
        )
        if button.count():
            button.first.press("Enter")

    def where(self) -> tuple[str, int] | None:
        """The note on the screen; None at the end of the queue."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                found = self._where()
            except Exception:
                found = ()  # a page is just loading
            if found != ():
                return found
            time.sleep(0.3)
        raise AssertionError(f"{self.name} sees no note: {self.page.url}")

    def _where(self) -> Any:
        """As `where`; () while it is not clear yet."""
        if self.page.url.startswith("chrome-error:"):
            self.go_on()  # the way from Label Studio led to a site that was just dead
            return ()
        here = re.search(r"/code/(\d+)/", self.page.url)
        if here:
            if self.page.evaluate(f"Boolean({READY})"):
                return "page", int(here[1])
            return ()
        if "/queue/" in self.page.url:
            if "All notes are coded" in self.page.content() or not self.left():
                return None
            self.go_on()
            return ()
        if "/projects/" in self.page.url:
            ready(self.page)
            return "list", int(self.page.evaluate("Number(window.Htx.task.id)"))
        return ()

    def left(self) -> bool:
        pattern = re.compile("(Go on|Begin) with note")
        return self.page.locator("a, button").filter(has_text=pattern).count() > 0

    # Our page, by keyboard alone.

    def code_here(
        self, where: tuple[str, int], codes: list[str], event: Callable[[Person], None]
    ) -> None:
        """Tick the codes, with a slip that is taken back, and submit."""
        for place, code in enumerate(codes):
            if place == len(codes) // 2:
                event(self)
            self.tick(code)
        if codes:
            slip = next(code for code in self.listed if code not in codes)
            self.tick(slip)
            self.page.keyboard.press("Control+z")
        else:
            event(self)
            self.none_applies()
        self.see(codes)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            "before => !location.pathname.includes(`/code/${before}/`)", arg=where[1]
        )

    def tick(self, code: str) -> None:
        """Type the number, wait until it is the first code that is found, and press Enter."""
        self.page.keyboard.press("Escape")
        self.page.focus("#search")
        self.page.keyboard.type(code)
        first = "document.querySelector('#results [data-code]')?.dataset.code"
        self.page.wait_for_function(f"code => {first} === code", arg=code)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(f"code => ({TRAY}).includes(code)", arg=code)

    def none_applies(self) -> None:
        self.page.focus("#none")
        self.page.keyboard.press("Space")
        self.page.focus("#search")

    def see(self, codes: list[str]) -> None:
        """Wait until the tray has exactly these codes."""
        self.page.wait_for_function(
            f"codes => ({TRAY}).sort().join() === codes.sort().join()", arg=list(codes)
        )

    # Label Studio's list, with the mouse.

    def code_in_label_studio(self, codes: list[str], event: Callable[[Person], None]) -> None:
        page = self.page
        for place, code in enumerate(codes):
            if place == len(codes) // 2:
                event(self)
            page.get_by_placeholder("Filter by code or word").fill(code)
            page.locator(".cb-list label:visible").filter(has_text=f"{code} ").first.click()
        if not codes:
            event(self)
            page.locator(".cb-list label", has_text="No listed code applies").first.click()
        else:
            wait_for_ticks(page, codes)
        self.submit_in_label_studio()

    def submit_in_label_studio(self) -> None:
        """Press Submit until it has arrived, then go on."""
        for _ in range(30):
            button = self.page.locator("button:has-text('Submit'), button:has-text('Update')")
            button.first.click()
            try:
                wait_for_state(self.page, "submitted")
                break
            except Exception:
                time.sleep(2)
        else:
            raise AssertionError("Label Studio took no answer")
        self.page.locator("#cb-bar a[href$='/queue/next/']").click()
        self.page.wait_for_load_state()
