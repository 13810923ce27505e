"""Tables, by their whole text in every format."""

import csv
import io
import json

import pytest

from benchmark.metrics.sets.compare import compare
from benchmark.metrics.tables.paper import PAPER_TABLES, paper_rows
from benchmark.metrics.tables.rendering import render
from benchmark.metrics.tables.table1 import table1
from benchmark.metrics.tables.table2 import TABLE2

LABELS = ["250.00", "401.9", "414.01"]
RESULT = compare(
    {"n1": ["250.00", "401.9"], "n2": ["401.9", "V10.5"]},
    {
        "Ada & Co_|": {"n1": ["250.00"], "n2": ["401.9", "428.0"]},
        "RAC": {"n1": ["250.00", "401.9"], "n2": ["401.9"]},
    },
    labels=LABELS,
    label_space_name="shortlist",
)
TABLE = table1(RESULT, paper_rows=paper_rows("table1"), footnotes=["Interim."])

TEXT = """\
Table 1. Raters against the reference, per cent

                        Jaccard      Precision       Recall      Codes  Notes
Rater                 macro  micro  macro  micro  macro  micro  a note      n
-----------------------------------------------------------------------------
Ada & Co_|             50.0   50.0   66.7  100.0   50.0   50.0     1.0      2
RAC                    66.7   75.0   66.7  100.0   66.7   75.0     1.5      2
Human coders (paper)    1.8   10.7    3.5   47.7    2.1   12.1    ~4.6    508
RAC (paper)             6.4   42.0    7.1   63.7   10.8   55.2   ~15.6    508

Interim.
n = 2 notes. Label space: shortlist, 3 codes, sha256 {digest}.
Macro: mean over the label space. The reference has 2.0 codes a note.
Codes given outside the label space, dropped, which flatters the precision of who gave many: \
Ada & Co_| 1. They are not among the codes a note.
(paper): Kim and Ganapathi 2021, 508 notes of MIMIC-III. \
Its codes a note (~) are implied by its recall and precision at 18.0 reference codes a note.
"""
MD = """\
**Table 1. Raters against the reference, per cent**

| Rater | Jaccard macro | Jaccard micro | Precision macro | Precision micro \
| Recall macro | Recall micro | Codes a note | Notes n |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| Ada & Co_\\| | 50.0 | 50.0 | 66.7 | 100.0 | 50.0 | 50.0 | 1.0 | 2 |
| RAC | 66.7 | 75.0 | 66.7 | 100.0 | 66.7 | 75.0 | 1.5 | 2 |
| Human coders (paper) | 1.8 | 10.7 | 3.5 | 47.7 | 2.1 | 12.1 | ~4.6 | 508 |
| RAC (paper) | 6.4 | 42.0 | 7.1 | 63.7 | 10.8 | 55.2 | ~15.6 | 508 |

Interim.
"""
TEX = r"""\begin{table}
\centering
\caption{Table 1. Raters against the reference, per cent}
\begin{tabular}{lrrrrrrrr}
\toprule
& \multicolumn{2}{c}{Jaccard} & \multicolumn{2}{c}{Precision} & \multicolumn{2}{c}{Recall} & \multicolumn{1}{c}{Codes} & \multicolumn{1}{c}{Notes} \\
\cmidrule(lr){2-3}
\cmidrule(lr){4-5}
\cmidrule(lr){6-7}
\cmidrule(lr){8-8}
\cmidrule(lr){9-9}
Rater & macro & micro & macro & micro & macro & micro & a note & n \\
\midrule
Ada \& Co\_| & 50.0 & 50.0 & 66.7 & 100.0 & 50.0 & 50.0 & 1.0 & 2 \\
RAC & 66.7 & 75.0 & 66.7 & 100.0 & 66.7 & 75.0 & 1.5 & 2 \\
\midrule
Human coders (paper) & 1.8 & 10.7 & 3.5 & 47.7 & 2.1 & 12.1 & \textasciitilde{}4.6 & 508 \\
RAC (paper) & 6.4 & 42.0 & 7.1 & 63.7 & 10.8 & 55.2 & \textasciitilde{}15.6 & 508 \\
\bottomrule
\end{tabular}
\par\footnotesize Interim.
"""  # noqa: E501


def test_text():
    assert render(TABLE, "text") == TEXT.format(digest=RESULT.label_space.sha256[:12])


def test_markdown_and_latex():
    assert render(TABLE, "md").startswith(MD)
    assert render(TABLE, "tex").startswith(TEX)
    assert render(TABLE, "tex").endswith("reference codes a note.\n\\end{table}\n")


def test_csv_is_for_machines():
    rows = list(csv.DictReader(io.StringIO(render(TABLE, "csv"))))
    assert [(row["rater"], row["kind"]) for row in rows] == [
        ("Ada & Co_|", "rater"),
        ("RAC", "rater"),
        ("Human coders", "paper"),
        ("RAC", "paper"),
    ]
    for row, (name, figures) in zip(rows, RESULT.raters.items(), strict=False):
        assert row["rater"] == name and row["label_space_sha256"] == RESULT.label_space.sha256
        assert float(row["macro_recall"]) == pytest.approx(figures.macro.recall, rel=1e-14)
    assert (rows[2]["macro_jaccard"], rows[2]["notes"], rows[2]["label_space"]) == (
        "0.018",
        "508",
        "",
    )


def test_the_papers_printed_rows_hold_together():
    """Micro Jaccard follows from micro precision and recall, so a slip of the pen would show."""
    for row in paper_rows("table1"):
        precision, recall = row.percent["micro_precision"] / 100, row.percent["micro_recall"] / 100
        assert 100 / (1 / precision + 1 / recall - 1) == pytest.approx(
            row.percent["micro_jaccard"], abs=0.05
        )


def test_every_paper_figure_has_a_column():
    data = json.loads(PAPER_TABLES.read_text())
    for table, columns in (("table1", TABLE.columns), ("table2", TABLE2)):
        known = {column.key for column in columns}
        assert all(set(row["percent"]) <= known for row in data[table]["rows"]), table


def test_groups_span_all_columns():
    assert TABLE.groups == [
        ("Jaccard", 2),
        ("Precision", 2),
        ("Recall", 2),
        ("Codes", 1),
        ("Notes", 1),
    ]


def test_an_unknown_format():
    with pytest.raises(
        ValueError, match="docx is no format of tables; choose from text, md, csv, tex"
    ):
        render(TABLE, "docx")
