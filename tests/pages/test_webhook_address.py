"""Addresses that a real Label Studio takes for a webhook.

And the opening of a study where it refuses one.
"""

from __future__ import annotations

import pytest

from annotation.label_studio.client import LabelStudio, LabelStudioRefused
from annotation.models import Study
from annotation.selectors.asked import webhooks_refused
from annotation.services.studies import study_open
from tests.cast import logged_in
from tests.label_studio.conftest import BEN, new_project
from tests.live import label_studio

__all__ = ["label_studio"]

pytestmark = pytest.mark.label_studio

TAKEN = [
    "http://127.0.0.1:9/webhooks/label-studio/",
    "http://localhost:9/webhooks/label-studio/",
]
REFUSED = [
    "http://web:8000/webhooks/label-studio/",
    "http://web/",
    "https://coderbench_web:8000/webhooks/label-studio/",
    "http://[::1/webhooks/label-studio/",
    "http://nobody.has.this.name.invalid/webhooks/label-studio/",
    "ftp://127.0.0.1/webhooks/label-studio/",
    "web.coderbench.internal:8000/webhooks/label-studio/",
]


@pytest.fixture
def client(label_studio) -> LabelStudio:
    return label_studio.client()


@pytest.fixture
def project(client, label_studio) -> int:
    client.ensure_account(BEN, "Ben")
    return new_project(label_studio, BEN)


@pytest.mark.parametrize("address", TAKEN)
def test_an_address_is_taken_and_changed_when_asked_again(client, project, address):
    hook = client.add_webhook(project, address, "secret")
    assert client.add_webhook(project, address.replace(":9/", ":10/"), "secret") == hook


@pytest.mark.parametrize("address", REFUSED)
def test_a_refusal_names_the_address_and_why(client, project, address):
    with pytest.raises(LabelStudioRefused) as refusal:
        client.add_webhook(project, address, "the secret")
    words = str(refusal.value)
    print(words)
    assert address in words
    assert "the secret" not in words
    assert not words.endswith(f"status {refusal.value.status}"), "a status alone is no reason"
    client.add_webhook(project, TAKEN[0], "the secret")
    with pytest.raises(LabelStudioRefused, match="refused to send webhooks to"):
        client.add_webhook(project, address, "the secret")


@pytest.fixture
def draft(study, settings, label_studio) -> Study:
    settings.LABEL_STUDIO_URL = label_studio.url
    settings.LABEL_STUDIO_TOKEN = label_studio.token
    settings.GUARD_SECRET = label_studio.secret
    settings.WEBHOOK_SECRET = "w" * 40
    Study.objects.update(status=Study.Status.DRAFT)
    return Study.objects.get()


def test_a_study_opens_although_its_webhook_is_refused(draft, rae, settings):
    settings.WEBHOOK_URL = "http://web:8000/webhooks/label-studio/"
    told = []
    opened = study_open(study=draft, actor=rae, progress=told.append)
    assert opened.status == Study.Status.OPEN
    assert not opened.assignments.filter(task_id=None).exists()
    warnings = [line for line in told if line.startswith("warning: ")]
    assert len(warnings) == 1
    assert settings.WEBHOOK_URL in warnings[0]
    assert "a name with a dot" in warnings[0]
    assert "the poll fetches answers, every 60 s" in warnings[0]
    page = logged_in(rae).get("/studies/small/").content.decode()
    assert settings.WEBHOOK_URL in page
    assert "answers arrive by the poll, every 60 seconds" in page

    settings.WEBHOOK_URL = "http://127.0.0.1:9/webhooks/label-studio/"
    told.clear()
    study_open(study=draft, actor=rae, progress=told.append)
    assert webhooks_refused(opened) == ""
    assert not any(line.startswith("warning: ") for line in told)
    assert "by the poll" not in logged_in(rae).get("/studies/small/").content.decode()
