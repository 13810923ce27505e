"""What a model's probabilities say: how it ranks codes, how true they are, what it may leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.metrics.certainty.bootstrap import REPLICATES, note_weights
from benchmark.metrics.codings import Encoding
from benchmark.metrics.probabilities.abstention import (
    expected_jaccard,
    losses_of,
    risk_coverage,
    risks,
)
from benchmark.metrics.probabilities.all_figures import set_figures
from benchmark.metrics.probabilities.auc import auc_macro, auc_micro, pr_macro, pr_micro
from benchmark.metrics.probabilities.calibration import (
    Calibration,
    calibration,
    calibration_by_band,
)
from benchmark.metrics.probabilities.ranking import ranking, true_ranks
from benchmark.metrics.probabilities.ties import expected_over_ties
from benchmark.metrics.probabilities.told import (
    KS,
    ToldFigures,
    told_figures,
    told_set_figures,
    told_words,
)
from benchmark.metrics.sets.breakdown import by_frequency
from benchmark.metrics.sets.counts import per_note
from files.code_files import CountsFile

NO_DEV_THRESHOLD = (
    "its import said no --threshold-dev, and a threshold tuned on these notes would be tuned on "
    "what it is measured by"
)
MOST_CELLS = 10_000_000
"""Notes x codes, for calibration: it takes five times their eight bytes."""


@dataclass(frozen=True)
class Probabilities:
    """What a model thought of codes, and the threshold that its development notes chose."""

    matrix: NDArray[np.float32]
    """(notes, codes): Table 1's notes, the label space's codes. NaN where an imported file did not
    tell one."""
    dev_threshold: float | None
    floors: NDArray[np.float32] | None = None
    """(notes,) no probability that is not told is above it; None: nothing is said."""
    imported: bool = False


@dataclass(frozen=True)
class ModelCalibration:
    """How true a model's probabilities are, on Table 1's notes."""

    every_code: Calibration
    bands: Mapping[str, Calibration]
    """By how many of the notes counted elsewhere have a code; empty without counts of such."""
    frequencies: Literal["outside", "these notes"]
    """What the skill's baseline has for each code's frequency; that of these notes flatters it."""


@dataclass(frozen=True)
class RiskAt:
    """The mean loss where a model keeps some of the notes, those that it is surest of."""

    share: float
    risk: float


@dataclass(frozen=True)
class Abstention:
    """What is lost, 1 - Jaccard of a note, where a model leaves the notes that it is unsure of."""

    aurc: float
    """Mean risk over all numbers of notes kept."""
    random: float
    """Of notes in any order."""
    oracle: float
    """Of the best order there is."""
    risks: list[RiskAt]


@dataclass(frozen=True)
class NotTold:
    """Why figures of an imported model are missing: its file tells them in part, or not at all."""

    reasons: Mapping[str, str]
    """Figure that is null -> why."""
    between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Figure that is null -> the least and the most that it can be."""


def ranked_figures(encoding: Encoding, known: Probabilities) -> ToldFigures:
    """Figures over a model's probabilities, and over sets at its development threshold."""
    if known.imported:
        return _imported_ranking(encoding, known)
    found = _full_ranking(encoding, known.matrix)
    if known.dev_threshold is not None:
        missed = int(encoding.missed.sum())
        threshold = known.dev_threshold
        at = set_figures(known.matrix, encoding.true, threshold=threshold, missed=missed)
        found["threshold_dev"] = threshold
        found |= {f"{name}_dev": value for name, value in at.items()}
    return ToldFigures(found)


def _full_ranking(encoding: Encoding, matrix: NDArray[np.float32]) -> dict[str, float]:
    """Figures over the probabilities of every code."""
    true = encoding.true
    return {
        "auc_macro": auc_macro(matrix, true),
        "auc_micro": auc_micro(matrix, true),
        "pr_macro": pr_macro(matrix, true),
        "pr_micro": pr_micro(matrix, true),
        **ranking(true_ranks(matrix, true, encoding.missed)),
        **_over_ties(encoding, matrix, KS),
    }


def _over_ties(
    encoding: Encoding, matrix: NDArray[np.float32], ks: Sequence[int]
) -> dict[str, float]:
    """P@k and R@k as expected over the orders of equal probabilities: "p@5_ties" and so on."""
    found = expected_over_ties(matrix, encoding.true, ks, encoding.missed)
    return {f"{name}_ties": value for name, value in found.items()}


def _imported_ranking(encoding: Encoding, known: Probabilities) -> ToldFigures:
    """The same of probabilities that a file told, as far as it told them."""
    matrix = known.matrix
    floors = known.floors
    if floors is None:
        floors = np.ones(len(matrix), np.float32)
    if np.isnan(matrix).any():
        found = told_figures(matrix, encoding.true, missed=encoding.missed, floors=floors)
        found = _told_over_ties(encoding, matrix, found)
    else:
        found = ToldFigures(_full_ranking(encoding, matrix))
    values = dict(found.values)
    reasons = dict(found.reasons)
    if known.dev_threshold is None:
        reasons["threshold_dev"] = NO_DEV_THRESHOLD
        return ToldFigures({**values, "threshold_dev": None}, reasons, found.between)
    at = told_set_figures(
        matrix,
        encoding.true,
        threshold=known.dev_threshold,
        missed=int(encoding.missed.sum()),
        floors=floors,
    )
    values["threshold_dev"] = known.dev_threshold
    values |= {f"{name}_dev": value for name, value in at.values.items()}
    reasons |= {f"{name}_dev": reason for name, reason in at.reasons.items()}
    return ToldFigures(values, reasons, found.between)


def _told_over_ties(
    encoding: Encoding, matrix: NDArray[np.float32], found: ToldFigures
) -> ToldFigures:
    """The same with P@k and R@k over ties where P@k is known: what is not listed comes last."""
    known = [k for k in KS if found.values[f"p@{k}"] is not None]
    below_all = np.where(np.isnan(matrix), np.float32(-1), matrix)
    values: dict[str, float | None] = {**found.values, **_over_ties(encoding, below_all, known)}
    reasons = dict(found.reasons)
    for k in KS:
        for name in (f"p@{k}", f"r@{k}"):
            values.setdefault(f"{name}_ties", None)
            if name in found.reasons:
                reasons[f"{name}_ties"] = found.reasons[name]
    return ToldFigures(values, reasons, found.between)


def why_not_calibrated(known: Probabilities) -> str:
    """Why nothing is said of whether probabilities are true; "" where it can be."""
    matrix = known.matrix
    if not matrix.size:
        return "there is no code to be sure of"
    if np.isnan(matrix).any():
        return f"needs the probability of every code: {told_words(matrix)}"
    if matrix.min() < 0 or matrix.max() > 1:
        return "its scores are not between 0 and 1, so they are no probabilities"
    if matrix.size > MOST_CELLS:
        return f"{matrix.size:,} notes x codes are more than the {MOST_CELLS:,} it is done for"
    return ""


def model_calibration(
    encoding: Encoding, known: Probabilities, counts: CountsFile | None
) -> ModelCalibration:
    """Of probabilities that `why_not_calibrated` has nothing against."""
    weights = note_weights(len(encoding.notes), REPLICATES, 0)
    if counts is None or not counts.notes:
        every = calibration(known.matrix, encoding.true, weights=weights)
        return ModelCalibration(every, {}, "these notes")
    held = [counts.counts.get(code, 0) for code in encoding.space.codes]
    frequency = np.array(held) / counts.notes
    every = calibration(known.matrix, encoding.true, frequency=frequency, weights=weights)
    masks = by_frequency(held)
    bands = calibration_by_band(known.matrix, encoding.true, masks, frequency=frequency)
    return ModelCalibration(every, bands, "outside")


def abstention(encoding: Encoding, name: str, known: Probabilities) -> Abstention | None:
    """Of the codes that the model `name` gave in Table 1; None where it has none or no notes."""
    if name not in encoding.given:
        return None
    given = encoding.given[name].matrix
    losses = losses_of(per_note(encoding.true, given, encoding.missed))
    found = risk_coverage(expected_jaccard(known.matrix, given), losses)
    if found is None:
        return None
    at = [RiskAt(share, risk) for share, risk in risks(found).items()]
    return Abstention(found.aurc, found.random, found.oracle, at)
