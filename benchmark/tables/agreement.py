"""Who agrees with whom, laid out.

Every two raters, Cohen's kappa, each rater against the majority of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.columns import columns, row_of, values_of
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.agreement import MOST_FOR_ALPHA, AgreedPair, CoderAgreement
from benchmark.scoring.differing import GivenPair
from benchmark.scoring.imperfect_reference import UpperBounds
from benchmark.tables.estimates import (
    estimate_cell,
    number_cell,
    row_of_cells,
    share_cell,
    with_interval,
)


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
    @property
    def upper_bounds(self) -> UpperBounds | None: ...
    @property
    def given(self) -> Sequence[GivenPair]: ...
    @property
    def alpha_of_all(self) -> float | None: ...


def agreement_table(found: WhoAgrees) -> Table | None:
    """Raters by raters: the mean Jaccard of the notes that both coded, and how many those are."""
    notes = [
        "Mean Jaccard of the two sets of codes of a note, all codes as they were given, in per "
        "cent (notes). Two empty sets agree in full."
    ]
    alpha = found.agreement
    if alpha.shared_notes:
        jaccard = alpha_words(
            alpha.krippendorff_alpha_jaccard, alpha.krippendorff_alpha_jaccard_interval
        )
        masi = alpha_words(alpha.krippendorff_alpha_masi, alpha.krippendorff_alpha_masi_interval)
        notes.append(
            f"Coders among themselves, {alpha.shared_notes} notes coded more than once: "
            f"Krippendorff's alpha {jaccard} with Jaccard and {masi} with MASI distance; 1 is full "
            "agreement, 0 is chance, - is not defined: everybody gave the same set to every note."
        )
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in found.pairs:
        if pair.notes:
            shown = f"{100 * pair.jaccard:.1f} ({pair.notes:,})"
            cells[pair.first, pair.second] = (shown, f"{pair.jaccard:.15g}")
    return _by_pair(found.pairs, cells, "Agreement of every two raters", notes)


def alpha_words(alpha: float | None, interval: Interval | None = None) -> str:
    """Krippendorff's alpha as it is printed.

    >>> alpha_words(0.5), alpha_words(None), alpha_words(0.5, Interval(0.4, 0.6))
    ('0.50', '-', '0.50 (0.40 to 0.60)')
    """
    if alpha is None:
        return "-"
    if interval is None:
        return f"{alpha:.2f}"
    return f"{alpha:.2f} ({interval.low:.2f} to {interval.high:.2f})"


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


def ac1_table(found: WhoAgrees) -> Table | None:
    """Gwet's AC1 of every two raters. None for runs that were made before it was kept."""
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in found.pairs:
        if pair.notes and pair.ac1 is not None:
            shown = f"{pair.ac1:.2f} ({pair.notes:,})"
            cells[pair.first, pair.second] = (shown, f"{pair.ac1:.15g}")
    if not cells:
        return None
    notes = [
        "Gwet's AC1 of each code (Gwet 2008), the median over the codes that either gave in ten "
        "shared notes or more (notes). 1 is full agreement, 0 chance."
    ]
    return _by_pair(found.pairs, cells, "AC1 of every two raters", notes)


def alpha_table(found: WhoAgrees) -> Table | None:
    """Krippendorff's alpha of every two raters. None where no pair has one."""
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in found.pairs:
        if pair.notes and pair.alpha is not None:
            shown = f"{pair.alpha:.2f} ({pair.notes:,})"
            cells[pair.first, pair.second] = (shown, f"{pair.alpha:.15g}")
    if not cells:
        return None
    notes = [
        "Krippendorff's alpha of the two sets of codes of a note, Jaccard distance (notes). 1 is "
        f"full agreement, 0 chance. Of more than {MOST_FOR_ALPHA:,} shared notes on so many, "
        "evenly spread."
    ]
    return _by_pair(found.pairs, cells, "Krippendorff's alpha of every two raters", notes)


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


MOST_CODES = 50
"""Rows of the table of codes; the document has them all."""
BY_CODE = (
    Column("", "Notes", "notes"),
    with_interval("", "AC1", "ac1"),
    with_interval("", "Positive agreement, per cent", "positive"),
)


def agreed_codes_table(found: WhoAgrees) -> Table | None:
    """How far the coders agree on each code. None where no code was given often enough."""
    agreement = found.agreement
    if not agreement.by_code:
        return None
    rows = []
    for each in agreement.by_code[:MOST_CODES]:
        cells = [number_cell(each.notes), estimate_cell(each.ac1, 1, ".2f")]
        cells.append(estimate_cell(each.positive))
        rows.append(row_of_cells(each.code, cells))
    notes = [
        "Codes that a coder gave in ten shared notes or more. AC1 (Gwet 2008): 1 is full "
        "agreement, 0 chance. Positive agreement: of two coders the F1 of one against the other. "
        "- is not defined. 95% jackknife intervals over notes."
    ]
    if agreement.median_ac1 is not None:
        notes.append(f"Median AC1 of {len(agreement.by_code)} codes: {agreement.median_ac1:.2f}.")
    if agreement.positive_agreement:
        pooled = estimate_cell(agreement.positive_agreement)[0]
        notes.append(f"Positive agreement over all codes: {pooled}.")
    if len(agreement.by_code) > MOST_CODES:
        notes.append(f"The {MOST_CODES} most frequent of {len(agreement.by_code)} codes are shown.")
    return Table("Coders code by code", "Code", BY_CODE, tuple(rows), tuple(notes))


def positive_table(found: WhoAgrees) -> Table | None:
    """Positive agreement of every two raters. None for runs that were made before it was kept."""
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in found.pairs:
        if pair.notes and pair.positive_agreement:
            shown = f"{estimate_cell(pair.positive_agreement)[0]} [{pair.notes:,}]"
            cells[pair.first, pair.second] = (shown, f"{pair.positive_agreement.value:.15g}")
    if not cells:
        return None
    notes = [
        "2a / (2a + b + c) of a codes that both gave, b and c that one gave: the F1 of one rater "
        "against the other, with its 95% interval [notes]. It needs no correction for chance where "
        "codes are rare (Hripcsak and Rothschild 2005)."
    ]
    return _by_pair(found.pairs, cells, "Positive agreement of every two raters, per cent", notes)


BOUNDS = (
    Column("of true codes found", "At most", "sensitivity"),
    Column("of codes given true", "At most", "precision"),
)


def bounds_table(found: WhoAgrees) -> Table | None:
    """Upper bounds if nobody holds the truth. None where no note has three answers."""
    bounds = found.upper_bounds
    if bounds is None:
        return None
    rows = []
    for name, bound in bounds.raters.items():
        cells = [share_cell(bound.sensitivity), share_cell(bound.precision)]
        rows.append(row_of_cells(name, cells))
    notes = [
        f"The model of Dawid and Skene (1979) on {bounds.notes:,} notes with three answers or "
        "more; the reference is a rater like the others. Upper bounds, never a reference: raters "
        "who miss the same hard codes look better than they are, by 9 to 15 points."
    ]
    if not bounds.believable:
        notes.append("Not to be believed here: a rater invents codes as often as it finds them.")
    title = "If nobody held the truth: upper bounds, per cent"
    return Table(title, "Rater", BOUNDS, tuple(rows), tuple(notes))


MOST_OF_PAIR = 5
"""Codes shown of two raters; the document has more."""
GIVEN = (
    Column("", "Raters", "raters"),
    Column("the first alone", "Notes where it was given by", "first"),
    Column("the second alone", "Notes where it was given by", "second"),
    Column("p", "", "p"),
    Column("q", "", "q"),
)


def given_table(found: WhoAgrees) -> Table | None:
    """The codes that one of two raters gives more often. None where no code is clear."""
    rows = []
    for pair in found.given:
        raters = f"{pair.first} - {pair.second}"
        for each in pair.codes.codes[:MOST_OF_PAIR]:
            cells = [(raters, (raters,)), number_cell(each.first), number_cell(each.second)]
            cells += [(p_words(value), (f"{value:.15g}",)) for value in (each.p, each.q)]
            rows.append(row_of_cells(each.code, cells))
    if not rows:
        return None
    notes = (
        "On the notes that both coded; says nothing of who is right. Exact McNemar test; q: the "
        "false discovery rate over the codes tested of a pair (Benjamini and Hochberg 1995); q up "
        f"to .05 is listed, at most {MOST_OF_PAIR} codes a pair.",
    )
    return Table("Codes that one rater gives more often", "Code", GIVEN, tuple(rows), notes)


AGREEMENT: dict[str, Callable[[WhoAgrees], Table | None]] = {
    "agreement": agreement_table,
    "kappa": kappa_table,
    "majority": majority_table,
    "positive": positive_table,
    "agreed_codes": agreed_codes_table,
    "bounds": bounds_table,
    "given": given_table,
    "ac1": ac1_table,
    "alpha": alpha_table,
}
"""Name in addresses -> the table; none of them needs a reference."""
