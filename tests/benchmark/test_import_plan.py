"""What a file of codings would become is said at every door, and then stored or not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.models import Code, CodeSystem, Coding, Event, Rater, Study
from annotation.selectors.codings import codings_of
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import confirmed, looked_at

TABLES = (Rater, Coding, Code, CodeSystem, Study, Event)
TWO = "note_id,rater,code\nn0,North,401.9\nn0,South,428.0\nn1,North,518.5\nn1,South,\n"


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


def by_command(tmp_path: Path, text: str, name: str = "c.csv", **options: object) -> str:
    """What the command prints. Raises CommandError."""
    path = tmp_path / name
    path.write_text(text)
    out = io.StringIO()
    call_command("import_codings", path, stdout=out, **{"kind": "model", **options})
    return out.getvalue()


def given_by(name: str, kind: str = "model") -> dict[str, list[str]]:
    """What a rater gave to the notes of the one study."""
    return codings_of(Study.objects.get(), Rater.objects.get(kind=kind, name=name))


def test_a_dry_run_says_everything_and_stores_nothing_at_any_door(study, rae, tmp_path):
    text = "note_id,code\nn0,401.9\nn0,518.5\nn1,.786.2\nelsewhere,401.9\n"
    options = {"unknown": "keep", "notes_of_study": True, "rater": "Vendor", "kind": "model"}
    before = counts()
    told = by_command(tmp_path, text, dry_run=True, **options)
    for words in (
        "nothing is stored",
        "understood: ",
        "Vendor (model, new here): 2 notes, 3 codes",
        "10 notes of the study have no coding: n10, n11, n2, n3, n4 and 5 more",
        "codes new here: .786.2 (no code, kept as written), 518.5 (retired)",
        "not of this study: 1 of the 3 notes of the file: elsewhere",
        "n0  401.9 518.5",
    ):
        assert words in told, words

    client = logged_in(rae)
    file = SimpleUploadedFile("c.csv", text.encode())
    answer = client.post(
        "/api/v1/studies/small/codings/", {"file": file, "dry_run": "true", **options}
    )
    assert answer.status_code == 200
    planned = answer.json()
    assert planned["raters"][0]["name"] == "Vendor" and planned["raters"][0]["is_new"]
    assert (planned["notes"], planned["codes"]) == (2, 3)
    assert len(planned["raters"][0]["lacking"]) == 10
    assert [each["code"] for each in planned["new_codes"]] == [".786.2", "518.5"]
    assert planned["rows"][0] == {"rater": "Vendor", "note": "n0", "codes": ["401.9", "518.5"]}

    page = looked_at(client, "/studies/small/import/", "c.csv", text.encode(), **options)
    shown = page.content.decode()
    assert page.status_code == 200 and "Store 2 codings in small" in shown
    assert ".786.2 (no code, kept as written)" in shown and "elsewhere" in shown
    assert counts() == before
    assert "2 new codings" in confirmed(client, page).content.decode()
    assert given_by("Vendor") == {"n0": ["401.9", "518.5"], "n1": [".786.2"]}


def test_a_dry_run_of_a_new_study_stores_nothing(db, rae, tmp_path):
    before = counts()
    told = by_command(
        tmp_path, "note_id,code\nn1,401.9\n", kind="reference", study="a", new=True, dry_run=True
    )
    assert "a new study a, of notes without their text" in told
    file = SimpleUploadedFile("c.csv", b"note_id,code\nn1,401.9\n")
    fields = {"slug": "a", "file": file, "dry_run": "true"}
    answer = logged_in(rae).post("/api/v1/studies/", fields)
    assert answer.status_code == 200 and answer.json()["notes"] == 1
    assert counts() == before


@pytest.mark.parametrize("door", ["command", "api", "page"])
def test_several_raters_of_one_file_are_stored_under_their_names(study, rae, tmp_path, door):
    if door == "command":
        told = by_command(tmp_path, TWO)
        assert told == "North: 2 new codings in small\nSouth: 2 new codings in small\n"
    elif door == "api":
        file = SimpleUploadedFile("c.csv", TWO.encode())
        answer = logged_in(rae).post(
            "/api/v1/studies/small/codings/", {"file": file, "kind": "model"}
        )
        assert answer.status_code == 201 and answer.json()["new"] == 4
        assert [rater["name"] for rater in answer.json()["raters"]] == ["North", "South"]
    else:
        client = logged_in(rae)
        page = looked_at(client, "/studies/small/import/", "c.csv", TWO.encode(), kind="model")
        confirmed(client, page)
    assert given_by("North") == {"n0": ["401.9"], "n1": ["518.5"]}
    assert given_by("South") == {"n0": ["428.0"], "n1": []}
    assert Event.objects.filter(verb="codings.imported").count() == 2


def test_whose_codings_they_are_must_be_clear(study, rae, tmp_path):
    before = counts()
    for options, text, words in (
        ({}, "note_id,code\nn0,401.9\n", "--rater NAME"),
        ({"rater": "Vendor"}, TWO, "each is stored under its own name"),
        ({"kind": "reference"}, TWO, "a study has one reference"),
        ({}, TWO + "n2,,401.9\n", "no rater; every row names one"),
        ({}, TWO.replace("South", "Ada").replace("North", "x" * 81), "1 to 80 plain characters"),
        ({"kind": "coder"}, TWO.replace("South", "Ada"), "Ada codes on this installation"),
        ({"kind": "coder"}, TWO.replace("South", "Ada"), "the file has this name"),
        ({"kind": "reference", "new": True, "study": "b"}, TWO, "a study has one reference"),
    ):
        with pytest.raises(CommandError) as error:
            by_command(tmp_path, text, **options)
        assert words in str(error.value) and error.value.returncode == 2, words
    page = looked_at(
        logged_in(rae),
        "/studies/small/import/",
        "c.csv",
        TWO.encode(),
        kind="model",
        rater="Vendor",
    )
    assert page.status_code == 422 and "each is stored under its own name" in page.content.decode()
    assert counts() == before


def test_one_rater_of_a_file_may_get_another_name(study, tmp_path):
    by_command(tmp_path, "note_id,rater,code\nn0,A,401.9\n", rater="Vendor A")
    assert given_by("Vendor A") == {"n0": ["401.9"]}


def test_all_raters_or_none(study, tmp_path):
    """A rater's name that is taken for another reason stops the others too."""
    before = counts()
    with pytest.raises(CommandError, match="Ada codes"):
        by_command(tmp_path, TWO.replace("South", "Ada"), kind="coder")
    assert counts() == before


UNKNOWN = "note_id,code\nn0,401.9\nn0,I10\nn0,I10\nn1,.786.2\nn2,chest pain\nn2,518.5\n"


def test_what_is_no_code_may_be_dropped_and_is_listed(study, tmp_path, capsys):
    with pytest.raises(CommandError) as error:
        by_command(tmp_path, UNKNOWN, rater="Vendor")
    message = str(error.value)
    assert "or take the file all the same: --unknown keep" in message
    assert "or take the file without them: --unknown drop" in message
    with pytest.raises(CommandError, match="free text"):
        by_command(tmp_path, UNKNOWN, rater="Vendor", unknown="keep")
    capsys.readouterr()
    by_command(tmp_path, UNKNOWN, rater="Vendor", unknown="drop")
    told = capsys.readouterr().err
    assert "left out, no codes: 3 of 5 given" in told
    assert "is of ICD-10: I10 (1)" in told and ".786.2 (1, 786.2?)" in told
    assert "coded, with no code left: 1 notes" in told and "chest" not in told
    assert "1 code is retired: 518.5 (1)" in told
    assert given_by("Vendor") == {"n0": ["401.9"], "n1": [], "n2": ["518.5"]}
    assert not CodeSystem.objects.filter(name=CodeSystem.AS_WRITTEN).exists()


def test_the_same_file_dropped_and_then_kept_is_a_newer_answer(study, tmp_path):
    text = "note_id,code\nn0,401.9\nn0,I10\n"
    for unknown, codes in (("drop", ["401.9"]), ("keep", ["401.9", "I10"])):
        assert "1 new" in by_command(tmp_path, text, rater="Vendor", unknown=unknown)
        assert "0 new" in by_command(tmp_path, text, rater="Vendor", unknown=unknown)
        assert given_by("Vendor") == {"n0": codes}


def test_what_is_kept_is_wrong_or_missed_and_what_is_dropped_is_not_there(db, tmp_path):
    """A study of codings is scored by the union of codes, in which kept strings are."""
    reference = "note_id,code\nn1,401.9\nn1,I10\nn2,428.0\n"
    theirs = "note_id,code\nn1,401.9\nn1,Z99\nn2,428.0\n"
    for unknown, share in {"keep": 2 / 3, "drop": 1}.items():
        by_command(tmp_path, reference, kind="reference", study=unknown, new=True, unknown=unknown)
        by_command(tmp_path, theirs, study=unknown, rater="Theirs", unknown=unknown)
        study = Study.objects.get(slug=unknown)
        found = benchmark_run(study=study).result.to_json()["raters"]["Theirs"]["micro"]
        assert found["precision"] == pytest.approx(share), unknown
        assert found["recall"] == pytest.approx(share), unknown
        listed = study.code_set.codes.values_list("code", flat=True)
        assert not {"I10", "Z99"} & set(listed)


def test_notes_outside_the_study(study, rae, tmp_path, capsys):
    outside = "".join(f"x{number},NOT A CODE\n" for number in range(9))
    text = "note_id,code\nn0,401.9\n" + outside
    before = counts()
    with pytest.raises(CommandError) as error:
        by_command(tmp_path, text, rater="Vendor")
    assert "9 x a note is not of this study" in str(error.value)
    assert "--notes-of-study" in str(error.value)
    with pytest.raises(CommandError, match="none of the file's 9 notes is of this study"):
        by_command(tmp_path, "note_id,code\n" + outside, rater="Vendor", notes_of_study=True)
    assert counts() == before
    capsys.readouterr()
    by_command(tmp_path, text, rater="Vendor", notes_of_study=True)
    told = capsys.readouterr().err
    assert "9 of the 10 notes of the file: x0, x1, x2, x3, x4 and 4 more" in told
    assert given_by("Vendor") == {"n0": ["401.9"]}
    with pytest.raises(CommandError, match="needs a study"):
        by_command(tmp_path, text, kind="reference", study="b", new=True, notes_of_study=True)


def test_ids_that_were_read_as_numbers(db, tmp_path, capsys):
    by_command(
        tmp_path, "note_id,code\n100001,401.9\n100002,\n", kind="reference", study="a", new=True
    )
    capsys.readouterr()
    by_command(tmp_path, "note_id,code\n100001.0,428.0\n100002.0,401.9\n", rater="Vendor")
    assert "100001.0 is 100001" in capsys.readouterr().err
    assert given_by("Vendor") == {"100001": ["428.0"], "100002": ["401.9"]}
    with pytest.raises(CommandError, match=r"note 7\.0 is not of this study"):
        by_command(tmp_path, "note_id,code\n7.0,428.0\n", rater="Vendor")


def test_codes_without_dots_of_one_kind(study, tmp_path):
    text = "note_id,code\nn0,4019\nn1,0389\n"
    with pytest.raises(CommandError, match="has no dot"):
        by_command(tmp_path, text, rater="Vendor")
    by_command(tmp_path, text, rater="Vendor", codes_are="dx")
    assert given_by("Vendor") == {"n0": ["401.9"], "n1": ["038.9"]}


def test_zeros_that_caml_lost_are_found_by_the_codes_in_use(db, tmp_path):
    theirs = "note_id,code\nn1,66.0\nn1,30.9\n"
    by_command(tmp_path, "note_id,code\nn1,00.66\n", kind="reference", study="a", new=True)
    by_command(tmp_path, theirs, rater="Vendor", reading="caml")
    assert given_by("Vendor") == {"n1": ["00.66", "03.09"]}
    by_command(tmp_path, "note_id,code\nn1,401.9\n", kind="reference", study="b", new=True)
    with pytest.raises(CommandError, match=r"00\.66 or 06\.6"):
        by_command(tmp_path, theirs, study="b", rater="Vendor", reading="caml")


def test_the_help_teaches(capsys):
    with pytest.raises(SystemExit):
        call_command("import_codings", "--help")
    told = capsys.readouterr().out
    for words in ("--unknown {refuse,keep,drop}", "--notes-of-study", "--dry-run", "dx, or proc"):
        assert words in told
