"""What the command line adds to a comparison where it is asked: intervals, margins, weights, parts.

Each is None where it was not asked for, and then no part of what is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from benchmark.metrics.certainty.frequent import frequent_macro, outside
from benchmark.metrics.certainty.influence import Estimate, Influence, estimate, influence
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.certainty.margins import MarginTest, MarginTests, margin_tests
from benchmark.metrics.certainty.subgroups import FIGURES, Subgroup, by_subgroup, groups_of
from benchmark.metrics.codings import Encoding, IntArray
from benchmark.metrics.sets.counts import Counts, per_note
from benchmark.metrics.sets.weights import (
    Tiers,
    code_weights,
    tiers,
    weighted_micro,
    weighted_per_note,
)
from files.code_files import CountsFile, WeightsFile


@dataclass(frozen=True)
class RaterEstimates:
    """A rater's figures with their intervals, by their names in JSON."""

    micro: Mapping[str, Estimate]
    macro: Mapping[str, Estimate]


@dataclass(frozen=True)
class Frequent:
    """Macro figures over the codes that other notes have often."""

    codes: int
    counted_notes: int
    raters: Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True)
class Margin:
    """Each model against the coders, within a margin of micro Jaccard."""

    value: float
    coders: Sequence[str]
    models: Mapping[str, MarginTests]


@dataclass(frozen=True)
class WeightedRater:
    """A rater's figures where codes count by their weights."""

    micro: Mapping[str, Estimate] | None
    """None where no code of the rater or the reference has a weight."""
    tiers: Tiers | None
    """None where the file has no tiers."""


@dataclass(frozen=True)
class Weighted:
    """All raters, weighted."""

    codes: int
    """Codes that the file has."""
    unweighted: int
    """Codes that somebody gave, or the reference has, and the file has not."""
    raters: Mapping[str, WeightedRater]


@dataclass(frozen=True)
class Further:
    """All that was asked for."""

    intervals: Mapping[str, RaterEstimates] | None = None
    frequent: Frequent | None = None
    margin: Margin | None = None
    weighted: Weighted | None = None
    groups: Mapping[str, list[Subgroup]] | None = None
    """By rater."""

    def to_json(self) -> dict[str, Any]:
        """The keys that `--format json` adds."""
        found = {}
        for name, value in vars(self).items():
            if name != "margin" and value is not None:
                found[name] = _plain(value)
        if self.margin is not None:
            found["margin"] = _margin_json(self.margin)
        return found


def estimates(encoding: Encoding) -> dict[str, RaterEstimates]:
    """Every figure with its jackknife interval over notes, by rater."""
    found = {}
    for name, given in encoding.given.items():
        counts = per_note(encoding.true, given.matrix, encoding.missed)
        macro = {}
        for figure, each in macro_influences(encoding.true, given.matrix).items():
            macro[figure] = estimate(each)
        found[name] = RaterEstimates(_micro(counts), macro)
    return found


def frequent(encoding: Encoding, file: CountsFile) -> Frequent:
    """Macro figures over the codes that these notes should have ten times by counts of others."""
    counts = np.array([file.counts.get(code, 0) for code in encoding.space.codes], dtype=np.int64)
    chosen = outside(counts, file.notes, len(encoding.notes))
    raters = {}
    for name, given in encoding.given.items():
        raters[name] = frequent_macro(encoding.true, given.matrix, chosen)
    return Frequent(int(chosen.sum()), file.notes, raters)


def margin(encoding: Encoding, models: Sequence[str], value: float) -> Margin:
    """Each of the models against all other raters, which are coders. ValueError without one."""
    of_rater: dict[str, Influence] = {}
    for name, given in encoding.given.items():
        counts = per_note(encoding.true, given.matrix, encoding.missed)
        of_rater[name] = influence(counts, "jaccard")
    coders = [name for name in of_rater if name not in models]
    if not coders:
        raise ValueError("every rater is a model; a margin is about a model beside coders")
    tests = {}
    for model in models:
        differences = {coder: of_rater[model] - of_rater[coder] for coder in coders}
        tests[model] = margin_tests(differences, value)
    return Margin(value, coders, tests)


def weighted(encoding: Encoding, file: WeightsFile, default: float = 0.0) -> Weighted:
    """Each rater with codes counted by their weights."""
    inside = code_weights(encoding.space.codes, file.weights, default)
    beyond = code_weights(encoding.others, file.weights, default)
    missed = encoding.beyond @ beyond.weights
    raters = {}
    for name, given in encoding.given.items():
        counts = weighted_per_note(encoding.true, given.matrix, inside.weights, missed)
        micro = None
        if weighted_micro(counts) is not None:
            micro = _micro(counts)
        raters[name] = WeightedRater(micro, _tiers(encoding, given.matrix, file.tiers))
    used = encoding.true
    for given in encoding.given.values():
        used = used + given.matrix
    given_codes = {encoding.space.codes[place] for place in np.unique(used.indices)}
    unweighted = given_codes.intersection(inside.unweighted)
    return Weighted(len(file.weights), len(unweighted) + len(beyond.unweighted), raters)


def grouped(encoding: Encoding, group: Mapping[str, str]) -> dict[str, list[Subgroup]]:
    """Each rater's figures in each group of notes."""
    of_note = groups_of(encoding.notes, group)
    found = {}
    for name, given in encoding.given.items():
        counts = per_note(encoding.true, given.matrix, encoding.missed)
        found[name] = by_subgroup(counts, of_note)
    return found


def _micro(counts: Counts) -> dict[str, Estimate]:
    found = {}
    for figure in FIGURES:
        found[str(figure)] = estimate(influence(counts, figure))
    return found


def _tiers(
    encoding: Encoding, given: csr_matrix, tier_of: Mapping[str, int] | None
) -> Tiers | None:
    """Over the label space, and the reference's codes outside it, which no rater could give."""
    if tier_of is None:
        return None
    nothing = csr_matrix(encoding.beyond.shape, dtype=np.int64)
    codes = (*encoding.space.codes, *encoding.others)
    tier: IntArray = np.array([tier_of.get(code, 0) for code in codes], dtype=np.int64)
    true = hstack([encoding.true, encoding.beyond], format="csr")
    return tiers(true, hstack([given, nothing], format="csr"), tier)


def _margin_json(found: Margin) -> dict[str, Any]:
    models = {}
    for name, tests in found.models.items():
        models[name] = {
            "fixed": _test_json(tests.fixed),
            "random": _test_json(tests.random),
            "tipping_sd": tests.tipping_sd,
            "left_out": list(tests.left_out),
        }
    return {
        "value": found.value,
        "figure": "micro_jaccard",
        "coders": list(found.coders),
        "models": models,
    }


def _test_json(test: MarginTest) -> dict[str, Any]:
    return {"test": asdict(test), "words": test.words}


def _plain(value: Any) -> Any:
    """Dataclasses and what holds them, as plain values."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return asdict(value)
