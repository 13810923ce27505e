"""Which notes a list has, and in what order: what two raters, or nobody, got right or wrong.

One answer for all pages: By note shows the list, a note's page walks it ("12 of 108"), downloads
hold it. A note is listed where the codes asked after (a code, a group of codes, or all) have at
least one of which it is true. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import BoolArray, FloatArray, IntArray
from benchmark.metrics.sets.counts import Counts, Numbers, per_note, ratio
from benchmark.scoring.sides import Axes, Side, Sides
from benchmark.tables.two_raters import groups_of, lacking

UNKNOWN = -1
"""The length of a note whose text is not here."""
NOBODY = ("missed-all", "nobody-all", "nobody-any")
"""Lists that need everybody's codes; all others need those of the two raters."""
OF_ONE = ("given", "found", "missed", "added", "precision", "recall", "jaccard")
FIGURES = (
    "reference",
    *(f"{name}-a" for name in OF_ONE),
    *(f"{name}-b" for name in OF_ONE),
    "difference",
    "jaccard-ab",
)
"""Of each note, over all codes that count: how many codes the reference and each rater gave, how
many of the reference's each found, and so on. The difference is A's Jaccard less B's; the last one
is A's Jaccard with B."""
SORTS = ("name", "coder", "words", *FIGURES)


@dataclass(frozen=True)
class Asked:
    """What a list is asked for."""

    show: str = ""
    """One of SHOWS; "": every note, or every note in which somebody gave one of the codes."""
    by: str = "code"
    """One of GROUPINGS: what `of` is."""
    of: str = ""
    """A code, or a group of codes; "": all codes."""
    coder: str = ""
    """The coder whose own notes they are; "": everybody's."""
    least: int | None = None
    """Words."""
    most: int | None = None
    sort: str = ""
    """One of SORTS; largest first with a hyphen before it. Ties are in the notes' own order. "": as
    is usual for what is shown (`usual_sort`)."""

    @property
    def order(self) -> str:
        return self.sort or usual_sort(self.show, self.of)

    @property
    def of_facts(self) -> bool:
        """Whether the list depends on more than codes."""
        by_length = self.least is not None or self.most is not None
        return bool(self.coder) or by_length or self.sort.removeprefix("-") in ("coder", "words")


@dataclass(frozen=True)
class Facts:
    """What is known of the notes (N,) beside their codes."""

    coder: Sequence[str]
    """Each note's own coder; "" where it has none."""
    words: IntArray
    """How long its text is; UNKNOWN where it is not here."""


NO_FACTS = Facts((), np.zeros(0, np.int64))
"""Enough for a list that asks for no coder and no length."""


class Cells:
    """(notes, codes) matrices of ones: the codes of which something is true."""

    def __init__(self, true: csr_matrix, a: csr_matrix, b: csr_matrix) -> None:
        self.true = true
        self.a = a
        self.b = b

    @cached_property
    def missed_a(self) -> csr_matrix:
        return lacking(self.true, self.a)

    @cached_property
    def missed_b(self) -> csr_matrix:
        return lacking(self.true, self.b)

    @cached_property
    def added_a(self) -> csr_matrix:
        return lacking(self.a, self.true)

    @cached_property
    def added_b(self) -> csr_matrix:
        return lacking(self.b, self.true)

    @cached_property
    def anybody(self) -> csr_matrix:
        return self.true + self.a + self.b


SHOWS: Mapping[str, Callable[[Cells], csr_matrix]] = {
    "missed-a": lambda cells: cells.missed_a,
    "missed-b": lambda cells: cells.missed_b,
    "missed-a-only": lambda cells: lacking(cells.missed_a, cells.missed_b),
    "missed-b-only": lambda cells: lacking(cells.missed_b, cells.missed_a),
    "missed-both": lambda cells: cells.missed_a.multiply(cells.missed_b),
    "added-a": lambda cells: cells.added_a,
    "added-b": lambda cells: cells.added_b,
    "added-a-only": lambda cells: lacking(cells.added_a, cells.added_b),
    "added-b-only": lambda cells: lacking(cells.added_b, cells.added_a),
    "added-both": lambda cells: cells.added_a.multiply(cells.added_b),
    # Right where the other is wrong: found what it missed, or left out what it added.
    "right-a-only": lambda cells: lacking(
        cells.missed_b + cells.added_b, cells.missed_a + cells.added_a
    ),
    "right-b-only": lambda cells: lacking(
        cells.missed_a + cells.added_a, cells.missed_b + cells.added_b
    ),
    "differ": lambda cells: lacking(cells.a, cells.b) + lacking(cells.b, cells.a),
    "differ-a": lambda cells: cells.missed_a + cells.added_a,
    "differ-b": lambda cells: cells.missed_b + cells.added_b,
    "found-a": lambda cells: cells.true.multiply(cells.a),
    "found-b": lambda cells: cells.true.multiply(cells.b),
    "given-a": lambda cells: cells.a,
    "given-b": lambda cells: cells.b,
    "given-both": lambda cells: cells.a.multiply(cells.b),
    "given-a-only": lambda cells: lacking(cells.a, cells.b),
    "given-b-only": lambda cells: lacking(cells.b, cells.a),
    "reference": lambda cells: cells.true,
    "both-a-b": lambda cells: cells.anybody,
}
"""List -> the codes of notes (notes, codes) that it is of; with NOBODY these are all lists.

"differ": the raters gave different codes; "differ-a": A's are not the reference's.
"""
ALL_SHOWS = (*SHOWS, *NOBODY)


@dataclass(frozen=True)
class Part:
    """Some notes and codes of the sides; what is read of them is kept for the next list."""

    sides: Sides
    cells: dict[tuple[str, str], Cells]

    def of(self, a: str, b: str) -> Cells:
        """Of two raters."""
        if (a, b) not in self.cells:
            true = self.sides.true
            # Without a second rater the reference stands in for it: it misses and adds nothing.
            given_b = self.sides.raters[b].given if b else true
            self.cells[a, b] = Cells(true, self.sides.raters[a].given, given_b)
        return self.cells[a, b]


def usual_sort(show: str, of: str) -> str:
    """The worst first where whole notes are looked at, by id where a code is."""
    if of or show in NOBODY:
        return "name"
    if show in ("differ", "given-both", "given-a-only", "given-b-only"):
        return "jaccard-ab"
    if show.endswith("-b"):
        return "jaccard-b"
    return "jaccard-a"


def listed(sides: Sides, a: str, b: str, asked: Asked, facts: Facts = NO_FACTS) -> IntArray:
    """The rows of the notes that a list has, in its order.

    They are among the notes on which the two raters are compared (`Sides.counted`). `b` is "" where
    there is one rater. Where `asked.show` is one of NOBODY, the sides are everybody's. Raises
    LookupError for an unknown list, grouping or order.
    """
    _check(asked)
    rows = sides.counted(*_both(a, b))
    names = None if asked.show in NOBODY else _both(a, b)
    kept = _shown(_part(sides, asked, rows, names), a, b, asked)
    rows = rows[kept & _narrowed(asked, facts, rows)]
    return rows[_order(sides, a, b, asked.order, rows, facts)]


def _narrowed(asked: Asked, facts: Facts, rows: IntArray) -> BoolArray:
    """(rows,) whether each has the coder and the length that are asked for."""
    kept = np.ones(len(rows), np.bool_)
    if asked.coder:
        kept &= np.array([facts.coder[row] == asked.coder for row in rows], dtype=np.bool_)
    if asked.least is not None:
        kept &= facts.words[rows] >= asked.least
    if asked.most is not None:
        kept &= (facts.words[rows] <= asked.most) & (facts.words[rows] != UNKNOWN)
    return kept


def how_many(sides: Sides, a: str, b: str, asked: Asked, facts: Facts = NO_FACTS) -> dict[str, int]:
    """How many notes each list has that these sides can tell, all else as asked.

    `sides`: the two raters' give all but NOBODY's lists, everybody's give those too.
    """
    everybody = set(sides.raters) > {a, b} - {""}
    rows = sides.counted(*_both(a, b))
    part = _part(sides, asked, rows)
    narrowed = _narrowed(asked, facts, rows)
    found = {}
    for show in ALL_SHOWS:
        if show in NOBODY and not everybody:
            continue
        kept = _shown(part, a, b, replace(asked, show=show)) & narrowed
        found[show] = int(kept.sum())
    return found


def figures(sides: Sides, a: str, b: str, rows: IntArray) -> dict[str, Numbers]:
    """FIGURES of these notes, each (rows,).

    Without a second rater its figures are left out.
    """
    of_a = sides.per_note(a, rows)
    found: dict[str, Numbers] = {"reference": of_a.t}
    found |= _of_one(of_a, "a")
    if b:
        found |= _of_one(sides.per_note(b, rows), "b")
        found["difference"] = found["jaccard-a"] - found["jaccard-b"]
        of_each_other = per_note(sides.raters[a].given[rows], sides.raters[b].given[rows])
        found["jaccard-ab"] = jaccard(of_each_other)
    return found


def _of_one(counts: Counts, which: str) -> dict[str, Numbers]:
    """One rater's figures; `which` of the two it is."""
    return {
        f"given-{which}": counts.p,
        f"found-{which}": counts.tp,
        f"missed-{which}": counts.t - counts.tp,
        f"added-{which}": counts.p - counts.tp,
        f"precision-{which}": ratio(counts.tp, counts.p),
        f"recall-{which}": ratio(counts.tp, counts.t),
        f"jaccard-{which}": jaccard(counts),
    }


def jaccard(counts: Counts) -> FloatArray:
    """(notes,) of all codes that either gave, the share that both gave; 1 where neither gave one.

    >>> jaccard(Counts(tp=np.array([1, 0]), p=np.array([2, 0]), t=np.array([2, 0]))).tolist()
    [0.3333333333333333, 1.0]
    """
    together = counts.p + counts.t - counts.tp
    shares = np.ones(len(together))
    np.divide(counts.tp, together, out=shares, where=together > 0)
    return shares


def _check(asked: Asked) -> None:
    if asked.show and asked.show not in ALL_SHOWS:
        raise LookupError(f"no list of notes is called {asked.show}; there are {ALL_SHOWS}")
    sort = asked.order.removeprefix("-")
    if sort not in SORTS:
        raise LookupError(f"notes are not sorted by {sort}, but by one of {SORTS}")


def _part(sides: Sides, asked: Asked, rows: IntArray, names: Sequence[str] | None = None) -> Part:
    """These notes and the codes asked after, of the raters named or of all."""
    return Part(_cut(sides, rows, _columns(sides, asked, rows), names), {})


def _shown(part: Part, a: str, b: str, asked: Asked) -> BoolArray:
    """(notes,) whether each is in the list, whoever coded it and however long it is."""
    show = asked.show or "both-a-b"
    if show == "both-a-b" and not asked.of:
        return np.ones(len(part.sides.axes.notes), np.bool_)
    if show in NOBODY:
        return _nobody(part.sides, show)
    return _any(SHOWS[show](part.of(a, b)))


def _both(a: str, b: str) -> list[str]:
    """The raters that are compared: one, where there is no second."""
    return [name for name in (a, b) if name]


def _nobody(sides: Sides, show: str) -> BoolArray:
    """(notes,) of which no rater who coded them found a code, all codes or any code."""
    true = sides.true
    wanted = _sums(true)
    if show == "missed-all":
        missed = true
        for side in sides.raters.values():
            missed = lacking(missed, side.given)
        return _any(missed)
    by_any = np.zeros(len(wanted), np.bool_)
    for side in sides.raters.values():
        counts = per_note(true, side.given)
        if show == "nobody-all":
            by_any |= side.done & (counts.tp == wanted) & (counts.p == wanted)
        else:
            by_any |= counts.tp > 0
    if show == "nobody-all":
        return ~by_any
    return ~by_any & (wanted > 0)


def _columns(sides: Sides, asked: Asked, rows: IntArray) -> IntArray:
    """Of the codes that are asked after; none where nobody gave one of them."""
    if not asked.of:
        return np.arange(len(sides.axes.codes))
    if asked.by == "code":
        # Without a look at the groups of some thousand codes.
        return np.flatnonzero(np.array(sides.axes.codes, dtype=object) == asked.of)
    try:
        names, number = groups_of(sides, asked.by, rows)
    except KeyError as error:
        raise LookupError(f"codes are not grouped by {asked.by}") from error
    if asked.of not in names:
        return np.zeros(0, np.int64)
    return np.flatnonzero(number == names.index(asked.of))


def _cut(sides: Sides, rows: IntArray, columns: IntArray, names: Sequence[str] | None) -> Sides:
    """These notes and codes of the sides, of the raters named or of all."""
    whole = len(columns) == len(sides.axes.codes)

    def part(matrix: csr_matrix) -> csr_matrix:
        if whole:
            return matrix[rows]
        return matrix[:, columns][rows]

    raters: dict[str, Side] = {}
    for name in sides.raters if names is None else names:
        side = sides.raters[name]
        raters[name] = replace(side, done=side.done[rows], given=part(side.given))
    axes = Axes(
        notes=tuple(sides.axes.notes[row] for row in rows),
        codes=tuple(sides.axes.codes[column] for column in columns),
        outside=sides.axes.outside,
        scored=sides.axes.scored[rows],
    )
    return Sides(axes, part(sides.true), raters)


def _order(sides: Sides, a: str, b: str, sort: str, rows: IntArray, facts: Facts) -> IntArray:
    """Where each place of the list is among the rows."""
    name = sort.removeprefix("-")
    values: Numbers = rows
    if name == "coder":
        names = np.array([facts.coder[row] for row in rows], dtype=object)
        values = np.unique(names, return_inverse=True)[1]
    elif name == "words":
        values = facts.words[rows]
    elif name != "name":
        found = figures(sides, a, b, rows)
        values = found.get(name, np.zeros(len(rows)))
    if sort.startswith("-"):
        values = -values
    return np.argsort(values, kind="stable")


def _sums(matrix: csr_matrix) -> IntArray:
    return np.asarray(matrix.sum(axis=1), dtype=np.int64).ravel()


def _any(matrix: csr_matrix) -> BoolArray:
    """(notes,) which have a one."""
    found: BoolArray = _sums(matrix) > 0
    return found
