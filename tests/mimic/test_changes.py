"""A MIMIC-III folder with one thing changed, at every door.

It is taken with the right value, or refused in words.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Batch, CodeSet, Note
from rac_model.__main__ import main
from tests.mimic.changes import (
    ADDS_CODES,
    REFUSED,
    TAKEN,
    copied,
    half_without_note,
    no_id_files,
)

BATCH = "dbfcaa273e183cab15623b7694247fb29deaecd799bcc5d12b9c02e66f5ce93d"
CORPUS = "b9469e5977873af6f5c3ea16ca3d68140998adad0f2e65f614eeab7c0f376758"
"""What the folder itself has always given; a rule that changes what comes in changes these."""


def load(folder: Path, *options: str) -> str:
    """The output of load_mimic."""
    out = io.StringIO()
    call_command("load_mimic", str(folder), "--sample", "5", "--seed", "3", *options, stdout=out)
    return out.getvalue()


def refusal(folder: Path, *options: str) -> str:
    """The words of load_mimic, which must refuse as bad input and leave nothing."""
    with pytest.raises(CommandError) as error:
        load(folder, *options)
    assert error.value.returncode == 2
    assert not Batch.objects.exists() and not Note.objects.exists() and not CodeSet.objects.exists()
    return str(error.value)


def prepare(folder: Path) -> int:
    return main(["prepare", "--data", str(folder), "--out", str(folder.parent / "corpus")])


@pytest.mark.django_db
@pytest.mark.parametrize("change", TAKEN)
def test_taken(change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apply, remark = TAKEN[change]
    folder = copied(tmp_path / "mimic")
    apply(folder)
    shown = load(folder)
    batch = Batch.objects.get(for_practice=False)
    assert re.search(remark, shown) and re.search(remark, json.dumps(batch.details["remarks"]))
    assert batch.notes.count() == 5
    assert batch.sha256 == BATCH or change in ADDS_CODES
    assert prepare(folder) == 0
    output = capsys.readouterr()
    manifest = json.loads(output.out)
    assert re.search(remark, output.err) and re.search(remark, json.dumps(manifest["remarks"]))
    assert manifest["sha256"] == CORPUS or change in ADDS_CODES
    assert manifest["notes"] == {"train": 16, "dev": 4, "test": 10}


@pytest.mark.django_db
@pytest.mark.parametrize("change", REFUSED)
def test_refused(change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apply, words = REFUSED[change]
    folder = copied(tmp_path / "mimic")
    apply(folder)
    assert re.search(words, refusal(folder))
    assert prepare(folder) == 2
    shown = capsys.readouterr().err.splitlines()[-1]
    assert re.search(words, shown) and shown.startswith("rac_model prepare: ")
    assert [path.name for path in tmp_path.iterdir()] == ["mimic"]


@pytest.mark.django_db
def test_notes_are_drawn_among_those_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(tmp_path / "mimic")
    half_without_note(folder)
    words = refusal(folder, "--sample", "11")
    assert "has 10 admissions that have a summary, of 20, fewer than the 11 asked for" in words
    said = load(folder, "--sample", "10")
    assert "10 of the test split's 20 admissions have no summary in the folder" in said
    assert Note.objects.filter(batch__for_practice=False).count() == 10
    assert prepare(folder) == 0
    assert "10 of the test split's 20 admissions have no summary" in capsys.readouterr().err


@pytest.mark.django_db
def test_without_id_files_notes_are_split_by_patient(tmp_path: Path) -> None:
    folder = copied(tmp_path / "mimic")
    no_id_files(folder)
    load(folder, "--split", "train")
    assert Note.objects.filter(batch__for_practice=False).count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "option", ["--sample=0", "--sample=-1", "--shortlist-size=0", "--shortlist-size=-3"]
)
def test_sizes_below_one_are_bad_input(option: str, tmp_path: Path) -> None:
    assert option.replace("=", " ") in refusal(copied(tmp_path / "mimic"), option)


@pytest.mark.django_db
def test_a_file_or_a_missing_folder_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "file is a file; give the folder" in refusal(tmp_path / "file")
    assert "nowhere is not there; give the folder" in refusal(tmp_path / "nowhere")
    for name in ("file", "nowhere"):
        arguments = ["--data", str(tmp_path / name), "--out", str(tmp_path / "out")]
        assert main(["prepare", *arguments]) == 2


@pytest.mark.parametrize(
    "change", ["procedures as integers", "ICD-10", "a backslash before a quote", "other ids"]
)
def test_training_and_measuring_refuse_too(
    change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apply, words = REFUSED[change]
    good, bad = copied(tmp_path / "good"), copied(tmp_path / "bad")
    apply(bad)
    model = str(tmp_path / "model")
    assert main(["train", "title-match", "--data", str(good), "--out", model]) == 0
    for command in (["train", "title-match", "--out", f"{model}-2"], ["evaluate", model]):
        capsys.readouterr()
        assert main([*command, "--data", str(bad)]) == 2
        assert re.search(words, capsys.readouterr().err)
    assert not (tmp_path / "model-2").exists()
