"""Raters by each way of counting: does another definition change who is ahead? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.scoring.document import Document
from benchmark.scoring.presets import Preset
from benchmark.tables.answer import Spoken
from benchmark.tables.notes.list_words import named

GROUPED = {
    "category": "Any code of the right category",
    "chapter": "Any code of the right chapter",
}
MOST_SHOWN = 3
"""Raters whose figures stand beside the chart; of more those that are compared, or the first."""
MARKS = ("a", "b")
"""Of the two raters that are compared."""
HOLLOW = ("c", "d", "e", "f")
"""Of others, each of another shape: a circle, a diamond, and a triangle up and down."""


@dataclass(frozen=True)
class DefinitionRow:
    """One way of counting."""

    title: str
    preset: str
    """Its name in addresses; "" where it is no preset."""
    notes: int
    micro: Mapping[str, float]
    """Rater -> Jaccard."""
    macro: Mapping[str, float]
    """Empty where there is none."""

    @property
    def averages(self) -> dict[str, Mapping[str, float]]:
        """Those that there are, by name."""
        found = {"micro": self.micro}
        if self.macro:
            found["macro"] = self.macro
        return found


@dataclass(frozen=True)
class Dot:
    """A rater's figure on the scale of a row."""

    name: str
    value: float
    mark: str = HOLLOW[0]

    @property
    def x(self) -> float:
        """In per cent from the left."""
        return round(100 * self.value, 2)

    @property
    def words(self) -> str:
        return f"{self.name} {100 * self.value:.1f}"


@dataclass(frozen=True)
class DefinitionLine:
    """A row of the page: one average of one way of counting."""

    title: str
    preset: str
    average: str
    figures: Mapping[str, float]
    shown: tuple[str, ...]
    marks: Mapping[str, str]
    """Of those that are shown."""
    enough: bool
    """Whether there are notes enough to mark the highest."""
    span: int
    """Averages of the same way of counting."""
    first: bool
    """Whether it is the first of these."""

    @property
    def dots(self) -> list[Dot]:
        """In the order in which they are drawn: those that are compared lie on top."""
        first = [name for name in self.figures if name not in self.shown]
        last = [name for name in reversed(self.shown) if name in self.figures]
        found = []
        for name in (*first, *last):
            found.append(Dot(name, self.figures[name], self.marks.get(name, HOLLOW[0])))
        return found

    @property
    def low(self) -> float:
        return round(100 * min(self.figures.values()), 2)

    @property
    def high(self) -> float:
        return round(100 * max(self.figures.values()), 2)

    @property
    def words(self) -> str:
        """The dots, for those who do not see them."""
        return ", ".join(Dot(name, value).words for name, value in self.figures.items())

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """The figures that stand beside the chart, and whether each is the highest."""
        highest = max(self.figures.values())
        found = []
        for name in self.shown:
            value = self.figures.get(name)
            if value is None:
                found.append(("–", False))
            else:
                found.append((f"{100 * value:.1f}", self.enough and value == highest))
        return found


@dataclass(frozen=True)
class Definitions:
    """All ways in which a study was counted."""

    rows: tuple[DefinitionRow, ...]
    raters: tuple[str, ...]
    shown: tuple[str, ...]
    """Those whose figures stand beside the chart."""
    marks: Mapping[str, str]
    """How each of these is drawn, in that order; no two alike."""
    verdict: str
    """The answer in a word or two."""
    words: str
    """What follows it."""
    unscored: tuple[str, ...] = ()
    """Ways in which the study could be counted, and was not yet."""
    quarters: tuple[int, ...] = (25, 50, 75, 100)
    """Of the scale."""

    @property
    def lines(self) -> list[DefinitionLine]:
        """The rows of the page."""
        found = []
        for row in self.rows:
            enough = row.notes >= LEAST_NOTES
            for average, figures in row.averages.items():
                line = DefinitionLine(
                    title=row.title,
                    preset=row.preset,
                    average=average,
                    figures=figures,
                    shown=self.shown,
                    marks=self.marks,
                    enough=enough,
                    span=len(row.averages),
                    first=average == "micro",
                )
                found.append(line)
        return found


def definition_rows(
    documents: Mapping[Preset, Document], unscored: Sequence[str], compared: Sequence[str]
) -> Definitions | None:
    """Jaccard of each rater by each preset, then by category and chapter of the first.

    `compared`: the raters that the page compares. None for a single preset.
    """
    if len(documents) < 2:
        return None
    rows = []
    for preset, document in documents.items():
        micro = {name: rater.micro.jaccard for name, rater in document.raters.items()}
        macro = {name: rater.macro.jaccard for name, rater in document.raters.items()}
        title = which_codes(preset, document)
        rows.append(DefinitionRow(title, preset.name, document.notes, micro, macro))
    first = next(iter(documents.values()))
    if first.partial:
        for way, title in GROUPED.items():
            figures = {name: getattr(credit, way).jaccard for name, credit in first.partial.items()}
            rows.append(DefinitionRow(title, "", first.notes, figures, {}))
    raters: dict[str, None] = {}
    for row in rows:
        raters.update(dict.fromkeys(row.micro))
    shown = _shown(list(raters), compared)
    marks = marks_of(shown, compared, others=len(raters) > len(shown))
    verdict, words = order_words(rows, first.kinds)
    return Definitions(
        rows=tuple(rows),
        raters=tuple(raters),
        shown=tuple(shown),
        marks=marks,
        verdict=verdict,
        words=words,
        unscored=tuple(unscored),
    )


def _shown(raters: Sequence[str], compared: Sequence[str]) -> list[str]:
    """Those whose figures stand beside the chart: the first where no row has those compared."""
    if len(raters) <= MOST_SHOWN:
        return list(raters)
    found = [name for name in raters if name in compared]
    return found or list(raters[:MOST_SHOWN])


def marks_of(shown: Sequence[str], compared: Sequence[str], others: bool) -> dict[str, str]:
    """Rater -> its mark, no two alike. `others`: raters beside these, who are hollow circles.

    >>> marks_of(["People", "RAC", "CAML"], ("RAC", "Ada"), others=False)
    {'People': 'c', 'RAC': 'a', 'CAML': 'd'}
    """
    of_pair = dict(zip(compared, MARKS, strict=False))
    hollow = iter(HOLLOW[1:] if others else HOLLOW)
    found = {}
    for name in shown:
        found[name] = of_pair[name] if name in of_pair else next(hollow)
    return found


def which_codes(preset: Preset, document: Document) -> str:
    """The codes that count, with their number where they are a list."""
    if preset.threshold == "dev":
        return "Models at their best threshold"
    title = preset.which.removeprefix("codes that ")
    title = title[0].upper() + title[1:]
    return f"{title} ({document.label_space.size:,})"


def order_words(
    rows: Sequence[DefinitionRow], kinds: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Whether the order of the raters stays, as a verdict and a sentence.

    `kinds`: by rater, such as "people"; a sentence says "the human coders are".
    It says how figures stand, not whether their differences are real.
    """
    orders = []
    for row in rows:
        if row.notes >= LEAST_NOTES:
            orders += [_order(figures) for figures in row.averages.values()]
    if not orders:
        return "Too few notes to say.", f"An order of fewer than {LEAST_NOTES} notes is luck."
    ways = len(orders)
    everybody = {frozenset(order) for order in orders}
    kinds = kinds or {}
    leaders: dict[str, int] = {}
    for order in orders:
        leaders[order[0]] = leaders.get(order[0], 0) + 1
    if len(leaders) > 1:
        counted = []
        for name, times in leaders.items():
            counted.append(f"{_spoken(name, kinds).words} in {times}")
        return "Yes.", f"Who is ahead depends on it: {', '.join(counted)} of {ways} ways."
    (ahead,) = leaders
    leader = _spoken(ahead, kinds)
    leads = f"{leader.first} {leader.verb('is')} ahead"
    same = sum(1 for order in orders if order == orders[0])
    if len(everybody) == 1 and same == ways:
        last = _spoken(orders[0][-1], kinds)
        rest = f"{leads} and {last.words} {last.verb('is')} last"
        if len(orders[0]) > 2:
            rest += ", with the others between in the same order,"
        return "No.", f"{rest} in all {ways} ways."
    return "Not who is ahead.", (
        f"{leads} in all {ways} ways; the order of the others is not always the same."
    )


def _spoken(name: str, kinds: Mapping[str, str]) -> Spoken:
    """A rater as a sentence calls it."""
    kind = kinds.get(name, "")
    return Spoken(named(name, kind), plural=kind == "people")


def _order(figures: Mapping[str, float]) -> tuple[str, ...]:
    """Raters, the highest first; those of an equal figure by name."""
    return tuple(sorted(figures, key=lambda name: (-figures[name], name)))
