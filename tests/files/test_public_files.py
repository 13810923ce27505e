"""The two best-known public files of codings, written here in their shape.

The challenge of the Computational Medicine Center (2007): three companies coded radiology reports,
and their majority is the reference. CAML's predictions on MIMIC-III: ids outside of any study,
procedures whose zeros were lost.
"""

from __future__ import annotations

import json

import pytest

from benchmark.metrics.__main__ import main as metrics
from files.checked import CheckedCodings, Unknown, check_codings
from files.codings import Asked, CodingsFile, parse_codings
from files.problems import FileError, Problems
from files.source import from_bytes
from icd.check import CodeCheck
from tests.files.written import Raters, by_rater, caml, in_caml, text, xml

CHALLENGE: Raters = {
    "CMC_MAJORITY": {"97634811": {"786.2", "780.6"}, "97635002": {"518.5", "V10.3"}},
    "COMPANY1": {"97634811": {"786.2"}, "97635002": {"518.5", "V10.3"}},
    "COMPANY2": {"97634811": {".786.2", "780.6"}, "97635002": {"5185"}},
    "COMPANY3": {"97634811": {"786.2", "780.6"}, "97635002": {"V10.3", "599.0 "}},
}
"""With what coders really mistype, and codes that were valid in 2007 and no longer are."""
PREDICTED = {
    "104128": {"00.66", "401.9", "780.6", "96.71"},
    "193800": set(),
    "999999": {"02.39", "36.01", "250.00"},
}
"""One note of another split, a retired procedure, and one code whose reading has two meanings."""


def read(name: str, data: str, asked: Asked | None = None) -> CodingsFile:
    return parse_codings(from_bytes(name, data.encode()), asked)


def checked(
    file: CodingsFile, unknown: Unknown = "refuse", check: CodeCheck | None = None
) -> CheckedCodings:
    problems = Problems("file")
    found = check_codings(file.raters, check or CodeCheck(), problems, unknown)
    problems.refuse()
    return found


@pytest.mark.parametrize(
    ("name", "data"),
    [("cmc.xml", xml(CHALLENGE)), ("cmc.csv", by_rater(CHALLENGE, "origin"))],
    ids=["xml", "long"],
)
def test_the_challenge_has_four_raters_with_what_they_wrote(name: str, data: str) -> None:
    file = read(name, data)
    assert file.raters.keys() == CHALLENGE.keys()
    assert "4 raters in origin" in file.understood
    with pytest.raises(FileError) as refused:
        checked(file)
    told = {problem.message.partition(";")[0] for problem in refused.value.errors}
    assert told == {"code .786.2 looks mistyped", "code 5185 has no dot"}
    kept = checked(file, "keep").raters
    assert kept["CMC_MAJORITY"] == CHALLENGE["CMC_MAJORITY"]
    assert kept["COMPANY2"] == CHALLENGE["COMPANY2"]
    assert kept["COMPANY3"]["97635002"] == {"V10.3", "599.0"}
    dropped = checked(file, "drop").raters
    assert dropped["COMPANY2"] == {"97634811": {"780.6"}, "97635002": set()}


def test_the_challenge_is_scored_as_reference_and_raters(tmp_path, capsys) -> None:
    for name, data in (("cmc.xml", xml(CHALLENGE)), ("cmc.csv", by_rater(CHALLENGE, "origin"))):
        path = tmp_path / name
        path.write_text(data)
        arguments = [str(path), f"Companies={path}", "--format", "json"]
        assert metrics(arguments) == 2
        assert "4 raters (CMC_MAJORITY, COMPANY1" in capsys.readouterr().err
        assert metrics([*arguments, "--reference-rater", "CMC_MAJORITY"]) == 0
        figures = json.loads(capsys.readouterr().out)["raters"]
        assert figures.keys() == {"COMPANY1", "COMPANY2", "COMPANY3"}
        assert figures["COMPANY1"]["micro"]["recall"] == 0.75
        assert figures["COMPANY2"]["micro"]["precision"] == pytest.approx(1 / 3)


def test_a_reference_that_the_file_lacks_is_refused(tmp_path, capsys) -> None:
    path = tmp_path / "cmc.csv"
    path.write_text(by_rater(CHALLENGE, "origin"))
    assert metrics([str(path), f"A={path}", "--reference-rater", "Ada"]) == 2
    assert "no rater Ada; it has CMC_MAJORITY, COMPANY1" in capsys.readouterr().err
    assert metrics([str(path), f"A={path}", f"B={path}", "--reference-rater", "COMPANY1"]) == 2
    assert "names two raters" in capsys.readouterr().err


def predictions() -> str:
    return caml(PREDICTED, lambda code: code if code == "36.01" else in_caml(code))


def test_predictions_lose_their_zeros_and_get_them_back() -> None:
    file = read("preds_test.psv", predictions(), Asked(reading="caml"))
    assert file.only().codings["104128"] == {"66.0", "401.9", "780.6", "96.71"}
    with pytest.raises(FileError) as refused:
        checked(file)
    told = [problem.message for problem in refused.value.errors]
    assert any("66.0 is written alike" in words and "00.66 or 06.6" in words for words in told)
    assert any("36.01 is not in the code system" in words for words in told)
    # The codes in use where the file goes tell which of the two is meant.
    check = CodeCheck(among=frozenset({"00.66", "401.9"}))
    found = checked(file, "drop", check).raters[""]
    assert found == {**PREDICTED, "999999": {"02.39", "250.00"}}
    assert checked(file, "keep", check).raters[""] == PREDICTED


def test_without_being_told_the_zeros_are_not_guessed() -> None:
    with pytest.raises(FileError) as refused:
        checked(read("preds_test.psv", predictions()))
    assert any("066.0" in problem.message for problem in refused.value.errors)


def test_predictions_beside_a_reference_of_the_same_reading(tmp_path, capsys) -> None:
    """Codes are any strings to the command line: both files have them alike."""
    labels = [["SUBJECT_ID", "HADM_ID", "TEXT", "LABELS"]]
    for note, codes in PREDICTED.items():
        labels.append(["7", note, "seen today", ";".join(map(in_caml_or_not, sorted(codes)))])
    (tmp_path / "test_full.csv").write_text(text(labels))
    (tmp_path / "preds.psv").write_text(predictions())
    status = metrics([str(tmp_path / "test_full.csv"), f"CAML={tmp_path / 'preds.psv'}"])
    told = capsys.readouterr()
    assert status == 0 and "seen today" not in told.err + told.out
    assert "codes in LABELS; ignored: SUBJECT_ID, TEXT" in told.err


def in_caml_or_not(code: str) -> str:
    return code if code == "36.01" else in_caml(code)
