"""Who agrees with whom, laid out: every two raters, kappa, each against the majority of the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.metrics.tables.table1 import TABLE1, row_of, values_of

Result = Mapping[str, Any]


def agreement_table(result: Result) -> Table | None:
    """Raters by raters: the mean Jaccard of the notes that both coded, and how many those are."""
    notes = [
        "Mean Jaccard of the two sets of codes of a note, all codes as they were given, in per cent (notes). Two empty "
        "sets agree in full."
    ]
    alpha = result["agreement"]
    if alpha["shared_notes"]:
        notes.append(
            f"Coders among themselves, {alpha['shared_notes']} notes coded more than once: Krippendorff's alpha "
            f"{alpha_words(alpha['krippendorff_alpha_jaccard'])} with Jaccard and "
            f"{alpha_words(alpha['krippendorff_alpha_masi'])} with MASI distance; 1 is full agreement, 0 is chance, - "
            "is not defined: everybody gave the same set to every note."
        )
    return _by_pair(result, "jaccard", lambda x: f"{100 * x:.1f}", "Agreement of every two raters", notes)


def alpha_words(alpha: float | None) -> str:
    """Krippendorff's alpha as it is printed.

    >>> alpha_words(0.5), alpha_words(None)
    ('0.50', '-')
    """
    return "-" if alpha is None else f"{alpha:.2f}"


def kappa_table(result: Result) -> Table | None:
    """Cohen's kappa of every two raters, with the remark it needs. None for runs of before it was kept."""
    if "kappa_codes" not in result:
        return None
    notes = [
        f"Cohen's kappa over the cells of notes x {result['kappa_codes']:,} codes (notes). Nearly all cells are empty "
        "for both, so kappa is nearly the F1 of one rater against the other: no figure of its own, and it grows with "
        "the list."
    ]
    return _by_pair(result, "kappa", lambda x: f"{x:.2f}", "Cohen's kappa of every two raters", notes)


def _by_pair(result: Result, figure: str, shown: Callable[[float], str], title: str, notes: list[str]) -> Table | None:
    found = {(pair["first"], pair["second"]): pair for pair in result.get("pairs", ())}
    if not found:
        return None
    names = list(dict.fromkeys(name for pair in found for name in pair))
    rows = []
    for one in names:
        pairs = [found.get((one, other)) or found.get((other, one)) for other in names]
        cells = tuple(f"{shown(p[figure])} ({p['notes']:,})" if p and p["notes"] else "-" for p in pairs)
        exact = tuple(f"{p[figure]:.15g}" if p and p["notes"] else "" for p in pairs)
        rows.append(Row("rater", one, cells, exact))
    columns = tuple(Column(name, "", name) for name in names)
    return Table(title, "Rater", columns, tuple(rows), tuple(notes))


MAJORITY = (*TABLE1[:7], Column("the majority's", "Codes", "codes_per_note_majority"), TABLE1[7])


def majority_table(result: Result) -> Table | None:
    """Each rater against what more than half of the others gave. None where no note has three raters."""
    rows = []
    for name, stored in result.get("majorities", {}).items():
        compared = Comparison.from_json(stored)
        values = values_of(compared.raters[name], compared)
        rows.append(
            row_of(
                "rater",
                f"{name} against the others",
                MAJORITY,
                values | {"codes_per_note_majority": compared.reference_codes_per_note},
            )
        )
    notes = (
        "On the notes that two or more others coded: the codes that more than half of them gave, which of two others "
        "is what both gave. It needs no reference, and nobody is held to an answer that is partly their own: where a "
        "panel made the reference from these raters, read this beside Table 1. Models that learned alike agree alike.",
    )
    title = "Each rater against the majority of the others, per cent"
    return Table(title, "Rater", MAJORITY, tuple(rows), notes) if rows else None


AGREEMENT: dict[str, Callable[[Result], Table | None]] = {
    "agreement": agreement_table, "kappa": kappa_table, "majority": majority_table,
}  # fmt: skip
"""Name in addresses -> the table; none of them needs a reference."""
