"""Partial credit for a code beside the right one: by category, chapter or with ancestors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import per_note
from benchmark.metrics.sets.hierarchy import closed, cophe, cophe_over_layers, rolled_up
from benchmark.scoring.encoded import EncodedStudy
from icd.groups import GROUPS

WAYS = {
    "category": "category",
    "chapter": "chapter",
    "counted": "category, counted",
    "ancestors": "with ancestors",
    "layers": "all layers, counted",
}
"""Ways of partial credit -> how tables name them."""
LAYERS = (GROUPS["category"], GROUPS["chapter"])
"""Above the codes themselves."""


@dataclass(frozen=True)
class PartialCredit:
    """A rater's micro figures by each way, over all codes as they were given."""

    category: Micro
    chapter: Micro
    ancestors: Micro
    counted: Micro
    layers: Micro | None = None
    """CoPHE over codes, categories and chapters; None in benchmarks of before."""


def partial_credit(study: EncodedStudy) -> dict[str, PartialCredit]:
    """Of each rater of Table 1, on its notes."""
    everybody = [study.reference, *study.raters.values()]
    used = np.unique(np.concatenate([rater.matrix.indices for rater in everybody]))
    codes = [study.axes.codes[index] for index in used]
    reference = study.reference.matrix[study.rows][:, used]
    true = _rolled_up(reference, codes)
    found = {}
    for name, rater in study.raters.items():
        matrix = rater.matrix[study.rows][:, used]
        given = _rolled_up(matrix, codes)
        found[name] = PartialCredit(
            category=micro(per_note(true.category, given.category)),
            chapter=micro(per_note(true.chapter, given.chapter)),
            ancestors=micro(per_note(true.ancestors, given.ancestors)),
            counted=cophe(reference, matrix, codes, GROUPS["category"]),
            layers=cophe_over_layers(reference, matrix, codes, LAYERS),
        )
    return found


@dataclass(frozen=True)
class _RolledUp:
    """One rater's codes as groups: matrices of ones, a row a note."""

    category: csr_matrix
    chapter: csr_matrix
    ancestors: csr_matrix
    """Codes, their categories and their chapters."""


def _rolled_up(matrix: csr_matrix, codes: Sequence[str]) -> _RolledUp:
    return _RolledUp(
        category=rolled_up(matrix, codes, GROUPS["category"]),
        chapter=rolled_up(matrix, codes, GROUPS["chapter"]),
        ancestors=closed(matrix, codes, [GROUPS["category"], GROUPS["chapter"]]),
    )
