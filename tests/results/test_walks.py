"""The walks of docs/dashboard.md: every address answers, and what they quote is on the pages.

Quoted words that are a link are followed, as a reader would. The study here is another one, so
figures are not compared: `scripts/pictures.py` shows the demo's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from scripts.pictures import LARGEST, PICTURES
from tests.cast import PASSWORD
from tests.results.furnish import STUDY

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "dashboard.md").read_text()
DEMO = re.compile(r"/studies/(?:demo|arms)/")
ADDRESS = re.compile(r"`(/[^`\s]*)`")
QUOTED = re.compile(r'"([^"\n]+(?:\n[^"\n]+)?)"')
LINK = re.compile(r'<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture(scope="module")
def rae(ward_site) -> Iterator[httpx.Client]:
    """Rae, logged in."""
    with httpx.Client(base_url=ward_site.url, follow_redirects=True, timeout=120) as client:
        page = client.get("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = {"username": "rae", "password": PASSWORD, "csrfmiddlewaretoken": token}
        client.post("/login/", data=form, headers={"Referer": f"{ward_site.url}/login/"})
        yield client


def words(page: str) -> str:
    """What can be read on a page, folded parts too, in one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def parts() -> list[str]:
    """The parts of the page that are read in one go: each walk, and what stands around them."""
    return re.split(r"(?m)^## ", TEXT)[1:]


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.splitlines()[0])
def test_every_address_answers_and_shows_what_is_quoted(rae, part):
    pages: dict[str, str] = {}
    for token in re.finditer(rf"{ADDRESS.pattern}|{QUOTED.pattern}", part):
        address, quoted = token.groups()
        if address:
            read(rae, DEMO.sub(f"/studies/{STUDY}/", address), pages)
        elif pages:
            look_for(rae, " ".join(quoted.split()), pages)


def read(rae: httpx.Client, address: str, pages: dict[str, str]) -> None:
    """Open a page and keep it among those that the reader has seen."""
    answer = rae.get(address)
    assert answer.status_code == 200, address
    pages[address] = answer.text


def look_for(rae: httpx.Client, quoted: str, pages: dict[str, str]) -> None:
    """The quoted words are on a page that the reader has seen; where they are a link, follow it."""
    seen = dict(pages)
    assert any(quoted in words(page) for page in seen.values()), f"{quoted!r}: {list(seen)}"
    for address, page in seen.items():
        for target, inside in LINK.findall(page):
            if words(inside) == quoted and not target.startswith("#"):
                read(rae, urljoin(address, html.unescape(target)), pages)
                return


def test_every_picture_is_small_used_and_one_that_the_script_takes():
    shown = set(re.findall(r"\]\(pictures/(\w+)\.png\)", TEXT))
    taken = {picture.name for picture in PICTURES}
    assert taken == shown
    for name in taken:
        assert (DOCS / "pictures" / f"{name}.png").stat().st_size <= LARGEST
