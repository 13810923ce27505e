"""Table 2 by its whole text, and its parts."""

import csv
import io
import json

import pytest

from benchmark.metrics.tables.rendering import render
from benchmark.metrics.tables.table2 import (
    RANKED,
    TABLE2,
    evaluation_csv,
    labels,
    parts_table,
    table2,
    training_table,
)
from tests.benchmark.metrics.documents import document, row

BUDGET = {"stop": "budget", "epochs": 1, "best_epoch": 1, "tokens": 1, "seconds": 1.0}
DOCUMENT = document(
    row("LR", 0.25),
    row("MSATT-KG", 0.5, remark="approximate"),
    row("RAC", 0.75, training=BUDGET),
    row("", name="own"),
)


def test_text():
    lines = render(table2(DOCUMENT), "text").splitlines()
    assert lines[0] == "Table 2. Systems on the test split of small, per cent"
    starts = [line[:22].strip() for line in lines[5:11]]
    assert starts == [
        "LR",
        "LR (paper)",
        "MSATT-KG (approximate)",
        "MSATT-KG (paper)",
        "RAC (budget)",
        "RAC (paper)",
    ]
    body = {line[:22].strip(): line[22:].split() for line in lines[5:12]}
    assert body["LR"][:8] == ["25.0"] * 7 + ["3.2"]
    assert body["LR (paper)"][:8] == ["56.1", "93.7", "1.1", "27.2", "-", "54.2", "41.1", "-"]
    assert body["MSATT-KG (approximate)"][:10] == ["50.0*"] * 7 + ["3.2", "0.500", "50.0*"]
    # Ahead, and not ranked.
    assert body["RAC (budget)"][:10] == ["75.0"] * 7 + ["3.2", "0.750", "75.0"]
    assert body["own"][0] == "50.0*"  # as good as MSATT-KG
    digits = [line.rindex(".") for line in lines[5:12] if "paper" not in line]
    assert len(set(digits)) == 1
    assert lines[13:] == [
        "n = 40 notes (synthetic: no result about people), 15.9 reference codes a note. "
        "Label space: union, 1,234 codes, sha256 efefefefefef; correct reading of codes.",
        "AUC, F1 and codes a note: a code is given above .5. "
        "Then the same at the threshold with the best micro-F1 on the 20 notes of small's "
        "dev split; no threshold is tuned on test.",
        "Macro-F1: harmonic mean of macro precision and macro recall (CAML's definition); "
        "JSON and CSV have two more.",
        "*: best of the ranked rows.",
        "(paper): Kim and Ganapathi 2021, 3,372 notes of MIMIC-III, which are others.",
        "(budget): its time was up before it stopped improving; not ranked.",
    ]


def test_markdown_and_latex_mark_the_best_too():
    assert "| MSATT-KG (approximate) | 50.0* |" in render(table2(DOCUMENT), "md")
    tex = render(table2(DOCUMENT), "tex")
    assert "MSATT-KG (approximate) & \\textbf{50.0}" in tex and tex.count("\\midrule") == 1


def test_a_row_alone_is_not_the_best_of_anything():
    assert not any(
        any(best for _, best in found.marked) for found in table2(document(row("RAC"))).rows
    )


def test_two_checkpoints_of_a_row_are_told_apart_and_share_the_papers():
    rows = table2(document(row("RAC", folder="seed0"), row("RAC", folder="seed1"))).rows
    assert [found.label for found in rows] == ["RAC [seed0]", "RAC [seed1]", "RAC (paper)"]


def test_dev_notes_and_codes_outside_are_said():
    notes = table2(document(row("RAC"), split="dev", reference_outside=1200)).footnotes
    assert any("tuned on the very notes scored" in note for note in notes)
    assert any("1,200 reference codes lie outside the label space" in note for note in notes)


@pytest.mark.parametrize(("by", "parts"), [("frequency", 6), ("kind", 2)])
def test_parts(by, parts):
    unknown = row("", name="own", by_frequency=[])
    table = parts_table(document(row("LR", 0.25), row("RAC", 0.5), unknown), by)
    own = [found for found in table.rows if found.name.endswith(": LR")]
    assert len(own) == parts and own[0].cells[:4] == ("2", "4", "25.0", "25.0")
    assert table.rows[1].name == own[0].name.replace("LR", "RAC")  # a part's systems stand together
    if by == "frequency":
        assert [found.name for found in own][:2] == ["0: LR", "1-10: LR"]
        assert table.footnotes[-1] == "Training counts not known: own; evaluate with --train-data."


def test_training():
    table = training_table(document(row("RAC"), row("", name="own", training=None, intervals={})))
    assert table.rows[0].cells == (
        "1,000",
        "3",
        "2",
        "patience",
        "2.5",
        "1.5",
        "1.0",
        "12.3",
        "cpu",
        "0",
        "49.0",
        "51.0",
    )
    assert set(table.rows[1].cells) == {"-"}


def test_csv_has_every_figure():
    rows = list(csv.DictReader(io.StringIO(evaluation_csv(DOCUMENT))))
    assert [(found["system"], found["ranked"]) for found in rows] == [
        ("LR", "True"),
        ("MSATT-KG", "True"),
        ("RAC", "False"),
        ("", "True"),
    ]
    assert float(rows[0]["metrics:macro_f1_mean_present"]) == 0.25
    assert float(rows[2]["by_frequency:1-10:micro_recall_tuned"]) == 0.75
    assert rows[2]["training:stop"] == "budget" and rows[0]["label_space:size"] == "1234"
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT  # laying it out does not change it


def test_every_ranked_figure_has_a_column():
    assert set(RANKED) <= {column.key for column in TABLE2}
    assert labels([row("A"), row("B")]) == ["A", "B"]
