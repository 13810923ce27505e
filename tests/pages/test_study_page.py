"""A study's own pages: overview, runs, settings; and its title."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from annotation.models import Event, QuarantinedAnswer, Rater, Study
from annotation.services.events import event_record
from annotation.services.titles import study_retitle
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.selectors.record import what_happened
from benchmark.services.runs import run_create
from benchmark.tables.answer import decimals_of, percent
from tests.cast import logged_in

TABS = ("", "results/", "notes/", "coders/", "runs/", "settings/")


def content_of(client, address):
    return " ".join(client.get(address).content.decode().split())


def test_the_stages_have_dates_and_counts(compared, rae):
    Study.objects.update(opened_at=timezone.now())
    page = content_of(logged_in(rae), "/studies/small/")
    stages = page.split('<ol class="stages"')[1].split("</ol>")[0]
    names = re.findall(r"<strong>(\w+)<", stages)
    assert names == ["Draft", "Open", "Coding", "Score", "Closed"]
    assert "12 synthetic notes, 8 codes" in stages and "14 of 14 answers" in stages
    assert stages.count("(done)") == 4 and stages.count("(now)") == 1
    assert stages.count("<time ") == 2, "opened, scored"


def test_the_answer_so_far_is_the_benchmarks(compared, rae):
    from benchmark.models import BenchmarkRun

    raters = BenchmarkRun.objects.get().result.raters
    page = content_of(logged_in(rae), "/studies/small/")
    first, second = (raters[name].micro.jaccard for name in ("Theirs", "Human coders"))
    decimals = decimals_of(first, second)
    theirs, people = percent(first, decimals), percent(second, decimals)
    assert f"Theirs agrees with the hospital on {theirs} of codes, the human coders on" in page
    assert f"the human coders on {people}." in page
    assert "Too few notes" in page
    assert page.count("<svg") == 2


def test_coders_have_their_pages_minutes_and_a_way_to_move_notes(study, rae):
    client = logged_in(rae)
    page = content_of(client, "/studies/small/")
    ada = Rater.objects.get(name="Ada")
    assert f'href="/studies/small/coders/{ada.pk}/"' in page
    assert page.count("Move notes") == 2
    choice = content_of(client, f"/studies/small/reassign/?giver={ada.pk}")
    assert "Ben</option>" in choice and 'name="taker"' in choice
    ben = Rater.objects.get(name="Ben")
    question = content_of(client, f"/studies/small/reassign/?giver={ada.pk}&taker={ben.pk}")
    assert "Move the notes of Ada to Ben?" in question


def test_minutes_a_note_are_the_middle_one(compared, rae):
    page = content_of(logged_in(rae), "/studies/small/")
    seconds = sorted(coding.active_seconds for coding in compared.codings.filter(rater__name="Ada"))
    assert f'<td class="n">{seconds[3] / 60:.1f}</td>' in page, "of seven"


def test_htmx_loads_what_moves_alone_and_a_closed_study_does_not_move(study, rae):
    client = logged_in(rae)
    assert 'hx-trigger="every 5s"' in content_of(client, "/studies/small/")
    part = client.get("/studies/small/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="progress"' in part and "<html" not in part and "stages" not in part
    study.assignments.all().delete()
    Study.objects.update(status="closed", closed_at=timezone.now())
    assert "every 5s" not in content_of(client, "/studies/small/")


def test_what_is_not_counted_stands_on_the_overview(study, rae):
    QuarantinedAnswer.objects.create(
        study=study,
        workspace=study.workspaces.first(),
        task_id=7,
        annotation_id=9,
        reason="no such code",
        seen_at=timezone.now(),
    )
    assert "no such code" in content_of(logged_in(rae), "/studies/small/")


def test_runs_has_models_files_and_benchmarks_and_more_of_each(compared, titles, rae):
    run = run_create(study=compared, rater=titles, actor=rae, poke=lambda run_id: None)
    client = logged_in(rae)
    page = content_of(client, "/studies/small/runs/")
    assert f'href="/runs/{run.pk}/"' in page and "every 5s" in page
    assert "Theirs" in page and "12 of 12" in page
    assert 'href="/studies/small/results/"' in page and "As the paper" in page
    assert 'action="/studies/small/run-model/"' in page
    assert 'href="/studies/small/import/"' in page
    assert 'action="/studies/small/benchmark/"' in page and 'name="preset"' in page
    part = client.get("/studies/small/runs/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="runs"' in part and "<html" not in part


@pytest.mark.parametrize(
    ("status", "there", "absent"),
    [
        ("draft", ("edit/", "discard/", "export/", "new/?like=small"), ("close/", "reopen/")),
        ("open", ("close/", "export/", "new/?like=small"), ("edit/", "discard/", "reopen/")),
        ("closed", ("reopen/", "export/", "new/?like=small"), ("edit/", "discard/", "close/")),
    ],
)
def test_settings_has_what_the_state_allows(study, sam, status, there, absent):
    study.workspaces.update(project_id=F("pk"))
    Study.objects.update(status=status, closed_at=timezone.now() if status == "closed" else None)
    page = content_of(logged_in(sam), "/studies/small/settings/")
    for ending in there:
        assert re.search(rf'(href|action)="/studies/(small/)?{re.escape(ending)}"', page), ending
    for ending in absent:
        assert f"/studies/small/{ending}" not in page
    assert study.protocol_sha256 in page and "Guideline" in page


def test_every_tab_says_where_it_is(compared, rae):
    client = logged_in(rae)
    for tab in TABS:
        page = content_of(client, f"/studies/small/{tab}")
        crumbs = page.split('aria-label="Where you are"')[1].split("</nav>")[0]
        assert 'href="/"' in crumbs and "small" in crumbs
        assert page.count('aria-current="page"') == (2 if tab != "results/" else 1), tab
        assert '<a href="/" aria-current="true">Studies</a>' in page


# What happened


def test_what_happened_is_told_in_words_the_newest_first(compared, rae, cid):
    ada, ben = Rater.objects.get(name="Ada"), Rater.objects.get(name="Ben")
    for note in (1, 2, 3):
        event_record(actor=cid, verb="note.settled", object="study:small", note=note)
    event_record(
        actor=rae, verb="notes.reassigned", object="study:small", giver=ada.pk, taker=ben.pk
    )
    event_record(actor=rae, verb="study.exported", object="study:small", text=True)
    words = [each.words for each in what_happened(compared, 20)]
    assert words[:3] == [
        "Rae exported the study, with the notes' text",
        "Rae moved notes of Ada to Ben",
        "Cid settled 3 notes",
    ]
    assert "The benchmark was scored: codes that coders could tick" in words
    assert words[-1] == "Somebody, by a command, made the draft"


def test_an_earlier_study_of_the_name_is_another(study):
    event_record(actor=None, verb="study.discarded", object="study:small")
    event_record(actor=None, verb="study.drafted", object="study:small")
    assert len(what_happened(study, 20)) == 1


# Titles

BAD = ["x" * 101, "a\nb", "a\x00b", "a\tb", "a\u2028b", "a\u202eb"]


@pytest.mark.parametrize("title", BAD)
def test_a_title_is_one_line_of_at_most_100_characters(study, rae, title):
    with pytest.raises(ValidationError):
        study_retitle(study=study, title=title, actor=None)
    answer = logged_in(rae).post("/studies/small/settings/", {"title": title}, follow=True)
    assert Study.objects.get().title == ""
    if "\x00" not in title:
        assert "The title stays as it was" in answer.content.decode()


def test_a_title_changes_at_any_time_and_the_protocol_does_not(study, rae, ada, sam):
    client = logged_in(rae)
    for status in ("draft", "open", "closed"):
        Study.objects.update(status=status)
        title = f"Ward B, {status} <i>"
        page = client.post("/studies/small/settings/", {"title": f" {title} "}, follow=True)
        assert f"The study is called Ward B, {status} &lt;i&gt;" in page.content.decode()
        assert Study.objects.get().title == title
    assert Study.objects.get().protocol_sha256 == study.protocol_sha256
    assert Event.objects.filter(verb="study.titled", actor=rae).count() == 3
    Study.objects.update(status="open")
    named = "Ward B, closed &lt;i&gt;"
    batch = f"/batches/{study.batch_id}/"
    for address in ("/", "/studies/small/", "/studies/small/runs/", batch):
        assert named in client.get(address).content.decode(), address
    assert named in logged_in(ada).get("/queue/").content.decode()
    assert client.get("/api/v1/studies/").json()["results"][0]["title"] == "Ward B, closed <i>"
    client.post("/studies/small/settings/", {"title": ""})
    assert Study.objects.get().name == "small"


def test_a_title_goes_with_a_bundle(compared):
    study_retitle(study=compared, title="Ward B", actor=None)
    copy = study_import(data=study_export(study=compared), slug="copy")
    assert copy.title == "Ward B" and copy.protocol_sha256 == compared.protocol_sha256


def test_the_command_takes_a_title_and_refuses_a_bad_one(study, settings):
    settings.LABEL_STUDIO_URL = "http://127.0.0.1:9"
    Study.objects.update(status="draft")
    with pytest.raises(CommandError, match="one line"):
        call_command("open_study", "small", title="a\nb", stdout=io.StringIO())
    with pytest.raises(CommandError, match="Label Studio"):
        call_command("open_study", "small", title="Ward B", stdout=io.StringIO())
    assert Study.objects.get().title == "Ward B"
