"""Scores in files of codings: what is told, what is given, and what is refused by row."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from benchmark.metrics.__main__ import main
from files.cells import CellError, Written
from files.checked_scores import check_scores
from files.codings import Asked, CodingsFile, parse_codings
from files.problems import FileError, Problems
from files.score_cells import AskedScores, score_written
from files.score_rows import ScoreRows
from files.scores import ReadScores
from files.source import from_bytes
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
            {},
            {("n1", "b"), ("n2", "")},
            "the file says",
        ),
        (
            [("n1", "a", ".9", "0"), ("n1", "b", "", "1"), ("n2", "a", ".4", "1")],
            {"threshold": 0.5},
            {("n1", "a"), ("n1", "b"), ("n2", "")},
            "in 1 note every listed code is, so that codes which are left out may be too",
        ),
        (
            [("n1", "a", ".9", "0"), ("n1", "b", ".6"), ("n2", "a", ".4")],
            {},
            {("n1", "b"), ("n2", "a")},
            "the file says of some notes which codes are given; else every listed",
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
            [("n1", "a", ".9"), ("n2", "a", ".4"), ("n2", "b", ".3")],
            {"floor": 0.2},
            {("n1", "a"), ("n2", "")},
            "above 0.5, as no threshold",
        ),
        (
            [(n, c, s) for n in ("n1", "n2") for c, s in (("a", ".9"), ("b", ".1"))],
            {},
            {("n1", "a"), ("n2", "a")},
            "above 0.5, as no threshold",
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
    ids=[
        "column",
        "threshold and column",
        "some",
        "threshold",
        "listed",
        "floor",
        "same codes",
        "same number",
        "many",
        "no code",
    ],
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


def parsed(name: str, data: bytes | str, **asked) -> CodingsFile:
    if isinstance(data, str):
        data = data.encode()
    return parse_codings(from_bytes(name, data), Asked(scores=AskedScores(**asked)))


def pairs_of(file: CodingsFile, rater: str = "") -> set[tuple[str, str]]:
    """(note, code) that a rater gave; (note, "") where it gave none."""
    codings = file.raters[rater].codings
    return {(note, code) for note, codes in codings.items() for code in codes or [""]}


LONG = "note_id;icd9_code;prob;given\nn1;428.0;0,9;0\nn1;401.9;0,1;1\nn2;;;\n"
LINES = (
    '{"note_id": "n1", "scores": {"428.0": 0.9, "401.9": 0.1}, "codes": ["401.9", "250.00"]}\n'
    '{"note_id": "n2", "scores": {}, "codes": []}\n'
)
CAML = '{\n "n1": {\n  "428.0": 0.9,\n  "401.9": 1.0\n },\n "n2": {\n  "428.0": 0.2\n }\n}'
PREDICTED = (
    '{"note_id": "n1", "codes": [{"code": "428.0", "title": "CHF", "probability": 0.3}]}\n'
    '{"note_id": "n2", "codes": []}\n'
)


@pytest.mark.parametrize(
    "name, text, pairs, told",
    [
        ("a.csv", LONG, {("n1", "401.9"), ("n2", "")}, {("n1", "428.0"), ("n1", "401.9")}),
        (
            "a.jsonl",
            LINES,
            {("n1", "401.9"), ("n1", "250.00"), ("n2", "")},
            {("n1", "428.0"), ("n1", "401.9")},
        ),
        (
            "pred_100_scores_test.json",
            CAML,
            {("n1", "428.0"), ("n1", "401.9"), ("n2", "")},
            {("n1", "428.0"), ("n1", "401.9"), ("n2", "428.0")},
        ),
        ("predicted.jsonl", PREDICTED, {("n1", "428.0"), ("n2", "")}, {("n1", "428.0")}),
        (
            "lists.jsonl",
            '{"id": "n1", "codes": ["428.0", "401.9"], "scores": [0.3, 0.2]}\n',
            {("n1", "428.0"), ("n1", "401.9")},
            {("n1", "428.0"), ("n1", "401.9")},
        ),
        (
            "wide.csv",
            "hadm_id,401.9,428.0\nn1,0.9,0.2\nn2,1e-3,0\n",
            {("n1", "401.9"), ("n2", "")},
            {(note, code) for note in ("n1", "n2") for code in ("401.9", "428.0")},
        ),
        (
            "objects.json",
            '[{"note_id": "n1", "code": "428.0", "p": 0.4}, '
            '{"note_id": "n1", "code": "250.00", "p": 0.6}]',
            {("n1", "428.0"), ("n1", "250.00")},
            {("n1", "428.0"), ("n1", "250.00")},
        ),
    ],
)
def test_each_shape_of_text_goes_in_with_its_scores(name, text, pairs, told):
    file = parsed(name, text)
    assert pairs_of(file) == pairs
    scores = file.scores[""]
    rows, columns = np.nonzero(~np.isnan(scores.matrix))
    found = set()
    for row, column in zip(rows, columns, strict=True):
        found.add((scores.note_ids[row], scores.codes[column]))
    assert found == told
    assert set(scores.note_ids) == set(file.raters[""].codings)
    assert "score" in file.understood


def test_two_raters_of_one_file_have_scores_of_their_own():
    text = "rater,note_id,code,score\nA,n1,428.0,.9\nB,n1,428.0,.2\nB,n1,401.9,.7\n"
    file = parsed("two.csv", text, threshold=0.5)
    assert pairs_of(file, "A") == {("n1", "428.0")} and pairs_of(file, "B") == {("n1", "401.9")}
    assert file.scores["A"].codes == ("428.0",) and len(file.scores["B"].codes) == 2


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("a.csv", "note_id,code,score\nn1,428.0,3.1\n", "row 2: the score 3.1 .* --logits"),
        ("a.csv", "note_id,code,score\nn1,428.0,.1\nn1,401.9,nan\n", "row 3: .*no finite"),
        ("a.csv", "note_id,code,score\nn1,428.0,.1\nn1,401.9,\n", "row 3: no score"),
        ("a.csv", "note_id,codes,score\nn1,428.0|401.9,.1\n", "one score beside several"),
        ("a.csv", "note_id,401.9,428.0\nn1,.5,.2\nn2,7,.1\n", "row 3: column 401.9: .*--logits"),
        ("a.csv", "note_id,401.9,428.0\nn1,.5,\n", "row 2: a score is missing"),
        ("a.json", '{"n1": {"428.0": 0.9, "401.9": "x"}}', "row 1: a score is no number"),
        ("a.json", '{"n1": {"428.0": 0.9, "401.9": Infinity}}', "row 1: .*no finite"),
        (
            "a.jsonl",
            '{"note_id": "n1", "scores": {"428.0": 0.9}}\n{"note_id": "n1", "scores": {}}\n',
            "row 2: note n1 is given twice",
        ),
        ("a.jsonl", '{"id": "n1", "codes": ["428.0"], "scores": [1, 0]}', "2 scores beside 1"),
        ("a.jsonl", '{"x": "n1", "scores": {"428.0": 0.9}}\n', 'row 1: not {"note_id"'),
    ],
)
def test_what_cannot_be_taken_is_refused_by_row(name, text, words):
    with pytest.raises(FileError, match=words):
        parsed(name, text)


def test_the_metrics_command_line_takes_a_threshold(tmp_path, capsys):
    (tmp_path / "truth.csv").write_text("note_id,code\nn1,428.0\n")
    (tmp_path / "model.csv").write_text("note_id,code,score\nn1,428.0,.9\nn1,401.9,.4\n")
    files = [str(tmp_path / "truth.csv"), f"M={tmp_path / 'model.csv'}"]
    for threshold, precision in (("0.5", 1), ("0.3", 0.5)):
        assert main([*files, "--threshold", threshold, "--format", "json"]) == 0
        printed = capsys.readouterr()
        figures = json.loads(printed.out)["raters"]["M"]
        assert figures["micro"]["precision"] == precision and f"above {threshold}" in printed.err
    with pytest.raises(SystemExit):
        main([*files, "--threshold", "7"])


def test_a_column_called_score_that_has_words_is_ignored():
    file = parsed("a.csv", "note_id,code,confidence\nn1,428.0,high\n")
    assert file.scores == {} and pairs_of(file) == {("n1", "428.0")}
    assert "ignored: confidence" in file.understood


def as_table(form: str, **columns) -> bytes:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    buffer = io.BytesIO()
    getattr(pd.DataFrame(columns), f"to_{form}")(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["feather", "parquet"])
def test_a_column_of_floats_a_code_has_every_score(form):
    table = {"401.9": [0.9, 0.1], "428.0": np.array([0.2, 0.1], np.float32)}
    rest = {"target": [["401.9"], []], "_id": [100, 200]}
    file = parsed(f"predictions_test.{form}", as_table(form, **table, **rest))
    scores = file.scores[""]
    assert scores.note_ids == ("100", "200") and scores.codes == ("401.9", "428.0")
    assert scores.every_code and pairs_of(file) == {("100", "401.9"), ("200", "")}
    assert "scores in a column a code, 2 codes" in file.understood
    assert "ignored: target" in file.understood
    spoilt = {"401.9": [0.9, 0.1], "428.0": [0.2, 9.5]}
    with pytest.raises(FileError, match=r"row 3: column 428\.0: the score 9\.5 .*--logits"):
        parsed("a.feather", as_table("feather", **spoilt, **rest))
    assert parsed("a.feather", as_table("feather", **spoilt, **rest), logits=True).scores
    missing = {"401.9": [0.9, 0.1], "428.0": [0.2, None]}
    with pytest.raises(FileError, match=r"row 3: column 428\.0: a score is no finite number"):
        parsed("a.feather", as_table("feather", **missing, **rest))
    given = {"401.9": [1.0, 0.0], "428.0": [0.0, 0.0]}
    file = parsed("a.feather", as_table("feather", **given, **rest))
    assert file.scores == {} and pairs_of(file) == {("100", "401.9"), ("200", "")}


def test_a_long_parquet_has_its_scores_in_rows():
    table = {"note_id": ["n1", "n1"], "code": ["401.9", "428.0"], "score": [0.9, 0.25]}
    file = parsed("long.parquet", as_table("parquet", **table), threshold=0.5)
    assert file.scores[""].matrix.tolist() == [[np.float32(0.9), 0.25]]
    assert pairs_of(file) == {("n1", "401.9")}


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def test_an_npz_is_read_without_pickles():
    good = {"note_ids": np.array(["n1"]), "codes": np.array(["401.9", "428.0"])}
    scores = np.array([[0.7, 0.2]])
    assert pairs_of(parsed("s.npz", npz(**good, scores=scores))) == {("n1", "401.9")}
    pickled = {**good, "codes": np.array(["401.9", "428.0"], dtype=object)}
    for spoilt in (
        npz(**pickled, scores=scores),
        npz(**good),
        npz(**good, scores=scores.T),
        npz(**good, scores=np.array([["a", "b"]])),
        npz(**good, scores=scores)[:-30],
    ):
        with pytest.raises(FileError):
            parsed("s.npz", spoilt)


def test_objects_of_scores_name_each_note_once():
    rows = ScoreRows(AskedScores(), Problems("scores.jsonl"))
    rows.add_object(1, "n1", {"428.0": 0.9, "401.9": 0.1}, {"401.9", "250.00"})
    with pytest.raises(CellError, match="given twice"):
        rows.add_object(2, "n1", {})
    for spoilt in ([1], "x", {"428.0": "high"}, {"428.0": float("nan")}):
        with pytest.raises(CellError):
            rows.add_object(3, "n3", spoilt)


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
