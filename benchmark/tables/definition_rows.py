"""Raters by each way of counting: does another definition change who is ahead? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.scoring.document import Document
from benchmark.scoring.presets import Preset

GROUPED = {
    "category": "Any code of the right category",
    "chapter": "Any code of the right chapter",
}
MOST_SHOWN = 4
"""Raters whose figures stand beside the chart; of more only those that are compared."""


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
    def averages(self) -> list[Mapping[str, float]]:
        """Those that there are."""
        return [figures for figures in (self.micro, self.macro) if figures]


@dataclass(frozen=True)
class Definitions:
    """All ways in which a study was counted."""

    rows: tuple[DefinitionRow, ...]
    raters: tuple[str, ...]
    shown: tuple[str, ...]
    """Those whose figures stand beside the chart."""
    verdict: str
    """The answer in a word or two."""
    words: str
    """What follows it."""
    unscored: tuple[str, ...] = ()
    """Ways in which the study could be counted, and was not yet."""


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
    shown = [name for name in raters if len(raters) <= MOST_SHOWN or name in compared]
    verdict, words = order_words(rows)
    return Definitions(tuple(rows), tuple(raters), tuple(shown), verdict, words, tuple(unscored))


def which_codes(preset: Preset, document: Document) -> str:
    """The codes that count, with their number where they are a list."""
    title = preset.which[0].upper() + preset.which[1:]
    if preset.threshold == "dev":
        return "Models at their best threshold"
    return f"{title} ({document.label_space.size:,})"


def order_words(rows: Sequence[DefinitionRow]) -> tuple[str, str]:
    """Whether the order of the raters stays, as a verdict and a sentence.

    It says how figures stand, not whether their differences are real.
    """
    orders = []
    for row in rows:
        if row.notes >= LEAST_NOTES:
            orders += [_order(figures) for figures in row.averages]
    if not orders:
        return "Too few notes to say.", f"An order of fewer than {LEAST_NOTES} notes is luck."
    ways = len(orders)
    everybody = {frozenset(order) for order in orders}
    leaders: dict[str, int] = {}
    for order in orders:
        leaders[order[0]] = leaders.get(order[0], 0) + 1
    if len(leaders) > 1:
        counted = [f"{name} in {times}" for name, times in leaders.items()]
        return "Yes.", f"Who is ahead depends on it: {', '.join(counted)} of {ways} ways."
    (leader,) = leaders
    same = sum(1 for order in orders if order == orders[0])
    if len(everybody) == 1 and same == ways:
        rest = f"{leader} is ahead and {orders[0][-1]} is last"
        if len(orders[0]) > 2:
            rest += ", with the others between in the same order,"
        return "No.", f"{rest} in all {ways} ways."
    return "Not who is ahead.", (
        f"{leader} is ahead in all {ways} ways; the order of the others is not always the same."
    )


def _order(figures: Mapping[str, float]) -> tuple[str, ...]:
    """Raters, the highest first; those of an equal figure by name."""
    return tuple(sorted(figures, key=lambda name: (-figures[name], name)))
