"""Figures of parts of a label space: codes by how often training notes have them, diagnoses and procedures apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    "micro_precision", "micro_recall", "micro_f1", "macro_f1_caml", "macro_f1_mean_all", "macro_f1_mean_present",
)  # fmt: skip


def by_frequency(training: Sequence[int]) -> dict[str, Mask]:
    """Bucket -> which codes (L,) are in it, from how many training notes hold each.

    >>> {name: mask.tolist() for name, mask in by_frequency([0, 10, 11]).items() if mask.any()}
    {'0': [True, False, False], '1-10': [False, True, False], '11-50': [False, False, True]}
    """
    held = np.asarray(training)
    masks, least = {}, 0
    for name, most in BUCKETS.items():
        masks[name] = (held >= least) & (held <= most) if most is not None else held >= least
        least = least if most is None else most + 1
    return masks


def by_kind(kinds: Sequence[str]) -> dict[str, Mask]:
    """ "diagnoses" and "procedures" -> which codes (L,) they are, from the kind (dx, proc) of each."""
    found = np.asarray(kinds)
    return {name: found == kind for kind, name in KIND_NAMES.items()}


def parts(masks: Mapping[str, Mask], at: Mapping[str, Counts]) -> list[dict[str, Any]]:
    """An entry a part: its codes, how often the reference gives them, and FIGURES over them as fractions.

    `at`: ending of the figures' names -> counts of each code at one threshold, such as {"": ..., "_tuned": ...}.

    >>> counts = Counts(tp=np.array([1, 0]), p=np.array([2, 0]), t=np.array([1, 1]))
    >>> rare, = parts({"rare": np.array([True, False])}, {"": counts})
    >>> rare["part"], rare["codes"], rare["reference"], rare["micro_precision"], rare["micro_recall"]
    ('rare', 1, 1, 0.5, 1.0)
    """
    return [
        {"part": name, "codes": int(mask.sum()), "reference": int(next(iter(at.values())).t[mask].sum())}
        | {f"{figure}{ending}": value for ending, counts in at.items() for figure, value in _figures(counts, mask)}
        for name, mask in masks.items()
    ]


def _figures(counts: Counts, mask: Mask) -> Iterator[tuple[str, float]]:
    inside = Counts(counts.tp[mask], counts.p[mask], counts.t[mask])
    averages = {"micro": vars(micro(inside)), "macro": vars(macro(inside))}
    for figure in FIGURES:
        average, name = figure.split("_", 1)
        yield figure, averages[average][name]
