"""The tables of what the command line adds to a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmark.metrics.certainty.coders import SEEN_SD
from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.certainty.margins import MarginTest
from benchmark.metrics.further import (
    Frequent,
    Further,
    Margin,
    RaterEstimates,
    Weighted,
)
from benchmark.metrics.sets.weights import Share
from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.rendering import Column, Row, Table

PARTS = ("", "low", "high")
MICRO = (
    Column("Jaccard", "micro", "micro_jaccard", PARTS),
    Column("Precision", "micro", "micro_precision", PARTS),
    Column("Recall", "micro", "micro_recall", PARTS),
    Column("F1", "micro", "micro_f1", PARTS),
)
MACRO = (
    Column("Jaccard", "macro", "macro_jaccard", PARTS),
    Column("Precision", "macro", "macro_precision", PARTS),
    Column("Recall", "macro", "macro_recall", PARTS),
    Column("CAML", "Macro-F1", "macro_f1_caml", PARTS),
    Column("mean all", "Macro-F1", "macro_f1_mean_all", PARTS),
    Column("mean present", "Macro-F1", "macro_f1_mean_present", PARTS),
)
TESTED = (
    Column("points", "model - coders", "difference", PARTS),
    Column("p", "not worse", "p_non_inferior"),
    Column("shown", "", "shown"),
)
TIERS = (
    Column("same", "highest tier of a note", "same", PARTS),
    Column("higher", "highest tier of a note", "higher", PARTS),
    Column("lower", "highest tier of a note", "lower", PARTS),
)
FEW = 2
JACKKNIFE = "95%, a jackknife over notes with t. -: nothing was seen to vary."


def further_tables(further: Further) -> list[Table]:
    """A table for each thing that was asked for."""
    return list(_tables(further))


def _tables(further: Further) -> Iterator[Table]:
    if further.intervals is not None:
        yield intervals_table(further.intervals)
    if further.frequent is not None:
        yield frequent_table(further.frequent)
    if further.margin is not None:
        yield margin_table(further.margin)
    if further.weighted is not None:
        yield weighted_table(further.weighted)
        if any(rater.tiers for rater in further.weighted.raters.values()):
            yield tiers_table(further.weighted)
    if further.groups is not None:
        rows = []
        for rater, groups in further.groups.items():
            for group in groups:
                name = f"{group.name}, n = {group.notes:,}: {rater}"
                rows.append(_row(name, MICRO, "micro", group.figures))
        notes = (JACKKNIFE, "Differences between many groups come up by chance.")
        yield Table(
            "Figures by group of notes, per cent", "Group: rater", MICRO, tuple(rows), notes
        )


def intervals_table(intervals: Mapping[str, RaterEstimates]) -> Table:
    """Every figure with its interval."""
    rows = []
    for name, rater in intervals.items():
        micro = _row(name, MICRO, "micro", rater.micro)
        macro = _row(name, MACRO, "macro", rater.macro)
        rows.append(Row("rater", name, (*micro.cells, *macro.cells), (*micro.exact, *macro.exact)))
    title = "95% intervals, per cent"
    return Table(title, "Rater", (*MICRO, *MACRO), tuple(rows), (JACKKNIFE,))


def frequent_table(found: Frequent) -> Table:
    """Macro figures over frequent codes."""
    rows = [_row(name, MACRO, "macro", figures) for name, figures in found.raters.items()]
    notes = (
        f"Over {found.codes:,} codes that these notes should have ten times or more, by the counts "
        f"of {found.counted_notes:,} other notes.",
        JACKKNIFE,
    )
    return Table("Macro figures over frequent codes, per cent", "Rater", MACRO, tuple(rows), notes)


def margin_table(found: Margin) -> Table:
    """Two rows a model: than these coders, than coders like these."""
    rows = []
    notes = [
        f"Margin {100 * found.value:g} points of micro Jaccard; coders: {', '.join(found.coders)}. "
        "Not worse: p one-sided, level .025. A margin counts where it was written down before "
        "anybody saw labels; this command cannot know."
    ]
    for name, tests in found.models.items():
        for than, test in (("these coders", tests.fixed), ("coders like these", tests.random)):
            rows.append(_test_row(f"{name}, than {than}", test))
        notes.append(
            f"{name}: not worse than coders like these as long as coders differ by an sd up to "
            f"{tests.tipping_sd:.3f}; seen elsewhere: {SEEN_SD:.2f}."
        )
    if len(found.coders) <= FEW:
        notes.append("So few coders cannot speak for others: read the rows about these.")
    return Table("Model beside coders, micro Jaccard", "Claim", TESTED, tuple(rows), tuple(notes))


def weighted_table(found: Weighted) -> Table:
    """Micro figures where each code counts by its weight."""
    rows = []
    for name, rater in found.raters.items():
        rows.append(_row(name, MICRO, "micro", rater.micro or {}))
    notes = [JACKKNIFE]
    if found.unweighted:
        notes.append(f"{found.unweighted:,} codes of these notes have no weight in the file.")
    return Table("Weighted figures, per cent", "Rater", MICRO, tuple(rows), tuple(notes))


def tiers_table(found: Weighted) -> Table:
    """How often a rater's highest tier of a note is that of the reference."""
    rows = []
    for name, rater in found.raters.items():
        if rater.tiers:
            shares = (rater.tiers.same, rater.tiers.higher, rater.tiers.lower)
            cells = tuple(_share_words(share) for share in shares)
            exact: list[str] = []
            for share in shares:
                exact += _numbers(share.value, share.interval.low, share.interval.high)
            rows.append(Row("rater", name, cells, tuple(exact)))
    notes = (
        "Higher: over-coded; lower: under-coded. Per cent of notes, 95% by Wilson. "
        "Without a grouper and its lists of exclusions this is no change of DRG.",
    )
    return Table("Tiers, per cent of notes", "Rater", TIERS, tuple(rows), notes)


def _row(
    name: str, columns: Sequence[Column], average: str, figures: Mapping[str, Estimate]
) -> Row:
    """A rater's figures in these columns; - where there is none."""
    cells = []
    exact: list[str] = []
    for column in columns:
        found = figures.get(column.key.removeprefix(f"{average}_"))
        cells.append(_words(found))
        exact += _exact(found)
    return Row("rater", name, tuple(cells), tuple(exact))


def _test_row(name: str, test: MarginTest) -> Row:
    found = test.difference
    p = "-"
    if test.p_non_inferior is not None and found.se:
        p = p_words(test.p_non_inferior)
    exact_p = "" if test.p_non_inferior is None else f"{test.p_non_inferior:.15g}"
    return Row(
        "rater", name, (_words(found, "+"), p, test.words), (*_exact(found), exact_p, test.words)
    )


def _words(found: Estimate | None, sign: str = "") -> str:
    """As 53.1 (50.2 to 56.0), in per cent.

    >>> _words(None), _words(Estimate(0.5, 0.0, 3, None))
    ('-', '50.0 (-)')
    """
    if found is None:
        return "-"
    value = f"{100 * found.value:{sign}.1f}"
    if found.interval is None:
        return f"{value} (-)"
    return f"{value} ({100 * found.interval.low:.1f} to {100 * found.interval.high:.1f})"


def _exact(found: Estimate | None) -> list[str]:
    if found is None:
        return ["", "", ""]
    if found.interval is None:
        return [f"{found.value:.15g}", "", ""]
    return _numbers(found.value, found.interval.low, found.interval.high)


def _share_words(share: Share) -> str:
    low, high = share.interval.low, share.interval.high
    return f"{100 * share.value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _numbers(*values: float) -> list[str]:
    return [f"{value:.15g}" for value in values]
