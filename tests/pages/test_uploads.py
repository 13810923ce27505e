"""A file of notes on its way in: what its page shows, what waits, what is left behind."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import Batch, Event, Note, Role, Upload
from annotation.selectors.uploads import parts_of, progress_file
from annotation.services.notes_in import upload_check_notes
from annotation.services.uploads import upload_work
from annotation.tasks import sweep_uploads
from benchmark.selectors.import_planning import plan_of_study
from benchmark.services.import_codings import study_store
from files.given import GivenFile
from tests.cast import logged_in, person
from tests.clerk import brought, confirmed, page_of, worked_on
from tests.files.written import book

SECRET = "Zephyrine Quatermain"
GOOD = f"note_id,text,codes\na1,{SECRET} first.,428.0|401.9\na2,Second.,\n".encode()
MIXED = (
    "note_id,ward,text,codes\n"
    f"a1,W1,{SECRET} first.,428.0|401.9\n"
    "a2,W2,=SUM(A1) second.,250\n"
    "a3,W3,Third.,v10.3|518.5\n"
    "a1,W4,Fourth.,\n"
    "a5,W5,'=Fifth.,4019\n"
).encode()
State = Upload.State


@pytest.fixture
def client(codes, sam):
    return logged_in(sam)


def to_mend(client, upload) -> list[dict[str, str]]:
    """The rows that are given to be mended."""
    data = b"".join(client.get(f"/batches/uploads/{upload.pk}/to-mend.csv")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(data)))


def mend(client, upload, rows: list[dict[str, str]]) -> Upload:
    out = io.StringIO()
    table = csv.DictWriter(out, rows[0].keys())
    table.writeheader()
    table.writerows(rows)
    return give_mended(client, upload, out.getvalue().encode())


def give_mended(client, upload, data: bytes) -> Upload:
    file = SimpleUploadedFile("mended.csv", data)
    client.post(f"/batches/uploads/{upload.pk}/mend/", {"file": file})
    upload.refresh_from_db()
    return worked_on(upload)


def test_a_good_file_is_shown_and_stored_when_it_is_confirmed(client, sam):
    upload = brought(client, "ward.csv", GOOD)
    assert upload.state == State.CHECKED and Batch.objects.count() == 0
    page = page_of(client, upload)
    for words in ("Read as CSV", "all rows good", SECRET, "428.0", "Store 2 notes"):
        assert words in page, words
    assert client.get(f"/batches/uploads/{upload.pk}/to-mend.csv").status_code == 404
    upload = confirmed(client, upload, name="Ward notes", origin="synthetic")
    batch = Batch.objects.get()
    assert (batch.name, batch.origin, batch.uploaded_by) == ("Ward notes", "synthetic", sam)
    assert upload.state == State.STORED and upload.batch == batch
    assert not any(path.exists() for path in [*parts_of(upload), progress_file(upload)])
    assert "2 notes stored" in re.sub(r"\s+", " ", page_of(client, upload))


def test_nothing_but_the_private_file_holds_the_text(client, settings, caplog):
    upload = brought(client, "ward.csv", GOOD)
    (path,) = parts_of(upload)
    assert SECRET.encode() in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert settings.UPLOADS.stat().st_mode & 0o777 == 0o700
    assert SECRET not in str([upload.found, upload.asked, upload.error, *Event.objects.values()])
    assert SECRET not in caplog.text


def test_bad_rows_come_as_a_file_to_mend_and_good_ones_wait(client):
    upload = brought(client, "ward.csv", MIXED)
    assert upload.state == State.REFUSED
    assert (upload.found["good"], upload.found["bad"]) == (2, 3)
    rows = to_mend(client, upload)
    assert list(rows[0]) == ["row_in_file", "what_to_mend", "note_id", "ward", "text", "codes"]
    assert [row["row_in_file"] for row in rows] == ["3", "5", "6"]
    assert "250.00" in rows[0]["what_to_mend"] and "already on row 2" in rows[1]["what_to_mend"]
    assert rows[0]["text"] == "'=SUM(A1) second." and rows[2]["text"] == "''=Fifth."
    rows[0]["codes"], rows[1]["note_id"] = "250.00", "a4"
    upload = mend(client, upload, rows)
    assert (upload.found["good"], upload.found["bad"]) == (4, 1)
    (last,) = to_mend(client, upload)
    last["codes"] = "401.9"
    upload = mend(client, upload, [last])
    assert upload.state == State.CHECKED and upload.found["good"] == 5
    confirmed(client, upload)
    texts = dict(Note.objects.values_list("external_id", "text"))
    assert texts == {
        "a1": f"{SECRET} first.",
        "a2": "=SUM(A1) second.",
        "a3": "Third.",
        "a4": "Fourth.",
        "a5": "'=Fifth.",
    }


def test_mended_rows_that_cannot_be_read_cost_no_good_row(client):
    upload = brought(client, "ward.csv", MIXED)
    upload = give_mended(client, upload, gzip.compress(b"note_id,text\na2,x\n")[:-9])
    assert upload.state == State.REFUSED and upload.found["good"] == 2
    assert "The mended rows were not taken" in page_of(client, upload)
    assert upload.parts == ["ward.csv"] and parts_of(upload, more=1)[-1].exists() is False


def test_mended_rows_may_be_fewer_and_must_not_repeat_good_ones(client):
    upload = brought(client, "ward.csv", MIXED)
    rows = to_mend(client, upload)[:1]
    rows[0]["note_id"] = "a3"
    upload = mend(client, upload, rows)
    causes = {cause["cause"]: cause["count"] for cause in upload.found["causes"]}
    assert causes["bad rows that no file of mended rows has"] == 2
    assert causes["a note_id is given twice"] == 1


def test_bad_rows_are_left_out_only_by_a_choice_that_is_kept(client, rae):
    upload = brought(client, "ward.csv", MIXED)
    refused = confirmed(client, upload)
    assert refused.state == State.REFUSED and Batch.objects.count() == 0
    confirmed(client, upload, leave_out="on")
    batch = Batch.objects.get()
    assert batch.notes.count() == 2 and batch.details["left_out"] == 3
    page = logged_in(rae).get(f"/batches/{batch.pk}/").content.decode()
    assert "were left out" in page
    listed = logged_in(rae).get(f"/batches/{batch.pk}/left-out.csv").content.decode()
    assert "250.00" in listed and "Fourth" not in listed


def test_json_rows_can_be_mended_too(client):
    data = (
        b'{"note_id": "j1", "text": "One."}\n{oops\n'
        b'{"note_id": "j3", "text": "x", "codes": ["250"]}\n'
    )
    upload = brought(client, "n.jsonl", data)
    rows = to_mend(client, upload)
    assert [(row["row_in_file"], row["note_id"], row["codes"]) for row in rows] == [
        ("2", None, None),
        ("3", "j3", "250"),
    ]


def test_a_row_with_a_formula_is_to_be_mended_whole(client):
    table = [["note_id", "text", "codes"], ["f1", "=A1", "401.9"], ["f2", "Second.", "250"]]
    upload = brought(client, "n.xlsx", book([*table, ["f3", "Third.", "401.9"]]))
    assert "the good ones (1) wait" in re.sub(r"\s+", " ", page_of(client, upload))
    rows = to_mend(client, upload)
    assert [(row["row_in_file"], row["note_id"], row["text"], row["codes"]) for row in rows] == [
        ("2", "f1", "", "401.9"),
        ("3", "f2", "Second.", "250"),
    ]


ODD_NAMES = {
    "a NUL in a column's name": ("n.csv", b"note_id,text,a\0b\nn1,x,y\n"),
    "half a letter in a key": ("n.jsonl", b'{"note_id":"n1","text":"x","\\ud800":1}\n'),
    "a line in a column's name": ("n.csv", b'note_id,text,"a\nb"\nn1,x,y\n'),
    "marks of HTML": ("n.csv", b"note_id,text,<b>\nn1,x,y\n"),
}


@pytest.mark.parametrize("kind", ODD_NAMES)
def test_odd_names_of_columns_are_shown_as_far_as_they_can_be(client, kind):
    upload = brought(client, *ODD_NAMES[kind])
    assert upload.state == State.CHECKED
    assert "ignored: " in page_of(client, upload)
    assert "u0000" not in json.dumps(upload.found)
    assert confirmed(client, upload).state == State.STORED


def test_what_is_here_already_is_shown(client, study):
    text = study.batch.notes.get(external_id="n1").text
    rows = f"n1,{text}\nn2,another text\nz9,{text}\nz10,{text}\n"
    upload = brought(client, "n.csv", f"note_id,text\n{rows}".encode())
    page = page_of(client, upload)
    for words in (
        "1 of these 4 notes is here already, with the same text, in batch twelve: n1",
        "1 of these 4 ids is in batch twelve with another text: n2",
        "2 of these 4 texts are in the file a second time, under another id: z9, z10",
    ):
        assert words in page, words


def test_the_same_file_twice_is_one_batch(client):
    confirmed(client, brought(client, "n.csv", GOOD))
    again = brought(client, "again.csv", GOOD)
    assert again.state == State.STORED and Batch.objects.count() == 1
    assert "was here already; nothing changed" in re.sub(r"\s+", " ", page_of(client, again))


def test_without_a_worker_the_page_says_so_and_does_it_right_there(client):
    client.post("/batches/", {"file": SimpleUploadedFile("n.csv", GOOD)})
    upload = Upload.objects.get()
    Upload.objects.update(changed_at=timezone.now() - timedelta(seconds=9))
    address = f"/batches/uploads/{upload.pk}/"
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and "No worker has begun" in page
    client.post(f"{address}here/")
    client.post(f"{address}confirm/", {"name": "n", "origin": "own"})
    client.post(f"{address}here/")
    assert Batch.objects.get().notes.count() == 2
    done = client.get(address, headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"


def test_the_sweep_does_what_no_worker_was_told_of(client):
    client.post("/batches/", {"file": SimpleUploadedFile("n.csv", GOOD)})
    sweep_uploads()
    assert Upload.objects.get().state == State.CHECKED


def test_work_whose_process_died_is_begun_again_three_times(client, monkeypatch):
    client.post("/batches/", {"file": SimpleUploadedFile("n.csv", GOOD)})
    upload = Upload.objects.get()

    def killed(upload: Upload, progress: object) -> None:
        raise KeyboardInterrupt

    for tries in (1, 2, 3):
        with pytest.raises(KeyboardInterrupt):
            upload_work(upload.pk, State.WAITING, killed)
        upload.refresh_from_db()
        assert (upload.state, upload.tries) == (State.CHECKING, tries)
        monkeypatch.setattr("annotation.selectors.uploads.LOST_SECONDS", -1)
        monkeypatch.setattr("annotation.services.uploads.upload_work", lambda *given: False)
        sweep_uploads()
        monkeypatch.undo()
    upload.refresh_from_db()
    assert upload.state == State.REFUSED and "begun 3 times" in upload.error
    client.post(f"/batches/uploads/{upload.pk}/here/")
    upload.refresh_from_db()
    assert upload.state == State.CHECKED


def test_an_error_nobody_expected_leaves_its_kind_alone(client, caplog):
    upload = brought(client, "n.csv", GOOD)
    Upload.objects.update(state=State.WAITING)

    def breaks(upload: Upload, progress: object) -> None:
        raise RuntimeError(SECRET)

    assert upload_work(upload.pk, State.WAITING, breaks)
    upload.refresh_from_db()
    assert upload.state == State.REFUSED and "RuntimeError" in upload.error
    assert SECRET not in upload.error + caplog.text


def test_two_workers_do_it_once(client):
    client.post("/batches/", {"file": SimpleUploadedFile("n.csv", GOOD)})
    pk = Upload.objects.get().pk
    assert upload_work(pk, State.WAITING, upload_check_notes)
    assert not upload_work(pk, State.WAITING, upload_check_notes)


def test_what_nobody_confirms_is_removed_after_a_day(client, settings):
    upload = brought(client, "n.csv", GOOD)
    stray = settings.UPLOADS / "tmp1.upload.csv"
    stray.write_bytes(GOOD)
    sweep_uploads()
    assert parts_of(upload)[0].exists() and stray.exists()
    Upload.objects.update(created_at=timezone.now() - timedelta(hours=25))
    os.utime(stray, (0, 0))
    sweep_uploads()
    upload.refresh_from_db()
    assert upload.state == State.DISCARDED
    assert not stray.exists() and not parts_of(upload)[0].exists()


def test_a_discarded_file_is_gone(client):
    upload = brought(client, "n.csv", GOOD)
    client.post(f"/batches/uploads/{upload.pk}/discard/")
    assert not parts_of(upload)[0].exists() and Batch.objects.count() == 0
    assert "was discarded" in page_of(client, upload)
    client.post(f"/batches/uploads/{upload.pk}/confirm/", {"name": "n", "origin": "own"})
    upload.refresh_from_db()
    assert upload.state == State.DISCARDED
    assert "Nothing was stored: n.csv was discarded" in page_of(client, upload)


def test_a_file_that_is_refused_whole_waits_for_nobody(client):
    brought(client, "photo.csv", b"\xff\xd8\xff\xe0")
    brought(client, "mixed.csv", MIXED)
    page = client.get("/batches/").content.decode()
    assert "mixed.csv" in page and "photo.csv" not in page


def test_what_is_stored_from_another_tab_is_said_to_be(client):
    upload = brought(client, "n.csv", GOOD)
    confirmed(client, upload)
    client.post(f"/batches/uploads/{upload.pk}/confirm/", {"name": "n", "origin": "own"})
    assert "Nothing was changed: n.csv is stored already." in page_of(client, upload)


def test_ids_of_notes_without_text_are_no_ids_with_another_text(client, db):
    plan = plan_of_study(file=GivenFile("c.csv", io.BytesIO(b"note_id,code\na1,401.9\n")))
    study_store(plan=plan, slug="codings")
    page = page_of(client, brought(client, "n.csv", GOOD))
    assert "another text" not in page


def test_only_the_admin_who_brought_a_file_sees_it(client, rae, db):
    upload = brought(client, "n.csv", GOOD)
    address = f"/batches/uploads/{upload.pk}/"
    assert logged_in(rae).get(address).status_code == 403
    assert logged_in(person("other", Role.ADMIN)).get(address).status_code == 404


def test_an_upload_over_the_limit_is_refused_before_it_is_read(client, settings):
    settings.UPLOAD_LIMIT = 2**20
    for address, headers in (
        ("/batches/", {}),
        ("/batches/", {"Accept": "application/json"}),
        ("/api/v1/batches/", {}),
    ):
        answer = client.generic(
            "POST", address, b"", content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(2**31), headers=headers,
        )  # fmt: skip
        assert answer.status_code == 413
        assert "over the limit of 1 MiB; split it" in answer.content.decode()


def test_a_dry_run_shows_what_would_be_loaded_and_stores_nothing(codes, tmp_path, capsys):
    path = tmp_path / "n.csv"
    path.write_bytes(GOOD)
    call_command("load_notes", path, dry_run=True)
    told = capsys.readouterr().out
    assert "2 good rows, 0 to mend" in told and "nothing was stored" in told
    assert SECRET not in told and Batch.objects.count() == 0
    path.write_bytes(MIXED)
    with pytest.raises(CommandError, match=r"250\.00"):
        call_command("load_notes", path, dry_run=True)
    assert "2 good rows, 3 to mend" in capsys.readouterr().out


@pytest.mark.parametrize("extension", ["csv", "jsonl", "xlsx"])
def test_a_template_is_taken_when_it_is_filled_in(client, extension):
    data = client.get(f"/batches/template.{extension}").content
    if extension == "csv":
        data += b"n1,Text.,038.9\n"
    if extension == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        sheet = book.worksheets[0]
        for place, value in enumerate(("n1", "Text.", "038.9"), start=1):
            cell = sheet.cell(2, place)
            assert sheet.column_dimensions[cell.column_letter].width > 10
            cell.value = value
        out = io.BytesIO()
        book.save(out)
        data = out.getvalue()
    upload = brought(client, f"n.{extension}", data)
    assert upload.state == State.CHECKED and upload.found["coded"] > 0


def test_a_batch_has_a_page(study, sam, rae):
    address = f"/batches/{study.batch.pk}/"
    page = logged_in(rae).get(address).content.decode()
    for words in ("twelve", "small", "n11", "What happened", "/studies/small/notes/"):
        assert words in page, words
    assert "Rename" not in page
    assert logged_in(rae).post(f"{address}name/", {"name": "x"}).status_code == 403
    logged_in(sam).post(f"{address}name/", {"name": " Ward  notes "})
    assert Batch.objects.get().name == "Ward notes"
    found = logged_in(rae).get(f"{address}?find=n11").content.decode()
    assert "n11" in found and "n3" not in found.split("Notes</h2>")[1]


def test_who_codes_in_a_study_sees_no_codes_of_its_batch(study, ada):
    ada.role = "researcher"
    ada.save()
    page = logged_in(ada).get(f"/batches/{study.batch.pk}/").content.decode()
    assert page.count('data-name="codes">-<') == 12
    assert "/studies/small/notes/" not in page
