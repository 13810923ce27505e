"""Agreement of every two raters as one map, the darker the more they agree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmark.scoring.agreement import MOST_FOR_ALPHA, AgreedPair
from benchmark.tables.agreement import WhoAgrees, alpha_words
from benchmark.tables.coder_rows import LEAST

SHADES = 7
"""From 0, the lightest, to 6, on which letters are white."""


@dataclass(frozen=True)
class Measure:
    """A figure of two raters."""

    name: str
    """In addresses."""
    title: str
    about: str
    """What it is, below the map."""
    value: Callable[[AgreedPair], float | None]
    percent: bool = False
    unlike: str = ""
    """Above the map, after "agree": how it differs from the figure of this name in Table 1."""

    @property
    def file(self) -> str:
        """The table of it, by its name in addresses."""
        return "agreement" if self.percent else self.name


MEASURES = {
    measure.name: measure
    for measure in (
        Measure(
            "jaccard",
            "Jaccard",
            "Jaccard: of all codes that either gave to a note, the share that both gave, in per "
            "cent; mean over the notes that both coded, all codes as they were given. Two empty "
            "sets agree in full.",
            lambda pair: pair.jaccard,
            percent=True,
            unlike=", in all codes that they gave; Table 1 has those that count",
        ),
        Measure(
            "kappa",
            "Kappa",
            "Cohen's kappa over the cells of notes x codes of the label space. Nearly all cells "
            "are empty for both, so kappa is nearly the F1 of one rater against the other: no "
            "figure of its own, and it grows with the list.",
            lambda pair: pair.kappa,
        ),
        Measure(
            "ac1",
            "AC1",
            "Gwet's AC1, code by code: the median over the codes that either gave in ten shared "
            "notes or more. 1 is full agreement, 0 is chance. Over all cells at once it would "
            "reward the empty ones; of a code that is rare it is high even where two raters "
            "rarely share it.",
            lambda pair: pair.ac1,
        ),
        Measure(
            "alpha",
            "Alpha",
            "Krippendorff's alpha of the two sets of codes of a note, with Jaccard distance: 1 is "
            f"full agreement, 0 is chance. Of more than {MOST_FOR_ALPHA:,} shared notes on so "
            "many, evenly spread.",
            lambda pair: pair.alpha,
        ),
    )
}
"""By the name in addresses; the first is shown unless another is asked for."""


@dataclass(frozen=True)
class Cell:
    """Two raters: of a row and of a column."""

    first: str
    second: str
    notes: int = 0
    """That both coded."""
    words: str = ""
    """The figure as it is shown, or why there is none."""
    value: float | None = None
    """None where there is none, or of too few notes to say."""

    @property
    def itself(self) -> bool:
        return self.first == self.second

    @property
    def shade(self) -> int:
        """0 for what has no figure."""
        if self.value is None:
            return 0
        return max(0, min(SHADES - 1, int(SHADES * self.value)))


@dataclass(frozen=True)
class HeatRow:
    """A rater beside each of the others."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatMap:
    """Raters by raters."""

    measure: Measure
    rows: tuple[HeatRow, ...]
    words: tuple[str, ...]
    """What there is to say beneath it."""
    masi: str
    """The coders' alpha by another distance; "" without shared notes."""

    least: int = LEAST
    """Shared notes, for a figure."""

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.rows]

    @property
    def wide(self) -> bool:
        """Whether it needs the whole width of a page."""
        return len(self.rows) > 5


def heat_map(found: WhoAgrees, measure: Measure) -> HeatMap | None:
    """Every two raters, in the order of the document. None without two raters."""
    by_pair: dict[tuple[str, str], AgreedPair] = {}
    names: dict[str, None] = {}
    for pair in found.pairs:
        by_pair[pair.first, pair.second] = pair
        by_pair[pair.second, pair.first] = pair
        names.update(dict.fromkeys((pair.first, pair.second)))
    if not names:
        return None
    rows = []
    for one in names:
        cells = []
        for other in names:
            cells.append(_cell(one, other, by_pair, measure))
        rows.append(HeatRow(one, tuple(cells)))
    return HeatMap(measure, tuple(rows), tuple(alpha_sentences(found)), masi_sentence(found))


def _cell(
    one: str, other: str, by_pair: Mapping[tuple[str, str], AgreedPair], measure: Measure
) -> Cell:
    pair = by_pair.get((one, other))
    if pair is None:
        return Cell(one, other)
    value = measure.value(pair)
    if not pair.notes:
        return Cell(one, other, 0, "none shared")
    if pair.notes < LEAST:
        return Cell(one, other, pair.notes, "too few")
    if value is None:
        return Cell(one, other, pair.notes, "not defined")
    shown = f"{value:.2f}"
    if measure.percent:
        shown = f"{100 * value:.0f}"
    return Cell(one, other, pair.notes, shown, value)


def alpha_sentences(found: WhoAgrees) -> list[str]:
    """The coders among themselves, and everybody, in words."""
    words = []
    coders = found.agreement
    if coders.shared_notes:
        notes = f"{coders.shared_notes:,} shared notes"
        if coders.shared_notes == 1:
            notes = "one shared note"
        alpha = alpha_words(
            coders.krippendorff_alpha_jaccard, coders.krippendorff_alpha_jaccard_interval
        )
        sentence = f"Coders among themselves, on {notes}: Krippendorff's alpha {alpha}"
        if coders.shared_notes < LEAST:
            sentence += ", too few notes to say"
        words.append(f"{sentence}.")
    elif coders.coders > 1:
        words.append("No note was coded by two coders: nothing says how far they agree.")
    if found.alpha_of_all is not None:
        words.append(f"Everybody here: alpha {found.alpha_of_all:.2f}.")
    if words and "alpha" in words[-1]:
        words.append("1 is full agreement, 0 is chance.")
    return words


def masi_sentence(found: WhoAgrees) -> str:
    """The coders' alpha by the other distance, which few ask for; "" without shared notes."""
    coders = found.agreement
    if not coders.shared_notes:
        return ""
    alpha = alpha_words(coders.krippendorff_alpha_masi, coders.krippendorff_alpha_masi_interval)
    return (
        f"With MASI distance instead of Jaccard's the coders' alpha is {alpha}; - is not defined: "
        "everybody gave the same set to every note."
    )


def asked_measure(name: str) -> Measure:
    """The measure of an address; the first for a name that is none."""
    first = next(iter(MEASURES.values()))
    return MEASURES.get(name, first)
