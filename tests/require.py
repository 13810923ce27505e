"""What a test needs of the machine, and which tests need nothing.

A missing service is skipped by name, or fails the run under REQUIRE_ALL=1.
"""

from __future__ import annotations

import os
import sys

import pytest

SERVICES = ("label_studio", "redis", "postgresql", "browser")
"""The markers of tests that need a service."""
FIXTURES = {"label_studio": "label_studio", "queue": "redis", "chromium": "browser"}
"""A fixture that starts a service -> the marker that the tests asking for it get."""
NOT_FAST = (*SERVICES, "slow", "chaos", "containers")
_running: list[pytest.Item] = []


def mark(item: pytest.Item) -> None:
    """Mark a test by the services whose fixtures it asks for.

    Without any, and not slow, it is `fast`.
    """
    for fixture in getattr(item, "fixturenames", ()):
        if fixture in FIXTURES:
            item.add_marker(FIXTURES[fixture])
    if not any(item.get_closest_marker(name) for name in NOT_FAST):
        item.add_marker("fast")
    if item.get_closest_marker("label_studio"):
        # One process starts it, others do the rest.
        item.add_marker(pytest.mark.xdist_group("label studio"))


def grouped(session: pytest.Session) -> None:
    """End the run where several processes would each start a Label Studio of their own."""
    if not getattr(session.config.option, "loadgroup", False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            words = "pytest-xdist does not know the groups of this pytest: make setup-dev"
            print(words, file=sys.__stderr__, flush=True)
            pytest.exit(words, returncode=4)


def begins(item: pytest.Item) -> None:
    """The test that runs from now on."""
    _running[:] = [item]


def starts(name: str) -> None:
    """A service is about to start: a test that did not say so by a marker fails."""
    for item in _running:
        if item.get_closest_marker("fast"):
            pytest.fail(
                f"this test starts {name}: give it one of the markers {', '.join(SERVICES)}"
            )


def require(name: str, available: bool, hint: str) -> None:
    """Skip the calling test because `name` is missing.

    Fail it instead when the environment says REQUIRE_ALL=1.
    """
    starts(name)
    if available:
        return
    message = f"{name} is not available: {hint}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
