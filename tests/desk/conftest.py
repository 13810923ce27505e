"""What the tests of the coding page share: the real site, and Ada's browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import PATIENCE
from tests.cast import PASSWORD
from tests.desk.site import DeskSite
from tests.require import starts

WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def desk_site(tmp_path_factory) -> Iterator[DeskSite]:
    starts("the site")
    site = DeskSite(tmp_path_factory.mktemp("desk"))
    site.furnish()
    try:
        site.start()
        yield site
    finally:
        site.kill()


@pytest.fixture(scope="module")
def sessions(desk_site, chromium) -> dict[str, Any]:
    """Name -> the cookies of somebody who has logged in."""
    return {name: log_in(chromium.new_context(), desk_site, name) for name in ("ada", "ben")}


def log_in(context: Any, site: DeskSite, name: str) -> Any:
    page = context.new_page()
    page.goto(f"{site.url}/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button, main input[type=submit]")
    page.wait_for_url(f"{site.url}/" if name == "sam" else f"{site.url}/queue/")
    state = context.storage_state()
    page.close()
    return state


@pytest.fixture
def open_desk(desk_site, sessions, chromium) -> Iterator[Callable[..., Any]]:
    """open_desk() gives a page with Ada's next note on it; what went wrong there is in `trouble`.

    `assignment` names another note, `context` opens another tab of the same browser.
    """
    contexts = []
    time.sleep(0.5)  # pages of the test before send what they have as they close
    desk_site.change("delete from annotation_draft")

    def start(
        assignment: int | None = None, name: str = "ada", context: Any = None, **options: Any
    ) -> Any:
        if not desk_site.answers():
            desk_site.start()
        if context is None:
            settings = {"viewport": WIDE, **options}
            context = chromium.new_context(storage_state=sessions[name], **settings)
            context.set_default_timeout(PATIENCE)
            contexts.append(context)
        page = context.new_page()
        watch(page, desk_site)
        page.assignment = assignment or desk_site.left("end" if name == "ben" else "small")[0]
        page.goto(f"{desk_site.url}/code/{page.assignment}/")
        page.wait_for_selector("body[data-ready]")
        return page

    yield start
    for context in contexts:
        for page in context.pages:
            assert [line for line in page.trouble if "Failed to load resource" not in line] == []
        context.close()


def watch(page: Any, site: DeskSite) -> None:
    """Keep what scripts complain of, and every address that is not ours."""
    page.trouble = []
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on(
        "console", lambda message: message.type == "error" and page.trouble.append(message.text)
    )
    page.on(
        "request",
        lambda asked: asked.url.startswith(site.url) or page.trouble.append(asked.url),
    )
