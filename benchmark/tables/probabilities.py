"""Whether models' probabilities are true, and which notes they may leave, laid out."""

from __future__ import annotations

from benchmark.metrics.probabilities.calibration import Calibration, NullBand
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.document import Document
from benchmark.scoring.probabilities import ModelCalibration
from benchmark.tables.estimates import (
    estimate_cell,
    number_cell,
    row_of_cells,
    share_cell,
    with_interval,
)

CALIBRATION = (
    Column("Brier", "", "brier"),
    Column("skill, per cent", "", "skill"),
    with_interval("expected / observed", "", "expected_over_observed"),
    Column("ECE", "", "ece"),
    Column("if perfect", "ECE at most", "ece_null_high"),
    Column("RCE, per cent", "", "rce"),
    Column("if perfect", "RCE at most", "rce_null_high"),
)


def calibration_table(document: Document) -> Table | None:
    """A row for each model, and for each band of codes where counts of other notes tell it.

    None without a model whose probabilities are known.
    """
    if not document.calibration:
        return None
    rows = []
    for name, found in document.calibration.items():
        if found is None:
            rows.append(row_of_cells(name, [_nothing(column) for column in CALIBRATION]))
            continue
        rows.append(_calibration_row(name, found.every_code))
        for band, of_band in found.bands.items():
            rows.append(_calibration_row(f"{name}, codes of {band} other notes", of_band))
    title = "Are models' probabilities true?"
    return Table(title, "Model", CALIBRATION, tuple(rows), _calibration_notes(document))


def _calibration_row(name: str, found: Calibration) -> Row:
    return row_of_cells(
        name,
        [
            number_cell(found.brier, ".5f"),
            share_cell(found.skill),
            estimate_cell(found.expected_over_observed, 1, ".2f"),
            number_cell(found.ece, ".5f"),
            number_cell(_high(found.ece_null), ".5f"),
            share_cell(found.rce),
            share_cell(_high(found.rce_null)),
        ],
    )


def _high(band: NullBand | None) -> float | None:
    if band is None:
        return None
    return band.high


def _nothing(column: Column) -> tuple[str, tuple[str, ...]]:
    return "-", ("",) * len(column.parts)


def _calibration_notes(document: Document) -> tuple[str, ...]:
    notes = [
        "Brier: mean squared error of the probabilities. Skill: 1 - Brier over that of each code's "
        f"frequency{_baseline_words(document)}. Expected / observed: above 1 says too sure in all. "
        "ECE: mean error of the probabilities over 15 bins of equal predicted mass; RCE: codes "
        "misplaced per true code. Both are above 0 by chance: a perfect model stays below what "
        "stands beside them in 97.5 of 100 draws."
    ]
    for name, reason in document.uncalibrated.items():
        notes.append(f"{name}, -: {reason}.")
    return tuple(notes)


def _baseline_words(document: Document) -> str:
    known: list[ModelCalibration] = [each for each in document.calibration.values() if each]
    if any(each.frequencies == "these notes" for each in known):
        return " in these very notes, which flatters the frequency"
    return " in other notes"


ABSTENTION = (
    Column("50%", "Loss where the model keeps", "risk_50"),
    Column("80%", "Loss where the model keeps", "risk_80"),
    Column("all", "Loss where the model keeps", "risk_100"),
    Column("by its own score", "Mean over all shares", "aurc"),
    Column("any order", "Mean over all shares", "random"),
    Column("best order", "Mean over all shares", "oracle"),
)


def abstention_table(document: Document) -> Table | None:
    """What is lost where models leave notes to people. None without such a model."""
    rows = []
    for name, found in document.abstention.items():
        if found is None:
            continue
        cells = [share_cell(each.risk) for each in found.risks]
        cells += [share_cell(value) for value in (found.aurc, found.random, found.oracle)]
        rows.append(row_of_cells(name, cells))
    if not rows:
        return None
    notes = (
        "Loss: 1 - Jaccard of a note, mean over the notes that the model is surest of, by the "
        "Jaccard that its own probabilities let expect (Geifman and El-Yaniv 2017).",
    )
    title = "May a model leave notes to people? Per cent"
    return Table(title, "Model", ABSTENTION, tuple(rows), notes)
