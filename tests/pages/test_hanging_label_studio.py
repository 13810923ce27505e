"""A Label Studio that takes connections and never answers holds nobody who has other work."""

from __future__ import annotations

import time

import pytest

from annotation import tasks
from annotation.event_names import LEAVING_OWED
from annotation.models import Assignment, Workspace
from annotation.services import people, sync
from annotation.services.events import event_record
from annotation.services.people import workstation_leave_owed
from annotation.services.studies import guideline_acknowledge
from pages import queue
from tests.cast import logged_in
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


def test_a_coder_who_goes_on_does_not_wait_for_it(silent, study, ada, monkeypatch):
    """To a note of our page least of all: in a study of two arms it may come next."""
    monkeypatch.setattr(sync, "COMES_UP_IN", 0.3)
    monkeypatch.setattr(queue, "COMES_UP_IN", 0.3)
    guideline_acknowledge(study=study, user=ada)
    client = logged_in(ada)
    began = time.monotonic()
    assert client.post("/queue/small/next/").url == "/queue/"
    first = study.assignments.filter(rater=ada.rater).order_by("position").first()
    Assignment.objects.filter(pk=first.pk).update(arm="page")
    assert client.post("/queue/small/next/").url == f"/code/{first.pk}/"
    assert time.monotonic() - began < 20
