"""By code: which codes, or groups of codes, a page lists of two raters, and in what order. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.metrics.certainty.shares import wilson_bounds
from benchmark.metrics.codings import BoolArray, IntArray
from benchmark.metrics.sets.counts import Counts, Numbers
from benchmark.scoring.sides import Sides
from benchmark.tables.lines import GROUPINGS, place
from benchmark.tables.two_raters import Errors, PairCounts, groups_of

FEW = 5
"""Under so many a share says little: it stands below the others, whichever way they are sorted."""
GROUPED = tuple(by for by in GROUPINGS if by != "code")
"""What a list of codes can be narrowed to one group of."""
SHARES = ("recall", "precision", "jaccard")
NUMBERS = ("given", "found", "missed", "added")
OF_ONE = (*SHARES, *NUMBERS)
"""Figures that each rater has; in addresses with -a or -b behind."""
OF_BOTH = ("reference", "gap", "ahead", "agree")
"""gap: how far the raters' errors are apart; ahead: errors of B less those of A, so that what is
above 0 is A's; agree: of the codes that either gave, the share that both gave."""
SORTS = ("name", *OF_BOTH, *(f"{name}-{rater}" for name in OF_ONE for rater in "ab"))
FIRST = "-gap"


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for."""

    by: str = "code"
    """One of GROUPINGS."""
    sort: str = FIRST
    """One of SORTS; largest first with a hyphen before it."""
    within: Mapping[str, str] = field(default_factory=dict)
    """Grouping -> the group that codes are in. A group of codes is listed where one of its is."""
    found: Collection[str] | None = None
    """The codes that a search found, None without a search."""
    named: Collection[str] = ()
    """Groups that a search found by their own names."""


@dataclass(frozen=True)
class Share:
    """Some of a count, with its Wilson interval; nothing to say where the count is 0."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        if not self.of:
            return None
        return self.hits / self.of

    @property
    def percent(self) -> str:
        if not self.of:
            return "-"
        return str(percent(self.hits, self.of))

    @property
    def words(self) -> str:
        """The interval, per cent."""
        return f"{100 * self.low:.0f} to {100 * self.high:.0f}"


@dataclass(frozen=True)
class OfOne:
    """One rater's figures of a code or group."""

    given: int
    found: int
    reference: int
    recall: Share
    precision: Share

    @property
    def missed(self) -> int:
        return self.reference - self.found

    @property
    def added(self) -> int:
        return self.given - self.found

    @property
    def jaccard(self) -> float:
        """1 where neither the rater nor the reference has one."""
        together = self.reference + self.given - self.found
        if not together:
            return 1.0
        return self.found / together

    @property
    def f1_percent(self) -> str:
        """- where neither the rater nor the reference has one."""
        if not self.reference + self.given:
            return "-"
        return str(percent(2 * self.found, self.reference + self.given))


@dataclass(frozen=True)
class CodeLine:
    """A code, or a group of codes, of two raters."""

    name: str
    codes: int
    reference: int
    a: OfOne
    b: OfOne
    ahead: int
    """Errors of B less errors of A."""
    both: int
    """How often both gave one and the same code of it to a note, right or wrong."""
    a_only: int
    b_only: int

    @property
    def gap(self) -> int:
        return abs(self.ahead)

    @property
    def either(self) -> int:
        return self.both + self.a_only + self.b_only

    @property
    def agree(self) -> float | None:
        """Of the codes that either gave, the share that both gave; None where neither gave one."""
        if not self.either:
            return None
        return self.both / self.either

    @property
    def agree_percent(self) -> str:
        if not self.either:
            return "-"
        return str(percent(self.both, self.either))


def percent(hits: int, of: int) -> int:
    """A share in whole per cent, half a per cent upwards.

    >>> percent(111, 120), percent(1, 3), percent(0, 7)
    (93, 33, 0)
    """
    return (200 * hits + of) // (2 * of)


def ordinal(number: int) -> str:
    """A place in words.

    >>> ordinal(1), ordinal(22), ordinal(113)
    ('1st', '22nd', '113th')
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    if number % 100 in (11, 12, 13):
        ending = "th"
    return f"{number}{ending}"


def kept(sides: Sides, counts: PairCounts, rows: IntArray, wanted: Wanted) -> BoolArray:
    """Which groups (G,) are listed, however rare. `rows`: the notes of the counts."""
    codes = np.ones(len(sides.axes.codes), np.bool_)
    for by, group in wanted.within.items():
        names, number = groups_of(sides, by, rows)
        if group not in names:
            return np.zeros(len(counts.names), np.bool_)
        codes &= number == names.index(group)
    named = np.zeros(len(counts.names), np.bool_)
    if wanted.found is not None:
        found = set(wanted.found)
        for place, name in enumerate(counts.names):
            named[place] = name in wanted.named
        for column, code in enumerate(sides.axes.codes):
            codes[column] &= code in found
    _, number = groups_of(sides, wanted.by, rows)
    holding = np.bincount(number, weights=codes, minlength=len(counts.names)) > 0
    if wanted.within:
        # A group that is found by its name is in the list only where the codes asked for are.
        return np.asarray(holding)
    return np.asarray(holding | named)


def ordered(counts: PairCounts, places: IntArray, sort: str) -> IntArray:
    """These places of groups in an order of SORTS; ties by name. KeyError for another order.

    Shares of few stand below the others, and those of nothing last, whichever way it is sorted.
    """
    figure = sort.removeprefix("-")
    names = [place(name) for name in counts.names]
    by_name = np.array(sorted(places.tolist(), key=names.__getitem__), np.int64)
    if figure == "name":
        if sort.startswith("-"):
            return by_name[::-1]
        return by_name
    over, under = _parts(counts, figure)
    values = over[by_name] / np.maximum(under[by_name], 1)
    below = np.zeros(len(by_name), np.int64)
    if figure.partition("-")[0] in (*SHARES, "agree"):
        below[under[by_name] < FEW] = 1
        below[under[by_name] == 0] = 2
    if sort.startswith("-"):
        values = -values
    found: IntArray = by_name[np.lexsort((values, below))]
    return found


def _parts(counts: PairCounts, figure: str) -> tuple[Numbers, Numbers]:
    """Numerator and denominator (G,) of a figure; the denominator of a number is 1."""
    name, _, rater = figure.partition("-")
    ones = np.ones(len(counts.names))
    of_pair: dict[str, tuple[Numbers, Numbers]] = {
        "reference": (counts.reference, ones),
        "gap": (np.abs(counts.gap), ones),
        "ahead": (-counts.gap, ones),
        "agree": (
            counts.gave.both,
            counts.gave.both + counts.gave.a_only + counts.gave.b_only,
        ),
    }
    if figure in of_pair:
        return of_pair[figure]
    one = {"a": counts.a, "b": counts.b}[rater]
    parts: dict[str, tuple[Numbers, Numbers]] = {
        "recall": (one.tp, one.t),
        "precision": (one.tp, one.p),
        "jaccard": (one.tp, one.p + one.t - one.tp),
        "given": (one.p, ones),
        "found": (one.tp, ones),
        "missed": (one.t - one.tp, ones),
        "added": (one.p - one.tp, ones),
    }
    return parts[name]


def code_lines(counts: PairCounts, places: IntArray) -> list[CodeLine]:
    """The lines of these groups, in their order."""
    of_a, of_b = of_one(counts.a, places), of_one(counts.b, places)
    found = []
    for at, a, b in zip(places.tolist(), of_a, of_b, strict=True):
        found.append(
            CodeLine(
                name=counts.names[at],
                codes=int(counts.codes[at]),
                reference=a.reference,
                a=a,
                b=b,
                ahead=-int(counts.gap[at]),
                both=int(counts.gave.both[at]),
                a_only=int(counts.gave.a_only[at]),
                b_only=int(counts.gave.b_only[at]),
            )
        )
    return found


def together(counts: PairCounts, kept: BoolArray, name: str) -> CodeLine:
    """One line of all groups (G,) that are kept."""
    places = np.flatnonzero(kept)

    def summed(numbers: Numbers) -> IntArray:
        return np.array([numbers[places].sum()], np.int64)

    def both(each: Counts) -> Counts:
        return Counts(summed(each.tp), summed(each.p), summed(each.t))

    def errors(each: Errors) -> Errors:
        return Errors(summed(each.a_only), summed(each.both), summed(each.b_only))

    sums = PairCounts(
        names=(name,),
        codes=summed(counts.codes),
        notes=counts.notes,
        a=both(counts.a),
        b=both(counts.b),
        missed=errors(counts.missed),
        added=errors(counts.added),
        gave=errors(counts.gave),
    )
    return code_lines(sums, np.array([0]))[0]


def of_one(counts: Counts, places: IntArray) -> list[OfOne]:
    """A rater's figures at these places of its counts."""
    tp, p, t = counts.tp[places], counts.p[places], counts.t[places]
    recalls, precisions = _shares(tp, t), _shares(tp, p)
    found = []
    for at, (recall, precision) in enumerate(zip(recalls, precisions, strict=True)):
        found.append(OfOne(int(p[at]), int(tp[at]), int(t[at]), recall, precision))
    return found


def _shares(hits: IntArray, of: IntArray) -> Sequence[Share]:
    lows, highs = wilson_bounds(hits, of)
    rows = zip(hits.tolist(), of.tolist(), lows.tolist(), highs.tolist(), strict=True)
    return [Share(*row) for row in rows]
