"""What every area shares."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile("whatever-the-load", deadline=None)
hypothesis_settings.register_profile("thorough", deadline=None, max_examples=3_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "whatever-the-load")

pytest_plugins = ["tests.live", "tests.browser", "tests.cast", "tests.broker"]


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Argon2 takes its time by design; tests that are not about it use a quick hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
