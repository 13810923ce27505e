"""Who may open what, page by page and list by list."""

import pytest

from annotation.models import Role, Study, User
from annotation.services.batches import batch_create, sha256_of
from files.notes import NoteRow
from tests.cast import logged_in, person

PAGES = {
    # address: roles that get 200 (all others: 403, and people not logged in the log-in page)
    "/queue/": {"coder", "admin"},
    "/batches/": {"researcher", "admin"},
    "/batches/template.csv": {"researcher", "admin"},
    "/batches/{batch}/": {"researcher", "admin"},
    "/studies/new/": {"researcher", "admin"},
    "/studies/from-codings/": {"researcher", "admin"},
    "/models/": {"researcher", "admin"},
    "/help/": {"coder", "researcher", "admin", "adjudicator"},
    "/adjudicate/": {"adjudicator", "admin"},
    "/openings/": {"admin"},
    "/openings.csv": {"admin"},
    "/studies/small/": {"researcher", "admin"},
    "/studies/small/results/": {"researcher", "admin"},
    "/studies/small/results/codes/": {"researcher", "admin"},
    "/studies/small/results/notes/": {"researcher", "admin"},
    "/studies/small/results/code/?code=401.9": {"researcher", "admin"},
    "/studies/small/coders/": {"researcher", "admin"},
    "/studies/small/runs/": {"researcher", "admin"},
    "/studies/small/settings/": {"researcher", "admin"},
    "/studies/small/coders/{coder}/": {"researcher", "admin"},
    "/studies/small/import/": {"researcher", "admin"},
    "/studies/small/notes/": {"researcher", "admin"},
    "/studies/small/notes/{note}/": {"researcher", "admin"},
    "/api/v1/studies/": {"researcher", "admin"},
    "/api/v1/studies/small/": {"researcher", "admin"},
    "/api/v1/notes/": {"researcher", "admin"},
    "/api/v1/notes/{note}/": {"researcher", "admin"},
    "/api/v1/codings/": {"researcher", "admin"},
    "/api/v1/assignments/": {"researcher", "admin"},
    "/api/v1/batches/": {"researcher", "admin"},
    "/api/v1/raters/": {"researcher", "admin"},
    "/api/v1/codes/": {"researcher", "admin"},
    "/api/v1/code-sets/": {"researcher", "admin"},
    "/api/v1/model-runs/": {"researcher", "admin"},
    "/api/v1/benchmark-runs/": {"researcher", "admin"},
    "/api/v1/evidence/": {"researcher", "admin"},
    "/api/v1/studies/small/progress/": {"researcher", "admin"},
    "/api/v1/studies/small/work/": {"researcher", "admin"},
    "/api/v1/studies/small/agreement/": {"researcher", "admin"},
    "/api/v1/leaderboard/": {"researcher", "admin"},
    "/api/v1/evaluations/": {"researcher", "admin"},
    "/api/v1/openings/": {"admin"},
    "/api/v1/schema/": {"researcher", "admin"},
}


@pytest.fixture
def everyone(study, rae, cid, sam) -> dict[str, User]:
    return {
        "coder": User.objects.get(username="ada"),
        "researcher": rae,
        "adjudicator": cid,
        "admin": sam,
    }


@pytest.mark.slow
def test_every_page_opens_for_its_roles_and_for_nobody_else(study, everyone, client):
    note = study.batch.notes.first().pk
    coder = study.workspaces.first().rater_id
    for address, allowed in PAGES.items():
        url = address.format(note=note, batch=study.batch_id, coder=coder)
        for role, user in everyone.items():
            status = logged_in(user).get(url).status_code
            assert status == (200 if role in allowed else 403), f"{role} on {url}: {status}"
        anonymous = client.get(url)
        assert anonymous.status_code in (302, 401, 403), url
        if anonymous.status_code == 302:
            assert anonymous.url.startswith("/login/")


def test_every_address_of_the_site_has_been_thought_of(study, everyone):
    """Every page that takes no secret is in PAGES, so that a new one cannot be forgotten."""
    from django.urls import get_resolver

    routes = {
        str(p.pattern)
        for group in get_resolver().url_patterns
        for p in getattr(group, "url_patterns", [])
    }
    ours = (
        "studies",
        "queue",
        "batches",
        "runs",
        "models",
        "adjudicate",
        "help",
        "openings",
    )
    pages = {route for route in routes if route.startswith(ours)}
    known = {
        "queue/", "queue/next/", "queue/<slug:slug>/acknowledge/",
        "queue/<slug:slug>/next/", "queue/reopen/<int:assignment_id>/",
        "batches/", "batches/template.<slug:extension>",
        "batches/uploads/<int:upload_id>/", "batches/uploads/<int:upload_id>/here/",
        "batches/uploads/<int:upload_id>/confirm/", "batches/uploads/<int:upload_id>/mend/",
        "batches/uploads/<int:upload_id>/discard/", "batches/uploads/<int:upload_id>/to-mend.csv",
        "batches/<int:batch_id>/", "batches/<int:batch_id>/name/",
        "batches/<int:batch_id>/left-out.csv", "batches/<int:batch_id>/withdraw/",
        "batches/<int:batch_id>/purge/", "batches/<int:batch_id>/put-back/",
        "studies/new/", "studies/from-codings/",
        "studies/<slug:slug>/open/", "studies/<slug:slug>/reassign/",
        "studies/<slug:slug>/edit/", "studies/<slug:slug>/discard/", "studies/<slug:slug>/reopen/",
        "studies/<slug:slug>/", "studies/<slug:slug>/run-model/", "studies/<slug:slug>/benchmark/",
        "studies/<slug:slug>/close/", "studies/<slug:slug>/import/", "studies/<slug:slug>/export/",
        "studies/<slug:slug>/export/<int:export_id>/",
        "studies/<slug:slug>/results/",
        "studies/<slug:slug>/results/codes/", "studies/<slug:slug>/results/notes/",
        "studies/<slug:slug>/results/code/", "studies/<slug:slug>/coders/",
        "studies/<slug:slug>/coders/<int:rater_id>/",
        "studies/<slug:slug>/coders/<int:rater_id>/feedback.<slug:extension>",
        "studies/<slug:slug>/runs/", "studies/<slug:slug>/settings/",
        "studies/<slug:slug>/compare/",
        "studies/<slug:slug>/compare/codes/", "studies/<slug:slug>/compare/notes/",
        "studies/<slug:slug>/compare/<slug:table>.<slug:extension>",
        "studies/<slug:slug>/results/<slug:table>.<slug:extension>", "studies/<slug:slug>/notes/",
        "studies/<slug:slug>/results/tables/<slug:table>/",
        "studies/<slug:slug>/notes/<int:note_id>/",
        "runs/<int:run_id>/", "runs/<int:run_id>/retry/",
        "models/", "models/<slug:table>.<slug:extension>", "help/",
        "openings/", "openings.<slug:extension>",
        "adjudicate/", "adjudicate/<slug:slug>/", "adjudicate/<slug:slug>/<int:note_id>/",
    }  # fmt: skip
    assert pages == known


@pytest.mark.parametrize("address", [a for a in PAGES if "small" in a])
def test_a_researcher_who_codes_in_the_study_sees_none_of_it_while_it_is_open(study, ada, address):
    """Whatever the role: who codes stays blind."""
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    ada.refresh_from_db()
    url = address.format(note=study.batch.notes.first().pk, coder=ada.rater.pk)
    assert logged_in(ada).get(url).status_code == 403
    Study.objects.filter(pk=study.pk).update(status=Study.Status.CLOSED)
    assert logged_in(ada).get(url).status_code == 200


def test_the_lists_hide_what_the_pages_hide(study, ada):
    User.objects.filter(pk=ada.pk).update(role=Role.ADMIN)
    ada.refresh_from_db()
    client = logged_in(ada)
    for name in ("notes", "codings", "assignments", "studies", "model-runs", "benchmark-runs"):
        assert client.get(f"/api/v1/{name}/").json()["count"] == 0, name
    note = study.batch.notes.first()
    assert client.get(f"/api/v1/notes/{note.pk}/").status_code == 404


def test_the_lists_hide_the_same_text_in_another_batch(study, ada):
    """Loaded twice, by another sample say, a note has its reference twice."""
    User.objects.filter(pk=ada.pk).update(role=Role.ADMIN)
    ada.refresh_from_db()
    rows = [NoteRow("again", study.batch.notes.first().text, ("401.9",))]
    rows.append(NoteRow("other", "A text of its own.", ("428.0",)))
    given = {"origin": "synthetic", "split": "", "user": None}
    batch_create(name="twice", sha256=sha256_of("twice"), rows=rows, **given)
    client = logged_in(ada)
    notes = client.get("/api/v1/notes/").json()["results"]
    assert [note["external_id"] for note in notes] == ["other"]
    codings = client.get("/api/v1/codings/").json()["results"]
    assert [coding["codes"] for coding in codings] == [["428.0"]]


def test_posts_are_walled_too(study, ada, rae):
    for url in (
        "run-model",
        "benchmark",
        "open",
        "reassign",
        "close",
        "reopen",
        "edit",
        "discard",
        "export",
    ):
        assert logged_in(ada).post(f"/studies/small/{url}/").status_code == 403
    assert logged_in(rae).post("/studies/small/reopen/").status_code == 403
    ben_note = study.assignments.exclude(rater__user=ada).first()
    assert logged_in(ada).post(f"/queue/reopen/{ben_note.pk}/").status_code == 404
    assert logged_in(rae).post("/batches/", {}).status_code == 403
    assert logged_in(rae).post("/api/v1/batches/", {}).status_code == 403


def test_ten_wrong_passwords_lock_the_name(db):
    from django.test import Client

    person("ada", Role.CODER)
    client = Client()
    codes = [
        client.post("/login/", {"username": "ada", "password": "wrong"}).status_code
        for _ in range(11)
    ]
    assert codes[0] == 200 and codes[-1] == 429
