"""A draft is changed, discarded, duplicated; a study that is open, or is being opened, never."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from annotation.models import Assignment, CodeSet, Event, Rater, Study, Workspace
from annotation.selectors.codes import WHOLE_SYSTEM, list_preview
from annotation.services.studies import study_draft, study_open
from benchmark.services.runs import run_create
from tests.broker import work_is_swept
from tests.cast import logged_in
from tests.pages.test_study_new import filled

__all__ = ["filled"]


@pytest.fixture
def draft(filled, rae) -> Study:
    logged_in(rae).post("/studies/new/", {**filled, "draft": ""})
    return Study.objects.get()


def form_of(page: str) -> dict[str, object]:
    """What a browser would send of the form in a page, as it was served."""
    from html.parser import HTMLParser

    sent: dict[str, object] = {}

    class Reader(HTMLParser):
        select = area = ""

        def handle_starttag(self, tag, pairs):
            given = dict(pairs)
            if (
                tag == "input"
                and given.get("name")
                and (given.get("type") != "checkbox" or "checked" in given)
            ):
                if given.get("type") == "checkbox":
                    sent.setdefault(given["name"], []).append(given["value"])  # type: ignore[union-attr]
                else:
                    sent[given["name"]] = given.get("value", "")
            if tag == "select":
                self.select = given["name"]
            if tag == "option" and self.select and "selected" in given:
                sent[self.select] = given["value"]
            if tag == "textarea":
                self.area = given["name"]
                sent[self.area] = ""

        def handle_endtag(self, tag):
            if tag in ("select", "textarea"):
                self.select = self.area = ""

        def handle_data(self, data):
            if self.area:
                sent[self.area] += data  # type: ignore[operator]

    Reader().feed(page.split('<form class="card" id="settings"')[1])
    return sent


def test_the_form_of_a_draft_is_filled_as_it_is(draft, rae):
    """Sent back unchanged it makes the very same study."""
    client = logged_in(rae)
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    plan = list(
        Assignment.objects.order_by("rater", "position").values(
            "note", "rater", "role", "arm", "position"
        )
    )
    page = client.post("/studies/mine/edit/", {**sent, "draft": ""}, follow=True).content.decode()
    assert "mine is changed and planned anew" in page
    same = Study.objects.get()
    assert same.protocol_sha256 == draft.protocol_sha256 and same.pk == draft.pk
    assert list(Assignment.objects.order_by("rater", "position").values(*plan[0])) == plan


def test_a_changed_draft_is_planned_anew(draft, rae):
    client = logged_in(rae)
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    ada = Rater.objects.get(name="Ada").pk
    change = {
        "slug": "other",
        "coders": [ada],
        "sample": 5,
        "overlap": 0,
        "interface": "list+search",
    }
    preview = client.post("/studies/mine/edit/", {**sent, **change, "preview": ""}).content.decode()
    assert "5 of 12 notes" in preview and Study.objects.get().slug == "mine"
    answer = client.post("/studies/mine/edit/", {**sent, **change, "draft": ""})
    assert answer.url == "/studies/other/"
    study = Study.objects.get()
    assert (study.pk, study.slug, study.sample, study.interface) == (
        draft.pk,
        "other",
        5,
        "list+search",
    )
    assert study.assignments.count() == study.notes.count() == 5
    assert set(study.workspaces.values_list("rater", "arm")) == {(ada, "list"), (ada, "search")}
    assert study.protocol_sha256 != draft.protocol_sha256
    event = Event.objects.get(verb="study.changed")
    assert (event.actor, event.data["was"]) == (rae, draft.protocol_sha256)


def test_what_is_wrong_is_said_and_the_draft_stays(draft, rae):
    client = logged_in(rae)
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    for change, words in (
        ({"overlap": 13}, "Shared notes: 13 of only 12"),
        ({"slug": "new"}, "the name new is taken"),
    ):
        page = client.post("/studies/mine/edit/", {**sent, **change, "draft": ""})
        assert page.status_code == 422 and words in page.content.decode()
    again = Study.objects.get()
    assert again.protocol_sha256 == draft.protocol_sha256 and again.assignments.count() == 15


def test_two_tabs_the_second_change_is_not_lost_on_the_first(draft, rae):
    client = logged_in(rae)
    first, second = (form_of(client.get("/studies/mine/edit/").content.decode()) for _ in range(2))
    client.post("/studies/mine/edit/", {**first, "seed": 8, "draft": ""})
    late = client.post("/studies/mine/edit/", {**second, "seed": 9, "draft": ""})
    assert late.status_code == 422
    assert "somebody has changed mine since you opened" in late.content.decode()
    assert Study.objects.get().seed == 8


@pytest.mark.parametrize("status", ["open", "closed"])
def test_one_tab_opens_while_the_other_changes_or_discards(draft, rae, status):
    client = logged_in(rae)
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    Study.objects.update(status=status)
    late = client.post("/studies/mine/edit/", {**sent, "seed": 9, "draft": ""})
    assert late.status_code == 422 and f"mine is {status} by now" in late.content.decode()
    for page in (
        client.get("/studies/mine/edit/", follow=True),
        client.post("/studies/mine/discard/", follow=True),
    ):
        assert f"mine is {status} by now; only a draft" in page.content.decode()
    study = Study.objects.get()
    assert study.seed == 5 and study.assignments.count() == 15
    assert "Discard" not in client.get("/studies/mine/settings/").content.decode()


def test_while_it_is_being_opened_nothing_changes(draft, rae, queue):
    client = logged_in(rae)
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    client.post("/studies/mine/open/")
    late = client.post("/studies/mine/edit/", {**sent, "draft": ""})
    assert "mine is being opened just now" in late.content.decode()
    assert "is being opened" in client.post("/studies/mine/discard/", follow=True).content.decode()
    page = client.get("/studies/mine/settings/").content.decode()
    assert "It cannot be changed or discarded: mine is being opened" in page


def test_only_the_protocol_that_was_loaded_is_opened(draft, monkeypatch):
    """The worker has read the draft; it is changed before the last step."""
    Workspace.objects.all().delete()  # so that nothing asks Label Studio
    Study.objects.update(protocol_sha256="f" * 64)
    with pytest.raises(ValueError, match="mine was changed or discarded while it was being loaded"):
        study_open(study=draft, actor=None)
    assert Study.objects.get().status == "draft"
    assert not Event.objects.filter(verb="study.opened").exists()


def test_discarding_asks_and_removes_the_plan_alone(draft, rae, batch):
    client = logged_in(rae)
    client.post("/studies/mine/benchmark/")
    assert "15 assignments are removed" in client.get("/studies/mine/discard/").content.decode()
    page = client.post("/studies/mine/discard/", follow=True).content.decode()
    assert "The draft mine is discarded" in page
    assert not Study.objects.exists()
    assert not Assignment.objects.exists()
    assert not Workspace.objects.exists()
    assert batch.notes.count() == 12 and Rater.objects.filter(kind="coder").count() == 2
    event = Event.objects.get(verb="study.discarded")
    assert (event.actor, event.object, event.data) == (
        rae,
        "study:mine",
        {"protocol": draft.protocol_sha256},
    )
    assert client.get("/studies/mine/discard/").status_code == 404


def test_the_next_study_of_that_name_starts_afresh(draft, filled, rae, settings):
    """What was asked of the one that was discarded, or renamed, says nothing of it."""
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    client = logged_in(rae)
    client.post("/studies/mine/open/")
    work_is_swept()
    assert "nothing is lost" in client.get("/studies/mine/").content.decode()
    client.post("/studies/mine/discard/")
    client.post("/studies/new/", {**filled, "draft": ""})
    assert "nothing is lost" not in client.get("/studies/mine/").content.decode()
    client.post("/studies/mine/open/")
    work_is_swept()
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    client.post("/studies/mine/edit/", {**sent, "seed": 6, "draft": ""})
    assert "nothing is lost" not in client.get("/studies/mine/").content.decode(), "changed since"
    client.post("/studies/mine/open/")
    work_is_swept()
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    client.post("/studies/mine/edit/", {**sent, "slug": "renamed", "draft": ""})
    client.post("/studies/new/", {**filled, "draft": ""})
    assert "nothing is lost" not in client.get("/studies/mine/").content.decode()


def test_a_draft_that_models_have_coded_is_kept(draft, rae, titles):
    run_create(study=draft, rater=titles, actor=None, poke=lambda run_id: None)
    client = logged_in(rae)
    page = client.post("/studies/mine/discard/", follow=True).content.decode()
    assert "mine has model runs, which are kept for good; duplicate it instead" in page
    assert Study.objects.exists() and "Duplicate the study" in page


def test_half_loaded_and_label_studio_is_away(draft, rae, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    draft.workspaces.filter(rater__name="Ada").update(project_id=7)
    client = logged_in(rae)
    question = client.get("/studies/mine/discard/").content.decode()
    assert "1 of its projects are deleted there too" in question
    answer = client.post("/studies/mine/discard/", follow=True).content.decode()
    assert "Nothing was discarded: Label Studio" in answer
    sent = form_of(client.get("/studies/mine/edit/").content.decode())
    late = client.post("/studies/mine/edit/", {**sent, "seed": 9, "draft": ""})
    assert late.status_code == 422 and "Label Studio" in late.content.decode()
    study = Study.objects.get()
    assert study.seed == 5
    assert study.assignments.count() == 15
    assert study.workspaces.get(rater__name="Ada").project_id


@pytest.mark.parametrize("status", ["draft", "open", "closed"])
def test_any_study_can_be_duplicated(draft, rae, status):
    Study.objects.update(status=status)
    client = logged_in(rae)
    page = client.get("/studies/mine/settings/").content.decode()
    assert 'href="/studies/new/?like=mine"' in page
    sent = form_of(client.get("/studies/new/?like=mine").content.decode())
    assert sent["slug"] == "mine-2" and Study.objects.count() == 1
    assert client.post("/studies/new/?like=mine", {**sent, "draft": ""}).url == "/studies/mine-2/"
    assert form_of(client.get("/studies/new/?like=mine").content.decode())["slug"] == "mine-3"
    copy = Study.objects.get(slug="mine-2")
    assert copy.status == "draft" and copy.protocol_sha256 == draft.protocol_sha256


def test_a_study_whose_results_are_hidden_is_not_duplicated_by_its_coder(draft, ada):
    Study.objects.update(status="open")
    type(ada).objects.filter(pk=ada.pk).update(role="researcher")
    ada.refresh_from_db()
    assert "mine-2" not in logged_in(ada).get("/studies/new/?like=mine").content.decode()


# The list of codes


def test_the_preview_counts_the_codes_and_warns_of_an_answer_key(filled, rae):
    client = logged_in(rae)
    for code_set, warned in (("", True), (filled["code_set"], True), (WHOLE_SYSTEM, False)):
        page = client.post(
            "/studies/new/", {**filled, "code_set": code_set, "preview": ""}
        ).content.decode()
        assert ("gives the answers away" in page) is warned
        assert f"<strong>{'8' if warned else '18,449'}</strong>" in page
    assert not CodeSet.objects.filter(name=WHOLE_SYSTEM).exists(), "a preview stores nothing"


def test_a_short_list_with_codes_that_are_wrong_everywhere_is_no_answer_key(filled, batch, codes):
    from annotation.services.codes import code_set_create

    longer = code_set_create(name="nine", codes=["401.9", "578.9"])
    assert list_preview(codes, batch, ["list"]).answer_key
    assert not list_preview(longer, batch, ["list"]).answer_key


@pytest.mark.slow
def test_the_whole_code_system_is_a_list_made_once(filled, rae):
    client = logged_in(rae)
    for slug in ("one", "two"):
        client.post(
            "/studies/new/", {**filled, "slug": slug, "code_set": WHOLE_SYSTEM, "draft": ""}
        )
    (whole,) = {study.code_set for study in Study.objects.all()}
    assert whole.name == "ICD-9-CM-v32" and whole.codes.count() == 18_449
    assert not whole.codes.filter(retired=True).exists()
    page = client.get("/studies/one/edit/").content.decode()
    assert form_of(page)["code_set"] == WHOLE_SYSTEM and page.count("ICD-9-CM-v32") == 1
    warned = {
        **filled,
        "slug": "three",
        "code_set": WHOLE_SYSTEM,
        "interface": "list",
        "preview": "",
    }
    assert "Choose the search box" in client.post("/studies/new/", warned).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codes_named", "size", "warned"),
    [("reference", 8, True), ("eight", 8, True), ("ICD-9-CM v32", 18_449, False)],
)
def test_the_command_says_how_long_the_list_is(
    batch, codes, ada, settings, capsys, codes_named, size, warned
):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    with pytest.raises(Exception, match="Label Studio"):
        call_command(
            "open_study",
            "s",
            codes=codes_named,
            overlap=0,
            interface="search",
            stdout=io.StringIO(),
        )
    said = capsys.readouterr().err
    assert f"codes to tick: {size:,}" in said and ("gives the answers away" in said) is warned
    assert Study.objects.get().code_set.codes.count() == size


def test_a_draft_may_be_made_and_removed_by_services_alone(batch, codes, ada):
    """No request: as a script would."""
    from annotation.services.drafts import draft_discard

    study = study_draft(slug="s", batch=batch, code_set=codes, coders=[ada.rater], seed=2)
    draft_discard(study=study, actor=None)
    with pytest.raises(ValueError, match="s has been discarded by now"):
        draft_discard(study=study, actor=None)
