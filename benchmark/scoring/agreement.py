"""Who agrees with whom: every two raters, the coders among themselves, each against the majority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmark.metrics.codings import Codings
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.agreement import (
    kappa,
    krippendorff_alpha,
    majority_of_others,
    pairwise,
)
from benchmark.metrics.sets.compare import compare_in


def agreements(
    reference: Mapping[str, Codings], coders: Mapping[str, Codings], others: Mapping[str, Codings], space: LabelSpace
) -> dict[str, Any]:
    """Who agrees with whom, every two of them; the coders among themselves; each against the majority of the others.

    Needs no reference: a study without one has this. Kappa and the majority's figures are over the label space.
    """
    everybody, raters = {**reference, **coders, **others}, {**coders, **others}
    pairs = [
        asdict(pair) | {"kappa": kappa(everybody[pair.first], everybody[pair.second], space)}
        for pair in pairwise(everybody)
    ]
    majorities = {}
    for name in raters:
        if others_gave := majority_of_others(raters, name):
            of_them = {name: raters[name]}
            majorities[name] = compare_in(space, list(others_gave), others_gave, of_them, "miss").to_json()
    return {"agreement": agreement(coders), "pairs": pairs, "majorities": majorities, "kappa_codes": len(space.codes)}


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
