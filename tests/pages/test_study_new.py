"""A study made on the site: the preview is the plan, a draft is stored whole or not at all."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.models import Assignment, CodeSet, Rater, Study, WeightList
from annotation.services.batches import batch_create, sha256_of
from benchmark.metrics.certainty.planning import (
    Design,
    notes_for_half_width,
    power_for_an_average_coder,
    smallest_difference,
    width_for_an_average_coder,
    width_for_these_coders,
)
from files.notes import NoteRow
from tests.broker import work_is_swept
from tests.cast import logged_in
from tests.markup import markup


def read(answer) -> str:
    """An answer's words."""
    bare = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+([.,;])", r"\1", " ".join(unescape(bare).split()))


@pytest.fixture
def filled(batch, codes, ada, ben) -> dict[str, object]:
    coders = [Rater.objects.get(user=person).pk for person in (ada, ben)]
    return {
        "slug": "mine",
        "batch": batch.pk,
        "code_set": codes.pk,
        "coders": coders,
        "overlap": 3,
        "seed": 5,
        "interface": "search",
        "guideline": "Code as at work.",
    }


def test_the_preview_is_the_plan_and_stores_nothing(filled, rae):
    page = markup(logged_in(rae).post("/studies/new/", {**filled, "preview": ""}))
    shown = page.split("<tbody>")[1].split("</tbody>")[0]
    assert not Study.objects.exists()
    logged_in(rae).post("/studies/new/", {**filled, "draft": ""})
    for rater in Rater.objects.filter(kind=Rater.Kind.CODER):
        counts = [
            Assignment.objects.filter(rater=rater, role=role).count()
            for role in ("primary", "overlap")
        ]
        cells = "".join(f'<td class="n">{n}</td>' for n in (*counts, sum(counts)))
        assert f'<th scope="row">{rater}</th>{cells}' in shown


def test_a_draft_is_what_the_form_says(filled, rae, codes):
    answer = logged_in(rae).post("/studies/new/", {**filled, "draft": ""}, follow=True)
    assert answer.redirect_chain == [("/studies/mine/", 302)]
    assert "Open the study" in answer.content.decode()
    study = Study.objects.get()
    assert (study.status, study.interface, study.seed, study.overlap) == ("draft", "search", 5, 3)
    assert study.code_set == codes
    assert study.workspaces.count() == 2 and len(study.protocol_sha256) == 64


def named(page: str, name: str) -> str:
    """The tag of a form's field."""
    return re.search(rf'<(?:input|select|textarea)[^>]* name="{name}"[^>]*>', page)[0]


def test_the_preview_says_what_notes_and_coders_can_show(filled, rae):
    """Each figure is what the planning gives back for the study that is drafted afterwards."""
    client = logged_in(rae)
    page = read(client.post("/studies/new/", {**filled, "margin": "0.05", "preview": ""}))
    client.post("/studies/new/", {**filled, "draft": ""})
    study = Study.objects.get()
    design = Design(study.workspaces.count(), study.notes.count(), study.overlap)
    enough = notes_for_half_width(0.02, design)
    these = 100 * width_for_these_coders(design)
    like_these = width_for_an_average_coder(design)
    likely = 100 * smallest_difference(design)
    chance = 100 * power_for_an_average_coder(design, 0.05)
    assert f"{these:.1f} points {100 * like_these.expected:.1f} points; in four of five" in page
    assert f"likely show (power 80%) {likely:.1f} points" in page
    assert f"How many notes make half of the interval 2 points {enough} notes" in page
    assert re.search(rf"the margin of 5 points \d+% {chance:.0f}%", page)
    each = {
        study.assignments.filter(rater=coder).count()
        for coder in Rater.objects.filter(user__isnull=False)
    }
    words = " or ".join(str(count) for count in sorted(each))
    assert (
        f"Each of 2 coders codes {words} of them. 3 shared notes are coded by every coder" in page
    )
    assert "8, eight" in page


@pytest.mark.parametrize(
    ("coders", "words"), [(1, "One coder codes them all"), (2, "Each of 2 coders")]
)
def test_one_coder_is_planned_for_as_well(filled, rae, coders, words):
    given = {**filled, "coders": filled["coders"][:coders], "sample": 1, "overlap": 0}
    page = read(logged_in(rae).post("/studies/new/", {**given, "preview": ""}))
    assert words in page and "there will be no interval" in page


def test_notes_without_a_reference_promise_nothing(filled, rae, db):
    rows = [NoteRow(f"x{number}", "No codes.", None) for number in range(4)]
    bare, _ = batch_create(
        name="bare", sha256=sha256_of("bare"), origin="own", rows=rows, split="", user=None
    )
    page = read(logged_in(rae).post("/studies/new/", {**filled, "batch": bare.pk, "preview": ""}))
    assert "compared with each other alone" in page and "interval" not in page


def test_margin_weights_and_title_come_back_filled(filled, rae):
    """Also where another field is wrong: a file of weights need not be chosen again."""
    client = logged_in(rae)
    stated = {"margin": "0.05", "title": "An audit"}
    for wrong in ({}, {"slug": "a b"}):
        sent = SimpleUploadedFile("payment.csv", b"code,weight\n428.0,2\n401.9,.5\n999.9,1\n")
        given = {**filled, **stated, **wrong, "weights_file": sent, "preview": ""}
        page = client.post("/studies/new/", given).content.decode()
        kept = WeightList.objects.get()
        assert 'value="0.05"' in named(page, "margin") and "<details open>" in page
        assert 'value="An audit"' in named(page, "title")
        assert f'<option value="{kept.pk}" selected>' in page
        if not wrong:
            assert "payment.csv: 2 of the list&#x27;s 8 codes have a weight" in page
    assert not Study.objects.exists()
    client.post("/studies/new/", {**filled, **stated, "weights": kept.pk, "draft": ""})
    study = Study.objects.get()
    assert (study.title, study.margin, study.weights) == ("An audit", 0.05, kept)
    page = client.get("/studies/mine/edit/").content.decode()
    assert 'value="An audit"' in named(page, "title")
    client.post("/studies/mine/edit/", {**filled, "title": "Another", "draft": ""})
    study.refresh_from_db()
    assert (study.title, study.margin, study.weights) == ("Another", None, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("margin", "5", "the margin is 5; give one above 0 and below 1"),
        ("margin", "-0.1", "the margin is -0.1; give one above 0 and below 1"),
        ("margin", "nan", "give a number above 0 and below 1, such as 0.05 for 5 points"),
        ("margin", "5%", "give a number above 0 and below 1, such as 0.05 for 5 points"),
        ("weights", "999999", "not one of the available choices"),
        ("weights_file", b"code,weight\n428.0,-2\n", "payment.csv"),
        ("weights_file", b"code\n428.0\n", "payment.csv"),
        ("weights_file", b"", "The submitted file is empty"),
        (
            "weights_file",
            b"code,weight\n4280,2\n",
            "none of the codes of payment.csv is in the list",
        ),
        ("title", "x" * 101, "at most 100 characters"),
    ],
)
def test_a_wrong_statement_is_refused_in_words(filled, rae, field, value, words):
    client = logged_in(rae)
    for button in ("preview", "draft"):
        sent = value
        if isinstance(value, bytes):
            sent = SimpleUploadedFile("payment.csv", value)
        answer = client.post("/studies/new/", {**filled, field: sent, button: ""})
        assert answer.status_code == 422 and words in unescape(answer.content.decode())
    assert not Study.objects.exists()


def test_a_sample_everybody_codes_in_two_arms(filled, rae):
    """Six of the twelve notes, each coded by both.

    Half with the list and half with the search box.
    """
    logged_in(rae).post(
        "/studies/new/",
        {**filled, "sample": 6, "overlap": "", "interface": "list+search", "draft": ""},
    )
    preview = {
        **filled,
        "slug": "again",
        "sample": 6,
        "overlap": "",
        "interface": "list+search",
        "preview": "",
    }
    page = markup(logged_in(rae).post("/studies/new/", preview))
    assert "6 of 12 notes." in page and "Each coder works in two arms" in page
    study = Study.objects.get()
    assert (study.sample, study.overlap, study.notes.count()) == (6, 6, 6)
    assert {space.arm for space in study.workspaces.all()} == {
        "list",
        "search",
    }
    assert study.workspaces.count() == 4
    for rater in Rater.objects.filter(kind=Rater.Kind.CODER):
        mine = study.assignments.filter(rater=rater)
        assert {a.note_id for a in mine} == set(study.notes.values_list("pk", flat=True))
        assert abs(mine.filter(arm="list").count() - mine.filter(arm="search").count()) <= 2
    whole = logged_in(rae).post(
        "/studies/new/", {**filled, "slug": "whole", "overlap": "", "draft": ""}, follow=True
    )
    assert Study.objects.get(slug="whole").overlap == 12 and "12 notes" in whole.content.decode()
    assert Study.objects.get(slug="whole").protocol_sha256 != study.protocol_sha256


def test_without_a_list_the_references_codes_are_ticked(filled, rae):
    logged_in(rae).post("/studies/new/", {**filled, "code_set": "", "draft": ""})
    logged_in(rae).post("/studies/new/", {**filled, "slug": "again", "code_set": "", "draft": ""})
    made = {study.code_set for study in Study.objects.all()}
    assert len(made) == 1 and made.pop().codes.count() == 8


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"overlap": 13}, "Shared notes: 13 of only 12 in the study."),
        ({"sample": 13}, "Sample: 13 of only 12 in "),
        ({"sample": 2}, "Shared notes: 3 of only 2 in the study."),
        ({"slug": "new"}, "the name new is taken"),
        ({"slug": "a b"}, "without spaces"),
        ({"coders": []}, "required"),
        ({"overlap": -1}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(filled, rae, change, words):
    answer = logged_in(rae).post("/studies/new/", {**filled, **change, "draft": ""})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Study.objects.exists() and not Assignment.objects.exists()


def test_a_taken_name_and_notes_without_reference(filled, rae, study):
    client = logged_in(rae)
    taken = client.post("/studies/new/", {**filled, "slug": "small", "draft": ""})
    assert "the name small is taken" in taken.content.decode()
    rows = [NoteRow("x1", "No codes.", None)]
    bare, _ = batch_create(
        name="bare", sha256=sha256_of("bare"), origin="own", rows=rows, split="", user=None
    )
    for button in ("preview", "draft"):
        sent = {**filled, "batch": bare.pk, "overlap": 0, "code_set": "", button: ""}
        answer = client.post("/studies/new/", sent)
        assert answer.status_code == 422
        assert "no reference codes; choose a list" in answer.content.decode()
    assert Study.objects.count() == 1 and CodeSet.objects.count() == 1


def test_label_studio_out_of_reach_leaves_a_draft(filled, rae, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    client = logged_in(rae)
    client.post("/studies/new/", {**filled, "draft": ""})
    client.post("/studies/mine/open/")
    work_is_swept()
    page = client.get("/studies/mine/").content.decode()
    assert "not open yet, nothing is lost" in page and Study.objects.get().status == "draft"
    assert client.post("/studies/other/open/").status_code == 404


def test_notes_do_not_move_without_label_studio_or_to_the_same_coder(study, rae, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    client, before = logged_in(rae), set(Assignment.objects.values_list("pk", "rater"))
    ada, ben = (Rater.objects.get(name=name).pk for name in ("Ada", "Ben"))
    study.workspaces.update(project_id=None)
    for giver, taker, words in (
        (ada, ada, "two different coders"),
        (ada, ben, "no project in Label Studio yet"),
    ):
        page = client.post(
            "/studies/small/reassign/", {"giver": giver, "taker": taker}, follow=True
        ).content.decode()
        assert words in page
    study.workspaces.filter(rater=ben).update(project_id=7)
    page = client.post(
        "/studies/small/reassign/", {"giver": ada, "taker": ben}, follow=True
    ).content.decode()
    assert "Nothing moved" in page and set(Assignment.objects.values_list("pk", "rater")) == before
    assert client.post("/studies/small/reassign/", {"giver": "x", "taker": ben}).status_code == 404
    Study.objects.update(status="closed")
    page = client.post(
        "/studies/small/reassign/", {"giver": ada, "taker": ben}, follow=True
    ).content.decode()
    assert "only while it is open" in page
