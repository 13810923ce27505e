"""The coders as a sample of coders, laid out; models within the margin."""

from __future__ import annotations

from benchmark.metrics.certainty.coders import SEEN_SD
from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.coder_sample import CoderSample, MarginFigures, SampleFigure, ShownMargin
from benchmark.scoring.document import Document
from benchmark.tables.estimates import (
    LIMITS,
    Cell,
    estimate_cell,
    interval_cell,
    number_cell,
    row_of_cells,
    share_cell,
    with_interval,
)

FIGURES = {
    "micro_jaccard": "micro Jaccard",
    "micro_precision": "micro precision",
    "micro_recall": "micro recall",
    "micro_f1": "micro F1",
    "macro_jaccard": "macro Jaccard",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
}
"""Figures of the table -> their names; the document has the macro F1s too."""
SAMPLE = (
    Column("", "Mean", "mean"),
    Column("coders like these", "95%", "random", LIMITS),
    Column("df", "", "df"),
    Column("these coders", "95%", "fixed", LIMITS),
    Column("between coders", "sd", "between_sd"),
    Column("tipping", "sd", "tipping_sd"),
)


def sample_table(document: Document) -> Table | None:
    """An average coder, and each model less an average coder. None where nobody coded enough."""
    sample = document.sample
    if sample is None:
        return None
    rows = []
    for figure, name in FIGURES.items():
        rows.append(_sample_row(f"An average coder, {name}", sample.figures[figure], ("", ("",))))
    for model, beside in sample.models.items():
        for figure, name in FIGURES.items():
            tipping = share_cell(beside.tipping_sd[figure])
            label = f"{model} - an average coder, {name}"
            rows.append(_sample_row(label, beside.differences[figure], tipping))
    for figure, pooled in sample.pooled.items():
        cells = [share_cell(pooled.value), interval_cell(pooled.interval)]
        cells += [number_cell(pooled.df or None, ".1f"), ("", ("", "")), ("", ("",)), ("", ("",))]
        rows.append(row_of_cells(f"All coders' notes together, {FIGURES[figure]}", cells))
    return Table(
        "Coders as a sample, per cent", "Estimate", SAMPLE, tuple(rows), _sample_notes(sample)
    )


def _sample_row(name: str, found: SampleFigure, tipping: Cell) -> Row:
    random, limits = interval_cell(found.random.interval)
    if found.random.interval and found.says_nothing:
        random += " (clipped: says nothing)"
    return row_of_cells(
        name,
        [
            share_cell(found.random.value),
            (random, limits),
            number_cell(found.random.df or None, ".1f"),
            interval_cell(found.fixed.interval),
            share_cell(found.between_sd),
            tipping,
        ],
    )


def _sample_notes(sample: CoderSample) -> tuple[str, ...]:
    coders = len(sample.coders)
    notes = [
        f"{coders} coders, each on the notes that they coded; the mean of their figures. Coders "
        "like these: for coders of whom these are a fair sample, over coders and notes "
        "(Obuchowski and Rockette 1995; Hillis 2014). These coders: over notes alone. Tipping sd: "
        "the largest sd between coders at which the model would still be ahead of an average "
        f"coder, 0 where it is not; three companies differed by {100 * SEEN_SD:.0f}."
    ]
    if coders == 1:
        notes.append("One coder says nothing of others.")
    if coders == 2:
        notes.append("Two coders cannot speak for others: read the two figures and the tipping sd.")
    if sample.own_votes:
        notes.append("The reference is what more than half of these coders gave, which flatters.")
    if sample.left_out:
        notes.append(f"Left out, with fewer than two notes: {', '.join(sample.left_out)}.")
    return tuple(notes)


MARGIN = (
    with_interval("less the coders", "Micro Jaccard", "difference"),
    Column("non-inferior", "p, one-sided", "p_non_inferior"),
    Column("superior", "p, one-sided", "p_superior"),
    Column("", "Shown", "shown"),
    Column("", "Equivalent", "equivalent"),
    Column("", "Tipping sd", "tipping_sd"),
)


def margin_table(document: Document) -> Table | None:
    """Whether models are as good as coders within the margin. None without a margin."""
    found = document.margin
    if found is None:
        return None
    rows = []
    for name, model in found.models.items():
        tipping = share_cell(model.tipping_sd)
        rows.append(_margin_row(f"{name}, than these coders", model.fixed, ("", ("",))))
        rows.append(_margin_row(f"{name}, than coders like these", model.random, tipping))
    title = f"Models against coders with a margin of {100 * found.margin.value:g} points, per cent"
    return Table(title, "Claim", MARGIN, tuple(rows), _margin_notes(found))


def _margin_row(name: str, shown: ShownMargin, tipping: Cell) -> Row:
    test = shown.test
    return row_of_cells(
        name,
        [
            estimate_cell(test.difference, form="+.1f"),
            _p_cell(test.p_non_inferior, test.difference.se),
            _p_cell(test.p_superior, test.difference.se),
            (shown.words, (shown.words,)),
            ("yes" if test.equivalent else "no", (str(int(test.equivalent)),)),
            tipping,
        ],
    )


def _p_cell(p: float | None, se: float | None) -> Cell:
    """- where nothing was seen to vary."""
    if p is None or not se:
        return "-", ("",)
    return p_words(p), (f"{p:.15g}",)


def _margin_notes(found: MarginFigures) -> tuple[str, ...]:
    notes = []
    if found.margin.afterwards:
        notes.append("Margin set afterwards, when answers could be seen: it describes, no more.")
    elif found.margin.set_at:
        notes.append(f"Margin set on {found.margin.set_at[:10]}, before any answer.")
    if found.refused:
        notes.append(f"Nothing is tested: {found.refused}.")
    notes.append(
        "Non-inferior: the 95% interval of the difference lies above -margin (one-sided p below "
        ".025); superior: above 0; inferior: below 0; equivalent: within the margin on both sides. "
        "What is not shown is inconclusive, never equal. A claim names its coders: read about "
        "these as if about coders in general, the first row errs in 16 to 35% of studies."
    )
    return tuple(notes)
