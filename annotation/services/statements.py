"""What a study states before it opens: a margin, and what each code counts for."""

from __future__ import annotations

import hashlib

from django.utils import timezone

from annotation.models import Study, WeightList
from files.code_files import WeightsFile, written_weights


def weights_keep(name: str, file: WeightsFile) -> WeightList:
    """Keep what a file of this name says; the same weights a second time are the same list."""
    digest = hashlib.sha256(written_weights(file.weights, file.tiers).encode()).hexdigest()
    kept, _ = WeightList.objects.get_or_create(
        sha256=digest,
        defaults={"name": name[-80:], "weights": file.weights, "tiers": file.tiers},
    )
    return kept


def state(study: Study, margin: float | None, weights: WeightList | None) -> None:
    """Set a draft's margin and weights, not stored yet. What stays as it was keeps its date.

    Raises ValueError for weights of which none is of a code that can be ticked.
    """
    now = timezone.now()
    if margin != study.margin:
        study.margin = margin
        study.margin_set_at = None if margin is None else now
    if weights != study.weights:
        study.weights = weights
        study.weights_set_at = None if weights is None else now
    if weights is not None and not _weighted(study, weights):
        raise ValueError(no_weight(weights.name, study.code_set.name))


def no_weight(weights: str, code_set: str) -> str:
    """Why weights are refused of which none is of a code of the list."""
    return (
        f"none of the codes of {weights} is in the list {code_set}; "
        "write them as there, with their dots and zeros"
    )


def weights_words(study: Study) -> str:
    """How many codes of the study's list have a weight; "" for a study without weights."""
    if study.weights is None:
        return ""
    size = study.code_set.codes.count()
    return weighted_words(study.weights.name, _weighted(study, study.weights), size)


def weighted_words(weights: str, weighted: int, size: int) -> str:
    """How many codes of a list of `size` codes have a weight."""
    return f"{weights}: {weighted:,} of the list's {size:,} codes have a weight, the others weigh 0"


def _weighted(study: Study, weights: WeightList) -> int:
    """How many codes of the study's list have a weight."""
    codes = study.code_set.codes.values_list("code", flat=True)
    return len(weights.weights.keys() & set(codes))
