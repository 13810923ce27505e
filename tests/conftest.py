"""What every area shares."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.live", "tests.browser", "tests.cast"]


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Argon2 takes its time by design; tests that are not about it use a quick hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
