"""The published figures of Read, Attend, and Code, to stand beside one's own.

They are in fixtures/paper_tables.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAPER_TABLES = Path(__file__).resolve().parents[3] / "fixtures" / "paper_tables.json"


@dataclass(frozen=True)
class PaperRow:
    """A row of one of the paper's tables."""

    name: str
    percent: Mapping[str, float]
    """By column, such as macro_jaccard or auc_micro; a figure that is not printed is absent."""
    notes: int
    reference_codes_per_note: float

    @property
    def codes_per_note(self) -> float | None:
        """Implied, not printed: recall times reference codes a note over precision, both micro."""
        recall = self.percent.get("micro_recall")
        precision = self.percent.get("micro_precision")
        if not recall or not precision:
            return None
        return self.reference_codes_per_note * recall / precision


@cache
def paper_rows(table: str, path: Path = PAPER_TABLES) -> tuple[PaperRow, ...]:
    """The rows of "table1" or "table2"; KeyError for another name."""
    data = json.loads(path.read_text(encoding="utf-8"))[table]
    notes = data["notes"]
    codes = data["reference_codes_per_note"]
    return tuple(PaperRow(row["name"], row["percent"], notes, codes) for row in data["rows"])
