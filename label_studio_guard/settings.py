"""Label Studio's own settings with the guard put in: the DJANGO_SETTINGS_MODULE of its process."""

from __future__ import annotations

import os

# The base must be imported under this name first: Label Studio's settings import it again, as
# `core.settings.base`.
from label_studio.core.settings.base import *  # noqa: F403
from label_studio.core.settings.label_studio import *  # noqa: F403
from label_studio.core.settings.label_studio import DATABASES, INSTALLED_APPS, MIDDLEWARE

CODERBENCH_URL = os.environ["CODERBENCH_URL"].rstrip("/")
CODERBENCH_GUARD_SECRET = os.environ["CODERBENCH_GUARD_SECRET"]
CODERBENCH_ADMIN_EMAIL = os.environ["LABEL_STUDIO_USERNAME"]
SERVED_OVER_HTTPS = os.environ["LABEL_STUDIO_HOST"].startswith("https://")
if len(CODERBENCH_GUARD_SECRET) < 32:
    raise ValueError("CODERBENCH_GUARD_SECRET must be a random string of at least 32 characters")

ROOT_URLCONF = "label_studio_guard.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "label_studio_guard"]
PROJECT_MIXIN = "label_studio_guard.project.GuardedProject"
MIDDLEWARE = [
    "label_studio_guard.headers.Headers",
    *MIDDLEWARE,
    "label_studio_guard.middleware.Walls",
]

# A cookie is sent to every port of a host, so our site and Label Studio must have other names.
SESSION_COOKIE_NAME = "label_studio_session"
CSRF_COOKIE_NAME = "label_studio_csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = SERVED_OVER_HTTPS
CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
LANGUAGE_COOKIE_SECURE = SERVED_OVER_HTTPS
CORS_ALLOW_ALL_ORIGINS = False
LOGOUT_REDIRECT_URL = f"{CODERBENCH_URL}/queue/"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    # A transaction that reads first and writes later is refused at once where another one has
    # written since ("database is locked", whatever the timeout). One that says at its beginning
    # that it will write (IMMEDIATE) waits for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": PRAGMAS,
    }
