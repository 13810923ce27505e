"""The document of a benchmark, from codings alone: every figure that the compare pages and `--format json` show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.metrics.certainty.bootstrap import intervals
from benchmark.metrics.certainty.paired import paired_tests
from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.probabilities.all_figures import set_figures
from benchmark.metrics.probabilities.auc import (
    auc_macro,
    auc_micro,
    pr_macro,
    pr_micro,
)
from benchmark.metrics.probabilities.ranking import ranking, true_ranks
from benchmark.metrics.sets.compare import compare_in
from benchmark.scoring.agreement import agreements
from benchmark.scoring.arms import Arms, _arms
from benchmark.scoring.partial_credit import partial_credit

RULER = 7
"""Raise it when a figure's definition changes, so that stored runs are made anew."""


@dataclass(frozen=True)
class Scored:
    """A model's probabilities (N, C) of notes and codes, and the threshold that served its development notes best."""

    probabilities: NDArray[np.float32]
    dev_threshold: float | None


def scored(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    raters: Mapping[str, Codings],
    coders: Mapping[str, Codings],
    models: Sequence[str],
    scores: Mapping[str, Scored] = {},
    arms: Arms | None = None,
    against: str = "reference",
) -> dict[str, Any]:
    """Table 1's figures of `raters` with their intervals and differences, each coder apart, and who agrees with whom.

    `coders` are the people one by one, `models` names those of the raters that are models; `scores`, of models whose
    probabilities are known, adds what Table 2 has, on these notes; `arms` compares the arms of a study that has two;
    `against` says what the reference is: the hospital's, or a panel's.
    """
    result = compare_in(space, notes, reference, raters, "miss").to_json()
    bounds = intervals(space, notes, reference, raters)
    for name, row in result["raters"].items():
        row["intervals"] = asdict(bounds[name])
    machines = {name: raters[name] for name in models if name in raters}
    return result | {
        "coders": {name: _apart(space, reference, name, given, machines) for name, given in coders.items() if given},
        **agreements({against.capitalize(): reference}, coders, machines, space),
        "reference_outside": _outside(space, notes, reference, raters),
        "arms": _arms(space, notes, reference, coders, machines, arms) if arms else {},
        "partial": partial_credit(notes, reference, raters),
        "ranking": {name: _ranking(space, notes, reference, known) for name, known in scores.items()},
        "differences": [asdict(pair) for pair in paired_tests(space, notes, reference, raters)],
    }


def _outside(
    space: LabelSpace, notes: Sequence[str], reference: Codings, raters: Mapping[str, Codings]
) -> dict[str, Any]:
    """How many of the reference's codes lie outside the label space; micro figures where those are dropped."""
    count = int(encode(reference, notes, space).outside.sum())
    dropped = compare_in(space, notes, reference, raters, "drop").raters if count else {}
    return {"codes": count, "micro_dropped": {name: asdict(figures.micro) for name, figures in dropped.items()}}


def _ranking(space: LabelSpace, notes: Sequence[str], reference: Codings, known: Scored) -> dict[str, Any]:
    """Figures over a model's probabilities, and over sets at the threshold that its development notes chose."""
    true, matrix = encode(reference, notes, space), known.probabilities
    missed = true.outside
    found = {
        "auc_macro": auc_macro(matrix, true.matrix),
        "auc_micro": auc_micro(matrix, true.matrix),
        "pr_macro": pr_macro(matrix, true.matrix),
        "pr_micro": pr_micro(matrix, true.matrix),
        **ranking(true_ranks(matrix, true.matrix, missed)),
    }
    if known.dev_threshold is None:
        return found
    at = set_figures(matrix, true.matrix, threshold=known.dev_threshold, missed=int(missed.sum()))
    return found | {"threshold_dev": known.dev_threshold} | {f"{name}_dev": value for name, value in at.items()}


def _apart(
    space: LabelSpace, reference: Codings, name: str, given: Codings, machines: Mapping[str, Codings]
) -> dict[str, Any]:
    """A coder on the notes that the coder coded, and the models that coded all of them on the same notes."""
    notes = [note for note in reference if note in given]
    beside = {model: codings for model, codings in machines.items() if all(note in codings for note in notes)}
    return compare_in(space, notes, reference, {name: given, **beside}, "miss").to_json()
