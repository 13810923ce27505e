"""A Label Studio that takes connections and never answers holds nobody who has other work."""

from __future__ import annotations

import time

import pytest

from annotation import tasks
from annotation.event_names import LEAVING_OWED
from annotation.models import Workspace
from annotation.services import people
from annotation.services.events import event_record
from annotation.services.people import workstation_leave_owed
from tests.pages.test_without_redis import Silent


@pytest.fixture
def silent(settings, study) -> Silent:
    made = Silent()
    settings.LABEL_STUDIO_URL = f"http://127.0.0.1:{made.server.getsockname()[1]}"
    for number, workspace in enumerate(Workspace.objects.all(), start=1):
        Workspace.objects.filter(pk=workspace.pk).update(project_id=number, account_id=number)
    return made


def test_a_poll_asks_once_and_leaves_the_rest_to_the_next(silent, monkeypatch, caplog):
    monkeypatch.setattr(tasks, "PULLED_IF_THERE_IN", 0.3)
    began = time.monotonic()
    tasks.pull_all()
    assert time.monotonic() - began < 5 and silent.taken == 1
    assert "not pulled, the next poll will try again: Label Studio does not answer" in caplog.text


def test_log_outs_that_are_owed_ask_once(silent, ada, ben, monkeypatch):
    monkeypatch.setattr(people, "LEAVING_SECONDS", 0.3)
    for user in (ada, ben):
        event_record(actor=user, verb=LEAVING_OWED, object=f"user:{user.pk}")
    began = time.monotonic()
    assert workstation_leave_owed() == 0
    assert time.monotonic() - began < 5 and silent.taken == 1
