"""The document of a benchmark, from codings alone: every figure that the compare pages and `--format json` show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.groups import partial_credit
from benchmark.metrics.agreement import krippendorff_alpha, pairwise
from benchmark.metrics.auc import auc_macro, auc_micro, pr_macro, pr_micro
from benchmark.metrics.bootstrap import intervals
from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.compare import compare_in
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.paired import paired_tests
from benchmark.metrics.ranking import ranking, true_ranks
from benchmark.metrics.scored import set_figures

REPLICATES = 2000
RULER = 3
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
) -> dict[str, Any]:
    """Table 1's figures of `raters` with their intervals and differences, each coder apart, and who agrees with whom.

    `coders` are the people one by one, `models` names those of the raters that are models; `scores`, of models whose
    probabilities are known, adds what Table 2 has, on these notes.
    """
    result = compare_in(space, notes, reference, raters, "miss").to_json()
    bounds = intervals(space, notes, reference, raters, replicates=REPLICATES)
    for name, row in result["raters"].items():
        row["intervals"] = asdict(bounds[name])
    machines = {name: raters[name] for name in models if name in raters}
    return result | {
        "coders": {name: _apart(space, reference, name, given, machines) for name, given in coders.items() if given},
        **agreements({"Reference": reference}, coders, machines),
        "partial": partial_credit(notes, reference, raters),
        "ranking": {name: _ranking(space, notes, reference, known) for name, known in scores.items()},
        "differences": [asdict(pair) for pair in paired_tests(space, notes, reference, raters, replicates=REPLICATES)],
    }


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


def agreements(
    reference: Mapping[str, Codings], coders: Mapping[str, Codings], others: Mapping[str, Codings]
) -> dict[str, Any]:
    """Who agrees with whom, every two of them; and the coders among themselves. Needs no reference."""
    pairs = pairwise({**reference, **coders, **others})
    return {"agreement": agreement(coders), "pairs": [asdict(pair) for pair in pairs]}


def agreement(coders: Mapping[str, Codings]) -> dict[str, Any]:
    """Krippendorff's alpha of the coders on the notes that more than one of them coded."""
    times = Counter(note for codings in coders.values() for note in codings)
    shared = sum(count > 1 for count in times.values())
    alphas = {d: krippendorff_alpha(coders, d) if shared else None for d in ("jaccard", "masi")}
    return {
        "coders": len(coders),
        "shared_notes": shared,
        **{f"krippendorff_alpha_{distance}": alpha for distance, alpha in alphas.items()},
    }
