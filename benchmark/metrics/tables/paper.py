"""The published figures of Read, Attend, and Code, to stand beside one's own: fixtures/paper_tables.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAPER_TABLES = Path(__file__).resolve().parents[3] / "fixtures" / "paper_tables.json"


@dataclass(frozen=True)
class PaperRow:
    """A row of the paper, in per cent, by column (such as macro_jaccard, auc_micro); a figure not printed is absent."""

    name: str
    percent: Mapping[str, float]
    notes: int
    reference_codes_per_note: float

    @property
    def codes_per_note(self) -> float | None:
        """Not printed, but implied: recall times reference codes a note over precision, both micro."""
        recall, precision = self.percent.get("micro_recall"), self.percent.get("micro_precision")
        return self.reference_codes_per_note * recall / precision if recall and precision else None


@cache
def paper_rows(table: str, path: Path = PAPER_TABLES) -> tuple[PaperRow, ...]:
    """The rows of "table1" or "table2"; KeyError for another name."""
    data = json.loads(path.read_text(encoding="utf-8"))[table]
    notes, codes = data["notes"], data["reference_codes_per_note"]
    return tuple(PaperRow(row["name"], row["percent"], notes, codes) for row in data["rows"])
