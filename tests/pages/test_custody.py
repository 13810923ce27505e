"""Who opened which note: every way is recorded before the text goes out, and admins can look."""

from __future__ import annotations

import csv
import getpass
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from annotation.label_studio.openings import OpenedThere
from annotation.models import Assignment, Code, Event, Note, NoteOpening, Study, User
from annotation.services import custody
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codings import Given, coding_append
from annotation.services.custody import openings_expire, openings_record, workstation_openings_pull
from annotation.services.people import rater_ensure
from annotation.services.practice import practice_fix
from annotation.services.studies import guideline_acknowledge, study_draft
from benchmark.services.exports import export_ask, export_make
from files.notes import NoteRow
from tests.addresses import Route, _of_route, routes
from tests.cast import logged_in
from tests.imports import codings_import

MARK = re.compile(rb"MARK (\w+) KRAM")
WITHOUT_TEXT = ("/code/<assignment_id>/opened/", "/code/<assignment_id>/submit/")
"""Routes that record what the page shows already."""
SLOW = ("/readyz", "/logout/")
"""Routes that ask other processes whether they are there."""
Way = NoteOpening.Way


def marked(name: str, count: int, **batch: object):
    rows = [NoteRow(f"{name}{k}", f"MARK {name}{k} KRAM", ("401.9",)) for k in range(count)]
    kept = {"origin": "synthetic", "split": "", "user": None, **batch}
    return batch_create(name=name, sha256=sha256_of(name), rows=rows, **kept)[0]


@pytest.fixture
def desk(codes, ada, sam) -> Study:
    """A study on our page with a practice set, notes to settle and an export that is made. Ada
    codes in it, and every note's text is a mark."""
    marked("practice", 4, for_practice=True)
    rater_ensure(user=ada)
    study = study_draft(slug="desk", batch=marked("n", 4), code_set=codes, coders=[ada.rater])
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    study.refresh_from_db()
    practice_fix(study)
    guideline_acknowledge(study=study, user=ada)
    first = study.assignments.order_by("position").first()
    given = Given(first.note, {Code.objects.get(code="401.9"): None}, "a", timezone.now())
    coding_append(study=study, rater=ada.rater, given=given)
    data = b"note_id,code\n" + b"".join(b"n%d,428.0\n" % k for k in range(4))
    codings_import(study=study, name="Theirs", kind="model", file="a.csv", data=data)
    export = export_ask(study=study, actor=sam, with_text=True, queue=lambda pk: None)
    export_make(export.pk)
    NoteOpening.objects.all().delete()
    return study


def notes_in(content: bytes) -> set[str]:
    """The notes whose texts are in an answer, a zip file's members included."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            content = b"".join(bundle.read(name) for name in bundle.namelist())
    return {name.decode() for name in MARK.findall(content)}


def asked(user: User, method: str, address: str) -> tuple[set[str], set[str]]:
    """A request of that person: the notes whose texts came, and those that were recorded."""
    NoteOpening.objects.all().delete()
    client = logged_in(user)
    client.raise_request_exception = False
    came = set()
    if method == "GET":
        came |= notes_in(client.get(address).getvalue())
    else:
        came |= notes_in(client.post(address, {}, content_type="application/json").getvalue())
        came |= notes_in(client.post(address, {"text": "yes"}).getvalue())
    recorded = NoteOpening.objects.filter(user=user).values_list("external_id", flat=True)
    return came, set(recorded)


def one_of_each(study: Study) -> Iterator[tuple[Route, str]]:
    """Every route of the site with an address; each route, whether it has a text or not."""
    for route in routes():
        again = "<format>" in route.pattern  # the API's views have an address for each format
        address = next(iter(_of_route(route, study)), None)
        if address and not again and route.pattern not in SLOW:
            yield route, address


def test_every_route_that_gives_a_text_records_it(desk, ada, sam):
    """A new route that forgets it fails here."""
    giving = set()
    wrong = []
    for route, address in one_of_each(desk):
        # An admin gets in everywhere but at a coder's own desk.
        for user in (ada,) if route.pattern.startswith("/code/") else (sam,):
            for method in ("GET",) if route.pattern.startswith("/admin/") else ("GET", "POST"):
                came, recorded = asked(user, method, address)
                if came:
                    giving.add((method, route.pattern))
                exact = came == recorded or (not came and route.pattern in WITHOUT_TEXT)
                if not exact:
                    wrong.append(f"{method} {route.pattern} {user}: {came}, recorded {recorded}")
    assert not wrong, "\n".join(wrong)
    assert giving == {
        ("GET", "/adjudicate/<slug>/<note_id>/"),
        ("POST", "/adjudicate/<slug>/<note_id>/"),
        ("GET", "/api/v1/notes/<pk>/"),
        ("GET", "/code/<assignment_id>/"),
        ("GET", "/code/<assignment_id>/note/"),
        ("GET", "/code/practice/<slug>/<place>/"),
        ("GET", "/code/practice/<slug>/<place>/note/"),
        ("GET", "/studies/<slug>/export/<export_id>/"),
        ("POST", "/studies/<slug>/export/"),
        ("GET", "/studies/<slug>/notes/<note_id>/"),
    }


def test_a_route_that_forgets_it_is_found(desk, sam, monkeypatch):
    monkeypatch.setattr("pages.notes.opening_record", lambda **what: None)
    note = desk.notes.first()
    came, recorded = asked(sam, "GET", f"/studies/desk/notes/{note.pk}/")
    assert came and not recorded


def opened() -> list[tuple[str, str, str]]:
    rows = NoteOpening.objects.order_by("id").values_list("user__username", "external_id", "way")
    return list(rows)


def test_what_is_fetched_ahead_is_recorded_as_such_and_again_when_it_is_shown(desk, ada):
    client = logged_in(ada)
    first, second = desk.assignments.order_by("position")[:2]
    for address in (
        f"/code/{first.pk}/",
        f"/code/{first.pk}/note/",
        f"/code/{second.pk}/note/?ahead=1",
    ):
        client.get(address)
    assert opened() == [
        ("ada", first.note.external_id, "coding"),
        ("ada", second.note.external_id, "ahead"),
    ]
    assert client.post(f"/code/{second.pk}/opened/").status_code == 204
    assert opened()[2:] == [("ada", second.note.external_id, "coding")]


def test_who_ticks_or_submits_has_read_the_note(desk, ada):
    """Where the page showed it while the server did not answer."""
    client = logged_in(ada)
    sent = {"tab": "t", "sequence": 1, "key": "k", "codes": ["428.0"], "active_seconds": 1}
    for what, assignment in zip(
        ("draft", "submit"), desk.assignments.order_by("pk")[1:], strict=False
    ):
        NoteOpening.objects.all().delete()
        address = f"/code/{assignment.pk}/{what}/"
        assert client.post(address, sent, content_type="application/json").status_code == 200
        assert opened() == [("ada", assignment.note.external_id, "coding")]


def test_a_page_that_polls_is_one_opening_in_ten_minutes(desk, sam, monkeypatch):
    page = f"/studies/desk/notes/{desk.notes.first().pk}/"
    client = logged_in(sam)
    began = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    for minute in range(0, 30, 2):
        now = began + timedelta(minutes=minute)
        monkeypatch.setattr(custody.timezone, "now", lambda now=now: now)
        openings_record(user=sam, notes=[(desk.notes.first().pk, "n0")], way=Way.NOTE)
    monkeypatch.undo()
    assert [row.at.minute for row in NoteOpening.objects.order_by("at")] == [0, 10, 20]
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    writes = [each["sql"] for each in queries if "INSERT" in each["sql"]]
    assert len(writes) == 1 and NoteOpening.objects.count() == 4


def test_a_note_is_not_shown_where_it_cannot_be_recorded(desk, sam, monkeypatch, caplog):
    def fails(*rows: object, **how: object) -> None:
        raise DatabaseError("disk full: MARK n0 KRAM")

    monkeypatch.setattr(NoteOpening.objects, "bulk_create", fails)
    note = desk.notes.first()
    client = logged_in(sam)
    for address in (f"/studies/desk/notes/{note.pk}/", f"/api/v1/notes/{note.pk}/"):
        answer = client.get(address)
        assert answer.status_code == 503 and not notes_in(answer.content)
        assert "could not be written down" in answer.content.decode()
    assert "DatabaseError" in caplog.text and "MARK" not in caplog.text


def test_an_export_by_command_names_the_account_that_ran_it(desk, tmp_path):
    call_command("export_study", "desk", out=tmp_path / "plain.zip")
    assert not NoteOpening.objects.exists()
    call_command("export_study", "desk", out=tmp_path / "with.zip", with_text=True)
    rows = NoteOpening.objects.all()
    assert {row.external_id for row in rows} == {f"n{k}" for k in range(4)}
    assert {(row.user, row.account, row.way) for row in rows} == {
        (None, f"{getpass.getuser()} (command)", "export")
    }


def test_only_admins_see_it_and_find_it_by_note_and_by_person(desk, ada, rae, sam):
    logged_in(ada).get(f"/code/{desk.assignments.first().pk}/")
    note = desk.notes.get(external_id="n0")
    page = f"/studies/desk/notes/{note.pk}/"
    assert "Who opened this note" not in logged_in(rae).get(page).content.decode()
    client = logged_in(sam)
    shown = client.get(page).content.decode()
    assert "Who opened this note" in shown and "?person=rae" in shown and "?person=sam" in shown
    for user in (ada, rae):
        for address in ("/openings/", "/openings.csv", "/openings.xlsx", "/api/v1/openings/"):
            assert logged_in(user).get(address).status_code == 403, (user, address)

    expected = [
        ({}, 3),
        ({"person": "rae"}, 1),
        ({"person": "nobody"}, 0),
        ({"way": "coding"}, 1),
        ({"note": note.external_id, "way": "note"}, 2),
        ({"note": f"#{note.pk}", "way": "note"}, 2),
        ({"note": note.external_id, "person": "sam"}, 1),
        ({"note": "#x"}, 0),
        ({"note": "#" + "9" * 30}, 0),
    ]
    for query, rows in expected:
        page = client.get("/openings/", query).context["page"]
        assert page.paginator.count == rows, query
    assert client.get("/openings/", {"way": "x"}).status_code == 404
    assert client.get("/api/v1/openings/", {"note": note.pk, "way": "note"}).json()["count"] == 2


def test_it_is_exported_and_who_exports_it_is_an_event(desk, sam):
    User.objects.filter(pk=sam.pk).update(first_name="=Sam")
    note = desk.notes.get(external_id="n0")
    client = logged_in(sam)
    client.get(f"/studies/desk/notes/{note.pk}/")
    text = client.get("/openings.csv", {"note": "n0"}).getvalue().decode()
    rows = list(csv.reader(io.StringIO(text)))
    at = NoteOpening.objects.get().at.isoformat(timespec="seconds")
    assert rows[1:] == [[at, "sam", "'=Sam", "admin", "n0", str(note.pk), "note"]]
    book = load_workbook(io.BytesIO(client.get("/openings.xlsx").content))
    assert [cell.value for cell in book.active[2]] == [
        at, "sam", "=Sam", "admin", "n0", str(note.pk), "note",
    ]  # fmt: skip
    assert client.get("/openings.pdf").status_code == 404
    taken = Event.objects.filter(verb="openings.exported", actor=sam)
    assert taken.count() == 2 and taken.last().data["note"] == "n0"


def test_it_outlives_the_note_and_goes_after_its_retention(desk, sam, settings):
    note = desk.notes.get(external_id="n0")
    openings_record(user=sam, notes=[(note.pk, "n0")], way=Way.NOTE)
    pk = note.pk
    desk.notes.remove(note)
    Assignment.objects.filter(note=note).delete()
    note.codings.all().delete()
    Note.objects.filter(pk=pk).delete()
    assert logged_in(sam).get("/openings/", {"note": "n0"}).context["page"].paginator.count == 1
    assert openings_expire() == 0
    NoteOpening.objects.update(at=timezone.now() - timedelta(days=2191))
    settings.OPENINGS_DAYS = 0
    assert openings_expire() == 0
    settings.OPENINGS_DAYS = 2190
    assert openings_expire() == 1 and not NoteOpening.objects.exists()
    assert Event.objects.get(verb="openings.expired").data["rows"] == 1


class Told:
    """Stands for Label Studio, to lose answers: it tells what was not taken."""

    def __init__(self, rows: list[OpenedThere]) -> None:
        self.rows = rows

    def openings(self, taken: list[str]) -> list[OpenedThere]:
        self.rows = [row for row in self.rows if row.name not in taken]
        return self.rows[:2]


def test_what_label_studio_tells_arrives_once_however_often_it_is_told(desk, ada, sam):
    note = desk.notes.get(external_id="n0")
    at = timezone.now()
    rows = [
        OpenedThere("a", at, ada.email.upper(), 0, str(note.pk), "ls"),
        OpenedThere("b", at, "sam@example.org", sam.pk, str(note.pk), "ls-list"),
        OpenedThere("c", at, "gone@example.org", 0, "999999", "ls"),
        OpenedThere("d", at, ada.email, 0, str(note.pk), "ls"),
    ]
    for _ in range(2):
        assert workstation_openings_pull(Told(list(rows))) == 4
        assert opened() == [("ada", "n0", "ls"), ("sam", "n0", "ls-list"), (None, "", "ls")]
    stranger = NoteOpening.objects.get(user=None)
    assert (stranger.account, stranger.note) == ("gone@example.org", 999999)
