"""Who agrees with whom: every two raters, the coders among themselves, each against the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.codings import Axes, Coded
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.agreement import (
    Agreement,
    kappa,
    krippendorff_alpha,
    majority_of_others,
    pairwise,
)
from benchmark.metrics.sets.compare import Comparison, compare_encoded


@dataclass(frozen=True)
class AgreedPair(Agreement):
    """Two raters on the notes that both coded."""

    kappa: float | None = None
    """Cohen's, over the label space; None where it was not kept yet."""


@dataclass(frozen=True)
class CoderAgreement:
    """The coders on the notes that more than one of them coded."""

    coders: int
    shared_notes: int
    krippendorff_alpha_jaccard: float | None = None
    krippendorff_alpha_masi: float | None = None


@dataclass(frozen=True)
class AgreementFigures:
    """Who agrees with whom in a study. Needs no reference: a study without one has this."""

    agreement: CoderAgreement
    pairs: list[AgreedPair]
    majorities: Mapping[str, Comparison]
    """By rater: against what more than half of the others gave."""
    kappa_codes: int | None
    """Codes of the label space of kappa."""


def agreement_figures(
    axes: Axes,
    space: LabelSpace,
    reference: Mapping[str, Coded],
    coders: Mapping[str, Coded],
    others: Mapping[str, Coded],
) -> AgreementFigures:
    """All of them, and the reference as one more rater, where there is one, by its name.

    Kappa and the majority's figures are over the label space.
    """
    columns = axes.columns(space.codes)
    everybody = {**reference, **coders, **others}
    pairs = []
    for pair in pairwise(everybody):
        over_cells = kappa(everybody[pair.first], everybody[pair.second], columns)
        pairs.append(AgreedPair(**vars(pair), kappa=over_cells))
    return AgreementFigures(
        agreement=coder_agreement(coders),
        pairs=pairs,
        majorities=_majorities(axes, space, {**coders, **others}),
        kappa_codes=len(space.codes),
    )


def coder_agreement(coders: Mapping[str, Coded]) -> CoderAgreement:
    """Krippendorff's alpha of the coders on the notes that more than one of them coded."""
    shared = 0
    if coders:
        times = np.sum([coded.done for coded in coders.values()], axis=0)
        shared = int((times > 1).sum())
    if not shared:
        return CoderAgreement(coders=len(coders), shared_notes=0)
    return CoderAgreement(
        coders=len(coders),
        shared_notes=shared,
        krippendorff_alpha_jaccard=krippendorff_alpha(coders, "jaccard"),
        krippendorff_alpha_masi=krippendorff_alpha(coders, "masi"),
    )


def _majorities(
    axes: Axes, space: LabelSpace, raters: Mapping[str, Coded]
) -> dict[str, Comparison]:
    """Each rater against the majority of the others, on the notes that two or more others coded."""
    found = {}
    for name, rater in raters.items():
        majority = majority_of_others(raters, name)
        rows = np.flatnonzero(majority.done)
        if len(rows):
            found[name] = compare_encoded(axes.on(space, majority, {name: rater}, rows))
    return found
