"""The settings that the guard reads, with their types.

They are Django's at run time, from settings.py. Types are checked outside Label Studio's
environment, where settings.py cannot be read; so the types are written down here.
"""

from __future__ import annotations

from typing import Protocol, cast

from django.conf import settings as of_django


class GuardSettings(Protocol):
    """What the guard reads of its own settings and of Label Studio's."""

    CODERBENCH_URL: str
    CODERBENCH_GUARD_SECRET: str
    CODERBENCH_ADMIN_EMAIL: str
    SERVED_OVER_HTTPS: bool
    SESSION_COOKIE_NAME: str
    MEDIA_ROOT: str
    UPLOAD_DIR: str
    DELAYED_EXPORT_DIR: str
    EXPORT_DIR: str


settings = cast(GuardSettings, of_django)
