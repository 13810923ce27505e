"""Where a model looked: stored with each code of a run, as numbers and places in the note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from annotation.models import CodingItem
from benchmark.models import Evidence

if TYPE_CHECKING:
    from rac_model.inference.predict import Explanation

SPANS = 20
"""Spans kept a code: those of the largest absolute weight; all others are one number, `rest`."""


def evidence_of(why: Explanation) -> Evidence:
    """The evidence of a code, not stored yet: bias + the spans' weights + rest = logit."""
    spans, rest = why.strongest(SPANS)
    return Evidence(logit=why.logit, bias=why.bias, rest=rest, spans=[list(span) for span in spans])


def evidence_append(found: Mapping[str, Mapping[str, Evidence]]) -> int:
    """Store the evidence of stored codings: source key -> code -> evidence.

    Returns how many rows are new. A coding that was delivered before has its evidence already, and
    keeps it.
    """
    items = CodingItem.objects.filter(coding__source_key__in=found.keys(), evidence=None)
    rows = []
    for item in items.select_related("coding", "code"):
        row = found[item.coding.source_key].get(item.code.code)
        if row is not None:
            row.item = item
            rows.append(row)
    return len(Evidence.objects.bulk_create(rows, ignore_conflicts=True))
