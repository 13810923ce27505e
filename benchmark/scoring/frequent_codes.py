"""Macro figures over frequent codes, beside those over all codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.metrics.certainty.frequent import (
    LEAST_CROSS_FIT,
    LEAST_OUTSIDE,
    cross_fit,
    frequent_macro,
    outside,
)
from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.codings import Encoding
from files.code_files import CountsFile


@dataclass(frozen=True)
class FrequentCodes:
    """Macro figures over codes that can be judged, and how these were chosen."""

    chosen_by: Literal["outside", "cross-fit"]
    """By counts of other notes, or in one half of these notes and scored in the other."""
    least: int
    """Notes that a code should have, or has."""
    codes: int
    raters: Mapping[str, Mapping[str, Estimate]]
    """By rater, by macro figure."""


def frequent_codes(encoding: Encoding, counts: CountsFile | None) -> FrequentCodes | None:
    """By counts of other notes where there are any, else cross-fit.

    None where no code is frequent.
    """
    found: dict[str, Mapping[str, Estimate]] = {}
    codes = 0
    if counts:
        of_code = np.array([counts.counts.get(code, 0) for code in encoding.space.codes])
        frequent = outside(of_code, counts.notes, len(encoding.notes))
        codes = int(frequent.sum())
        for name, given in encoding.given.items():
            found[name] = frequent_macro(encoding.true, given.matrix, frequent)
    else:
        for name, given in encoding.given.items():
            found[name], codes = cross_fit(encoding.true, given.matrix, encoding.notes)
    if not codes:
        return None
    if counts:
        return FrequentCodes("outside", LEAST_OUTSIDE, codes, found)
    return FrequentCodes("cross-fit", LEAST_CROSS_FIT, codes, found)
