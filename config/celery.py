"""The Celery application. Tasks carry ids only: note text never enters Redis."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import after_task_publish, beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("coderbench")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

TICKED = "clock-ticked"
"""A file in CODERBENCH_HOME that is touched whenever the clock (Celery beat) has sent a task. The
clock's health check asks how old it is."""


@beat_init.connect
def watch_the_clock(**_: object) -> None:
    """Begin to touch the file; only the clock's process sends this signal."""
    after_task_publish.connect(clock_ticked)


def clock_ticked(**_: object) -> None:
    """Touch the file TICKED."""
    from django.conf import settings

    (settings.HOME / TICKED).touch()
