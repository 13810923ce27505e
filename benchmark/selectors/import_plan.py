"""What importing a file of codings would store.

`benchmark.selectors.import_planning` makes such a plan; commands, pages and the API show it, or
have it stored by `benchmark.services.import_codings`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from annotation.models import Code, CodeSystem, Rater
from files.checked import CheckedCodings, Unknown
from files.codings import Asked
from files.score_cells import AskedScores
from icd.tables import kinds

if TYPE_CHECKING:
    from files.checked_scores import CheckedScores

KINDS = (Rater.Kind.CODER, Rater.Kind.MODEL, Rater.Kind.REFERENCE)
"""What a rater whose codings are imported can be."""
LONGEST_NAME = 80
FIRST_ROWS = 5
"""Codings that a plan shows as they would be stored."""
AT_ONCE = 500
"""Codes that one query asks after."""
RETIRED = "retired"
AS_WRITTEN = "no code, kept as written"


@dataclass(frozen=True)
class ImportOptions:
    """What a person says of a file of codings, and of what is to be done with it."""

    unknown: Unknown = "refuse"
    """What to do with strings that are no codes."""
    notes_of_study: bool = False
    """Leave out the notes that the study lacks, instead of refusing the file."""
    reference_rater: str = ""
    """Which of the file's raters is the reference, where it has several."""
    asked: Asked = field(default_factory=Asked)
    """How the file is to be read, where that is not found out."""


@dataclass(frozen=True)
class RaterPlan:
    """What one rater's codings would be."""

    name: str
    codings: dict[str, set[str]]
    """Note id -> codes; an empty set: coded, with no code."""
    rater: Rater | None = None
    """The rater of that name and kind, where there is one already."""
    new: int = 0
    """Codings that are not stored already, from the same file."""
    earlier: int = 0
    """Notes that the rater has coded before: these codings are newer answers."""
    lacking: Sequence[str] = ()
    """The study's notes that would have no coding of the rater, in order."""
    scores: CheckedScores | None = None
    """What the file tells of a model's probabilities."""
    scored_as: str = ""
    """Names these probabilities, and how they were read."""

    @property
    def pairs(self) -> int:
        """Codes given, over all notes."""
        return sum(map(len, self.codings.values()))

    @cached_property
    def codes(self) -> set[str]:
        """The distinct codes."""
        return set().union(*self.codings.values())


@dataclass(frozen=True)
class Row:
    """A coding as it would be stored."""

    rater: str
    note: str
    codes: list[str]


@dataclass(frozen=True)
class ImportPlan:
    """What a file says, checked, and what would be stored of it."""

    file: str
    """The file's name."""
    sha256: str
    kind: Rater.Kind
    raters: list[RaterPlan]
    checked: CheckedCodings
    understood: str
    """How the file was read."""
    remarks: list[str]
    """What was folded, merged, left out, marked or kept, a sentence each."""
    digest: str
    """Names what is stored of the file: with strings kept it is another than with them refused."""
    asked_scores: AskedScores = field(default_factory=AskedScores)
    """What was said of the file's scores."""

    @cached_property
    def notes(self) -> set[str]:
        """The notes that any rater coded."""
        return set().union(*(rater.codings for rater in self.raters))

    @cached_property
    def codes(self) -> set[str]:
        """The distinct codes of all raters."""
        return set().union(*(rater.codes for rater in self.raters))

    @cached_property
    def new_codes(self) -> list[tuple[str, str]]:
        """(code, what it is) of those that the database lacks and would get."""
        kept = self.codes & self.checked.as_written
        known = _here(kept, as_written=True)
        found = [(code, AS_WRITTEN) for code in kept - known]
        others = self.codes - kept - kinds().keys()
        found += [(code, RETIRED) for code in others - _here(others, as_written=False)]
        return sorted(found)

    @property
    def rows(self) -> list[Row]:
        """The first codings, of each rater in turn."""
        each = max(1, FIRST_ROWS // len(self.raters))
        found = []
        for rater in self.raters:
            for note in sorted(rater.codings)[:each]:
                found.append(Row(rater.name, note, sorted(rater.codings[note])))
        return found[:FIRST_ROWS]

    def said(self) -> list[str]:
        """How the file was read, then the remarks."""
        return [f"read as {self.understood}", *self.remarks]


def _here(codes: Collection[str], *, as_written: bool) -> set[str]:
    """Those of the codes that the database has: kept as written, or of a code system."""
    wanted = sorted(codes)
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        rows = Code.objects.filter(code__in=wanted[start : start + AT_ONCE])
        if as_written:
            rows = rows.filter(system__name=CodeSystem.AS_WRITTEN)
        else:
            rows = rows.of_systems()
        found.update(rows.values_list("code", flat=True))
    return found
