"""The settings that the guard reads, with their types. settings.py gives them; Django's own object
has them at run time, but nobody who checks types outside Label Studio's environment can see them.
"""

from __future__ import annotations

from typing import Protocol, cast

from django.conf import settings as of_django


class GuardSettings(Protocol):
    """What is read of Label Studio's settings and of the guard's own."""

    CODERBENCH_URL: str
    CODERBENCH_GUARD_SECRET: str
    CODERBENCH_ADMIN_EMAIL: str
    SERVED_OVER_HTTPS: bool
    SESSION_COOKIE_NAME: str


settings = cast(GuardSettings, of_django)
