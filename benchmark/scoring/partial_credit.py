"""Partial credit for a code beside the right one: by category, chapter or with ancestors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import per_note
from benchmark.metrics.sets.hierarchy import closed, cophe, rolled_up
from benchmark.scoring.encoded import EncodedStudy
from icd.groups import GROUPS

WAYS = {
    "category": "category",
    "chapter": "chapter",
    "counted": "category, counted",
    "ancestors": "with ancestors",
}
"""Ways of partial credit -> how tables name them."""


@dataclass(frozen=True)
class PartialCredit:
    """A rater's micro figures by each way, over all codes as they were given."""

    category: Micro
    chapter: Micro
    ancestors: Micro
    counted: Micro


def partial_credit(study: EncodedStudy) -> dict[str, PartialCredit]:
    """Of each rater of Table 1, on its notes."""
    everybody = [study.reference, *study.raters.values()]
    used = np.unique(np.concatenate([rater.matrix.indices for rater in everybody]))
    codes = [study.axes.codes[index] for index in used]
    category, chapter = GROUPS["category"], GROUPS["chapter"]

    def ways(matrix: csr_matrix) -> tuple[csr_matrix, csr_matrix, csr_matrix]:
        return (
            rolled_up(matrix, codes, category),
            rolled_up(matrix, codes, chapter),
            closed(matrix, codes, [category, chapter]),
        )

    reference = study.reference.matrix[study.rows][:, used]
    true = ways(reference)
    found = {}
    for name, rater in study.raters.items():
        matrix = rater.matrix[study.rows][:, used]
        by_category, by_chapter, by_ancestors = (
            micro(per_note(theirs, ours)) for theirs, ours in zip(true, ways(matrix), strict=True)
        )
        found[name] = PartialCredit(
            category=by_category,
            chapter=by_chapter,
            ancestors=by_ancestors,
            counted=cophe(reference, matrix, codes, category),
        )
    return found
