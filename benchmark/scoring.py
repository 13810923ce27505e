"""The document of a benchmark, from codings alone: every figure that the compare pages and `--format json` show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmark.metrics.agreement import krippendorff_alpha, pairwise
from benchmark.metrics.bootstrap import intervals
from benchmark.metrics.codings import Codings
from benchmark.metrics.compare import compare_in
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.paired import paired_tests

REPLICATES = 2000
RULER = 3
"""Raise it when a figure's definition changes, so that stored runs are made anew."""


def scored(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    raters: Mapping[str, Codings],
    coders: Mapping[str, Codings],
    models: Sequence[str],
) -> dict[str, Any]:
    """Table 1's figures of `raters` with their intervals and differences, each coder apart, and who agrees with whom.

    `coders` are the people one by one, `models` names those of the raters that are models.
    """
    result = compare_in(space, notes, reference, raters, "miss").to_json()
    bounds = intervals(space, notes, reference, raters, replicates=REPLICATES)
    for name, row in result["raters"].items():
        row["intervals"] = asdict(bounds[name])
    machines = {name: raters[name] for name in models if name in raters}
    return result | {
        "coders": {name: _apart(space, reference, name, given, machines) for name, given in coders.items() if given},
        **agreements({"Reference": reference}, coders, machines),
        "differences": [asdict(pair) for pair in paired_tests(space, notes, reference, raters, replicates=REPLICATES)],
    }


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
