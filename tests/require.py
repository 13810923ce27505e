"""What a test needs of the machine: missing parts are skipped by name, or fail the run under REQUIRE_ALL=1."""

from __future__ import annotations

import os

import pytest


def require(name: str, available: bool, hint: str) -> None:
    """Skip the calling test because `name` is missing; fail it instead when the environment says REQUIRE_ALL=1."""
    if available:
        return
    message = f"{name} is not available: {hint}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
