"""The CMS tables, their dots and what a spreadsheet does to them."""

from collections import Counter, defaultdict

import pytest

from icd.chapters import DX_CHAPTERS, PROC_CHAPTERS, chapter, chapter_of
from icd.codes import dotted, kind_by_shape, parent
from icd.spelling import spreadsheet_candidates
from icd.tables import (
    categories,
    children,
    kind_of,
    known_kinds,
    read_icd9_tables,
    retired_diagnoses,
)
from icd.titles import NearestTitle, Title

ROWS = read_icd9_tables()
KNOWN = {row.code for row in ROWS}


def as_number(code: str) -> str:
    """What a spreadsheet shows after reading the code."""
    try:
        return f"{float(code):g}"
    except ValueError:
        return code


def test_size_and_chapters():
    assert Counter(row.kind for row in ROWS) == {"dx": 14_567, "proc": 3_882}
    assert {chapter(row.code, row.kind) for row in ROWS} == {
        name for _, name in DX_CHAPTERS + PROC_CHAPTERS
    }
    by_code = {row.code: row for row in ROWS}
    assert by_code["038.9"].long == "Unspecified septicemia"
    assert chapter("038.9", "dx") == "Infectious and parasitic diseases"
    assert chapter("36.15", "proc") == "Operations on the cardiovascular system"
    assert by_code["36.15"].short == "1 int mam-cor art bypass"
    assert parent("250.01") == "250.0" and parent("042") == ""


def test_the_shape_of_every_code_tells_its_kind_and_chapter():
    for code, kind in known_kinds().items():
        assert kind_by_shape(code) == kind_of(code) == kind
        assert chapter_of(code) == chapter(code, kind)


def test_what_is_retired_is_known_and_not_guessed():
    retired = retired_diagnoses()
    assert len(retired) == 505 and len(known_kinds()) == 18_449 + 505
    assert {"780.6", "518.5", "276.5", "585", "599.7"} <= retired.keys()
    assert not {"250", "389", "428"} & retired.keys()
    assert retired["518.5"].long == "Acute respiratory failure following trauma and surgery"


def test_categories_are_what_stands_above_codes():
    assert {"250", "250.0", "38", "38.9", "V10", "E849"} <= categories().keys()
    assert not categories().keys() & KNOWN
    for code in KNOWN:
        if parent(code):
            assert code in children(parent(code))
    assert "380.4" not in children("38") and "401.9" not in children("40")


def test_undotted_strings_collide_and_dotted_ones_do_not():
    kinds = defaultdict(set)
    for row in ROWS:
        kinds[row.code.replace(".", "")].add(row.kind)
    assert sum(len(found) == 2 for found in kinds.values()) == 1_593
    assert len(KNOWN) == len(ROWS) == 18_449
    assert all(dotted(row.code.replace(".", ""), row.kind) == row.code for row in ROWS)


def test_a_spreadsheet_changes_3409_codes_and_866_collide():
    read = defaultdict(list)
    for code in KNOWN:
        read[as_number(code)].append(code)
    assert sum(as_number(code) != code for code in KNOWN) == 3_409
    assert sum(len(codes) for codes in read.values() if len(codes) > 1) == 866


def test_candidates_are_exactly_the_codes_that_become_the_number():
    became = defaultdict(list)
    for code in KNOWN:
        if as_number(code) != code:
            became[as_number(code)].append(code)
    for number, codes in became.items():
        assert sorted(set(codes)) == spreadsheet_candidates(number, KNOWN)


@pytest.mark.parametrize("code", ["401.9", "V10.00", "E849.0", "", "abc", "1.2.3", "99999"])
def test_no_candidates_for_what_no_spreadsheet_made(code):
    assert spreadsheet_candidates(code, KNOWN - {"401.90"}) == []


def test_a_code_without_a_title_borrows_the_nearest_of_its_own_line():
    titles = NearestTitle({row.code: row for row in ROWS})
    assert titles.of("428.0").long == "Congestive heart failure, unspecified"
    assert titles.of("518.5") == titles.of("518.51")
    assert titles.of("401.90") == titles.of("401.9")
    assert titles.of("36.01") is None
    operation, hypertension = (
        Title("proc", "", "Operations on lymphatic system"),
        Title("dx", "", "Hypertension"),
    )
    both = NearestTitle({"40": operation, "401.9": hypertension})
    assert both.of("401") == hypertension and both.of("40.1") == operation
    assert NearestTitle({"380.4": Title("dx", "", "Impacted cerumen")}).of("38") is None
