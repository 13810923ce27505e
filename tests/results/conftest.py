"""The real site with one scored study, and what was given in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import PATIENCE
from tests.cast import PASSWORD
from tests.desk.site import DeskSite
from tests.require import starts
from tests.results.furnish import STUDY
from tests.results.gave import Gave, gave
from tests.results.hands import MOST_CLICKS, Visitor

WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def ward_site(tmp_path_factory) -> Iterator[DeskSite]:
    starts("the site")
    site = DeskSite(tmp_path_factory.mktemp("ward"), furniture="tests.results.furnish")
    site.furnish()
    try:
        site.start()
        yield site
    finally:
        site.kill()


@pytest.fixture(scope="session")
def ward(ward_site) -> Gave:
    """What everybody gave."""
    return gave(ward_site, STUDY)


@pytest.fixture(scope="module")
def logged_in_as(ward_site, chromium) -> Callable[..., Any]:
    """logged_in_as("rae") gives a page of a browser in which she has logged in, once a module."""
    states: dict[str, Any] = {}

    def enter(name: str, **options: Any) -> Any:
        if name not in states:
            context = chromium.new_context()
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(f"{ward_site.url}/login/")
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", PASSWORD)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            states[name] = context.storage_state()
            context.close()
        settings = {"viewport": WIDE, **options}
        page = chromium.new_context(storage_state=states[name], **settings).new_page()
        page.set_default_timeout(PATIENCE)
        return page

    return enter


@pytest.fixture
def rae(ward_site, logged_in_as) -> Iterator[Visitor]:
    """Rae at the home page. She has to find her answer in a few clicks."""
    page = logged_in_as("rae")
    page.goto(f"{ward_site.url}/")
    visitor = Visitor(page)
    yield visitor
    page.context.close()
    assert 0 < visitor.clicks <= MOST_CLICKS
