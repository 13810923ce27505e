"""A study without a word of text: a reference's file makes it, raters' files are scored in it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.models import Batch, Event, Note, Rater, Study
from annotation.services.studies import study_draft
from benchmark.metrics.__main__ import main as metrics
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.runs import run_create
from tests.cast import logged_in
from tests.imports import imported

REFERENCE = b"note_id,code\nn1,401.9\nn1,428.0\nn2,250.00\nn3,\n"
THEIRS = b"note_id,code\nn1,401.9\nn2,250.00\nn2,428.0\nn3,401.9\n"


def upload(content: bytes, name: str = "codes.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def files(tmp_path):
    paths = tmp_path / "reference.csv", tmp_path / "theirs.csv"
    for path, content in zip(paths, (REFERENCE, THEIRS), strict=True):
        path.write_bytes(content)
    return paths


def test_by_command_it_is_what_the_metrics_command_says(db, files, capsys):
    reference, theirs = files
    call_command("import_codings", reference, study="audit", kind="reference", new=True)
    assert capsys.readouterr().out == "audit: a study of 3 notes and 3 codes\n"
    call_command("import_codings", theirs, study="audit", kind="model", rater="Theirs")
    capsys.readouterr()
    call_command("run_benchmark", "audit", format="json")
    ours = json.loads(capsys.readouterr().out)["raters"]["Theirs"]
    assert metrics([str(reference), f"Theirs={theirs}", "--format", "json"]) in (0, None)
    alone = json.loads(capsys.readouterr().out)["raters"]["Theirs"]
    assert (ours["micro"], ours["macro"]) == (alone["micro"], alone["macro"])
    assert set(Note.objects.values_list("text", flat=True)) == {""}
    assert Study.objects.get().status == "closed"


def test_by_page(db, rae):
    client = logged_in(rae)
    answer = imported(client, "/studies/from-codings/", "codes.csv", REFERENCE, slug="audit")
    assert answer.redirect_chain[-1] == ("/studies/audit/import/", 302)
    assert "3 notes" in answer.content.decode()
    imported(client, "/studies/audit/import/", "codes.csv", THEIRS, rater="Theirs", kind="coder")
    benchmark_run(study=Study.objects.get())
    assert "Theirs" in client.get("/studies/audit/compare/").content.decode()
    page = client.get("/studies/audit/").content.decode()
    assert "Nobody codes here" in page
    assert "3 notes are here without their text" in page
    assert "Run on every" not in page
    note = Note.objects.get(external_id="n1")
    page = client.get(f"/studies/audit/notes/{note.pk}/").content.decode()
    assert "The text of this note is not on this installation" in page
    assert Event.objects.get(verb="study.from-codings").actor == rae


@pytest.mark.parametrize(
    ("slug", "content", "words"),
    [
        (
            "audit",
            b"note_id,code\nn1,401.9\nn1,nonsense\n",
            "row 3: code of 8 characters is free text",
        ),
        (
            "audit",
            b"note_id,code\n" + b"x" * 70 + b",401.9\n",
            "row 2: the note id xxxxxxxxxxxxxxxxxxxx",
        ),
        ("audit", b"note_id,code\nn1,\n", "the file has no codes"),
        ("audit", b"nothing", "note_id"),
        ("small", REFERENCE, "the name small is taken"),
        ("new", REFERENCE, "the name new is taken"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(study, rae, slug, content, words):
    before = Batch.objects.count(), Note.objects.count(), Rater.objects.count()
    answer = imported(logged_in(rae), "/studies/from-codings/", "codes.csv", content, slug=slug)
    assert answer.status_code == 422 and words.lower() in answer.content.decode().lower()
    assert (Batch.objects.count(), Note.objects.count(), Rater.objects.count()) == before
    api = logged_in(rae).post("/api/v1/studies/", {"slug": slug, "file": upload(content)})
    assert api.status_code in (400, 422) and words.split(": ")[-1] in api.content.decode()
    assert Study.objects.count() == 1


def test_by_api(db, rae, cid):
    sent = {"slug": "audit", "file": upload(REFERENCE)}
    assert logged_in(cid).post("/api/v1/studies/", sent).status_code == 403
    answer = logged_in(rae).post("/api/v1/studies/", {"slug": "audit", "file": upload(REFERENCE)})
    assert answer.status_code == 201 and answer.json()["slug"] == "audit"
    again = logged_in(rae).post("/api/v1/studies/", {"slug": "second", "file": upload(REFERENCE)})
    assert again.status_code == 201 and Batch.objects.count() == 1


def test_the_form_of_a_new_study_offers_notes_with_text_alone(batch, rae):
    client = logged_in(rae)
    offered = client.get("/studies/new/").content.decode()
    imported(client, "/studies/from-codings/", "codes.csv", REFERENCE, slug="audit")
    assert Batch.objects.count() == 2 and f'<option value="{batch.pk}">' in offered
    again = (
        client.get("/studies/new/").content.decode().split('name="batch"')[1].split("</select>")[0]
    )
    assert again.count('<option value="') == 2, "the empty choice and the batch"


def test_nobody_can_code_or_run_on_notes_without_text(db, files, ada, titles):
    call_command("import_codings", files[0], study="audit", kind="reference", new=True)
    study = Study.objects.get()
    with pytest.raises(ValueError, match="without their text"):
        study_draft(
            slug="b",
            batch=study.batch,
            code_set=study.code_set,
            coders=[Rater.objects.get(user=ada)],
        )
    with pytest.raises(ValueError, match="3 notes of audit are here without their text"):
        run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    assert Study.objects.count() == 1


def test_new_needs_a_reference_and_a_name(db, files):
    with pytest.raises(CommandError, match="--kind reference and --study NAME"):
        call_command("import_codings", files[0], study="audit", kind="model", rater="x", new=True)
    call_command("import_codings", files[0], study="audit", kind="reference", new=True)
    with pytest.raises(CommandError, match="--rater NAME"):
        call_command("import_codings", files[0], kind="model")
