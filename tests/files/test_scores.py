"""Scores in files of codings: what is told, what is given, and what is refused by row."""

from __future__ import annotations

import io

import numpy as np
import pytest

from files.cells import CellError, Written
from files.checked_scores import check_scores
from files.problems import FileError, Problems
from files.score_cells import AskedScores, score_written
from files.score_rows import ScoreRows
from files.score_tables import arrow_scores, npz_scores, wide_scores
from files.scores import ReadScores
from icd.check import CodeCheck


def read(rows: list[tuple], **asked) -> ReadScores:
    """(note, code, score[, given]) rows, as they stand in a long file from line 2 on."""
    problems = Problems("scores.csv")
    collected = ScoreRows(AskedScores(**asked), problems)
    for line, (note, code, *rest) in enumerate(rows, start=2):
        collected.add(line, note, Written(code), *rest)
    found = collected.finish()
    problems.refuse()
    return found


def given(found: ReadScores) -> set[tuple[str, str]]:
    return {(note, written.text) for _, note, written in found.given}


def test_a_score_that_is_not_told_is_nan_and_no_zero():
    found = read([("n1", "428.0", "0.9"), ("n1", "401.9", "0"), ("n2", "428.0", ".4")])
    assert found.scores.note_ids == ("n1", "n2") and found.scores.codes == ("428.0", "401.9")
    expected = np.array([[0.9, 0], [0.4, np.nan]], np.float32)
    assert np.array_equal(found.scores.matrix, expected, equal_nan=True)


@pytest.mark.parametrize(
    "rows, asked, pairs, said",
    [
        (
            [("n1", "a", ".9", "0"), ("n1", "b", ".1", "1"), ("n2", "a", ".9", "0")],
            {"threshold": 0.5},
            {("n1", "b"), ("n2", "")},
            "the file says",
        ),
        (
            [("n1", "a", ".9"), ("n1", "b", ".5"), ("n2", "a", ".2")],
            {"threshold": 0.5},
            {("n1", "a"), ("n2", "")},
            "above 0.5",
        ),
        (
            [("n1", "a", ".4"), ("n2", "a", ".3"), ("n2", "b", ".2")],
            {},
            {("n1", "a"), ("n2", "a"), ("n2", "b")},
            "every listed code is given",
        ),
        (
            [(n, c, s) for n in ("n1", "n2") for c, s in (("a", ".9"), ("b", ".1"))],
            {},
            {("n1", "a"), ("n2", "a")},
            "above 0.5, as no --threshold",
        ),
        (
            [(f"n{n}", f"c{n + k}", str(k / 10)) for n in range(3) for k in range(10)],
            {},
            {(f"n{n}", f"c{n + k}") for n in range(3) for k in range(6, 10)},
            "scores of 10 codes a note",
        ),
        ([("n1", f"c{k}", str(k / 100)) for k in range(60)], {}, None, "above 0.5, as no"),
        ([("n1", "a", ".9"), ("n2", "", "")], {}, {("n1", "a"), ("n2", "")}, "0 to 1 codes"),
    ],
    ids=["column", "threshold", "listed", "same codes", "same number", "many", "no code"],
)
def test_which_codes_are_given_and_how_that_is_known(rows, asked, pairs, said):
    found = read(rows, **asked)
    assert said in found.said
    assert pairs is None or given(found) == pairs


@pytest.mark.parametrize("score", ["nan", "inf", "-0.1", "1.01", "1e9", "97%", "x", True, [], ""])
def test_what_is_no_probability_is_refused(score):
    with pytest.raises(CellError):
        read([("n1", "a", score)])


def test_a_score_outside_names_the_option_for_logits():
    with pytest.raises(CellError, match="--logits"):
        score_written("3.2")
    found = read([("n1", "a", "0"), ("n1", "b", "-800"), ("n1", "c", "800")], logits=True)
    assert found.scores.matrix.tolist() == [[0.5, 0, 1]]


def test_a_code_with_two_scores_is_refused_and_with_one_twice_collapses():
    assert read([("n1", "a", ".9"), ("n1", "a", "0.90")]).repeats == 1
    with pytest.raises(FileError) as error:
        read([("n1", "a", ".9"), ("n2", "a", ".9"), ("n1", "a", ".8")])
    assert "row 4: note n1 has this code with another score on row 2" in str(error.value)


def test_a_file_said_to_have_every_code_has_them():
    with pytest.raises(FileError) as error:
        read([("n1", "a", ".9"), ("n1", "b", ".1"), ("n2", "a", ".3")], every_code=True)
    assert "row 4: note n2 lacks 1 of 2 codes" in str(error.value)


def test_objects_of_scores_with_and_without_codes():
    problems = Problems("scores.jsonl")
    rows = ScoreRows(AskedScores(), problems)
    rows.add_object(1, "n1", {"428.0": 0.9, "401.9": 0.1})
    rows.add_object(2, "n2", {"428.0": 0.2})
    assert given(rows.finish()) == {("n1", "428.0"), ("n2", "")}
    rows = ScoreRows(AskedScores(), problems)
    rows.add_object(1, "n1", {"428.0": 0.9, "401.9": 0.1}, ["401.9", {"code": "250.00"}])
    found = rows.finish()
    assert given(found) == {("n1", "401.9"), ("n1", "250.00")}
    assert found.scores.codes == ("428.0", "401.9", "250.00")
    assert np.isnan(found.scores.matrix[0, 2])
    with pytest.raises(CellError, match="given twice"):
        rows.add_object(2, "n1", {})
    for spoilt in ([1], "x", {"428.0": "high"}, {"428.0": float("nan")}):
        with pytest.raises(CellError):
            rows.add_object(3, "n3", spoilt)


def test_a_wide_table_has_every_code_and_is_refused_by_row():
    pa = pytest.importorskip("pyarrow")
    table = pa.table(
        {"401.9": [0.9, 0.1], "428.0": [0.2, 0.1], "target": [["401.9"], []], "_id": [100, 200]}
    )
    problems = Problems("predictions.feather")
    found = arrow_scores(table, "_id", problems, AskedScores())
    assert found.scores.note_ids == ("100", "200") and found.scores.codes == ("401.9", "428.0")
    assert found.scores.every_code and given(found) == {("100", "401.9"), ("200", "")}
    assert problems.total == 0
    matrix = np.array([[0.1, 3.5], [np.nan, 0.1], [0.2, 0.3]], np.float32)
    names = (["n1", "n2", "n1"], ["401.9", "428.0"])
    wide_scores(*names, matrix.copy(), problems, AskedScores(), first_row=2)
    said = [(problem.row, problem.message) for problem in problems.kept]
    assert [row for row, _ in said] == [4, 2, 3]
    assert "given twice" in said[0][1] and "--logits" in said[1][1] and "428.0" in said[1][1]
    assert "no finite number" in said[2][1]
    problems = Problems("")
    found = wide_scores(["n1"], names[1], matrix[:1], problems, AskedScores(logits=True))
    assert found.scores.matrix[0, 1] == pytest.approx(1 / (1 + np.exp(-3.5)))


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def test_an_npz_is_read_without_pickles():
    good = {"note_ids": np.array(["n1"]), "codes": np.array(["401.9", "428.0"])}
    scores = np.array([[0.7, 0.2]])
    found = npz_scores("s.npz", npz(**good, scores=scores), Problems(""), AskedScores())
    assert given(found) == {("n1", "401.9")}
    pickled = {**good, "codes": np.array(["401.9", "428.0"], dtype=object)}
    for spoilt in (
        npz(**pickled, scores=scores),
        npz(**good),
        npz(**good, scores=scores.T),
        npz(**good, scores=np.array([["a", "b"]])),
        npz(**good, scores=scores)[:-30],
        b"PK\x03\x04",
    ):
        with pytest.raises(FileError):
            npz_scores("s.npz", spoilt, Problems(""), AskedScores())


def test_scores_of_strings_that_are_no_code_are_refused_or_left_out():
    found = read([("n1", "428.0", ".9"), ("n1", "v10.3", ".3"), ("n1", "34.", ".2")])
    more = read([("n1", "V10.3", ".9"), ("n1", "v10.3", ".3"), ("n1", "x1", ".2")])
    problems = Problems("")
    check_scores(more.scores, CodeCheck().read, problems, refuse=True)
    assert [problem.row for problem in problems.kept] == [4]
    kept = check_scores(more.scores, CodeCheck().read, Problems(""), refuse=False)
    assert kept.codes == ("V10.3",) and len(kept.remarks) == 2
    ((note, row),) = kept.rows({"n1"})
    assert note == "n1" and row.tolist() == [pytest.approx(0.9)]
    kept = check_scores(found.scores, CodeCheck().read, Problems(""), refuse=False)
    told = kept.told_of("n1", ["428.0", "401.9"])
    assert told == {"428.0": pytest.approx(0.9), "401.9": None}
