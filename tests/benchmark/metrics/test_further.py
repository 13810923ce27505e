"""What `python -m benchmark.metrics` adds on demand, against plain counts of the same codings."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from benchmark.metrics.__main__ import main
from benchmark.metrics.plan import main as plan
from benchmark.metrics.sets.compare import compare
from files.code_files import read_counts

CODES = [f"{chapter}.{place}" for chapter in range(400, 406) for place in range(3)]
WEIGHTS = {code: float(place % 4) for place, code in enumerate(CODES[:15])}
TIERS = {code: place % 3 for place, code in enumerate(CODES[:15])}
COUNTS = {code: 10 * place for place, code in enumerate(CODES)}
GROUPS = {f"n{note}": "icu" if note % 3 else "ward" for note in range(20)}
MICRO = ("jaccard", "precision", "recall", "f1")
ALL = (
    "--intervals --margin .1 --models RAC --weights w.csv --counts c.csv --groups g.csv "
    "--labels labels.txt"
)


def codings(seed: int) -> dict[str, list[str]]:
    rng = random.Random(seed)
    return {f"n{note}": rng.sample(CODES, rng.randrange(1, 7)) for note in range(20)}


def csv_of(given: dict[str, list[str]]) -> str:
    rows = [f"{note},{code}\n" for note, codes in given.items() for code in codes]
    return f"note_id,code\n{''.join(rows)}"


REFERENCE = codings(0)
RATERS = {"Ada": codings(1), "Ben": codings(2), "RAC": codings(3)}
LABELS = CODES[:-2]
"""The reference has codes outside it, which are misses."""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, given in {"ref": REFERENCE, **RATERS}.items():
        Path(f"{name}.csv").write_text(csv_of(given))
    rows = "".join(f"{code},{weight},{TIERS[code]}\n" for code, weight in WEIGHTS.items())
    Path("w.csv").write_text(f"code,weight,tier\n{rows}")
    rows = "".join(f"{code},{count}\n" for code, count in COUNTS.items())
    Path("c.csv").write_text(f"code,count\n,200\n{rows}")
    rows = "".join(f"{note},{group}\n" for note, group in GROUPS.items())
    Path("g.csv").write_text(f"note_id,group\n{rows}")
    Path("labels.txt").write_text("\n".join(LABELS))

    def call(options: str):
        command = f"ref.csv Ada=Ada.csv Ben=Ben.csv RAC=RAC.csv {options}"
        try:
            status = main(command.split())
        except SystemExit as error:
            status = error.code
        return (status, *capsys.readouterr())

    return call


@pytest.fixture
def document(run) -> dict:
    status, out, _ = run(f"{ALL} --format json")
    assert status == 0
    return json.loads(out)


def figures(raters, notes, labels=LABELS) -> dict:
    """Of the comparison on some notes."""
    on = [{note: codes[note] for note in notes} for codes in (REFERENCE, *raters.values())]
    return compare(on[0], dict(zip(raters, on[1:], strict=True)), labels=labels).to_json()["raters"]


def test_what_was_printed_before_stays(run, document):
    """Byte for byte without the options; with them the same keys first, then new ones."""
    plain = json.loads(run("--labels labels.txt --format json")[1])
    added = ["intervals", "frequent", "weighted", "groups", "margin"]
    assert [*plain, *added] == list(document)
    assert {name: document[name] for name in plain} == plain and plain["version"] == 1


@pytest.mark.parametrize("average", ["micro", "macro"])
def test_intervals_are_those_of_leaving_each_note_out(document, average):
    notes = list(REFERENCE)
    n = len(notes)
    leaves = []
    for gone in notes:
        leaves.append(figures(RATERS, [note for note in notes if note != gone]))
    for name, of_rater in figures(RATERS, notes).items():
        for figure, value in of_rater[average].items():
            left = np.array([leaf[name][average][figure] for leaf in leaves])
            half = stats.t.ppf(0.975, n - 1) * np.sqrt(
                (n - 1) / n * ((left - left.mean()) ** 2).sum()
            )
            found = document["intervals"][name][average][figure]
            assert found["value"] == pytest.approx(value, abs=1e-12)
            expected = (max(0, value - half), min(1, value + half))
            assert tuple(found["interval"].values()) == pytest.approx(expected, abs=1e-10)


def test_frequent_codes_are_frequent_elsewhere(document):
    """Ten of 20 notes: a count of 100 of 200 or more."""
    often = [code for code in LABELS if COUNTS[code] >= 100]
    assert document["frequent"]["codes"] == len(often)
    for name, of_rater in document["frequent"]["raters"].items():
        expected = figures(RATERS, list(REFERENCE), often)[name]["macro"]
        values = {figure: found["value"] for figure, found in of_rater.items()}
        assert values == pytest.approx(expected)


def test_weights_count_by_code(document):
    known = set(LABELS)
    for name, found in document["weighted"]["raters"].items():
        tp = p = t = 0.0
        same = higher = 0
        for note, true in REFERENCE.items():
            given = set(RATERS[name][note]) & known
            tp += sum(WEIGHTS.get(code, 0) for code in given & set(true))
            p += sum(WEIGHTS.get(code, 0) for code in given)
            t += sum(WEIGHTS.get(code, 0) for code in true)
            tiers = [
                max((TIERS.get(code, 0) for code in codes), default=0) for codes in (given, true)
            ]
            same += tiers[0] == tiers[1]
            higher += tiers[0] > tiers[1]
        expected = (tp / (p + t - tp), tp / p, tp / t, 2 * tp / (p + t))
        assert [found["micro"][figure]["value"] for figure in MICRO] == pytest.approx(expected)
        assert (found["tiers"]["same"]["notes"], found["tiers"]["higher"]["notes"]) == (
            same,
            higher,
        )
    everything = set(LABELS).union(*REFERENCE.values())
    assert document["weighted"]["unweighted"] == len(everything - WEIGHTS.keys())


def test_groups_are_scored_on_their_notes(document):
    for name, groups in document["groups"].items():
        assert [group["name"] for group in groups] == ["ward", "icu"]
        for group in groups:
            notes = [note for note in REFERENCE if GROUPS[note] == group["name"]]
            assert group["notes"] == len(notes)
            expected = figures(RATERS, notes)[name]["micro"]
            values = {figure: found["value"] for figure, found in group["figures"].items()}
            assert values == pytest.approx(expected)


def test_a_margin_is_about_the_models_beside_the_coders(document):
    found = document["margin"]
    assert (found["value"], found["figure"], found["coders"]) == (
        0.1,
        "micro_jaccard",
        ["Ada", "Ben"],
    )
    micro = {name: of["micro"]["jaccard"] for name, of in document["raters"].items()}
    difference = micro["RAC"] - (micro["Ada"] + micro["Ben"]) / 2
    for row in ("fixed", "random"):
        test = found["models"]["RAC"][row]["test"]
        assert test["difference"]["value"] == pytest.approx(difference)
        t = (difference + 0.1) / test["difference"]["se"]
        assert test["p_non_inferior"] == pytest.approx(stats.t.sf(t, test["difference"]["df"]))
    assert found["models"]["RAC"]["random"]["test"]["difference"]["df"] == 1


@pytest.mark.parametrize("output", ["text", "md", "tex", "csv"])
def test_every_format_has_every_table(run, output):
    status, out, err = run(f"{ALL} --format {output}")
    assert status == 0 and "3 codes of these notes have no weight in w.csv and count 0" in err
    for title in ("95% intervals", "frequent codes", "Weighted", "Tiers", "group", "Model beside"):
        assert title in out.replace("\\%", "%")
    assert "RAC, than coders like these" in out


BAD = [
    ("--margin .05", "--margin asks of models beside coders; name the models: --models RAC"),
    ("--models RAC", "--models goes with --margin"),
    ("--margin 5 --models RAC", "--margin 5: give one above 0 and below 1, such as .05"),
    ("--margin nan --models RAC", "--margin nan: give one above 0"),
    ("--margin .05 --models Zed", "--models: no rater named Zed; there is: Ada, Ben, RAC"),
    ("--margin .05 --models Ada,Ben,RAC", "--margin: every rater is a model"),
    ("--margin .05 --models ,", "--margin asks of models beside coders"),
    ("--weights w.csv --default-weight -1", "--default-weight -1: give 0 or more"),
    ("--weights gone.csv", "gone.csv cannot be read"),
    ("--weights g.csv", "g.csv"),
    ("--counts odd.csv", "odd.csv: none of its codes is in the label space"),
    ("--groups others.csv", "others.csv: none of its notes is scored; check the note ids"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_options_are_one_line_and_exit_2(run, options, message):
    Path("odd.csv").write_text("code,count\n,10\n4280,3\n")
    Path("others.csv").write_text("note_id,group\nx,ward\n")
    status, out, err = run(options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.partition(": ")[2].startswith(message)


def test_no_code_may_be_frequent(run):
    Path("rare.csv").write_text(f"code,count\n,1000\n{CODES[0]},3\n")
    status, out, err = run("--counts rare.csv --format json")
    assert (
        status == 0 and "there are no frequent codes" in err and "frequent" not in json.loads(out)
    )


def test_help_teaches(run):
    out = run("--help")[1]
    for word in (
        "--intervals",
        "training_counts.csv",
        "Decide M before you look",
        "benchmark.metrics.plan",
    ):
        assert word in out


FIVE = "--coders 5 --notes 508 --shared 50 --margin .05"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (FIVE, "+-.063 (80% sure: .077), df 4.2"),
        (
            FIVE,
            "power 39%; if coders differ by .02: 97%",
        ),
        (FIVE, "With 10 coders: +-.037, power 77%."),
        ("--coders 20 --notes 508 --shared 50 --margin .05", "+-.026"),
        ("--coders 2 --notes 508 --shared 50", "two coders cannot speak for others"),
        ("--coders 1 --notes 508", "One coder says nothing of others"),
        ("--coders 2 --notes 1", "One note says nothing"),
    ],
)
def test_a_plan_says_what_a_study_could_show(capsys, options, words):
    assert plan(options.split()) == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [
        "--coders 0 --notes 5",
        "--coders 2 --notes 5 --shared 6",
        "--coders 2 --notes 5 --margin 0",
        "--coders 2 --notes 5 --sd 2",
        "--coders 2 --notes 5 --sd nan",
    ],
)
def test_a_plan_that_is_none_is_refused(capsys, options):
    assert plan(options.split()) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_example_of_counts_in_the_docs_is_read(tmp_path):
    page = (Path(__file__).resolve().parents[3] / "docs" / "data.md").read_text()
    example = page[page.index("```\ncode,count") + 4 :]
    (tmp_path / "counts.csv").write_text(example[: example.index("```")])
    found = read_counts(str(tmp_path / "counts.csv"))
    assert found.notes == 1000 and found.counts == {"401.9": 390, "428.0": 250}


def test_the_docs_say_what_each_option_adds(document):
    """A line of the table a key of the JSON."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "metrics.md").read_text()
    table = page[page.index("### More figures, on demand") : page.index("### The version")]
    keys = {line.rsplit("`", 2)[1] for line in table.splitlines() if line.startswith("| `--")}
    before = ("version", "notes", "label_space", "reference", "raters")
    assert keys == set(document) - set(before)
