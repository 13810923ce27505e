"""A study is closed after a question and reopened by an admin.

What was answered afterwards is marked everywhere.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import Code, Coding, Event, Reopening, Role, Study, User
from annotation.services.codings import Given, coding_append
from annotation.services.study_life import study_close, study_reopen
from annotation.services.sync import _given_while_closed
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.bundle.zip_format import (
    BundleError,
    json_file,
    pack,
    unpack,
)
from benchmark.models import BenchmarkRun
from benchmark.services.benchmarks import benchmark_run
from tests.broker import work_is_swept
from tests.cast import logged_in
from tests.pages.test_pages import code_all

NOWHERE = "http://127.0.0.1:9"


def close(study) -> Study:
    study_close(study=study, actor=None)
    study.refresh_from_db()
    return study


def marked_open(study) -> Reopening:
    """Reopened as `study_reopen` does it, where no Label Studio runs.

    That part is tested in tests/label_studio.
    """
    close(study)
    made = Reopening.objects.create(
        study=study,
        closed_at=study.closed_at,
        reopened_at=timezone.now(),
        could_see=["Rae (researcher)"],
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN, closed_at=None)
    study.refresh_from_db()
    return made


def answer(study, assignment, codes: list[str]) -> None:
    rows = Code.objects.filter(code__in=codes)
    key = f"later {assignment.pk} {Coding.objects.count()}"
    given = Given(assignment.note, dict.fromkeys(rows), key, timezone.now(), 60.0)
    coding_append(study=study, rater=assignment.rater, given=given)


# Closing


def test_closing_says_what_is_left_and_asks_for_the_name(study, rae):
    client = logged_in(rae)
    done = study.assignments.filter(rater__name="Ada").first()
    answer(study, done, ["401.9"])
    page = client.get("/studies/small/close/").content.decode()
    assert "13 of 14 assignments are not done" in page and 'class="danger"' in page
    assert '<th scope="row">Ada</th>' in " ".join(page.split())
    assert "Only an admin can reopen it" in page and "lead them to how they did" in page
    for typed in ("", "smal", "SMALL", "yes"):
        refused = client.post("/studies/small/close/", {"name": typed})
        assert refused.status_code == 422 and "Nothing was changed" in refused.content.decode()
        assert Study.objects.get().status == "open"
        assert not Event.objects.filter(verb="study.closed").exists()
    page = client.post("/studies/small/close/", {"name": " small "}, follow=True).content.decode()
    assert "small is closed" in page and Study.objects.get().status == "closed"
    assert Event.objects.get(verb="study.closed").data == {"codings": 1}
    for again in (client.get, lambda url: client.post(url, {"name": "small"})):
        assert again("/studies/small/close/").status_code == 302
    assert "only an open study can be closed" in client.get("/studies/small/").content.decode()


def test_export_does_not_look_like_close_and_stands_before_it(study, rae):
    page = logged_in(rae).get("/studies/small/settings/").content.decode()
    assert '<button class="second">Export the study</button>' in page
    assert '<a class="button danger" href="/studies/small/close/">Close the study</a>' in page
    assert page.index("Export the study") < page.index("Close the study")
    assert 'action="/studies/small/close/"' not in page


def test_the_command_says_what_is_left_and_closes_with_yes(study, capsys):
    with pytest.raises(CommandError, match="small is open, 14 left; --yes closes it"):
        call_command("close_study", "small")
    assert "Ben: 0 done, 7 left" in capsys.readouterr().err and Study.objects.get().status == "open"
    call_command("close_study", "small", yes=True)
    assert "14 of 14 assignments were left" in capsys.readouterr().out
    with pytest.raises(CommandError, match="only an open study can be closed"):
        call_command("close_study", "small", yes=True)
    with pytest.raises(
        CommandError, match="an admin can reopen it on its page, /studies/small/reopen/"
    ):
        call_command("open_study", "small")


# Reopening


def test_the_page_says_who_could_see_results_and_only_an_admin_reopens(
    study, ada, rae, sam, settings
):
    study.workspaces.update(project_id=None)
    study.workspaces.filter(rater__user=ada).update(project_id=7)
    Study.objects.update(status="closed", closed_at=timezone.now())
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    gone = User.objects.create(
        username="gone", first_name="Cid", role=Role.RESEARCHER, is_active=False, email="c@x.yz"
    )
    User.objects.create(
        username="long", first_name="Long", role=Role.RESEARCHER, is_active=False, email="l@x.yz"
    )
    Event.objects.create(verb="user.deactivated", object=f"user:{gone.pk}")
    logged_in(rae).post("/studies/small/export/")
    assert logged_in(rae).get("/studies/small/reopen/").status_code == 403
    assert logged_in(rae).post("/studies/small/reopen/", {"name": "small"}).status_code == 403
    for_others = logged_in(rae).get("/studies/small/settings/").content.decode()
    assert "/studies/small/reopen/" not in for_others
    client = logged_in(sam)
    settings_page = client.get("/studies/small/settings/").content.decode()
    assert 'href="/studies/small/reopen/"' in settings_page
    page = client.get("/studies/small/reopen/").content.decode()
    who = "Ada (researcher, codes in this study); Cid (researcher); Rae (researcher); Sam (admin)"
    assert who in page
    assert "Long" not in page
    assert "Rae exported the study on" in page
    assert "in their queues again, assignments: 14." in page
    assert client.post("/studies/small/reopen/", {"name": "smal"}).status_code == 422
    assert not Reopening.objects.exists() and Study.objects.get().status == "closed"


def test_label_studio_out_of_reach_leaves_it_closed_and_again_goes_on(study, sam, settings):
    """What was begun is kept: an answer that comes already counts as one after the reopening."""
    settings.LABEL_STUDIO_URL = NOWHERE
    study.workspaces.update(project_id=None)
    close(study)
    study.workspaces.filter(rater__name="Ada").update(project_id=7)
    client = logged_in(sam)
    for _ in range(2):
        page = client.post(
            "/studies/small/reopen/", {"name": "small"}, follow=True
        ).content.decode()
        assert "small could not be reopened" in page and Study.objects.get().status == "closed"
    reopening = Reopening.objects.get()
    own = [f"{name} (coder, their own figures)" for name in ("Ada", "Ben")]
    assert reopening.closed_at == study.closed_at
    assert reopening.could_see == ["Sam (admin)", *own]
    assert not _given_while_closed(study, reopening.reopened_at + timedelta(seconds=1))


def test_what_cannot_be_reopened(study, sam):
    with pytest.raises(ValueError, match="small is open; only a closed study"):
        study_reopen(study=study, actor=sam)
    study.workspaces.update(project_id=None)
    with pytest.raises(ValueError, match="nobody codes study small on this installation"):
        study_reopen(study=close(study), actor=sam)
    page = logged_in(sam).get("/studies/small/reopen/", follow=True).content.decode()
    assert "Nothing was changed: nobody codes study small" in page


@pytest.mark.parametrize(
    ("status", "minutes", "closed_again", "counts"),
    [
        ("open", -1, False, True),  # before the closing
        ("open", 1, False, False),  # while it was closed
        ("open", 3, False, True),  # after the reopening
        ("closed", 3, True, False),  # closed a second time: nothing new counts
        ("closed", 1, True, False),
    ],
)
def test_only_what_was_given_while_it_was_open_counts(study, status, minutes, closed_again, counts):
    """Closed at 0, reopened at 2, closed again at 2.5 minutes."""
    start = timezone.now() - timedelta(hours=1)
    Reopening.objects.create(study=study, closed_at=start, reopened_at=start + timedelta(minutes=2))
    study.status = status
    study.closed_at = start + timedelta(minutes=2.5) if closed_again else None
    assert _given_while_closed(study, start + timedelta(minutes=minutes)) is not counts


def test_coders_find_it_in_their_queues_again(study, ada):
    client = logged_in(ada)
    client.post("/queue/small/acknowledge/")
    marked_open(study)
    page = client.get("/queue/").content.decode()
    assert "Study small" in page and "with note 1" in page and "I have read this" not in page
    close(study)
    assert "Study small" not in client.get("/queue/").content.decode()


# Marks


@pytest.fixture
def marked(study, sam):
    """A study that was coded, closed and reopened.

    Everybody has coded everything; after the reopening Ada answered two notes anew.
    """
    code_all(study, lambda assignment: ["401.9"])
    reopening = marked_open(study)
    for assignment in study.assignments.filter(rater__name="Ada", role="primary")[:2]:
        answer(study, assignment, ["401.9"])
    return reopening


def words(reopening) -> str:
    on = f"{reopening.reopened_at.day} {reopening.reopened_at:%B %Y}"
    return f"2 answers were given after the study was reopened on {on}"


def test_every_form_of_table_1_says_it(marked, study, rae, tmp_path):
    protocol = study.protocol_sha256
    client, said = logged_in(rae), words(marked)
    client.post("/studies/small/benchmark/")
    work_is_swept()
    compare = client.get("/studies/small/results/").content.decode()
    assert said in compare and "results could be seen by: Rae (researcher)" in compare
    assert said in client.get("/studies/small/").content.decode()
    for extension in ("txt", "md", "tex"):
        assert said in client.get(f"/studies/small/results/table1.{extension}").content.decode()
    for form in ("text", "md", "tex"):
        call_command("run_benchmark", "small", format=form, stdout=(out := io.StringIO()))
        assert said in out.getvalue()
    book = openpyxl.load_workbook(
        io.BytesIO(client.get("/studies/small/results/table1.xlsx").content)
    )
    assert any(said in str(cell.value) for row in book.active.rows for cell in row)
    document = client.get("/api/v1/studies/small/table1/").json()
    assert list(document)[-1] == "reopened" and protocol == document["protocol_sha256"]
    assert document["reopened"] == [
        {
            "closed_at": marked.closed_at.isoformat(),
            "reopened_at": marked.reopened_at.isoformat(),
            "answers": 2,
            "could_see": ["Rae (researcher)"],
        }
    ]
    (study_row,) = client.get("/api/v1/studies/").json()["results"]
    assert study_row["reopenings"][0]["could_see"] == ["Rae (researcher)"]
    rows = client.get("/api/v1/codings/?page_size=100").json()["results"]
    assert sum(row["after_reopening"] is not None for row in rows) == 2


def test_where_nothing_was_answered_the_benchmark_is_the_one_of_before(study):
    code_all(study, lambda assignment: ["401.9"])
    before = benchmark_run(study=study)
    marked_open(study)
    assert benchmark_run(study=study).pk == before.pk and BenchmarkRun.objects.count() == 1
    assert before.result.to_json()["reopened"] == []
    for assignment in study.assignments.all()[:1]:
        answer(study, assignment, ["401.9"])
    assert benchmark_run(study=study).pk != before.pk, (
        "the same codes, but given later: that has to be said"
    )


def test_a_second_reopening_is_told_apart(marked, study):
    later = marked_open(study)
    answer(study, study.assignments.filter(rater__name="Ben").first(), ["428.0"])
    told = benchmark_run(study=study).result.to_json()["reopened"]
    assert [(row["reopened_at"], row["answers"]) for row in told] == [
        (marked.reopened_at.isoformat(), 2),
        (later.reopened_at.isoformat(), 1),
    ]


def test_a_study_without_reference_says_it_on_its_page(marked, study, rae):
    Study.objects.update(reference=None)
    page = logged_in(rae).get("/studies/small/results/").content.decode()
    assert words(marked) in page
    agreement = logged_in(rae).get("/api/v1/studies/small/agreement/").json()
    assert agreement["reopened"][0]["answers"] == 2


def test_the_bundle_keeps_the_marks(marked, study):
    close(study)
    before = benchmark_run(study=study).result.to_json()
    data = study_export(study=study)
    rows = list(csv.DictReader(io.StringIO(unpack(data)["codings.csv"].decode())))
    assert "after_reopening" in rows[0]
    assert {row["after_reopening"] for row in rows} == {"", marked.reopened_at.isoformat()}
    assert sum(row["after_reopening"] != "" for row in rows) == 2
    copy = study_import(data=data, slug="copy")
    assert benchmark_run(study=copy).result.to_json()["reopened"] == before["reopened"]
    again = list(
        csv.DictReader(io.StringIO(unpack(study_export(study=copy))["codings.csv"].decode()))
    )
    assert len(again) == len(rows), "its notes are in two studies now"
    assert sum(row["after_reopening"] == marked.reopened_at.isoformat() for row in again) == 2


def without(table: bytes, *columns: str) -> bytes:
    """A CSV table without these columns, as earlier versions wrote it."""
    rows = csv.DictReader(io.StringIO(table.decode()))
    kept = [name for name in rows.fieldnames or () if name not in columns]
    text = io.StringIO()
    writer = csv.DictWriter(text, kept, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_a_bundle_of_before_has_no_reopenings_and_a_wrong_one_is_refused(study):
    code_all(study, lambda assignment: ["401.9"])
    files = unpack(study_export(study=close(study)))
    protocol = json.loads(files["protocol.json"])
    assert protocol.pop("reopenings") == []
    files["codings.csv"] = without(files["codings.csv"], "after_reopening", "rank")
    old = pack({**files, "protocol.json": json_file(protocol)})
    assert study_import(data=old, slug="old").notes.count() == 12
    for wrong in ([{}], [{"closed_at": "x", "reopened_at": "y", "could_see": []}], "no", [1]):
        bad = pack({**files, "protocol.json": json_file({**protocol, "reopenings": wrong})})
        with pytest.raises(BundleError, match=r"the reopenings of protocol\.json"):
            study_import(data=bad, slug="bad")


# One question before what cannot be undone


def test_each_page_that_cannot_be_undone_asks_and_changes_nothing(study, ada, ben, rae, sam):
    giver, taker = ada.rater.pk, ben.rater.pk
    Study.objects.update(status="draft")
    before = [Study.objects.values().get(), study.assignments.count(), Event.objects.count()]
    client = logged_in(sam)
    for address in ("open", "discard"):
        page = client.get(f"/studies/small/{address}/").content.decode()
        assert page.count("Cancel") == 1 and '<form class="card" method="post">' in page, address
    assert [
        Study.objects.values().get(),
        study.assignments.count(),
        Event.objects.count(),
    ] == before
    Study.objects.update(status="open")
    for address in ("close/", "export/", f"reassign/?giver={giver}&taker={taker}"):
        page = client.get(f"/studies/small/{address}").content.decode()
        assert page.count("Cancel") == 1 and '<form class="card" method="post">' in page, address
    assert logged_in(rae).get("/studies/small/export/").status_code == 403, (
        "the text is for admins alone"
    )
    assert study.assignments.count() == before[1] and Event.objects.count() == before[2]


def test_reassigning_says_what_moves_and_what_is_dropped(study, ada, ben, rae):
    client = logged_in(rae)
    page = client.get(
        f"/studies/small/reassign/?giver={ada.rater.pk}&taker={ben.rater.pk}"
    ).content.decode()
    assert "Own notes that Ada has not submitted, 6, go" in page
    assert "has not submitted, 1, are dropped" in page
    assert client.get("/studies/small/reassign/?giver=x&taker=1").status_code == 404


def test_deactivating_asks_first(ada, ben, sam):
    client, url = logged_in(sam), "/admin/annotation/user/"
    chosen = {"action": "deactivate", "_selected_action": [ada.pk, ben.pk, sam.pk]}
    page = client.post(url, chosen).content.decode()
    assert "Ada (ada)" in page and "Sam" not in page.split("<main")[1] and "sessions" in page
    assert User.objects.filter(is_active=True).count() == 3
    client.post(url, {**chosen, "sure": "yes"})
    assert set(User.objects.filter(is_active=True)) == {sam}
    client.post(url, {"action": "activate", "_selected_action": [ada.pk]})
    assert User.objects.get(pk=ada.pk).is_active
