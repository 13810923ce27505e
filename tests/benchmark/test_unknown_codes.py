"""What a rater wrote that is no code.

Refused, or kept as it was written, outside of every list and code system.
"""

from __future__ import annotations

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.models import Code, CodeSystem, Coding, Rater, Study
from annotation.selectors.codings import codings_of
from annotation.services.codes import (
    code_set_create,
    code_set_of,
    codes_ensure,
    icd9_load,
)
from annotation.services.notes_in import batch_upload
from benchmark.bundle.export import study_export
from benchmark.bundle.import_study import study_import
from benchmark.selectors.panel import ballot_of
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.settle import note_settle
from files.problems import FileError
from tests.cast import logged_in
from tests.clerk import brought, page_of
from tests.imports import imported

WRITTEN = "note_id,code\nn0,401.9\nn0,.786.2\nn1,250\nn1,i50.22\nn1,36.01\nn2,518.5\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "audit.csv"
    path.write_text(WRITTEN)
    return path


def kept(study: Study, file, **options: object) -> dict[str, list[str]]:
    call_command(
        "import_codings",
        file,
        rater="Audit",
        kind="coder",
        unknown="keep",
        stdout=io.StringIO(),
        **options,
    )
    return codings_of(study, Rater.objects.get(name="Audit"))


def test_refused_unless_asked_for(study, file):
    with pytest.raises(CommandError) as error:
        call_command("import_codings", file, rater="Audit", kind="coder")
    message = str(error.value)
    assert error.value.returncode == 2 and "4 errors" in message
    mistyped = "row 3: code .786.2 looks mistyped; it may have been 786.2"
    assert f"1 x a code looks mistyped: {mistyped}" in message
    assert not Coding.objects.filter(rater__name="Audit").exists()
    assert not CodeSystem.objects.filter(name=CodeSystem.AS_WRITTEN).exists()


def test_kept_as_written_by_command(study, file, capsys):
    assert kept(study, file) == {
        "n0": [".786.2", "401.9"],
        "n1": ["250", "36.01", "i50.22"],
        "n2": ["518.5"],
    }
    told = capsys.readouterr().err
    assert "1 code is retired: 518.5 (1)" in told
    assert "kept as written, counted as given and never right" in told
    assert ".786.2 (1, 786.2?)" in told


def test_kept_by_page_and_api(study, file, rae):
    client = logged_in(rae)
    fields = {"rater": "Page", "kind": "coder", "unknown": "keep"}
    answer = imported(client, "/studies/small/import/", "a.csv", WRITTEN.encode(), **fields)
    assert answer.status_code == 200 and "Kept as written" in answer.content.decode()
    answer = client.post(
        "/api/v1/studies/small/codings/",
        {"file": SimpleUploadedFile("a.csv", WRITTEN.encode()), **fields, "rater": "Script"},
    )
    assert answer.status_code == 201
    assert any("kept as written" in remark for remark in answer.json()["remarks"])
    page, script = (codings_of(study, Rater.objects.get(name=name)) for name in ("Page", "Script"))
    assert page == script and ".786.2" in page["n0"]
    assert CodeSystem.objects.get(name=CodeSystem.AS_WRITTEN).codes.count() == 4


def test_what_is_kept_is_never_a_code_of_the_system(study, file, rae, cid):
    codes_before, size = (
        Code.objects.of_systems().count(),
        icd9_load()[0].codes.filter(retired=False).count(),
    )
    kept(study, file)
    assert Code.objects.of_systems().count() == codes_before + 1, "518.5 alone"
    assert icd9_load()[1] == 0 and icd9_load()[0].codes.filter(retired=False).count() == size
    found = logged_in(rae).get("/api/v1/codes/", {"code": ".786.2"}).json()
    assert found["count"] == 0
    with pytest.raises(FileError, match="looks mistyped"):
        batch_upload(name="n.csv", data=b"note_id,text,codes\na,x,.786.2\n", user=None)
    with pytest.raises(ValueError, match="looks mistyped"):
        code_set_create(name="with", codes=["401.9", ".786.2"])
    note = study.notes.get(external_id="n0")
    assert "401.9" in [candidate.code for candidate in ballot_of(study, note).candidates]
    assert ".786.2" not in [candidate.code for candidate in ballot_of(study, note).candidates]
    with pytest.raises(ValueError, match="looks mistyped"):
        note_settle(study=study, note=note, codes={".786.2"}, revision=0, actor=cid)


def test_an_adjudicator_may_write_a_code_in_lower_case_or_a_retired_one(study, cid):
    note = study.notes.get(external_id="n0")
    coding = note_settle(study=study, note=note, codes={"v10.3", "780.6"}, revision=0, actor=cid)
    given = {item.code.code: item.code.retired for item in coding.items.select_related("code")}
    assert given == {"V10.3": False, "780.6": True}


def test_a_reference_keeps_what_it_wrote_and_it_is_missed(db, tmp_path):
    reference, theirs = tmp_path / "reference.csv", tmp_path / "theirs.csv"
    reference.write_text("note_id,code\nn1,401.9\nn1,.786.2\nn2,428.0\n")
    theirs.write_text("note_id,code\nn1,401.9\nn2,428.0\n")
    call_command(
        "import_codings", reference, study="audit", kind="reference", new=True, unknown="keep"
    )
    call_command("import_codings", theirs, study="audit", kind="model", rater="Theirs")
    study = Study.objects.get()
    assert [code.code for code in study.code_set.codes.order_by("code")] == ["401.9", "428.0"]
    assert [code.code for code in code_set_of(study.batch).codes.order_by("code")] == [
        "401.9",
        "428.0",
    ]
    assert codings_of(study, study.reference)["n1"] == [".786.2", "401.9"]
    figures = benchmark_run(study=study).result.to_json()["raters"]["Theirs"]["micro"]
    assert (figures["precision"], figures["recall"]) == (1, pytest.approx(2 / 3))


def test_the_same_file_refused_and_kept_makes_two_sets_of_notes(db, tmp_path):
    reference = tmp_path / "reference.csv"
    reference.write_text("note_id,code\nn1,401.9\nn1,.786.2\n")
    with pytest.raises(CommandError):
        call_command("import_codings", reference, study="a", kind="reference", new=True)
    assert not Study.objects.exists()
    call_command("import_codings", reference, study="a", kind="reference", new=True, unknown="keep")
    call_command("import_codings", reference, study="b", kind="reference", new=True, unknown="keep")
    assert Study.objects.get(slug="a").batch == Study.objects.get(slug="b").batch


def test_a_bundle_brings_it_back(study, file):
    given = kept(study, file)
    data = study_export(study=study)
    again = study_import(data=data, slug="again")
    rater = Rater.objects.get(name="Audit of again")
    assert codings_of(again, rater) == given


@pytest.mark.parametrize("code", ["x" * 11, "a\x00b", "a\nb"])
def test_what_no_code_field_can_hold_is_refused(db, code):
    with pytest.raises(ValueError, match="characters"):
        codes_ensure([code], keep_unknown=True)


def test_words_are_never_kept(study, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("note_id,code\nn0,chest pain\nn1,.786.2\n")
    with pytest.raises(CommandError, match="of 10 characters is free text"):
        kept(study, path)


def test_a_procedure_that_the_studys_system_has_besides_is_taken(study, file, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("note_id,code\nn0,36.01\n")
    with pytest.raises(CommandError, match="not in the code system"):
        call_command("import_codings", path, rater="Audit", kind="coder")
    code_set_create(name="mimic", codes=["36.01", "401.9"])
    call_command("import_codings", path, rater="Audit", kind="coder", stdout=(out := io.StringIO()))
    assert "1 new codings" in out.getvalue()


def test_errors_are_grouped_and_written_whole(study, tmp_path):
    path, report = tmp_path / "a.csv", tmp_path / "errors.csv"
    path.write_text(
        "note_id,code\n" + "".join(f"m{number},250\n" for number in range(137)) + "n0,66\n"
    )
    with pytest.raises(CommandError) as error:
        call_command("import_codings", path, rater="Audit", kind="coder", errors=report)
    message = str(error.value)
    assert "a.csv has 275 errors" in message and "138 x a code looks spoilt" in message
    assert "250.00 (137 times)" in message and message.count("\n") < 6
    assert report.read_text().count("\n") == 276
    assert report.read_text().startswith("row,cause,message\n2,")
    other = tmp_path / "mine.txt"
    other.write_text("mine")
    with pytest.raises(CommandError, match="stays as it is"):
        call_command("import_codings", path, rater="Audit", kind="coder", errors=other)
    assert other.read_text() == "mine"


def test_the_page_offers_all_errors_and_the_api_gives_them(sam):
    client = logged_in(sam)
    data = (
        "note_id,text,codes\n" + "".join(f"n{k},text,{250 + k % 2}\n" for k in range(191))
    ).encode()
    upload = brought(client, "n.csv", data)
    page = page_of(client, upload)
    assert "191 rows to mend" in page and "(96 times)" in page
    rows = b"".join(client.get(f"/batches/uploads/{upload.pk}/to-mend.csv")).decode()
    assert rows.count("250.00") == 96 and rows.count("\n") == 192
    told = client.post("/api/v1/batches/", {"file": SimpleUploadedFile("n.csv", data)}).json()
    assert told["total"] == len(told["errors"]) == 191
    assert json.dumps(told["groups"]).count('"message"') == 2


def test_notes_that_are_here_already_are_named(db):
    old = "note_id,text\n" + "".join(f"n{k:02},text {k}\n" for k in range(20))
    first, _ = batch_upload(name="old.csv", data=old.encode(), user=None)
    assert first.details == {"read_as": "CSV", "remarks": []}
    again, new = batch_upload(
        name="new.csv", data=(old + "n20,text 20\nn00b,text 0\n").encode(), user=None
    )
    assert new
    assert again.details["remarks"] == [
        "1 of these 22 texts is in the file a second time, under another id: n00b",
        "20 of these 22 notes are here already, with the same text, in batch old.csv: "
        "n00, n01, n02, n03, n04 and 15 more",
    ]


def test_load_notes_of_a_folder_is_refused_in_words(db, tmp_path):
    with pytest.raises(CommandError, match="is a folder; give a file") as error:
        call_command("load_notes", tmp_path)
    assert error.value.returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("by", ["code", "category", "chapter", "kind", "frequency"])
def test_pages_show_what_was_kept(study, file, rae, by):
    reference = codings_of(study, study.reference)
    rows = "".join(
        f"{note},{code}\n" for note, codes in reference.items() for code in codes if note > "n2"
    )
    file.write_text(
        WRITTEN + rows + "".join(f"{note},\n" for note in reference if not reference[note])
    )
    kept(study, file)
    for preset in ("paper", "full", "present"):
        run = benchmark_run(study=study, preset=preset)
        assert run.result.to_json()["raters"]["Audit"]
    client = logged_in(rae)
    for page in ("codes", "notes"):
        assert client.get(f"/studies/small/results/{page}/", {"by": by}).status_code == 200
    note = study.notes.get(external_id="n0")
    shown = client.get(f"/studies/small/notes/{note.pk}/", {"by": by, "of": ".786.2"})
    assert shown.status_code == 200 and "kept as it was written" in shown.content.decode()
