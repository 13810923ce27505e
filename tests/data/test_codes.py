"""The CMS tables, their dots and what a spreadsheet does to them."""

from collections import Counter, defaultdict

import pytest

from annotation.codes import (
    ABSENT,
    DX_CHAPTERS,
    PROC_CHAPTERS,
    read_icd9_tables,
    spreadsheet_candidates,
    title_or_nearest,
)
from rac_model.mimic import dotted

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
    assert {row.chapter for row in ROWS} == {name for _, name in DX_CHAPTERS + PROC_CHAPTERS}
    by_code = {row.code: row for row in ROWS}
    assert by_code["038.9"].long_title == "Unspecified septicemia"
    assert by_code["038.9"].chapter == "Infectious and parasitic diseases"
    assert by_code["250.01"].parent == "250.0" and by_code["042"].parent == ""
    assert by_code["36.15"].chapter == "Operations on the cardiovascular system"
    assert by_code["36.15"].short_title == "1 int mam-cor art bypass"


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


def test_retired_codes_fall_back_to_the_nearest_title():
    titles = {row.code: row.long_title for row in ROWS}
    assert title_or_nearest("428.0", titles) == "Congestive heart failure, unspecified"
    assert "518.5" not in titles
    assert title_or_nearest("518.5", titles) == titles["518.51"]
    assert title_or_nearest("401.90", titles) == titles["401.9"]
    assert title_or_nearest("36.01", titles) == ABSENT
