"""Takes the pictures of docs/dashboard.md from a demo, in Chromium.

    make demo                                     # in another terminal; it stays up
    .venv/bin/python -m scripts.pictures

Addresses and log-ins are those of the demo's access.json. Every figure in the demo is the same each
time, so a picture changes only where a page does. Names as arguments: those pictures alone.
"""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
DESKTOP = (1440, 900)
PHONE = (390, 1000)
COLOURS = 128
"""Of the palette that a picture is reduced to."""
LARGEST = 150_000
"""Bytes of a picture, at most."""
PATIENCE = 60_000
"""Milliseconds that a page may take."""


@dataclass(frozen=True)
class Picture:
    """One picture: where it is taken, and of what."""

    name: str
    address: str
    """Below the site's address."""
    clicks: tuple[str, ...] = ()
    """Names of links or buttons that are clicked one after the other, once the page is there."""
    part: str = ""
    """The CSS selector of the part that is shown; "" shows the top of the page."""
    size: tuple[int, int] = DESKTOP
    who: str = "rae"
    """Who looks: a name to log in with."""


MISSED = "/studies/demo/results/notes/?a=Ada+%28simulated%29&b=RAC&by=code&of=428.0&show=missed-a"
PICTURES = (
    Picture("home", "/", size=(1440, 660)),
    Picture("results", "/studies/demo/results/", size=(1440, 1150)),
    Picture("where", "/studies/demo/results/", part="section#where"),
    Picture("coders", "/studies/demo/results/", part="section#coders"),
    Picture("coder", "/studies/demo/coders/", clicks=("Ada",), size=(1440, 1150)),
    Picture("note", MISSED, clicks=("2022400009",)),
    Picture("by_code", "/studies/demo/results/codes/"),
    Picture("agreement", "/studies/arms/results/", part="section#agreement"),
    Picture("settle", "/adjudicate/demo/", who="cid"),
    Picture("results_phone", "/studies/demo/results/", size=PHONE),
)


def main(names: list[str]) -> None:
    """Take the pictures with these names, or all."""
    from playwright.sync_api import sync_playwright

    access = json.loads((_home() / "access.json").read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        pages: dict[str, Page] = {}
        for picture in PICTURES:
            if names and picture.name not in names:
                continue
            if picture.who not in pages:
                pages[picture.who] = browser.new_context(reduced_motion="reduce").new_page()
                _log_in(pages[picture.who], access, picture.who)
            size = _take(pages[picture.who], access["site"], picture)
            print(f"{picture.name}: {size:,} bytes")
        browser.close()


def _home() -> Path:
    """The demo's folder."""
    return Path(os.environ.get("CODERBENCH_HOME", ROOT / "var" / "demo"))


def _log_in(page: Page, access: dict[str, Any], who: str) -> None:
    """Log in as one of the demo's people."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"{access['site']}/login/")
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", access["people"][who]["password"])
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _take(page: Page, site: str, picture: Picture) -> int:
    """Take one picture. Returns its size in bytes; SystemExit where it is too large."""
    width, height = picture.size
    page.set_viewport_size({"width": width, "height": height})
    page.goto(site + picture.address)
    for name in picture.clicks:
        page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_load_state("networkidle")
    if picture.part:
        shot = page.locator(picture.part).screenshot()
    else:
        shot = page.screenshot()
    return _write(FOLDER / f"{picture.name}.png", shot)


def _write(path: Path, shot: bytes) -> int:
    """Reduce a picture to a palette and write it. Returns its size in bytes."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    reduced = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    reduced.save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{path.name} has {size:,} bytes, more than {LARGEST:,}: show less of it")
    return size


if __name__ == "__main__":
    main(sys.argv[1:])
