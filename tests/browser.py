"""Debian's Chromium for the tests that are about pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.require import require

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 120_000
"""Milliseconds that a page waits for what does happen: other tests run at the same time."""


@contextmanager
def launched() -> Iterator[Any]:
    """While it runs, Django takes this thread for asynchronous and refuses its database."""
    from playwright.sync_api import sync_playwright

    require("Chromium", CHROMIUM.exists(), "make setup-system installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser a module."""
    with launched() as browser:
        yield browser
