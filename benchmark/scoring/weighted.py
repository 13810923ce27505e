"""Figures where some codes count for more: micro figures by weight, and tiers of notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import Estimate, Figure, estimate, influence
from benchmark.metrics.codings import Encoding
from benchmark.metrics.sets.weights import (
    Tiers,
    code_weights,
    tiers,
    weighted_micro,
    weighted_per_note,
)
from benchmark.scoring.beside import Weighted

FIGURES: tuple[Figure, ...] = ("jaccard", "precision", "recall", "f1")


@dataclass(frozen=True)
class WeightedRater:
    """A rater's weighted figures."""

    micro: Mapping[str, Estimate] | None
    """By figure; None where no code of the rater or the reference has a weight."""
    tiers: Tiers | None
    """None where the file has none."""


@dataclass(frozen=True)
class WeightedFigures:
    """Table 1's raters with a weight for each code."""

    raters: Mapping[str, WeightedRater]
    unweighted: int
    """Codes that somebody gave, or the reference has, without a weight: they count for nothing."""
    afterwards: bool
    """Whether the weights were set after labels could be seen."""
    set_at: str
    sha256: str
    """Of the file of weights."""


def weighted_figures(encoding: Encoding, given: Weighted | None) -> WeightedFigures | None:
    """None without weights."""
    if given is None:
        return None
    inside = code_weights(encoding.space.codes, given.weights)
    outside = code_weights(encoding.others, given.weights)
    missed = np.asarray(encoding.beyond @ outside.weights, np.float64)
    found = {}
    for name, rater in encoding.given.items():
        counts = weighted_per_note(encoding.true, rater.matrix, inside.weights, missed)
        micro: dict[str, Estimate] | None = None
        if weighted_micro(counts):
            micro = {}
            for figure in FIGURES:
                micro[figure] = estimate(influence(counts, figure))
        of_notes = None
        if given.tiers is not None:
            tier = np.array([given.tiers.get(code, 0) for code in encoding.space.codes])
            of_notes = tiers(encoding.true, rater.matrix, tier)
        found[name] = WeightedRater(micro, of_notes)
    return WeightedFigures(
        raters=found,
        unweighted=_unweighted(encoding, given),
        afterwards=given.afterwards,
        set_at=given.set_at,
        sha256=given.sha256,
    )


def _unweighted(encoding: Encoding, given: Weighted) -> int:
    used = set(encoding.true.indices.tolist())
    for rater in encoding.given.values():
        used.update(rater.matrix.indices.tolist())
    codes = {encoding.space.codes[column] for column in used} | set(encoding.others)
    return len(codes - given.weights.keys())
