"""Reading a MIMIC-shaped folder."""

import subprocess
import sys

import pytest

from icd.codes import dotted
from icd.titles import Title
from mimic.folder import Admission, read_admissions, read_splits, read_titles, split_by_subject
from mimic.table import MimicError
from tests.mimic import folder


@pytest.mark.parametrize("lower, gz", [(False, False), (True, False), (False, True)])
def test_texts_are_joined_in_file_order_and_codes_are_dotted_and_distinct(tmp_path, lower, gz):
    found = {a.hadm_id: a for a in read_admissions(folder.write(tmp_path, lower=lower, gz=gz))}
    joined = 'Chest pain, "crushing".\nSeen by cardiology. Aspirin was stopped.'
    assert found[101] == Admission(101, 11, joined, {"00.66": "proc", "401.9": "dx"})
    assert found[102] == Admission(
        102, 12, "Fall at home.", {"003.0": "dx", "33.1": "proc", "E849.0": "dx"}
    )
    assert found[102].codes == ("003.0", "33.1", "E849.0")
    assert found[103].codes == ()
    assert list(found) == [102, 101, 103]


def test_only_the_admissions_asked_for(tmp_path):
    assert [a.hadm_id for a in read_admissions(folder.write(tmp_path), {103, 102, 7})] == [102, 103]


def test_titles_by_dotted_code(tmp_path):
    assert read_titles(folder.write(tmp_path)) == {
        "401.9": Title("dx", "Hypertension NOS", "Unspecified essential hypertension"),
        "03.31": Title("proc", "Spinal tap", "Spinal tap"),
    }


def test_id_files_are_the_splits(tmp_path):
    folder.write(tmp_path)
    for split, ids in {"train": "101\n", "dev": "HADM_ID\n102\n", "test": "103"}.items():
        (tmp_path / f"{split}_full_hadm_ids.csv").write_text(ids)
    assert read_splits(tmp_path) == {"train": [101], "dev": [102], "test": [103]}
    (tmp_path / "dev_full_hadm_ids.csv").write_text("101\n")
    with pytest.raises(MimicError, match="admission 101 is listed twice"):
        read_splits(tmp_path)
    (tmp_path / "dev_full_hadm_ids.csv").unlink()
    with pytest.raises(MimicError, match=r"dev_full_hadm_ids\.csv missing"):
        read_splits(tmp_path)


def test_without_id_files_the_split_is_by_patient_and_seeded(tmp_path):
    splits = read_splits(folder.write(tmp_path), seed=3)
    assert sorted(id for ids in splits.values() for id in ids) == [101, 102, 103]
    subject_of = {hadm: hadm // 3 for hadm in range(3000)}
    parts = split_by_subject(subject_of, 1)
    assert parts == split_by_subject(subject_of, 1) != split_by_subject(subject_of, 2)
    owners = [{subject_of[hadm] for hadm in ids} for ids in parts.values()]
    assert sum(map(len, owners)) == len(set.union(*owners)) == 1000
    assert 2700 < len(parts["train"]) < 2730 and 185 <= len(parts["test"]) <= 200


def test_errors_name_file_row_and_fix_and_never_the_text(tmp_path):
    missing = r"no NOTEEVENTS\.csv or NOTEEVENTS\.csv\.gz; point to the folder"
    with pytest.raises(MimicError, match=missing):
        list(read_admissions(tmp_path))
    folder.write(tmp_path)
    notes = tmp_path / "NOTEEVENTS.csv"
    notes.write_text(notes.read_text().replace(",102,", ",Fall,"))
    wrong = r"^NOTEEVENTS\.csv row 2: HADM_ID is not a whole number"
    with pytest.raises(MimicError, match=wrong) as error:
        list(read_admissions(tmp_path))
    assert "Fall" not in str(error.value)
    notes.write_text('"ROW_ID","TEXT"\n')
    with pytest.raises(MimicError, match="no column CATEGORY, HADM_ID, SUBJECT_ID"):
        list(read_admissions(tmp_path))


@pytest.mark.parametrize(
    "raw, kind, code",
    [
        ("E8490", "dx", "E849.0"),
        ("V1000", "dx", "V10.00"),
        ("042", "dx", "042"),
        ("0066", "proc", "00.66"),
        ("401.9", "dx", "401.9"),
    ],
)
def test_dots(raw, kind, code):
    assert dotted(raw, kind) == code


def test_reading_pulls_in_neither_torch_nor_django():
    probe = (
        "import sys, mimic.folder, icd.check; "
        "print([m for m in ('torch', 'django') if m in sys.modules])"
    )
    command = [sys.executable, "-c", probe]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
