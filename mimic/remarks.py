"""What was left out, folded or marked while a folder was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from icd.tally import CodeTally


@dataclass
class Remarks:
    """Counts, filled while a folder is read."""

    marked_wrong: int = 0
    """Summaries with ISERROR = 1, left out."""
    repeated: int = 0
    """Summaries that stand there twice in the same words under the same ROW_ID, taken once."""
    without_admission: int = 0
    """Summaries that say no admission, left out."""
    without_note: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Split -> (its admissions that have no summary, all its admissions)."""
    codes: dict[str, CodeTally] = field(default_factory=dict)
    """By file."""

    def lines(self) -> list[str]:
        """The remarks as sentences."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.marked_wrong:
            yield f"left out: summaries marked as errors (ISERROR = 1): {self.marked_wrong:,}"
        if self.repeated:
            yield f"taken once: summaries that the notes have twice: {self.repeated:,}"
        if self.without_admission:
            yield f"left out: summaries that name no admission: {self.without_admission:,}"
        for split, (lacking, listed) in self.without_note.items():
            yield (
                f"{lacking:,} of the {split} split's {listed:,} admissions "
                "have no summary in the folder"
            )
        for name, tally in self.codes.items():
            for remark in tally.remarks():
                yield f"{name}: {remark}"
