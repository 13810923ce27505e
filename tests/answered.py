"""A page in a real browser, served from answers that the site gave before.

The site's security policy comes with them, in their headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
SITE = "http://localhost"


def opened(
    browser: Any, answers: Mapping[str, tuple[dict[str, str], bytes]], address: str, **options: Any
) -> Any:
    """The page of an address; `answers` are (headers, body) by address.

    Its `trouble` is what its policy or scripts complain of.
    """
    page = browser.new_context(**options).new_page()
    page.trouble = []

    def answer(route: Any) -> None:
        asked = urlsplit(route.request.url)
        path = asked.path + (f"?{asked.query}" if asked.query else "")
        if path in answers:
            headers, body = answers[path]
            route.fulfill(status=200, headers=headers, body=body)
        elif asked.path.startswith("/static/") and (ROOT / asked.path[1:]).exists():
            route.fulfill(path=ROOT / asked.path[1:])
        else:
            route.fulfill(status=404)

    page.route("**/*", answer)
    page.on(
        "console", lambda message: message.type == "error" and page.trouble.append(message.text)
    )
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.goto(SITE + address)
    return page
