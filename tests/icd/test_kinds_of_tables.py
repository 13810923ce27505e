"""A code's kind is that of the table, column or list it came from, at every door."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.mimic_sample import draw_sample
from annotation.models import Code
from annotation.selectors.codes import check_of_installation
from annotation.services.codes import codes_ensure, icd9_load
from annotation.services.samples import batch_from_sample
from files.notes import parse_notes
from files.source import from_bytes
from icd.check import Standing, Taken
from icd.tables import retired_diagnoses
from icd.titles import ABSENT
from mimic.folder import read_admissions, read_codes
from tests.rac_model.folder import write_folder

NO_LIST_HAS = {"401.99": "dx", "36.01": "proc"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stay 192, of the test split, has a diagnosis and a procedure of no list."""
    write_folder(tmp_path)
    for table, code in (("DIAGNOSES_ICD", "40199"), ("PROCEDURES_ICD", "3601")):
        with (tmp_path / f"{table}.csv").open("a") as file:
            file.write(f"192,{code}\n")
    return tmp_path


def test_a_mimic_folder_tells_kinds_by_its_tables(folder):
    stay = next(read_admissions(folder, {192}))
    assert NO_LIST_HAS.items() <= stay.kinds.items()
    assert stay.codes == tuple(sorted(stay.kinds)) and len(stay.codes) == 4
    assert read_codes(folder, [192]) == {192: stay.kinds}


def test_a_file_of_notes_tells_kinds_by_its_columns():
    data = b"note_id,text,dx_codes,proc_codes\nn1,One.,4280,3893\nn2,Two.,V103,\n"
    file = parse_notes(from_bytes("notes.csv", data))
    assert file.kinds == {"428.0": "dx", "38.93": "proc", "V10.3": "dx"}


@pytest.mark.django_db
def test_what_a_folder_brought_is_taken_at_every_other_door(folder):
    """The reference has 401.99, so adjudicators may settle on it and coders' files have it."""
    before = check_of_installation()
    assert not any(isinstance(before.read(code), Taken) for code in NO_LIST_HAS)
    sample = draw_sample(folder, size=18, seed=0)
    assert NO_LIST_HAS.items() <= sample.kinds.items()
    batch_from_sample(sample, name="sample")
    rows = Code.objects.filter(retired=True)
    assert dict(rows.values_list("code", "kind")) == NO_LIST_HAS
    for code, kind in NO_LIST_HAS.items():
        assert check_of_installation().read(code) == Taken(code, kind, Standing.UNLISTED)


@pytest.mark.django_db
def test_a_kind_that_is_handed_in_is_not_overruled_by_the_shape():
    icd9_load()
    with pytest.raises(ValueError, match=r"36\.02"):
        codes_ensure(["36.02"], kinds={"36.02": "dx"})
    assert codes_ensure(["36.02"])["36.02"].kind == "proc"


@pytest.mark.django_db
def test_a_retired_diagnosis_has_one_title_in_the_tables_and_in_the_database():
    icd9_load()
    rows = codes_ensure(retired_diagnoses())
    assert {code: row.long_title for code, row in rows.items()} == {
        code: row.long for code, row in retired_diagnoses().items()
    }
    assert rows["043.0"].long_title == ABSENT and rows["518.5"].kind == "dx"
