"""Logging out: a coder passes through Label Studio.

Nobody is kept in because it does not answer.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from annotation.models import Study
from label_studio_guard.token import LEAVING, verify
from tests.cast import logged_in


@pytest.fixture
def coder(study, ada):
    """Ada with notes in Label Studio."""
    workspace = Study.objects.get(pk=study.pk).workspaces.get(rater=ada.rater)
    workspace.account_id = 7
    workspace.save()
    return ada


def test_a_coder_leaves_through_label_studio(coder, settings, monkeypatch):
    ended = []
    set_session = "annotation.label_studio.client.LabelStudio.set_session"
    monkeypatch.setattr(set_session, lambda self, *given: ended.append(given))
    client = logged_in(coder)
    answer = client.post("/logout/")
    address = urlsplit(answer["Location"])
    ticket = verify(settings.GUARD_SECRET, parse_qs(address.query)["token"][0], audience=LEAVING)
    assert (address.path, ticket.email, ended) == (
        "/guard/leave",
        coder.email,
        [(coder.email, True)],
    )
    assert client.get("/queue/")["Location"].startswith("/login/")


def test_without_label_studio_a_coder_is_logged_out_and_told(coder, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    client = logged_in(coder)
    answer = client.post("/logout/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/"
    assert "ticks that were not saved stay in this browser" in answer.content.decode()
    assert client.get("/queue/")["Location"].startswith("/login/")


def test_who_never_coded_leaves_at_once(rae):
    assert logged_in(rae).post("/logout/")["Location"] == "/login/"
