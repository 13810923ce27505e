"""What if the reference is wrong, laid out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.metrics.reference.flips import Flip, Versus, fewest_errors, versus
from benchmark.metrics.tables.rendering import Column, Table
from benchmark.scoring.document import Document
from benchmark.scoring.sides import Sides
from benchmark.tables.answer import Spoken, joined, number
from benchmark.tables.estimates import number_cell, row_of_cells, share_cell
from benchmark.tables.two_raters import PairCounts
from benchmark.tables.where import LINES

RATES = (0.02, 0.05, 0.1, 0.2)
FLIPS = (
    Column("", "Codes wrong", "codes"),
    Column("of the reference, per cent", "Codes wrong", "share"),
    Column("it should lack", "Codes wrong", "dropped"),
    Column("it should have", "Codes wrong", "added"),
    Column("2%", "Flips by errors by lot", "flips_2"),
    Column("5%", "Flips by errors by lot", "flips_5"),
    Column("10%", "Flips by errors by lot", "flips_10"),
    Column("20%", "Flips by errors by lot", "flips_20"),
)


def flips_table(document: Document) -> Table | None:
    """How wrong the reference would have to be for another order. None without a pair."""
    rows = []
    for found in document.flips:
        codes = found.dropped + found.added
        share = None
        if found.reference_codes:
            share = codes / found.reference_codes
        cells = [number_cell(codes), share_cell(share)]
        cells += [number_cell(found.dropped), number_cell(found.added)]
        at = {each.rate: each.share for each in found.by_lot}
        cells += [share_cell(at.get(rate)) for rate in RATES]
        rows.append(row_of_cells(f"{found.first} - {found.second}", cells))
    if not rows:
        return None
    notes = (
        "The fewest single codes of the reference that would have to be wrong, all in the second's "
        "favour, for it to be level with the first in micro F1 and Jaccard. Beside it, in per cent "
        "of 1,000 draws, how often it would be if each code were dropped with the chance above "
        "and as many came.",
    )
    title = "How wrong must the reference be for another order?"
    return Table(title, "Raters", FLIPS, tuple(rows), notes)


@dataclass(frozen=True)
class ReferenceErrors:
    """How wrong the reference would have to be for two raters to be level, and in which codes."""

    sentence: str
    ahead: str
    """"a", "b", or "" where they are level: the one that is ahead."""
    lines: tuple[ErrorLine, ...]

    @property
    def shows(self) -> tuple[str, str]:
        """Which lists of notes hold what is counted: dropped, added."""
        if self.ahead == "a":
            return "missed-b-only", "added-b-only"
        return "missed-a-only", "added-a-only"


@dataclass(frozen=True)
class ErrorLine:
    """A code that decides between two raters, on so many notes."""

    name: str
    dropped: int
    """The reference has it, and of the two only the one that is ahead gave it."""
    added: int
    """The reference lacks it, and of the two only the one behind gave it."""


def reference_errors(
    sides: Sides, found: PairCounts, a: Spoken, b: Spoken, names: tuple[str, str]
) -> ReferenceErrors:
    """The fewest codes of the reference that would have to be wrong, all for the one behind.

    `found`: the two raters of these `names` by code.
    """
    rows = sides.counted(*names)
    true = sides.true[rows]
    ours, theirs = (sides.raters[name].given[rows] for name in names)
    cells = versus(true, ours, theirs)
    f1_a, f1_b = (_f1(cells.first, cells.true), _f1(cells.second, cells.true))
    if f1_a == f1_b:
        return ReferenceErrors("The two are level, with the reference as it is.", "", ())
    if f1_a > f1_b:
        sentence = _flip_words(cells, fewest_errors(cells), a, b)
        return ReferenceErrors(sentence, "a", _deciding(found, missed="b_only", added="b_only"))
    turned = versus(true, theirs, ours)
    sentence = _flip_words(turned, fewest_errors(turned), b, a)
    return ReferenceErrors(sentence, "b", _deciding(found, missed="a_only", added="a_only"))


def _flip_words(cells: Versus, fewest: Flip, ahead: Spoken, behind: Spoken) -> str:
    """How many codes, which kind of them, and out of how many."""
    share = fewest.codes / cells.true if cells.true else 0.0
    parts = []
    if fewest.dropped:
        parts.append(
            f"{fewest.dropped:,} of the {cells.right_first:,} that {ahead.words} alone found "
            "would have to be wrong in it"
        )
    if fewest.added:
        parts.append(
            f"{fewest.added:,} of the {cells.wrong_second:,} that {behind.words} alone added "
            "would have to be missing from it"
        )
    return (
        f"{ahead.first} would be ahead no longer if {number(fewest.codes, 'code')} of the "
        f"reference were wrong, all in favour of {behind.words} ({100 * share:.1f}% of its "
        f"{number(cells.true, 'code')}): {joined(parts)}."
    )


def _deciding(found: PairCounts, missed: str, added: str) -> tuple[ErrorLine, ...]:
    """The codes in which most of these cells lie."""
    dropped = getattr(found.missed, missed)
    more = getattr(found.added, added)
    order = np.argsort(-(dropped + more), kind="stable")[:LINES]
    lines = []
    for place in order:
        if dropped[place] + more[place]:
            name = found.names[place]
            lines.append(ErrorLine(name, int(dropped[place]), int(more[place])))
    return tuple(lines)


def _f1(counts: tuple[int, int], true: int) -> float:
    tp, given = counts
    return 2 * tp / (given + true) if given + true else 0.0
