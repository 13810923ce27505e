"""Who agrees with whom, laid out.

Every two raters, Cohen's kappa, each rater against the majority of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.columns import columns, row_of, values_of
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.agreement import AgreedPair, CoderAgreement


class WhoAgrees(Protocol):
    """What the document of a benchmark and that of a study without a reference both have."""

    @property
    def agreement(self) -> CoderAgreement: ...
    @property
    def pairs(self) -> Sequence[AgreedPair]: ...
    @property
    def majorities(self) -> Mapping[str, Comparison]: ...
    @property
    def kappa_codes(self) -> int | None: ...


def agreement_table(found: WhoAgrees) -> Table | None:
    """Raters by raters: the mean Jaccard of the notes that both coded, and how many those are."""
    notes = [
        "Mean Jaccard of the two sets of codes of a note, all codes as they were given, in per "
        "cent (notes). Two empty sets agree in full."
    ]
    alpha = found.agreement
    if alpha.shared_notes:
        notes.append(
            f"Coders among themselves, {alpha.shared_notes} notes coded more than once: "
            f"Krippendorff's alpha {alpha_words(alpha.krippendorff_alpha_jaccard)} with Jaccard "
            f"and {alpha_words(alpha.krippendorff_alpha_masi)} with MASI distance; 1 is full "
            "agreement, 0 is chance, - is not defined: everybody gave the same set to every note."
        )
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in found.pairs:
        if pair.notes:
            shown = f"{100 * pair.jaccard:.1f} ({pair.notes:,})"
            cells[pair.first, pair.second] = (shown, f"{pair.jaccard:.15g}")
    return _by_pair(found.pairs, cells, "Agreement of every two raters", notes)


def alpha_words(alpha: float | None) -> str:
    """Krippendorff's alpha as it is printed.

    >>> alpha_words(0.5), alpha_words(None)
    ('0.50', '-')
    """
    if alpha is None:
        return "-"
    return f"{alpha:.2f}"


def kappa_table(found: WhoAgrees) -> Table | None:
    """Cohen's kappa of every two raters, with the remark it needs.

    None for runs that were made before it was kept.
    """
    if found.kappa_codes is None:
        return None
    notes = [
        f"Cohen's kappa over the cells of notes x {found.kappa_codes:,} codes (notes). Nearly all "
        "cells are empty for both, so kappa is nearly the F1 of one rater against the other: no "
        "figure of its own, and it grows with the list."
    ]
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in found.pairs:
        if pair.notes and pair.kappa is not None:
            shown = f"{pair.kappa:.2f} ({pair.notes:,})"
            cells[pair.first, pair.second] = (shown, f"{pair.kappa:.15g}")
    return _by_pair(found.pairs, cells, "Cohen's kappa of every two raters", notes)


def _by_pair(
    pairs: Sequence[AgreedPair],
    cells: Mapping[tuple[str, str], tuple[str, str]],
    title: str,
    notes: list[str],
) -> Table | None:
    """Raters by raters. None without a pair.

    `cells` has what is shown of a pair, and the same at full precision.
    """
    names: dict[str, None] = {}
    for pair in pairs:
        names.update(dict.fromkeys((pair.first, pair.second)))
    if not names:
        return None
    rows = []
    for one in names:
        shown = []
        exact = []
        for other in names:
            cell = cells.get((one, other)) or cells.get((other, one)) or ("-", "")
            shown.append(cell[0])
            exact.append(cell[1])
        rows.append(Row("rater", one, tuple(shown), tuple(exact)))
    among = tuple(Column(name, "", name) for name in names)
    return Table(title, "Rater", among, tuple(rows), tuple(notes))


MAJORITY = columns(
    "macro_jaccard",
    "micro_jaccard",
    "macro_precision",
    "micro_precision",
    "macro_recall",
    "micro_recall",
    "codes_per_note",
    "codes_per_note_majority",
    "notes",
)


def majority_table(found: WhoAgrees) -> Table | None:
    """Each rater against what more than half of the others gave.

    None where no note has three raters.
    """
    rows = []
    for name, compared in found.majorities.items():
        values = values_of(compared.raters[name], compared)
        values["codes_per_note_majority"] = compared.reference.codes_per_note
        rows.append(row_of("rater", f"{name} against the others", MAJORITY, values))
    if not rows:
        return None
    notes = (
        "On the notes that two or more others coded: the codes that more than half of them gave, "
        "which of two others is what both gave. It needs no reference, and nobody is held to an "
        "answer that is partly their own: where a panel made the reference from these raters, read "
        "this beside Table 1. Models that learned alike agree alike.",
    )
    title = "Each rater against the majority of the others, per cent"
    return Table(title, "Rater", MAJORITY, tuple(rows), notes)


AGREEMENT: dict[str, Callable[[WhoAgrees], Table | None]] = {
    "agreement": agreement_table,
    "kappa": kappa_table,
    "majority": majority_table,
}
"""Name in addresses -> the table; none of them needs a reference."""
