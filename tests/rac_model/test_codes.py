from __future__ import annotations

from icd.codes import CodeRow
from icd.titles import Title
from rac_model.data.code_list import code_rows, from_csv, to_csv

TITLES = {
    "518.51": Title(
        "dx", "Ac resp flr fol trma/srg", "Acute respiratory failure following trauma and surgery"
    ),
    "250": Title("dx", "DM", 'Diabetes "mellitus", any'),
    "36.0": Title("proc", "Coronary", "Removal of coronary artery obstruction"),
}


def test_a_retired_code_takes_the_title_of_its_nearest_relative() -> None:
    kinds = {"518.5": "dx", "250.01": "dx", "36.01": "proc", "99.99": "proc", "V58": "dx"}
    rows = {row.code: row for row in code_rows(kinds, TITLES)}
    assert rows["518.5"].long == TITLES["518.51"].long
    assert rows["250.01"].long == TITLES["250"].long
    assert rows["36.01"].kind == "proc"
    assert rows["99.99"] == CodeRow("99.99", "proc", "99.99", "99.99")
    assert rows["V58"] == CodeRow("V58", "dx", "V58", "V58")


def test_a_code_list_survives_its_csv() -> None:
    rows = code_rows({code: title.kind for code, title in TITLES.items()}, TITLES)
    assert from_csv(to_csv(rows)) == rows


def test_a_neighbour_lends_its_title_and_not_its_kind() -> None:
    lymphatic = Title("proc", "Lymphatic", "Operations on lymphatic system")
    rows = code_rows({"401": "dx", "40.1": "proc"}, {"40": lymphatic})
    assert {row.code: row.kind for row in rows} == {"401": "dx", "40.1": "proc"}
    assert {row.code: row.long for row in rows} == {
        "401": "401",
        "40.1": "Operations on lymphatic system",
    }
