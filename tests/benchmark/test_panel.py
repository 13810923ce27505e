"""Adjudicators see what was given, not by whom.

What they store is the panel, a reference like the hospital's.
"""

import re
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Code, Coding, Event, Rater, Study, User
from annotation.selectors.codings import codings_of
from annotation.services.codings import Given, coding_append
from benchmark.selectors.panel import ballot_of, docket_of
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import codings_import
from tests.markup import markup


@pytest.fixture
def coded(study):
    """Every assignment coded with the note's true codes but one."""
    reference = codings_of(study, study.reference)
    for row in study.assignments.select_related("note", "rater"):
        mine = Code.objects.filter(code__in=reference[row.note.external_id][:1])
        given = Given(row.note, dict.fromkeys(mine), f"p{row.pk}", timezone.now())
        coding_append(study=study, rater=row.rater, given=given)
    rows = "\n".join(f"n{k},401.9" for k in range(12))
    codings_import(
        study=study,
        name="Theirs",
        kind="model",
        file="a.csv",
        data=f"note_id,code\n{rows}\n".encode(),
    )
    return study


def settle(client, page_address: str, codes: list[str], **change):
    page = client.get(page_address, follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else page_address
    revision = re.search(r'name="revision" value="(\d+)"', page.content.decode())[1]
    return client.post(address, {"code": codes, "revision": revision, **change}), address


def test_who_gave_what_is_hidden(coded, cid):
    client = logged_in(cid)
    assert client.get("/", follow=True).redirect_chain == [("/adjudicate/", 302)]
    home = client.get("/adjudicate/").content.decode()
    assert "0 of 12</strong> notes settled" in home
    page = client.get("/adjudicate/small/", follow=True)
    body = unescape(page.content.decode()).split("<main")[1]
    for name in ("Ada", "Ben", "Theirs", "reference of batch", "simulated"):
        assert name not in body, name
    assert "checked" not in body and "Patient with hypertension" in body
    listed = re.findall(r'name="code" value="([^"]+)"', body)
    note = Study.objects.get().notes.get(pk=page.redirect_chain[-1][0].split("/")[-2])
    given = set(Coding.objects.filter(note=note).values_list("items__code__code", flat=True))
    assert listed == sorted(given - {None})
    number = Coding.objects.filter(note=note).values("rater").distinct().count()
    assert re.findall(r'<th scope="col">([A-Z])</th>', body) == list("ABCDEF"[:number])


def test_the_letters_are_dealt_anew_for_each_note(coded):
    """The reference is not always the same letter."""
    first = set()
    for note in coded.notes.all():
        ballot = ballot_of(coded, note)
        under_a = {candidate.code for candidate in ballot.candidates if candidate.given[0]}
        true = {
            i.code.code
            for i in Coding.objects.get(note=note, rater=coded.reference).items.select_related(
                "code"
            )
        }
        first.add(under_a == true)
    assert first == {True, False}


def test_what_is_settled_is_stored_once_and_the_next_note_comes(coded, cid):
    client = logged_in(cid)
    answer, address = settle(client, "/adjudicate/small/", ["401.9"], further="038.9, 96.04")
    assert (answer.status_code, answer.url) == (302, "/adjudicate/small/")
    coding = Coding.objects.get(rater__kind="panel")
    assert {i.code.code for i in coding.items.all()} == {
        "401.9",
        "038.9",
        "96.04",
    }
    assert coding.study == coded
    assert Event.objects.get(verb="note.settled").actor == cid
    assert docket_of(coded).done == 1 and client.get("/adjudicate/small/").url != address
    stale = client.post(address, {"code": ["428.0"], "revision": "0"})
    assert stale.status_code == 409 and "another adjudicator" in stale.content.decode()
    assert Coding.objects.filter(rater__kind="panel").count() == 1
    again, _ = settle(client, address, ["428.0"])
    assert again.status_code == 302 and Coding.objects.filter(rater__kind="panel").count() == 2
    panel = Rater.objects.get(kind="panel")
    assert list(codings_of(coded, panel).values()) == [["428.0"]]


def test_a_wrong_code_stores_nothing_and_loses_no_tick(coded, cid):
    answer, _ = settle(logged_in(cid), "/adjudicate/small/", ["401.9"], further="250 nonsense")
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "250 looks spoilt by a spreadsheet" in page
    assert "code of 8 characters is free text" in page
    assert not Coding.objects.filter(rater__kind="panel").exists()
    assert not Rater.objects.filter(kind="panel").exists()
    assert 'value="401.9" checked' in page and 'value="250 nonsense"' in page


def test_no_code_is_an_answer_only_when_it_is_said(coded, cid):
    client = logged_in(cid)
    answer, address = settle(client, "/adjudicate/small/", [])
    assert answer.status_code == 422 and "no code is ticked" in unescape(answer.content.decode())
    answer, _ = settle(client, address, ["401.9"], none="on")
    page = unescape(answer.content.decode())
    assert answer.status_code == 422 and "too" in page
    assert 'value="401.9" checked' in page and 'name="none" checked' in page
    assert not Coding.objects.filter(rater__kind="panel").exists()
    answer, _ = settle(client, address, [], none="on")
    assert answer.status_code == 302 and Coding.objects.get(rater__kind="panel").items.count() == 0
    told = client.get("/adjudicate/").content.decode()
    assert f'<a href="{address}">' in told and "is stored with no code" in told
    assert 'name="none" checked' in client.get(address).content.decode(), "settled before"


def test_a_note_without_its_text_is_for_nobody_to_settle(coded, cid):
    coded.notes.exclude(external_id="n1").update(text="")
    assert len(docket_of(coded).notes) == 1
    coded.notes.update(text="")
    assert "No study has a note" in logged_in(cid).get("/adjudicate/").content.decode()


def test_nobody_judges_an_own_answer(coded, ada, cid):
    note = docket_of(coded).notes[0]
    User.objects.filter(pk=ada.pk).update(role="adjudicator")
    ada.refresh_from_db()
    for url in ("/adjudicate/small/", f"/adjudicate/small/{note}/"):
        assert logged_in(ada).get(url).status_code == 404
    assert "small" not in logged_in(ada).get("/adjudicate/").content.decode()
    assert logged_in(cid).get("/adjudicate/small/999999/").status_code == 404


def test_a_note_that_one_rater_coded_needs_no_panel(study, cid):
    Coding.objects.filter(rater=study.reference).exclude(note__external_id="n1").delete()
    assert docket_of(study).notes == []
    assert "No study has a note" in logged_in(cid).get("/adjudicate/").content.decode()


def test_against_the_panel_the_reference_is_a_rater(coded, cid, rae, capsys):
    client, true = logged_in(cid), codings_of(coded, coded.reference)
    for note in docket_of(coded).notes[:5]:
        name = coded.notes.get(pk=note).external_id
        settle(client, f"/adjudicate/small/{note}/", [true[name][0]])
    run = benchmark_run(study=coded, preset="panel")
    figures = run.result.to_json()["raters"]
    assert run.notes == 5 and run.result.to_json()["against"] == "panel" and run.interim, (
        "seven are not settled"
    )
    assert figures["The reference"]["micro"]["recall"] == 1.0
    assert figures["The reference"]["micro"]["precision"] == pytest.approx(0.5)
    assert figures["Human coders"]["micro"]["jaccard"] == 1.0
    call_command("run_benchmark", "small", preset="panel")
    printed = capsys.readouterr().out
    assert "against its panel" in printed and "settled 5 of the study's 12 notes" in printed
    assert "The panel has 1.0 codes a note" in printed
    reading = logged_in(rae)
    with CaptureQueriesContext(connection) as queries:
        page = unescape(markup(reading.get("/studies/small/results/?preset=panel")))
    assert len(queries) <= 15, [query["sql"][:80] for query in queries]
    assert "Table 1: every rater against the panel" in page
    assert "The reference" in page
    assert "the panel's" in page
    notes = logged_in(rae).get(
        "/studies/small/results/notes/", {"preset": "panel", "a": "The reference"}
    )
    assert notes.status_code == 200 and notes.content.decode().count('scope="row"') == 5
    assert "The panel</a>" in markup(notes) and "The hospital</a>" not in markup(notes)
    runs_page = unescape(logged_in(rae).get("/studies/small/runs/").content.decode())
    assert '?preset=panel">5 of 12 notes settled' in runs_page
    settle(client, f"/adjudicate/small/{docket_of(coded).next}/", [], further="038.9")
    space = benchmark_run(study=coded, preset="panel").result.to_json()["label_space"]
    assert space["name"] == "shortlist and panel"
    assert space["size"] == coded.code_set.codes.count() + 1
