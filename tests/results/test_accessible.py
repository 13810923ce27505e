"""What axe says of every page that each role comes to, beginning at home and following links."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urldefrag, urljoin, urlparse

import pytest
from django.urls import Resolver404, resolve

from tests.desk.test_accessible import PHONE, serious
from tests.results.furnish import CLOSED, STUDY

pytestmark = pytest.mark.browser

LEFT_ALONE = ("desk", "practice", "login", "logout")
"""The coding page has its own tests."""


def kind_of(address: str, site: str) -> tuple[str, str] | None:
    """The name of the page that an address leads to, and of the study that it is about.

    None where it is no page of the site.
    """
    path = urlparse(address).path
    if not address.startswith(site) or not path.endswith("/"):
        return None
    try:
        found = resolve(path)
    except Resolver404:
        return None
    elsewhere = found.namespace or path.startswith("/api/")
    if elsewhere or found.url_name in LEFT_ALONE:
        return None
    return found.url_name, found.kwargs.get("slug", "")


def pages_of(page, site: str, studies: Sequence[str] = (STUDY, CLOSED)):
    """Goes through the site by its links, to one page of each kind and study. Yields the kind."""
    waiting = [f"{site}/"]
    seen = set()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address, site)
        if kind is None or kind in seen or kind[1] not in ("", *studies):
            continue
        answer = page.goto(address)
        seen.add(kind)
        assert answer.status == 200, address
        yield kind
        for link in page.locator("a[href]").all():
            waiting.append(urldefrag(urljoin(page.url, link.get_attribute("href")))[0])


@pytest.mark.parametrize(
    ("name", "studies"),
    [
        ("rae", [STUDY]),
        ("ada", [CLOSED]),
        ("cid", [STUDY]),
        pytest.param("rae", [CLOSED], marks=pytest.mark.chaos),
        pytest.param("sam", [STUDY, CLOSED], marks=pytest.mark.chaos),
    ],
)
def test_axe_finds_nothing_serious(ward_site, logged_in_as, name, studies):
    page = logged_in_as(name)
    kinds = []
    for kind in pages_of(page, ward_site.url, studies):
        kinds.append(kind)
        assert serious(page) == [], page.url
    page.context.close()
    assert len(kinds) > (2 if name in ("ada", "cid") else 12), kinds


@pytest.mark.chaos
def test_nothing_is_wider_than_a_phone(ward_site, logged_in_as):
    page = logged_in_as("rae", viewport=PHONE)
    for _ in pages_of(page, ward_site.url):
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
        assert serious(page) == [], page.url
    page.context.close()
