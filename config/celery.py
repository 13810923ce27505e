"""The Celery application. Tasks carry ids only: note text never enters Redis."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("coderbench")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
