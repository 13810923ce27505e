"""The button that opens a study: a worker loads Label Studio while the page says how far it is."""

import base64
import json
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from annotation import tasks
from annotation.models import Event, Study
from annotation.selectors.asked import PATIENCE_SECONDS
from annotation.services import studies
from annotation.services.events import event_record
from tests.broker import work_is_swept
from tests.cast import logged_in


@pytest.fixture
def draft(study):
    Study.objects.update(status=Study.Status.DRAFT)
    study.assignments.update(task_id=None)
    return Study.objects.get()


def test_opening_is_a_workers_and_the_page_says_how_far_it_is(draft, rae, queue, settings):
    client, poll = logged_in(rae), {"HX-Request": "true", "HX-Target": "opening"}
    assert client.get("/studies/small/", headers=poll).headers["HX-Refresh"] == "true", (
        "nobody has asked"
    )
    for _ in range(2):
        assert client.post("/studies/small/open/").url == "/studies/small/"
    (message,) = queue.lrange("sync", 0, -1)
    assert json.loads(base64.b64decode(json.loads(message)["body"]))[0] == [draft.pk, rae.pk], (
        "once, ids alone"
    )
    notes = draft.assignments.count()
    page = client.get("/studies/small/").content.decode()
    assert f"0 of {notes} notes are loaded" in page
    assert "Open the study" not in page
    assert "http-equiv" in page
    draft.assignments.filter(pk__in=draft.assignments.values("pk")[:3]).update(task_id=1)
    told = client.get("/studies/small/", headers=poll).content.decode()
    assert f"3 of {notes} notes are loaded" in told and "<html" not in told
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    tasks.open_study(draft.pk, rae.pk)
    assert client.get("/studies/small/", headers=poll).headers["HX-Refresh"] == "true"
    page = client.get("/studies/small/").content.decode()
    assert "nothing is lost" in page
    assert f"at 3 of {notes} notes" in page
    assert "Open the study" in page
    client.post("/studies/small/open/")
    assert len(queue.lrange("sync", 0, -1)) == 2
    assert "Being opened" in client.get("/studies/small/").content.decode()
    Event.objects.filter(verb="study.opening").update(
        at=timezone.now() - timedelta(seconds=PATIENCE_SECONDS)
    )
    page = client.get("/studies/small/").content.decode()
    assert "no worker has done it since" in page
    assert "Open the study" in page
    assert "http-equiv" not in page


@pytest.mark.parametrize(
    ("interface", "loading", "asked"),
    [
        ("page", "notes are loaded for the coders.", "in their queues, on Coderbench's own page."),
        ("search", "notes are loaded into Label Studio.", "notes are loaded into Label Studio,"),
        ("list+page", "notes are loaded into Label Studio.", "those of the other on Coderbench's"),
    ],
)
def test_label_studio_is_named_where_its_coders_use_it(draft, rae, interface, loading, asked):
    Study.objects.update(interface=interface)
    client = logged_in(rae)
    question = unescape(client.get("/studies/small/open/").content.decode())
    assert asked in question and ("Label Studio" in question) == (interface != "page")
    client.post("/studies/small/open/")
    page = " ".join(client.get("/studies/small/").content.decode().split())
    card = page.split('id="opening"')[1].split("</div>")[0]
    assert loading in card and card.lower().count("being opened") == 1


def test_a_failure_in_other_words_than_label_studios_says_its_kind_alone(
    draft, rae, monkeypatch, caplog
):
    def fails(**_: object) -> None:
        raise KeyError("chest pain since Tuesday")

    monkeypatch.setattr(studies, "study_open", fails)
    tasks.open_study(draft.pk, rae.pk)
    assert f"study {draft.pk} not opened: KeyError" in caplog.messages
    assert "chest pain" not in caplog.text
    assert Event.objects.get(verb="study.not-opened").data == {"error": "KeyError"}


def test_without_redis_the_page_says_that_it_waits_and_a_sweep_tries(draft, rae, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    client = logged_in(rae)
    page = client.post("/studies/small/open/", follow=True).content.decode()
    assert "Being opened" in page and "No worker has begun yet" in page
    tasks.sweep_openings()
    assert not Event.objects.filter(verb="study.opening-begun").exists(), (
        "its task may be on its way"
    )
    work_is_swept()
    work_is_swept()
    assert Event.objects.filter(verb="study.opening-begun").count() == 1
    assert "Label Studio does not answer" in client.get("/studies/small/").content.decode()


def test_an_opening_whose_worker_was_killed_goes_on_and_one_that_ends_each_worker_is_given_up(
    draft, rae, settings
):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    client = logged_in(rae)
    client.post("/studies/small/open/")
    event_record(actor=None, verb="study.opening-begun", object="study:small")
    work_is_swept()
    assert Event.objects.filter(verb="study.opening-begun").count() == 2
    client.post("/studies/small/open/")
    for _ in range(3):
        event_record(actor=None, verb="study.opening-begun", object="study:small")
    work_is_swept()
    assert "stopped without a word" in client.get("/studies/small/").content.decode()
