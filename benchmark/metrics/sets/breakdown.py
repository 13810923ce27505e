"""Figures of parts of a label space.

Codes by how often training notes have them; diagnoses and procedures apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.metrics.sets.averages import macro, micro
from benchmark.metrics.sets.counts import Counts
from icd.codes import KIND_NAMES

Mask = NDArray[np.bool_]

BUCKETS = {"0": 0, "1-10": 10, "11-50": 50, "51-100": 100, "101-500": 500, "> 500": None}
"""Name -> most training notes that hold a code of the bucket."""
FIGURES = (
    "micro_precision",
    "micro_recall",
    "micro_f1",
    "macro_f1_caml",
    "macro_f1_mean_all",
    "macro_f1_mean_present",
)


def by_frequency(training: Sequence[int]) -> dict[str, Mask]:
    """Bucket -> which codes (L,) are in it, from how many training notes hold each.

    >>> by_frequency([0, 10, 11])["1-10"].tolist()
    [False, True, False]
    """
    held = np.asarray(training)
    masks = {}
    least = 0
    for name, most in BUCKETS.items():
        masks[name] = held >= least
        if most is not None:
            masks[name] &= held <= most
            least = most + 1
    return masks


def by_kind(kinds: Sequence[str]) -> dict[str, Mask]:
    """Diagnoses and procedures apart: name -> which codes (L,) are of that kind.

    `kinds` has "dx" or "proc" for each code.
    """
    found = np.asarray(kinds)
    return {name: found == kind for kind, name in KIND_NAMES.items()}


def parts(masks: Mapping[str, Mask], at: Mapping[str, Counts]) -> list[dict[str, Any]]:
    """The figures of each part of the label space, for the document of Table 2.

    It has the part's codes, how often the reference gives them, and FIGURES over them as fractions.
    `masks`: part -> which codes (L,) are in it. `at`: ending of the figures' names -> counts of
    each code at one threshold, such as {"": ..., "_tuned": ...}.

    >>> counts = Counts(tp=np.array([1, 0]), p=np.array([2, 0]), t=np.array([1, 1]))
    >>> rare, = parts({"rare": np.array([True, False])}, {"": counts})
    >>> [rare[key] for key in ("part", "codes", "reference", "micro_precision", "micro_recall")]
    ['rare', 1, 1, 0.5, 1.0]
    """
    true = next(iter(at.values())).t
    found = []
    for name, mask in masks.items():
        part: dict[str, Any] = {
            "part": name,
            "codes": int(mask.sum()),
            "reference": int(true[mask].sum()),
        }
        for ending, counts in at.items():
            for figure, value in _figures(counts, mask).items():
                part[f"{figure}{ending}"] = value
        found.append(part)
    return found


def _figures(counts: Counts, mask: Mask) -> dict[str, float]:
    """FIGURES over the codes of a part."""
    inside = Counts(counts.tp[mask], counts.p[mask], counts.t[mask])
    averages = {"micro": vars(micro(inside)), "macro": vars(macro(inside))}
    found = {}
    for figure in FIGURES:
        average, name = figure.split("_", 1)
        found[figure] = averages[average][name]
    return found
