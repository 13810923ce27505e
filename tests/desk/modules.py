"""The scripts of the coding page by themselves, in one Chromium page that has nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://localhost/"


def empty_page(browser: Any) -> Any:
    """A page at an address of its own, to which our static files are served."""
    page = browser.new_context().new_page()

    def answer(route: Any) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=ROOT / path[1:])
        else:
            route.fulfill(
                status=200, content_type="text/html", body="<!doctype html><title>-</title>"
            )

    page.route("**/*", answer)
    page.goto(ADDRESS)
    return page


def run(page: Any, module: str, body: str, argument: object = None) -> Any:
    """What `body` returns, in which `m` is the module and `x` the argument."""
    script = f"async (x) => {{ const m = await import('/static/desk/{module}.js'); {body} }}"
    return page.evaluate(script, argument)
