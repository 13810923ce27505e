"""What every area shares."""

from __future__ import annotations

import sys

import pytest

from tests.require import begins, grouped, mark

pytest_plugins = ["tests.live", "tests.browser", "tests.cast", "tests.broker"]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        mark(item)


def pytest_collection_finish(session: pytest.Session) -> None:
    grouped(session)
    # Hypothesis' plugin would load Hypothesis for its last word on tests that did not use it.
    if "hypothesis" not in sys.modules:
        session.config.pluginmanager.unregister(name="hypothesispytest")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    begins(item)


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Argon2 takes its time by design; tests that are not about it use a quick hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
