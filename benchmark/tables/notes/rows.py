"""Notes of two raters as rows, of a page and of a file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.codings import IntArray
from benchmark.metrics.sets.counts import Numbers
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.sides import Sides
from benchmark.tables.notes.lists import UNKNOWN, Facts, figures

BEFORE = {
    "reference": "reference",
    "given": "given-a",
    "agreed": "found-a",
    "missed": "missed-a",
    "added": "added-a",
    "precision": "precision-a",
    "recall": "recall-a",
    "jaccard": "jaccard-a",
}
"""Columns of the file from when it was of one rater, and the figure in each."""
SINCE = {
    "given_b": "given-b",
    "agreed_b": "found-b",
    "missed_b": "missed-b",
    "added_b": "added-b",
    "precision_b": "precision-b",
    "recall_b": "recall-b",
    "jaccard_b": "jaccard-b",
    "jaccard_difference": "difference",
    "jaccard_a_with_b": "jaccard-ab",
}
"""Columns that a second rater adds to it."""
ON_CODE = {
    (True, True): ("✓", "gave it"),
    (True, False): ("○", "missed it"),
    (False, True): ("✗", "added it"),
    (False, False): ("–", "did not give it"),
}
"""(the reference has it, the rater gave it) -> sign and words."""


@dataclass(frozen=True)
class OfRater:
    """What a rater gave to a note."""

    given: int
    found: int
    jaccard: float
    on_code: tuple[str, str] | None
    """How the rater was on the code asked after: sign and words."""

    @property
    def percent(self) -> str:
        return f"{100 * self.jaccard:.1f}"


@dataclass(frozen=True)
class NoteRow:
    """A note of two raters."""

    note: str
    reference: int
    a: OfRater
    b: OfRater | None
    with_each_other: float
    """Jaccard of A with B; 0 without a second rater."""

    @property
    def difference(self) -> str:
        """A's Jaccard less B's, in points."""
        if self.b is None:
            return ""
        points = round(100 * (self.a.jaccard - self.b.jaccard), 1)
        return f"{points:+.1f}" if points else "0.0"

    @property
    def agree(self) -> str:
        return f"{100 * self.with_each_other:.1f}"


def note_rows(sides: Sides, a: str, b: str, rows: IntArray, code: str = "") -> list[NoteRow]:
    """These notes, in this order; `code`: with how each was on that code."""
    found = figures(sides, a, b, rows)
    of_a = _of_rater(sides, found, a, "a", rows, code)
    of_b: Sequence[OfRater | None] = [None] * len(rows)
    with_each_other: Numbers = np.zeros(len(rows))
    if b:
        of_b = _of_rater(sides, found, b, "b", rows, code)
        with_each_other = found["jaccard-ab"]
    lines = []
    for at, row in enumerate(rows.tolist()):
        note = sides.axes.notes[row]
        reference = int(found["reference"][at])
        lines.append(NoteRow(note, reference, of_a[at], of_b[at], float(with_each_other[at])))
    return lines


def _of_rater(
    sides: Sides, found: Mapping[str, Numbers], name: str, which: str, rows: IntArray, code: str
) -> list[OfRater]:
    """One of the two on each note."""
    states: Sequence[tuple[str, str] | None] = [None] * len(rows)
    if code:
        states = on_code(sides, name, rows, code)
    lines = []
    for at, state in enumerate(states):
        line = OfRater(
            given=int(found[f"given-{which}"][at]),
            found=int(found[f"found-{which}"][at]),
            jaccard=float(found[f"jaccard-{which}"][at]),
            on_code=state,
        )
        lines.append(line)
    return lines


def on_code(sides: Sides, name: str, rows: IntArray, code: str) -> list[tuple[str, str]]:
    """How a rater was on one code of each of these notes: sign and words."""
    if code not in sides.axes.codes:
        return [ON_CODE[False, False]] * len(rows)
    column = sides.axes.codes.index(code)
    true = sides.true[:, [column]][rows].toarray().ravel() > 0
    given = sides.raters[name].given[:, [column]][rows].toarray().ravel() > 0
    pairs = zip(true.tolist(), given.tolist(), strict=True)
    return [ON_CODE[has, gave] for has, gave in pairs]


def notes_table(title: str, sides: Sides, a: str, b: str, rows: IntArray, facts: Facts) -> Table:
    """These notes as a table to download: the columns of before in their order, then the others."""
    found = figures(sides, a, b, rows)
    keys = dict(BEFORE)
    if b:
        keys |= SINCE
    columns = [Column(_heading(key), "", key) for key in keys]
    columns += [Column("Coder", "", "coder"), Column("Words", "", "words")]
    lines = []
    for at, row in enumerate(rows.tolist()):
        cells = []
        exact = []
        for figure in keys.values():
            value = found[figure][at].item()
            exact.append(f"{value:.15g}")
            cells.append(f"{value:,}" if isinstance(value, int) else f"{100 * value:.1f}")
        words = int(facts.words[row])
        length = "" if words == UNKNOWN else str(words)
        cells += [facts.coder[row], length]
        exact += [facts.coder[row], length]
        lines.append(Row("rater", sides.axes.notes[row], tuple(cells), tuple(exact)))
    return Table(title, "Note", tuple(columns), tuple(lines))


def _heading(key: str) -> str:
    """
    >>> _heading("jaccard_a_with_b"), _heading("given_b"), _heading("given")
    ('Jaccard A with B', 'Given B', 'Given')
    """
    words = [word.upper() if word in ("a", "b") else word for word in key.split("_")]
    return " ".join([words[0].capitalize(), *words[1:]])
