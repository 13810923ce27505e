"""What the scripts of our coding page ask for, and who gets an answer."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Assignment, Coding, Draft, Event, Mirror, Role, Study, User
from annotation.services.studies import guideline_acknowledge, study_draft
from demo.management.commands import doctor
from tests.cast import logged_in

MADE_UP = {"tab": "tab-1", "codes": ["428.0"], "active_seconds": 12.5}


@pytest.fixture
def assignment(batch, codes, ada, ben) -> Assignment:
    study = study_draft(
        slug="desk", batch=batch, code_set=codes, coders=[ada.rater, ben.rater], overlap=0
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    for coder in (ada, ben):
        guideline_acknowledge(study=study, user=coder)
    return study.assignments.filter(rater=ada.rater).order_by("position").first()


def post(client, assignment, what, body):
    url = f"/code/{assignment.pk}/{what}/"
    return client.post(url, json.dumps(body), content_type="application/json")


def test_a_note_is_coded(assignment, ada):
    client = logged_in(ada)
    note = client.get(f"/code/{assignment.pk}/note/")
    assert note["Cache-Control"] == "no-store"
    told = note.json()
    assert told["text"] == assignment.note.text and told["draft"] is None
    assert (told["position"], told["total"], told["done"], told["based_on"]) == (1, 6, 0, 0)
    saved = post(client, assignment, "draft", {**MADE_UP, "sequence": 1})
    assert saved.status_code == 200
    kept = client.get(f"/code/{assignment.pk}/note/").json()["draft"]
    assert (kept["version"], kept["codes"], kept["active_seconds"]) == ("tab-1:1", ["428.0"], 12.5)
    sent = post(client, assignment, "submit", {**MADE_UP, "key": "k-1"})
    assert sent.status_code == 200
    following = assignment.study.assignments.get(rater=assignment.rater, position=2)
    answer = sent.json()
    assert (answer["revision"], answer["done"], answer["next"]) == (1, 1, following.pk)
    assert answer["next_url"] == f"/code/{following.pk}/"
    assert not Draft.objects.exists()
    again = client.get(f"/code/{assignment.pk}/note/").json()
    assert (again["based_on"], again["submitted"]["codes"]) == (1, ["428.0"])


def test_the_last_note_leads_back_to_the_queue(assignment, ada):
    client = logged_in(ada)
    for row in assignment.study.assignments.filter(rater=assignment.rater).order_by("position"):
        last = post(client, row, "submit", {**MADE_UP, "key": "k"}).json()
    assert (last["done"], last["next"], last["next_url"]) == (6, None, "/queue/")


def test_a_note_of_the_other_arm_comes_next_in_label_studio(assignment, ada):
    following = assignment.study.assignments.filter(rater=assignment.rater, position=2)
    following.update(arm="list")
    answer = post(logged_in(ada), assignment, "submit", {**MADE_UP, "key": "k"}).json()
    assert (answer["next"], answer["next_url"]) == (None, "/queue/next/")
    assert logged_in(ada).get(f"/code/{following.get().pk}/note/").status_code == 409


@pytest.mark.parametrize("who", ["ben", "rae", "cid", "sam"])
def test_anothers_note_is_refused_to_every_role(assignment, ada, ben, rae, cid, sam, who):
    client = logged_in({"ben": ben, "rae": rae, "cid": cid, "sam": sam}[who])
    assert client.get(f"/code/{assignment.pk}/").status_code == 403
    got = client.get(f"/code/{assignment.pk}/note/")
    assert got.status_code == 403 and "text" not in got.json()
    for what in ("draft", "submit", "time"):
        body = {**MADE_UP, "sequence": 1, "key": "k", "event": "paused"}
        assert post(client, assignment, what, body).status_code == 403
    assert not Coding.objects.filter(study=assignment.study).exists()
    assert not Draft.objects.exists()


def test_without_a_session_scripts_are_told_so(assignment, client):
    assert client.get(f"/code/{assignment.pk}/").status_code == 302
    for what in ("draft", "submit", "time"):
        answer = post(client, assignment, what, MADE_UP)
        assert (answer.status_code, answer.json()["reason"]) == (401, "login")
    assert client.get(f"/code/{assignment.pk}/note/").status_code == 401
    assert logged_in(assignment.rater.user).get("/code/999999/note/").status_code == 404


def test_the_guideline_comes_first(assignment, ada):
    Event.objects.all().delete()
    answer = post(logged_in(ada), assignment, "submit", {**MADE_UP, "key": "k"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "guideline")
    assert logged_in(ada).get(f"/code/{assignment.pk}/").status_code == 302


def test_the_guideline_of_a_draft_cannot_be_accepted(assignment, ada):
    """It may be changed until the study opens, and nobody would read it again."""
    Event.objects.all().delete()
    Study.objects.filter(pk=assignment.study_id).update(status=Study.Status.DRAFT)
    assert logged_in(ada).post("/queue/desk/acknowledge/").status_code == 404
    Study.objects.filter(pk=assignment.study_id).update(status=Study.Status.OPEN)
    answer = post(logged_in(ada), assignment, "submit", {**MADE_UP, "key": "k"})
    assert answer.json()["reason"] == "guideline"


def test_a_refusal_says_what_the_server_holds(assignment, ada):
    client = logged_in(ada)
    post(client, assignment, "draft", {**MADE_UP, "sequence": 1})
    other = {**MADE_UP, "tab": "tab-2", "codes": ["401.9"]}
    told = post(client, assignment, "draft", {**other, "sequence": 1})
    assert told.status_code == 409
    assert (told.json()["reason"], told.json()["draft"]["codes"]) == ("other-tab", ["428.0"])
    after = {**other, "sequence": 1, "after": told.json()["draft"]["version"]}
    assert post(client, assignment, "draft", after).status_code == 200


UNSTORABLE = [b"a\\u0000b", b"a\\ud800b"]
"""In JSON: texts that no database takes, or not every one."""
BAD = [
    b"",
    b"[]",
    b"{",
    b'{"codes": "428.0"}',
    b'{"tab": "t", "codes": [7], "active_seconds": 1, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["428.0"], "active_seconds": "1", "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["428.0"], "active_seconds": NaN, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["428.0"], "active_seconds": 1e99, "key": "k", "sequence": 1}',
    b'{"tab": "../x", "codes": ["428.0"], "active_seconds": 1, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["428.0"], "active_seconds": 1, "key": "a b", "sequence": 1.5}',
    b'{"tab": "t", "codes": ["428.0"], "active_seconds": %s, "key": "k", "sequence": 1}'
    % (b"9" * 400),
    b'{"tab": "t", "codes": ["428.0"], "active_seconds": -1, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["\\ud800"], "active_seconds": 1, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["428.0\\u0000"], "active_seconds": 1, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": ["999.99"], "active_seconds": 1, "key": "k", "sequence": 1}',
    b'{"tab": "t", "codes": [], "active_seconds": 1, "key": "k", "sequence": -1}',
    b"[" * 90_000,
    b'{"codes": ["' + b"4" * 200_000 + b'"]}',
]


@pytest.mark.parametrize("body", BAD)
def test_odd_bodies_are_refused_in_words_that_do_not_repeat_them(assignment, ada, body, caplog):
    client = logged_in(ada)
    with caplog.at_level(logging.DEBUG):
        for what in ("draft", "submit"):
            url = f"/code/{assignment.pk}/{what}/"
            answer = client.post(url, body, content_type="application/json")
            assert answer.status_code == 400, answer.content
            assert answer.json()["detail"]
    assert not Coding.objects.filter(study=assignment.study).exists()
    assert not Draft.objects.exists()


@pytest.mark.parametrize("text", UNSTORABLE)
def test_words_that_no_database_takes_are_refused(assignment, ada, text):
    body = b'{"tab": "t", "codes": ["428.0"], "active_seconds": 1, "key": "k", "sequence": 1, '
    body += b'"unlisted": "' + text + b'"}'
    for what in ("draft", "submit"):
        url = f"/code/{assignment.pk}/{what}/"
        answer = logged_in(ada).post(url, body, content_type="application/json")
        assert (answer.status_code, answer.json()["reason"]) == (400, "value")


@pytest.mark.parametrize("role", [Role.ADJUDICATOR, Role.RESEARCHER])
def test_who_is_no_coder_any_more_codes_nothing(assignment, ada, role):
    """Her tab is still open, and an adjudicator sees the answers of others."""
    client = logged_in(ada)
    User.objects.filter(pk=ada.pk).update(role=role)
    assert client.get(f"/code/{assignment.pk}/note/").status_code == 403
    for what in ("draft", "submit", "time"):
        body = {**MADE_UP, "sequence": 1, "key": "k", "event": "paused"}
        assert post(client, assignment, what, body).status_code == 403
    assert not Coding.objects.filter(study=assignment.study).exists()


def test_a_press_whose_answer_was_lost_is_told_so_after_the_study_was_closed(assignment, ada):
    client = logged_in(ada)
    sent = post(client, assignment, "submit", {**MADE_UP, "key": "k"})
    Study.objects.filter(pk=assignment.study_id).update(status=Study.Status.CLOSED)
    again = post(client, assignment, "submit", {**MADE_UP, "key": "k"})
    assert (again.status_code, again.json()["revision"]) == (200, sent.json()["revision"])
    other = {**MADE_UP, "key": "k-2", "based_on": 1}
    assert post(client, assignment, "submit", other).json()["reason"] == "closed"


def test_the_clock_of_a_closed_study_stands(assignment, ada):
    Study.objects.filter(pk=assignment.study_id).update(status=Study.Status.CLOSED)
    told = post(logged_in(ada), assignment, "time", {"event": "paused", "active_seconds": 3})
    assert (told.status_code, told.json()["reason"]) == (409, "closed")
    assert not Event.objects.filter(verb="coding.paused").exists()


def test_who_closes_or_moves_notes_is_told_what_is_begun(assignment, ada, rae):
    post(logged_in(ada), assignment, "draft", {**MADE_UP, "sequence": 1})
    researcher = logged_in(rae)
    closing = researcher.get("/studies/desk/close/").content.decode()
    assert "Begun or changed on our page and not sent: 1." in closing
    raters = {row.rater.name: row.rater_id for row in assignment.study.workspaces.all()}
    moving = f"/studies/desk/reassign/?giver={raters['Ada']}&taker={raters['Ben']}"
    assert "on our page 1 are begun" in researcher.get(moving).content.decode()


def test_copies_that_wait_for_long_are_told(assignment, ada, rae):
    Assignment.objects.filter(pk=assignment.pk).update(task_id=7)
    assignment.study.workspaces.update(project_id=None)
    assignment.study.workspaces.filter(rater=assignment.rater).update(project_id=3)
    post(logged_in(ada), assignment, "submit", {**MADE_UP, "key": "k"})
    page = logged_in(rae).get("/studies/desk/").content.decode()
    assert "Not copied into Label Studio" not in page
    Mirror.objects.update(error="Label Studio refused to take an answer: status 500")
    Coding.objects.filter(study=assignment.study).update(
        submitted_at=timezone.now() - timedelta(hours=1)
    )
    page = logged_in(rae).get("/studies/desk/").content.decode()
    assert "1 answer of our coding page" in page and "status 500" in page
    with pytest.raises(LookupError, match="1 answers of our coding page are not in Label Studio"):
        doctor.CHECKS["copies in Label Studio"][0]()


def test_a_search_that_has_changed_since_is_told(assignment, rae):
    researcher = logged_in(rae)
    said = "The search of codes has changed since this study was drafted"
    assert said not in researcher.get("/studies/desk/").content.decode()
    Study.objects.filter(pk=assignment.study_id).update(search_sha256="0" * 64)
    assert said in researcher.get("/studies/desk/").content.decode()
