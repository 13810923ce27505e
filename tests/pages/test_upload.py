"""A bad batch changes nothing and says which rows and why."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.models import Batch, Note
from annotation.services.notes_in import batch_upload
from files.problems import FileError
from tests.cast import logged_in
from tests.clerk import brought_in

GOOD = b'note_id,text,codes\na1,First note.,428.0|401.9\na2,"Second, with a comma\nand a line.",\n'

BAD = {
    "missing column": ("n.csv", b"note_id,body\na,x\n", 1, "missing: text"),
    "duplicate id": ("n.csv", b"note_id,text\na,x\na,y\n", 3, "already on row 2"),
    "unknown code": ("n.csv", b"note_id,text,codes\na,x,36.01\n", 2, "not in the code system"),
    "spreadsheet": ("n.csv", b"note_id,text,codes\na,x,250\n", 2, "250.00"),
    "encoding": ("n.csv", b"note_id,text\na,caf\x81\n", 2, "neither UTF-8"),
    "empty": ("n.csv", b"", 1, "header is missing"),
    "header only": ("n.csv", b"note_id,text\n", 0, "no notes"),
    "empty text": ("n.csv", b"note_id,text\na,\n", 2, "text is empty"),
    "nul": ("n.csv", b"note_id,text\na,x\x00y\n", 2, "NUL"),
    "nul in id": ("n.jsonl", b'{"note_id": "a\\u0000", "text": "x"}\n', 1, "NUL"),
    "half a character": (
        "n.jsonl",
        b'{"note_id": "a", "text": "x\\ud800"}\n',
        1,
        "half a character",
    ),
    "ragged": ("n.csv", b"note_id,text\na,x,y\n", 2, "number of cells"),
    "open quote": ("n.csv", b'note_id,text\na,"x\n', 2, "quote"),
    "bad json": ("n.jsonl", b'{"note_id": "a", "text": "x"}\n{oops\n', 2, "not valid JSON"),
    "json number codes": (
        "n.jsonl",
        b'{"note_id": "a", "text": "x", "codes": [250.0]}\n',
        1,
        "a code is not a string",
    ),
    "json without text": ("n.jsonl", b'{"note_id": "a"}\n', 1, '"text"'),
    "wrong name": ("n.docx", b"PK", 0, "must end in"),
    "broken gzip": ("n.csv.gz", b"\x1f\x8bbroken", 0, "the gzip file is broken"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_changes_nothing_and_names_the_row(case, codes):
    name, data, row, words = BAD[case]
    with pytest.raises(FileError) as refused:
        batch_upload(name=name, data=data, user=None)
    assert refused.value.errors[0].row == row
    assert words in refused.value.errors[0].message
    assert Batch.objects.count() == Note.objects.count() == 0


@pytest.mark.django_db
def test_every_wrong_row_is_named(codes):
    data = b"note_id,text,codes\na,x,1\nb,,401.9\nc,ok,401.9\nc,again,401.9\n"
    with pytest.raises(FileError) as refused:
        batch_upload(name="n.csv", data=data, user=None)
    assert [error.row for error in refused.value.errors] == [2, 3, 5]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "bom and crlf", "csv.gz", "jsonl", "jsonl.gz"])
def test_every_good_form_is_read_alike(form, codes):
    lines = [
        {"note_id": "a1", "text": "First note.", "codes": ["428.0", "401.9"]},
        {"note_id": "a2", "text": "Second."},
    ]
    jsonl = "\n".join(map(json.dumps, lines)).encode()
    name, data = {
        "csv": ("n.csv", GOOD),
        "bom and crlf": ("n.csv", b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")),
        "csv.gz": ("n.csv.gz", gzip.compress(GOOD)),
        "jsonl": ("n.jsonl", jsonl),
        "jsonl.gz": ("n.jsonl.gz", gzip.compress(jsonl)),
    }[form]
    batch, new = batch_upload(name=name, data=data, user=None)
    assert new and batch.notes.count() == 2
    coding = batch.notes.get(external_id="a1").codings.get()
    assert sorted(item.code.code for item in coding.items.all()) == ["401.9", "428.0"]


@pytest.mark.django_db
def test_long_names_of_files_are_no_obstacle(codes):
    name = "x" * 140 + ".csv"
    first, _ = batch_upload(name=name, data=GOOD, user=None)
    second, new = batch_upload(name=name, data=GOOD.replace(b"First", b"Other"), user=None)
    assert new and len(first.name) == 120 and first.name == second.name


@pytest.mark.django_db
def test_the_same_file_twice_is_one_batch(codes):
    first, _ = batch_upload(name="n.csv", data=GOOD, user=None)
    again, new = batch_upload(name="n.csv", data=GOOD, user=None)
    assert again == first and not new and Batch.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["page", "API", "command"])
def test_notes_for_practice_at_every_door(door, codes, sam, tmp_path, capsys):
    """They are marked as such; the same file cannot be for studies as well."""

    def give(for_practice: bool) -> str:
        """What the door says."""
        file = SimpleUploadedFile("n.csv", GOOD)
        fields = {"file": file, "for_practice": "on"} if for_practice else {"file": file}
        if door == "page":
            return brought_in(logged_in(sam), "n.csv", GOOD, for_practice=for_practice)
        if door == "API":
            return logged_in(sam).post("/api/v1/batches/", fields).content.decode()
        (tmp_path / "n.csv").write_bytes(GOOD)
        try:
            call_command("load_notes", tmp_path / "n.csv", practice=for_practice)
        except CommandError as error:
            return str(error)
        return capsys.readouterr().out

    said = give(True)
    batch = Batch.objects.get()
    assert batch.for_practice and "for practice" in said.replace("for_practice", "for practice")
    assert "is here already as n.csv, for practice" in give(False)
    assert Batch.objects.get().for_practice


@pytest.mark.django_db
def test_notes_for_practice_without_codes_are_said(codes):
    data = b'{"note_id": "a", "text": "x", "codes": []}\n{"note_id": "b", "text": "y"}\n'
    batch, _ = batch_upload(name="n.jsonl", data=data, user=None, for_practice=True)
    assert batch.details["remarks"] == [
        "1 of these 2 notes have no reference codes: nobody practises on them"
    ]
