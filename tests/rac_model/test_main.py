"""The command line, by its whole output."""

from __future__ import annotations

import gzip
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.metrics.tables.paper import paper_rows
from rac_model.__main__ import main
from rac_model.models.registry import PRESETS

TEXT = (
    "Patient was seen stable home today. Plan per team was exam normal. Acute kidney injury.\n"
    "Follow home team seen plan today. Esophageal reflux. Exam stable per plan was home."
)

QUIET = (
    "Patient was seen stable home today. Plan per team was exam normal. "
    "Follow home team seen plan. Exam stable."
)


def predicted(output: str) -> dict[str, list[str]]:
    lines = [json.loads(line) for line in output.splitlines()]
    return {line["note_id"]: sorted(code["code"] for code in line["codes"]) for line in lines}


@pytest.fixture
def notes(tmp_path: Path) -> dict[str, Path]:
    quoted = TEXT.replace("\n", " ")
    files = {
        "txt": TEXT,
        "csv": f'note_id,text,codes\r\nn1,"{TEXT}",\r\n\r\nn2,{QUIET},\r\n',
        "jsonl": json.dumps({"note_id": "n1", "text": TEXT})
        + "\n\n"
        + json.dumps({"note_id": 2, "text": quoted}),
    }
    for ending, content in files.items():
        (tmp_path / f"note.{ending}").write_text(content, newline="")
    with gzip.open(tmp_path / "zipped.jsonl.gz", "wt") as file:
        file.write(files["jsonl"])
    return {path.name: path for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("note.txt", {"note": ["530.81", "584.9"]}),
        ("note.csv", {"n1": ["530.81", "584.9"], "n2": []}),
        ("note.jsonl", {"n1": ["530.81", "584.9"], "2": ["530.81", "584.9"]}),
        ("zipped.jsonl.gz", {"n1": ["530.81", "584.9"], "2": ["530.81", "584.9"]}),
    ],
)
@pytest.mark.parametrize("kind", ["rac", "title-match"])
def test_predict(
    checkpoints: dict[str, Path],
    notes: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    kind: str,
    file: str,
    expected: dict[str, list[str]],
) -> None:
    assert (
        main(
            ["predict", str(checkpoints[kind]), str(notes[file])],
        )
        == 0
    )
    assert predicted(capsys.readouterr().out) == expected


def test_predict_reads_jsonl_from_standard_input(
    checkpoints: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    piped = json.dumps({"note_id": "n", "text": TEXT}).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(piped)))
    assert main(["predict", str(checkpoints["title-match"]), "-", "--format", "text"]) == 0
    assert capsys.readouterr().out == (
        "n\t584.9\t0.800\tAcute kidney injury\nn\t530.81\t0.750\tEsophageal reflux\n"
    )


def test_predict_says_what_it_found_out_about_a_file(
    checkpoints: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "notes.csv"
    path.write_bytes(f"note_id;ward;text\nn;7;{TEXT.splitlines()[0]}\n".encode("utf-16"))
    assert main(["predict", str(checkpoints["title-match"]), str(path)]) == 0
    words = "notes.csv was read as CSV; semicolon-separated; UTF-16; ignored: ward"
    assert capsys.readouterr().err == f"rac_model predict: {words}\n"


@pytest.mark.parametrize("top", [None, 2])
def test_evidence_and_rest_make_up_the_logit(
    checkpoints: dict[str, Path],
    notes: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    top: int | None,
) -> None:
    more = [] if top is None else ["--top", str(top)]
    command = ["predict", str(checkpoints["rac"]), str(notes["note.txt"]), "--evidence", *more]
    assert main(command) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["codes"]
    for code in line["codes"]:
        weights = [item["weight"] for item in code["evidence"]]
        logit = code["bias"] + math.fsum(weights) + code.get("rest", 0)
        assert logit == pytest.approx(code["logit"], abs=1e-5)
        assert 1 / (1 + math.exp(-code["logit"])) == pytest.approx(code["probability"], abs=1e-6)
        assert top is None or len(weights) == top


@pytest.mark.parametrize("source", ["note.txt", "note.csv", "note.jsonl", "zipped.jsonl.gz", "-"])
def test_evidence_is_given_in_characters_of_whatever_comes_in(
    checkpoints: dict[str, Path],
    notes: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: str,
) -> None:
    text = "😀\r\n" + TEXT.replace("\n", "\r\n")
    notes["note.txt"].write_text(text, newline="")
    notes["note.csv"].write_text(f'note_id,text\r\nn1,"{text}"\r\n', newline="")
    line = json.dumps({"note_id": "n1", "text": text})
    notes["note.jsonl"].write_text(line)
    notes["zipped.jsonl.gz"].write_bytes(gzip.compress(line.encode()))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(line.encode())))
    file = str(notes.get(source, source))
    assert main(["predict", str(checkpoints["title-match"]), file, "--evidence"]) == 0
    (found,) = map(json.loads, capsys.readouterr().out.splitlines())
    places = {}
    for code in found["codes"]:
        places[code["code"]] = [text[e["start"] : e["end"]] for e in code["evidence"]]
    assert places == {"584.9": ["Acute kidney injury"], "530.81": ["Esophageal reflux"]}


def test_evaluate_all_kinds_on_one_label_space(
    checkpoints: dict[str, Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(path) for path in checkpoints.values()]
    assert main(["evaluate", *paths, "--data", str(folder), "--format", "json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["split"], table["notes"], table["label_space"]["size"]) == ("test", 18, 15)
    figures = {row["name"]: row["metrics"] for row in table["checkpoints"]}
    assert figures["title-match"]["micro_f1"] == 1
    assert figures["rac"]["micro_f1"] > 0.7
    assert main(["evaluate", *paths, "--data", str(folder), "--notes", "3", "--by", "kind"]) == 0
    shown = capsys.readouterr().out
    assert "n = 3 notes" in shown and "15 codes" in shown and "diagnoses: RAC" in shown
    first_words = [line.split()[0] for line in shown.splitlines()[5:10]]
    assert first_words == ["LR", "LR", "RAC", "RAC", "Title"]


@pytest.mark.parametrize("output_format", ["md", "tex", "csv", "json"])
def test_evaluate_writes_a_file(
    checkpoints: dict[str, Path],
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    output_format: str,
) -> None:
    asked = ["--data", str(folder), "--notes", "3", "--format", output_format]
    arguments = ["evaluate", str(checkpoints["lr"]), *asked]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert main([*arguments, "--out", str(tmp_path / "table2")]) == 0
    assert capsys.readouterr().out == "" and (tmp_path / "table2").read_text() == printed != ""


def test_table_lays_out_again_what_evaluate_wrote(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--data", str(folder), "--notes", "3", "--by", "kind"]
    options = ["evaluate", str(checkpoints["lr"]), *asked]
    document = tmp_path / "table2.json"
    assert main(options) == 0
    printed = capsys.readouterr().out
    assert main([*options, "--format", "json", "--out", str(document)]) == 0
    assert main(["table", str(document), "--by", "kind"]) == 0
    assert capsys.readouterr().out == printed
    document.write_text("{}")
    complaints = {document: "write it with evaluate", tmp_path / "none.json": "cannot be read"}
    for path, complaint in complaints.items():
        assert main(["table", str(path)]) == 2
        assert complaint in capsys.readouterr().err


def test_train_writes_a_checkpoint_and_says_which(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--set", "dim=8", "--set", "epochs=1", "--set", "feed_forward=8"]
    places = ["--data", str(folder), "--out", str(tmp_path / "out")]
    assert main(["train", "rac-small", *options, *places]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert len(shown["sha256"]) == 64
    settings = json.loads((tmp_path / "out" / "config.json").read_text())
    narrower = "width of the word vectors, convolutions and attention (dim): 8 instead of 300"
    assert narrower in settings["deviations"]


def test_list_has_every_row_of_table_2_every_preset_and_every_field(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    rows = shown.split("\n\n")[0].splitlines()[1:]
    assert [line[:36].strip() for line in rows] == [row.name for row in paper_rows("table2")]
    assert rows[-1].split() == ["RAC", "rac", "rac,", "rac-small"]
    assert all(f"\n  {name} " in shown for name in PRESETS)
    assert "self-attention modules (4)" in shown


BAD = [
    (["train", "x", "--data", "{folder}", "--out", "{out}"], "neither a preset"),
    (["train", "rac-small", "--data", "{out}", "--out", "{out}/new"], "which is read"),
    (["train", "rac-small", "--data", "{titles}", "--out", "{out}/new"], "NOTEEVENTS"),
    (["evaluate", "{out}", "--data", "{folder}"], "no checkpoint"),
    (["evaluate", "{titles}", "{titles}", "--data", "{folder}"], "is given 2 times"),
    (["evaluate", "{titles}", "--data", "{out}"], "NOTEEVENTS"),
    (["evaluate", "{titles}", "--data", "{folder}", "--labels", "train"], "give --train-data"),
    (
        ["evaluate", "{titles}", "--data", "{folder}", "--out", "{out}/no/table"],
        "its folder is not there",
    ),
    (["predict", "{out}", "{out}/x.txt"], "no checkpoint"),
    (["predict", "{titles}", "{out}/missing.txt"], "cannot be read"),
    (["predict", "{titles}", "{out}/note.pdf"], "not known"),
    (
        ["predict", "{titles}", "{out}/bad.csv"],
        "it must be note_id,text[,codes]; missing: note_id, text",
    ),
    (["predict", "{titles}", "{out}/short.csv"], "row 2: the number of cells, 1, differs"),
    (["predict", "{titles}", "{out}/bad.jsonl"], "bad.jsonl row 1: an object without note_id"),
    (["predict", "{titles}", "{out}/torn.txt"], "torn.txt row 1: not UTF-16"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_line_and_status_2(
    checkpoints: dict[str, Path],
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    (tmp_path / "bad.csv").write_text("id,words\n1,secret words\n")
    (tmp_path / "short.csv").write_text("note_id,text\nsecret words\n")
    (tmp_path / "bad.jsonl").write_text('{"id": 1, "text": "secret words"}\n')
    (tmp_path / "torn.txt").write_bytes("secret words".encode("utf-16") + b"x")
    places = {"folder": folder, "out": tmp_path, "titles": checkpoints["title-match"]}
    assert main([argument.format(**places) for argument in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert "secret" not in shown.err


@pytest.mark.slow
def test_help_teaches_by_example() -> None:
    command = [sys.executable, "-m", "rac_model", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True)
    assert shown.returncode == 0
    example = "python -m rac_model predict models/rac-small note.txt --evidence --top 5"
    assert example in shown.stdout
    assert "2 bad input" in shown.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", [["predict", "fixtures/rac_demo", "-"], ["list"]])
def test_coding_a_note_loads_no_library_that_only_training_needs(command: list[str]) -> None:
    code = (
        "import sys; from rac_model.__main__ import main; main();"
        "heavy = {'sklearn', 'gensim', 'pandas', 'matplotlib'} & set(sys.modules);"
        "heavy |= {'scipy.stats'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    line = '{"note_id": "n1", "text": "stable"}\n'
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=Path(__file__).resolve().parents[2],
        input=line,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
