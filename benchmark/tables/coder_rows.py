"""The coders of a benchmark, a row each, beside models on the same notes. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import Estimate, estimate, influence
from benchmark.metrics.codings import IntArray
from benchmark.metrics.sets.counts import Counts
from benchmark.scoring.agreement import AgreedPair
from benchmark.scoring.document import Document
from benchmark.tables.clocks import SHORT
from benchmark.tables.work import CoderFacts

LEAST = 20
"""Notes, for a figure of one person or of two raters: of fewer it is too few to say."""
TENTHS = 10
LINE_HEIGHT = 24
"""Of the small line, in units of its drawing, which is 100 wide."""


@dataclass(frozen=True)
class CoderSide:
    """What is known of a coder's notes one by one."""

    counts: Counts
    """(notes,) of the notes that the coder coded."""
    order: IntArray | None
    """Rows of `counts` in the order in which they were coded; None where nothing tells it."""


@dataclass(frozen=True)
class CoderRow:
    """One coder on their own notes."""

    name: str
    """As a rater."""
    notes: int
    f1: float
    certain: Estimate | None
    """F1 with its interval; None where the notes are not known one by one."""
    beside: Mapping[str, float | None]
    """Model -> its F1 on the same notes; None where it did not code all of them."""
    codes_per_note: float
    agreement: float | None = None
    """Mean Jaccard of the notes shared with other coders; None without any."""
    shared: int = 0
    """Those notes; one that three coders share counts twice for each."""
    facts: CoderFacts | None = None
    """Who it is and what the work took; None for coders whose codes were imported."""
    line: tuple[float, ...] = ()
    """F1 of each tenth of the notes, in the order in which they were coded."""
    highest: float = 1.0
    """Of the scale of the line, which all rows share."""

    @property
    def told(self) -> bool:
        """Whether there are notes enough to say how good the coder is."""
        return self.notes >= LEAST

    @property
    def agreement_told(self) -> bool:
        return self.agreement is not None and self.shared >= LEAST

    @property
    def f1_words(self) -> str:
        return percent(self.f1)

    @property
    def interval_words(self) -> str:
        """ "" where nothing says how sure F1 is."""
        if self.certain is None or self.certain.interval is None:
            return ""
        return f"{percent(self.certain.interval.low)} to {percent(self.certain.interval.high)}"

    @property
    def beside_words(self) -> list[str]:
        return [percent(value) for value in self.beside.values()]

    @property
    def agreement_words(self) -> str:
        return percent(self.agreement)

    @property
    def simulated(self) -> bool:
        return self.facts is not None and self.facts.simulated

    @property
    def short_name(self) -> str:
        """Without what a tag says."""
        if self.facts is None:
            return self.name
        return self.facts.name

    @property
    def who(self) -> str:
        """Certification and years, where they are given."""
        words = []
        if self.facts and self.facts.certification:
            words.append(self.facts.certification)
        if self.facts and self.facts.years_experience is not None:
            years = self.facts.years_experience
            words.append(f"{years} year" if years == 1 else f"{years} years")
        return ", ".join(words)

    @property
    def minutes(self) -> float | None:
        """Median a note."""
        if self.facts is None:
            return None
        return self.facts.median_minutes

    @property
    def clock(self) -> str:
        if self.facts is None or self.minutes is None:
            return ""
        return SHORT.get(self.facts.clock, "")

    @property
    def path(self) -> str:
        """The line as the points of an SVG polyline, 100 wide."""
        points = []
        last = max(len(self.line) - 1, 1)
        for place, value in enumerate(self.line):
            y = LINE_HEIGHT * (1 - value / self.highest)
            points.append(f"{100 * place / last:.1f},{y:.1f}")
        return " ".join(points)

    @property
    def ends_words(self) -> str:
        """The first and the last of the line, and its scale."""
        first, last = (f"{100 * self.line[place]:.0f}" for place in (0, -1))
        return f"{first} to {last}, on a scale to {100 * self.highest:.0f}"

    @property
    def line_words(self) -> str:
        """The line's figures, for those who do not see it."""
        figures = ", ".join(f"{100 * value:.0f}" for value in self.line)
        return f"F1 of each tenth of {self.short_name}'s notes, from first to last: {figures}"


@dataclass(frozen=True)
class CoderRows:
    """All coders, and the models that they are compared by."""

    rows: tuple[CoderRow, ...]
    models: tuple[str, ...]
    """Those that coded all notes of some coder, in the order of Table 1."""


def percent(share: float | None) -> str:
    """As it is shown.

    >>> percent(0.125), percent(None)
    ('12.5', '–')
    """
    if share is None:
        return "–"
    return f"{100 * share:.1f}"


def coder_rows(
    document: Document, facts: Sequence[CoderFacts], sides: Mapping[str, CoderSide]
) -> CoderRows:
    """A row a coder, in the document's order; `sides` by the coder's name, as far as known."""
    by_label = {each.label: each for each in facts}
    lines = {name: _line(document, name, sides.get(name)) for name in document.coders}
    highest = _scale(lines.values())
    models = _models(document)
    rows = []
    for name, compared in document.coders.items():
        beside: dict[str, float | None] = dict.fromkeys(models)
        for model, figures in compared.raters.items():
            if model != name:
                beside[model] = figures.micro.f1
        certain = None
        if name in sides:
            certain = estimate(influence(sides[name].counts, "f1"))
        shared, agreement = shared_with(document.pairs, name, document.coders)
        row = CoderRow(
            name=name,
            notes=compared.notes,
            f1=compared.raters[name].micro.f1,
            certain=certain,
            beside=beside,
            codes_per_note=compared.raters[name].codes_per_note,
            agreement=agreement,
            shared=shared,
            facts=by_label.get(name),
            line=lines[name],
            highest=highest,
        )
        rows.append(row)
    return CoderRows(tuple(rows), tuple(models))


def _models(document: Document) -> list[str]:
    """Those that coded all notes of some coder, in the order of Table 1."""
    found = set()
    for name, compared in document.coders.items():
        found |= compared.raters.keys() - {name}
    return sorted(found, key=list(document.raters).index)


def shared_with(
    pairs: Sequence[AgreedPair], name: str, coders: Mapping[str, object]
) -> tuple[int, float | None]:
    """Notes that a coder shares with other coders, and the mean Jaccard over them.

    A note shared with two others counts twice. None without such a note.
    """
    notes = 0
    summed = 0.0
    for pair in pairs:
        two = {pair.first, pair.second}
        if name in two and all(each in coders for each in two):
            notes += pair.notes
            summed += pair.notes * pair.jaccard
    if not notes:
        return 0, None
    return notes, summed / notes


def tenths(counts: Counts, order: IntArray) -> list[float]:
    """Micro F1 of each tenth of the notes (`order`: rows of `counts`), 0 where it is undefined.

    >>> one = np.ones(10, dtype=np.int64)
    >>> tenths(Counts(tp=np.array([1, 0] * 5), p=one, t=one), np.arange(10))[:3]
    [1.0, 0.0, 1.0]
    """
    found = []
    for rows in np.array_split(order, TENTHS):
        common = int(counts.tp[rows].sum())
        either = int(counts.p[rows].sum() + counts.t[rows].sum())
        found.append(2 * common / either if either else 0.0)
    return found


def _line(document: Document, name: str, side: CoderSide | None) -> tuple[float, ...]:
    """Empty where there are too few notes, or no order."""
    if side is None or side.order is None or document.coders[name].notes < LEAST:
        return ()
    return tuple(tenths(side.counts, side.order))


def _scale(lines: Iterable[Sequence[float]]) -> float:
    """The end of a scale from 0 that holds all lines, in tenths."""
    highest = 0.1
    for line in lines:
        highest = max([highest, *line])
    return math.ceil(10 * highest) / 10
