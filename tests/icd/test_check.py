"""The one check of codes, for each way to write one.

Taken, no code, or refused with its cause and candidates.
"""

import pytest
from hypothesis import strategies as st

from icd.check import Cause, CodeCheck, Fold, NoCode, Refused, Standing, Taken
from icd.spelling import undotted_candidates
from icd.tables import known_kinds, read_icd9_tables, retired_diagnoses
from icd.tally import CodeTally
from tests.generated import given

CHECK = CodeCheck()


@pytest.mark.parametrize(
    ("written", "code", "folds"),
    [
        ("428.0", "428.0", ()),
        ("v10.3", "V10.3", (Fold.CASE,)),
        ("e849.0", "E849.0", (Fold.CASE,)),
        ("  401.9\t", "401.9", (Fold.BLANKS,)),
        ("042.", "042", (Fold.TRAILING_DOT,)),
        (" v58.61 ", "V58.61", (Fold.BLANKS, Fold.CASE)),
    ],
)
def test_a_code_is_taken_in_its_proper_spelling(written, code, folds):
    assert CHECK.read(written) == Taken(code, known_kinds()[code], Standing.VALID, folds)


@pytest.mark.parametrize(
    "written", ["", "  ", "NULL", "null", "nan", "NaN", "N/A", "NA", "None", "\\N", "#N/A"]
)
def test_no_code_is_no_error(written):
    assert CHECK.read(written) == NoCode()


@pytest.mark.parametrize(
    ("written", "cause", "candidates"),
    [
        ("250", Cause.SPREADSHEET, {"250.00"}),
        ("250.0", Cause.SPREADSHEET, {"250.00"}),
        ("428", Cause.SPREADSHEET, {"428.0"}),
        ("8.45", Cause.SPREADSHEET, {"008.45"}),
        ("38.9", Cause.SPREADSHEET, {"038.9"}),
        ("66", Cause.SPREADSHEET, {"00.66", "006.6", "06.6", "066.0"}),
        ("42", Cause.SPREADSHEET, {"00.42", "004.2", "04.2", "042", "042.0"}),
        ("389", Cause.SPREADSHEET, {"038.9", "389.00"}),
        ("4280", Cause.UNDOTTED, {"428.0"}),
        ("4019", Cause.UNDOTTED, {"401.9", "40.19"}),
        ("0066", Cause.UNDOTTED, {"00.66", "006.6"}),
        ("V103", Cause.UNDOTTED, {"V10.3"}),
        ("E8490", Cause.UNDOTTED, {"E849.0"}),
        ("V58.6", Cause.CATEGORY, {f"V58.6{last}" for last in range(1, 10)}),
        ("I50.22", Cause.ICD10, set()),
        ("i10", Cause.ICD10, set()),
        ("E11.65", Cause.ICD10, set()),
        ("E116.5", Cause.ICD10, set()),
        ("Z87.891", Cause.ICD10, set()),
        ("0DJ08ZZ", Cause.ICD10, set()),
        ("I50.22.", Cause.ICD10, set()),
        (".786.2", Cause.TYPO, {"786.2"}),
        ("428,0", Cause.TYPO, {"428.0"}),
        ("428.O", Cause.TYPO, {"428.0"}),
        ("V 10.3", Cause.TYPO, {"V10.3"}),
        ("401.91", Cause.TYPO, {"401.9"}),
        ("CONGESTIVE HEART FAILURE", Cause.TEXT, set()),
        ("CHF", Cause.TEXT, set()),
        ("36.01", Cause.UNKNOWN, set()),
        ("000.0", Cause.UNKNOWN, set()),
        ("x1", Cause.UNKNOWN, set()),
    ],
)
def test_what_is_no_code_is_refused_with_its_cause_and_candidates(written, cause, candidates):
    answer = CHECK.read(written)
    assert isinstance(answer, Refused) and answer.cause == cause
    assert set(answer.candidates) == candidates
    assert str(cause) in answer.words and "; " in answer.words


def test_the_children_of_a_category_are_its_candidates():
    answer = CHECK.read("V10")
    assert answer.cause == Cause.CATEGORY and "V10.3" in answer.candidates
    assert "or one of 44 more" in answer.words


@pytest.mark.parametrize(
    ("written", "kind", "expected"),
    [
        ("4280", "dx", "428.0"),
        ("4019", "proc", "40.19"),
        ("0066", "proc", "00.66"),
        ("0066", "dx", "006.6"),
        ("v103", "dx", "V10.3"),
        ("389", "dx", Cause.SPREADSHEET),
        ("66", "proc", Cause.SPREADSHEET),
        ("250", "dx", Cause.CATEGORY),
        ("389", "proc", Cause.CATEGORY),
        ("I5022", "dx", Cause.ICD10),
        ("38.93", "dx", Cause.KIND),
        ("428.0", "proc", Cause.KIND),
        ("3601", "proc", Cause.UNKNOWN),
    ],
)
def test_beside_its_kind_a_code_needs_no_dot(written, kind, expected):
    answer = CHECK.read(written, kind, undotted=True)
    assert (answer.code if isinstance(answer, Taken) else answer.cause) == expected


def test_the_kind_that_is_known_holds_against_the_shape():
    for row in read_icd9_tables():
        assert CHECK.read(row.code.replace(".", ""), row.kind, undotted=True).code == row.code


def test_retired_diagnoses_are_taken_and_marked():
    for code in retired_diagnoses():
        assert CHECK.read(code).standing == Standing.RETIRED
    assert CHECK.read("780.6").candidates == ("780.60",)
    assert CHECK.read("518.5").candidates == ()


def test_procedures_that_version_32_lacks_are_taken_where_they_may_be():
    lenient = CodeCheck(unlisted_procedures=True)
    assert lenient.read("3601", "proc") == Taken("36.01", "proc", Standing.UNLISTED, (Fold.DOT,))
    for written in ("36", "360", "ABC", "3601234", "I50.22"):
        assert isinstance(lenient.read(written, "proc"), Refused), written
    assert isinstance(lenient.read("36.01"), Refused), "its kind is not known"


def test_old_tables_have_headings_and_unknown_diagnoses_but_no_lost_zeros():
    old = CodeCheck(old_tables=True)
    assert old.read("324", "proc") == Taken("32.4", "proc", Standing.UNLISTED, (Fold.DOT,))
    assert old.read("40199", "dx") == Taken("401.99", "dx", Standing.UNLISTED, (Fold.DOT,))
    for written, kind in (
        ("309", "proc"),
        ("66", "proc"),
        ("2500", "dx"),
        ("I5022", "dx"),
        ("E1165", "dx"),
    ):
        assert isinstance(old.read(written, kind, undotted=True), Refused), written


@pytest.mark.parametrize(
    ("written", "kind", "meant"), [("4019.0", "dx", "401.9"), ("3893.0", "proc", "38.93")]
)
def test_an_undotted_code_of_a_column_of_numbers_with_gaps(written, kind, meant):
    answer = CHECK.read(written, kind)
    assert isinstance(answer, Refused)
    assert answer.cause == Cause.SPREADSHEET
    assert meant in answer.candidates


def test_what_a_list_has_besides_is_taken():
    answer = CodeCheck(besides={"36.01": "proc"}).read("36.01")
    assert answer == Taken("36.01", "proc", Standing.UNLISTED)


def test_words_never_repeat_what_may_be_text_of_a_note():
    for text in ("Patient John was admitted", "chest pain 12", "x" * 40, "4" * 40, "a\x00b"):
        answer = CHECK.read(text)
        assert isinstance(answer, Refused)
        assert text not in answer.words
        assert "characters" in answer.words


@given(st.text(max_size=12) | st.text("0123456789.EVev ,", max_size=8))
def test_every_string_has_an_answer_and_candidates_are_codes(written):
    for kind in (None, "dx", "proc"):
        for undotted in (False, True):
            answer = CHECK.read(written, kind, undotted=undotted)
            if isinstance(answer, Taken):
                assert known_kinds()[answer.code] == answer.kind and kind in (None, answer.kind)
            if isinstance(answer, Refused):
                assert set(answer.candidates) <= known_kinds().keys()


def test_undotted_strings_have_every_reading():
    known = known_kinds()
    for code in list(known)[::7]:
        answer = CHECK.read(code.replace(".", ""))
        if isinstance(answer, Refused):
            assert code in answer.candidates
    assert undotted_candidates("0066", known, ["proc"]) == ["00.66"]


def test_a_tally_counts_all_before_it_shows_some():
    tally = CodeTally()
    for written in ["518.5", "518.5", "780.6", "nan", "v10.3", *["250"] * 137, "66", ".786.2"]:
        tally.add(CHECK.read(written))
    assert (tally.taken, tally.no_code, tally.refusals) == (4, 1, 139)
    remarks = list(tally.remarks())
    assert remarks[0].startswith("1 cell said that there is no code")
    assert remarks[1] == "spelling of codes changed: 1 upper case"
    assert remarks[2].startswith(
        "3 codes of 2 kinds are retired: 518.5 (2), 780.6 (1); 1 of them a spreadsheet"
    )
    reasons = list(tally.reasons())
    assert reasons[0].startswith("138 codes: looks spoilt by a spreadsheet: 250 (137, 250.00?)")
    assert reasons[1] == "1 code: looks mistyped: .786.2 (1, 786.2?); mend the code"
