"""What the scripts of our page ask for on practice notes: the reference only after Submit, and
nothing that counts."""

from __future__ import annotations

import json

import pytest

from annotation.models import Event, PracticeAnswer, Role, Study, User
from annotation.selectors.practice import practice_notes
from annotation.selectors.queues import study_progress
from annotation.services.desk import Seen, Ticked, coding_submit
from annotation.services.people import rater_ensure
from annotation.services.practice import practice_fix
from annotation.services.studies import guideline_acknowledge, study_draft
from benchmark.bundle.export import study_export
from benchmark.selectors.inputs import benchmark_inputs
from files.notes import NoteRow
from tests.annotation.test_practice import batch_of
from tests.cast import logged_in

TICKED = {"tab": "t", "key": "k", "codes": ["428.0"], "active_seconds": 9.5}
REFERENCE = ["99.04", "V58.61"]
"""Codes of every practice note; their titles are in no note."""


@pytest.fixture
def desk(batch, codes, ada, ben) -> Study:
    """An open study on our page, whose practice notes have the codes of REFERENCE."""
    rows = [NoteRow(f"p{k}", f"Practice note {k}.", tuple(REFERENCE)) for k in range(5)]
    batch_of("practice", rows, for_practice=True)
    study = study_draft(slug="desk", batch=batch, code_set=codes, coders=[ada.rater], overlap=0)
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    practice_fix(study)
    guideline_acknowledge(study=study, user=ada)
    study.refresh_from_db()
    return study


def submit(client, place: int, **fields: object):
    body = json.dumps({**TICKED, **fields})
    url = f"/code/practice/desk/{place}/submit/"
    return client.post(url, body, content_type="application/json")


def test_the_reference_comes_after_submit_and_not_before(desk, ada):
    client = logged_in(ada)
    before = client.get("/code/practice/desk/2/note/")
    assert before["Cache-Control"] == "no-store"
    told = before.json()
    assert (told["position"], told["total"], told["done"]) == (2, 3, 0)
    assert (
        told["text"].startswith("Practice note") and told["assignment"] == 2 and told["next"] == 3
    )
    pages = before.content.decode() + client.get("/queue/").content.decode()
    assert not any(code in pages for code in REFERENCE)
    answer = submit(client, 2).json()
    assert [code["code"] for code in answer["reference"]] == REFERENCE
    assert [code["code"] for code in answer["yours"]] == ["428.0"]
    assert all(code["title"] for code in answer["reference"] + answer["yours"])
    assert (answer["done"], answer["next_url"]) == (1, "/code/practice/desk/3/")
    assert submit(client, 3).json()["next_url"] == "/queue/"
    again = client.get("/code/practice/desk/2/note/").content.decode()
    assert not any(code in again for code in REFERENCE)


def test_the_page_has_the_note_and_nothing_of_its_codes(desk, ada):
    page = logged_in(ada).get("/code/practice/desk/1/")
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    told = page.content.decode()
    assert "Practice note" in told and "Practice: this is not counted." in told
    assert not any(code in told for code in REFERENCE)


def test_answers_are_kept_and_counted_nowhere(desk, ada, rae):
    """Not as codings, not in progress, the export or the API, and not in a benchmark."""
    researcher = logged_in(rae)
    addresses = [
        "/api/v1/codings/",
        "/api/v1/assignments/",
        "/api/v1/studies/desk/progress/",
        "/api/v1/studies/desk/work/",
        "/api/v1/studies/desk/",
    ]

    def everything() -> list[object]:
        seen: list[object] = [researcher.get(address).content for address in addresses]
        exported = study_export(study=desk)
        return [*seen, exported, benchmark_inputs(desk).sha256, study_progress(desk)]

    for assignment in desk.assignments.all():
        coding_submit(
            assignment=assignment,
            key="k",
            seen=Seen("t"),
            ticked=Ticked(("401.9",), active_seconds=5),
        )
    before = everything()
    for place in (1, 2, 3):
        answer = submit(logged_in(ada), place, codes=["427.31"], unlisted="a word of her own")
        assert answer.status_code == 200
    assert PracticeAnswer.objects.count() == 3
    assert everything() == before
    practised = {each.note.pk for each in practice_notes(desk)}
    assert not practised & set(desk.notes.values_list("pk", flat=True))


@pytest.mark.parametrize("who", ["ben", "rae", "cid", "sam"])
@pytest.mark.parametrize("what", ["", "note/", "submit/"])
def test_only_coders_of_the_study_practise(desk, ben, rae, cid, sam, who, what):
    client = logged_in({"ben": ben, "rae": rae, "cid": cid, "sam": sam}[who])
    url = f"/code/practice/desk/1/{what}"
    answer = client.get(url) if what != "submit/" else submit(client, 1)
    assert answer.status_code == 403 and b"Practice note" not in answer.content
    assert not PracticeAnswer.objects.exists()


def test_who_is_no_coder_any_more_is_told_no_reference(desk, ada):
    client = logged_in(ada)
    User.objects.filter(pk=ada.pk).update(role=Role.ADJUDICATOR)
    assert client.get("/code/practice/desk/1/note/").status_code == 403
    assert submit(client, 1).status_code == 403


def test_without_a_session_a_guideline_or_an_open_study_there_is_none(desk, ada, ben, client):
    assert client.get("/code/practice/desk/1/").status_code == 302
    assert client.get("/code/practice/desk/1/note/").status_code == 401
    assert submit(client, 1).status_code == 401
    ada_there = logged_in(ada)
    for place in (0, 4, 10**12):
        assert ada_there.get(f"/code/practice/desk/{place}/note/").status_code == 404
        assert ada_there.get(f"/code/practice/desk/{place}/").status_code == 404
    assert ada_there.get("/code/practice/nothing/1/note/").status_code == 404
    Study.objects.filter(pk=desk.pk).update(status=Study.Status.CLOSED)
    assert (submit(ada_there, 1).status_code, submit(ada_there, 1).json()["reason"]) == (
        409,
        "closed",
    )
    assert ada_there.get("/code/practice/desk/1/").status_code == 302


def test_the_guideline_comes_first(desk, ada):
    Event.objects.filter(verb="guideline.acknowledged").delete()
    answer = submit(logged_in(ada), 1)
    assert (answer.status_code, answer.json()["reason"]) == (409, "guideline")
    assert logged_in(ada).get("/code/practice/desk/1/").status_code == 302


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"codes": []}, "empty"),
        ({"none_applies": True}, "both"),
        ({"codes": ["999.99"]}, "codes"),
        ({"codes": "428.0"}, "value"),
        ({"active_seconds": -1}, "value"),
        ({"active_seconds": 10**400}, "value"),
        ({"unlisted": "half a character: \ud83d"}, "value"),
        ({"unlisted": "a NUL: \0"}, "value"),
    ],
)
def test_a_wrong_answer_is_refused_and_shows_no_reference(desk, ada, fields, reason):
    answer = submit(logged_in(ada), 1, **fields)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    assert not any(code in answer.content.decode() for code in REFERENCE)
    assert not PracticeAnswer.objects.exists()


def test_a_researcher_who_codes_cannot_look_the_reference_up(desk, rae, batch, codes):
    rater = rater_ensure(user=rae)
    study = study_draft(slug="hers", batch=batch, code_set=codes, coders=[rater], overlap=0)
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    client = logged_in(rae)
    note = practice_notes(desk)[0].note
    assert client.get(f"/api/v1/codings/?note={note.pk}").json()["count"] == 0
    assert client.get(f"/api/v1/notes/{note.pk}/").status_code == 404
