"""The results page says what the shipped evaluation says, of every row of Table 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.metrics.files.table2_document import read_evaluation
from benchmark.metrics.tables.paper import paper_rows
from benchmark.metrics.tables.table2 import labels

ROOT = Path(__file__).resolve().parents[2]
SHOWN = (
    "auc_macro",
    "auc_micro",
    "macro_f1_caml",
    "micro_f1",
    "micro_f1_tuned",
    "p@5",
    "p@8",
    "p@15",
)


def rows_of(page: str) -> list[list[str]]:
    """The cells of every table on the page, row by row."""
    rows = []
    for line in page.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_every_row_of_table_2_was_trained_and_measured_on_synthetic_notes() -> None:
    document = read_evaluation((ROOT / "fixtures" / "table2.json").read_text())
    assert document["synthetic"]
    assert document["split"] == "test"
    assert document["label_space"]["name"] == "train"
    assert {row.name for row in paper_rows("table2")} < {
        row["system"] or row["name"] for row in document["checkpoints"]
    }
    assert all(row["training"]["tokens"] > 1e6 for row in document["checkpoints"] if row["system"])


@pytest.mark.parametrize("name", ["table2", "table2_longer", "table2_full_length"])
def test_the_page_has_the_figures_of_the_evaluation(name: str) -> None:
    document = read_evaluation((ROOT / "fixtures" / f"{name}.json").read_text())
    page = rows_of((ROOT / "docs" / "results.md").read_text())
    for label, row in zip(labels(document["checkpoints"]), document["checkpoints"], strict=True):
        figures = [f"{100 * row['metrics'][key]:.1f}" for key in SHOWN]
        found = [cells for cells in page if cells[: 1 + len(SHOWN)] == [label, *figures]]
        assert len(found) == 1, label
        if row["training"]:
            assert row["training"]["stop"] in found[0], label
            assert f"{row['training']['tokens'] / 1e6:.1f}" in found[0], label
