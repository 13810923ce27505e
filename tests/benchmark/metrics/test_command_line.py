"""`python -m benchmark.metrics` by its whole output: results, messages, exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.metrics.__main__ import main
from benchmark.metrics.sets.compare import Comparison, compare
from benchmark.metrics.tables.rendering import render
from benchmark.metrics.tables.table1 import all_figures

ROOT = Path(__file__).resolve().parents[3]
HOSPITAL = "note_id,code\nn1,250.00\nn1,401.9\nn2,401.9\nn2,V10.5\nn3,\n"
ADA = "n1|250.00\nn2|401.9|428.0\nn3\n"
BEN = (
    '{"note_id":"n1","codes":[{"code":"401.9"},"401.9"]}\n'
    '{"note_id":"n2","codes":[]}\n'
    '{"note_id":"n3","codes":[]}\n'
)
REFERENCE = {"n1": ["250.00", "401.9"], "n2": ["401.9", "V10.5"], "n3": []}
RATERS = {
    "Ada": {"n1": ["250.00"], "n2": ["401.9", "428.0"], "n3": []},
    "Ben": {"n1": ["401.9"], "n2": [], "n3": []},
}
SHORTLIST = ["250.00", "401.9", "414.01"]
REPEATED = "benchmark.metrics: Ben: 1 repeated (note, code) collapsed\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with the files.

    Returns (exit status, standard output, standard error).
    """
    monkeypatch.chdir(tmp_path)
    for name, content in {"hospital.csv": HOSPITAL, "ada.psv": ADA, "ben.jsonl": BEN}.items():
        Path(name).write_text(content)
    Path("shortlist.txt").write_text("\n".join(SHORTLIST))

    def call(command: str):
        try:
            status = main(command.split())
        except SystemExit as error:
            status = error.code
        return (status, *capsys.readouterr())

    return call


def printed(comparison: Comparison) -> dict:
    """What `--format json` prints of it."""
    return {"version": 1, **comparison.to_json()}


def test_json(run):
    status, out, err = run("hospital.csv Ada=ada.psv Ben=ben.jsonl --format json")
    assert (status, err) == (0, REPEATED)
    assert json.loads(out) == printed(compare(REFERENCE, RATERS))


@pytest.mark.parametrize("outside", ["miss", "drop"])
def test_json_over_a_label_space(run, outside):
    status, out, err = run(
        f"hospital.csv Ada=ada.psv --labels shortlist.txt --outside {outside} --format json"
    )
    assert err == (
        "benchmark.metrics: reference: 1 codes outside the label space shortlist\n"
        "benchmark.metrics: Ada: 1 codes outside the label space shortlist\n"
    )
    expected = compare(
        REFERENCE,
        {"Ada": RATERS["Ada"]},
        labels=SHORTLIST,
        label_space_name="shortlist",
        outside=outside,
    )
    assert (status, json.loads(out)) == (0, printed(expected))


def test_text(run):
    digest = compare(REFERENCE, RATERS, labels=SHORTLIST).label_space.sha256[:12]
    assert run("hospital.csv Ada=ada.psv Ben=ben.jsonl --labels shortlist.txt")[1] == (
        "Raters against the reference, per cent\n"
        "\n"
        "         Jaccard      Precision       Recall        F1"
        "            Macro-F1                 Codes       Notes\n"
        "Rater  macro  micro  macro  micro  macro  micro  micro"
        "  CAML  mean all  mean present  a note  outside      n\n"
        "-------------------------------------------------------"
        "-----------------------------------------------------\n"
        "Ada     50.0   50.0   66.7  100.0   50.0   50.0   66.7"
        "  57.1      55.6          83.3     0.7        1      3\n"
        "Ben     16.7   25.0   33.3  100.0   16.7   25.0   40.0"
        "  22.2      22.2          33.3     0.3        0      3\n"
        "\n"
        "Reference codes outside the label space count as misses in the micro figures.\n"
        f"n = 3 notes. Label space: shortlist, 3 codes, sha256 {digest}.\n"
        "Macro: mean over the label space. The reference has 1.3 codes a note.\n"
        "Codes given outside the label space, dropped, "
        "which flatters the precision of who gave many: Ada 1. "
        "They are not among the codes a note.\n"
    )


@pytest.mark.parametrize("output", ["text", "csv", "md", "tex"])
def test_the_other_formats(run, output):
    status, out, err = run(f"hospital.csv Ada=ada.psv Ben=ben.jsonl --format {output}")
    assert (status, out, err) == (
        0,
        render(all_figures(compare(REFERENCE, RATERS)), output),
        REPEATED,
    )


def test_options_may_come_first_or_between(run):
    first = run("--format json hospital.csv Ada=ada.psv")
    assert first == run("hospital.csv --format json Ada=ada.psv")
    assert first == run("hospital.csv Ada=ada.psv --format=json")


def test_intersect(run):
    Path("two.psv").write_text("n2|401.9\nn1|250.00\nn9|038.9\n")
    status, out, err = run("hospital.csv Two=two.psv Ada=ada.psv --intersect --format json")
    remark = "scored on the 2 notes that all files have, of the reference's 3"
    assert err == f"benchmark.metrics: {remark}\n"
    two = {"n1": ["250.00"], "n2": ["401.9"], "n9": ["038.9"]}
    expected = compare(REFERENCE, {"Two": two, "Ada": RATERS["Ada"]}, missing="intersect")
    assert (status, json.loads(out)) == (0, printed(expected))
    assert expected.notes == 2


def test_missing_as_empty(run):
    Path("one.psv").write_text("n1|401.9\n")
    status, out, err = run("hospital.csv Ben=one.psv --missing-as-empty --format json")
    assert (status, err) == (0, "")
    assert json.loads(out) == printed(compare(REFERENCE, {"Ben": RATERS["Ben"]}))


def test_raters_whose_codes_are_written_otherwise(run):
    Path("undotted.psv").write_text("n1|25000|4019\nn2\nn3\n")
    assert run("hospital.csv Ada=undotted.psv")[2] == (
        "benchmark.metrics: Ada: none of its codes occurs in the reference; "
        "are both written alike, dots and zeros included?\n"
    )


BAD = [
    ("hospital.csv", "the following arguments are required: NAME=FILE; see --help"),
    ("hospital.csv ada.psv", "ada.psv: not NAME=FILE; write for example Ada=ada.psv"),
    ("hospital.csv =ada.psv", "=ada.psv: not NAME=FILE; write for example Ada=ada.psv"),
    ("hospital.csv Ada=", "Ada=: not NAME=FILE; write for example Ada=Ada"),
    (
        "hospital.csv Ada=ada.psv Ada=ben.jsonl",
        "Ada names two files; give each rater a name of its own",
    ),
    (
        "hospital.csv A\x07=ada.psv",
        "'A\\x07': a name with unprintable characters; write it plainly",
    ),
    ("- Ada=-", "- is given twice; only one file can come from standard input"),
    ("gone.csv Ada=ada.psv", "gone.csv cannot be read (No such file or directory); check the path"),
    (". Ada=ada.psv --input-format csv", ". is a folder; give a file"),
    (
        "hospital.csv Ada=ada.psv --labels gone.txt",
        "gone.txt cannot be read (No such file or directory); ",
    ),
    (
        "hospital.csv Ada=ada.psv --input-format jsonl",
        "hospital.csv row 1: not valid JSON (column 1); write one object a line (and ",
    ),
    (
        "hospital.csv Ada=one.psv",
        "Ada lacks 2 notes (first: n2) of the reference's 3; --intersect scores the common "
        "notes, --missing-as-empty counts them as no code",
    ),
    (
        "hospital.csv Ada=four.psv",
        "Ada has 1 note (first: n4) that the reference lacks; --intersect scores the common notes",
    ),
    (
        "hospital.csv Ada=four.psv --missing-as-empty",
        "Ada has 1 note (first: n4) that the reference lacks; ",
    ),
    (
        "hospital.csv Ada=other.psv --intersect",
        "no note is in all files; check that they use the same note ids",
    ),
    ("empty.csv Ada=ada.psv", "the reference has no notes; give it at least one"),
    (
        "hospital.csv Ada=ada.psv --intersect --missing-as-empty",
        "argument --missing-as-empty: not allowed with argument --intersect; see --help",
    ),
    ("hospital.csv Ada=ada.psv --format docx", "argument --format: invalid choice: 'docx'"),
    ("hospital.csv Ada=ada.psv --outside keep", "argument --outside: invalid choice: 'keep'"),
    ("hospital.csv Ada=ada.psv --label shortlist.txt", "unrecognized arguments: --label"),
]


@pytest.mark.parametrize(("command", "message"), BAD)
def test_bad_input_is_one_line_and_exit_2(run, command, message):
    files = {
        "one.psv": "n1|a",
        "four.psv": "n1\nn2\nn3\nn4",
        "other.psv": "n7",
        "empty.csv": "note_id,code\n",
    }
    for name, content in files.items():
        Path(name).write_text(content)
    status, out, err = run(command)
    assert (status, out) == (2, "")
    assert err.partition(": ")[2].startswith(message)
    assert err.count("\n") == 1


def test_help_teaches(run):
    status, out, _ = run("--help")
    assert status == 0
    for word in (
        "note_id,code",
        "f1_caml",
        "--missing-as-empty",
        "--labels",
        "examples:",
        "Exit status",
        "union",
    ):
        assert word in out


def command(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "benchmark.metrics", *arguments], cwd=ROOT, text=True, **options
    )


def test_as_a_program_with_standard_input(tmp_path):
    hospital = tmp_path / "hospital.csv"
    hospital.write_text(HOSPITAL)
    done = command(str(hospital), "Ben=-", "--format", "json", input=BEN, capture_output=True)
    assert (done.returncode, done.stderr) == (0, REPEATED)
    assert json.loads(done.stdout) == printed(compare(REFERENCE, {"Ben": RATERS["Ben"]}))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a Linux device")
def test_a_result_that_cannot_be_written_is_exit_1(tmp_path):
    hospital = tmp_path / "hospital.csv"
    hospital.write_text(HOSPITAL)
    with Path("/dev/full").open("w") as full:
        done = command(str(hospital), f"Ada={hospital}", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == (
        "benchmark.metrics: the result cannot be written (No space left on device); "
        "run it again with room for its output\n"
    )
