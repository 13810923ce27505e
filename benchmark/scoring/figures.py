"""Every figure of a benchmark, from what everybody gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmark.metrics.certainty.bootstrap import RaterIntervals, intervals
from benchmark.metrics.certainty.paired import Pair, paired_tests
from benchmark.metrics.codings import Coded, Encoding
from benchmark.metrics.probabilities.all_figures import set_figures
from benchmark.metrics.probabilities.auc import auc_macro, auc_micro, pr_macro, pr_micro
from benchmark.metrics.probabilities.ranking import ranking, true_ranks
from benchmark.metrics.probabilities.told import (
    ToldFigures,
    told_figures,
    told_set_figures,
)
from benchmark.metrics.sets.averages import Micro
from benchmark.metrics.sets.compare import Comparison, RaterFigures, compare_encoded
from benchmark.scoring.agreement import AgreedPair, CoderAgreement, agreement_figures
from benchmark.scoring.arms import Arms, ArmsCompared, arms_compared
from benchmark.scoring.encoded import EncodedStudy
from benchmark.scoring.partial_credit import PartialCredit, partial_credit

RULER = 8
"""Raise it when a figure's definition changes, so that stored runs are made anew."""
NO_DEV_THRESHOLD = (
    "its import said no --threshold-dev, and a threshold tuned on these notes would be tuned on "
    "what it is measured by"
)


@dataclass(frozen=True)
class Probabilities:
    """What a model thought of codes, and the threshold that its development notes chose."""

    matrix: NDArray[np.float32]
    """(notes, codes): Table 1's notes, the label space's codes. NaN where an imported file did not
    tell one."""
    dev_threshold: float | None
    floors: NDArray[np.float32] | None = None
    """(notes,) no probability that is not told is above it; None: nothing is said."""
    imported: bool = False


@dataclass(frozen=True)
class NotTold:
    """Why figures of an imported model are missing: its file tells them in part, or not at all."""

    reasons: Mapping[str, str]
    """Figure that is null -> why."""
    between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Figure that is null -> the least and the most that it can be."""


@dataclass(frozen=True)
class ScoredRater(RaterFigures):
    """A rater of Table 1."""

    intervals: RaterIntervals


@dataclass(frozen=True)
class OutsideCodes:
    """The reference's codes outside the label space."""

    codes: int = 0
    micro_dropped: Mapping[str, Micro] = field(default_factory=dict)
    """Rater -> micro figures where they are dropped instead of missed; empty without any."""


@dataclass(frozen=True, kw_only=True)
class Figures(Comparison):
    """Table 1's figures, and all that stands around it. What older runs lack has a default."""

    raters: Mapping[str, ScoredRater]
    coders: Mapping[str, Comparison] = field(default_factory=dict)
    """By coder: on the notes that the coder coded; models that coded all of them on the same."""
    agreement: CoderAgreement
    pairs: list[AgreedPair] = field(default_factory=list)
    majorities: Mapping[str, Comparison] = field(default_factory=dict)
    kappa_codes: int | None = None
    reference_outside: OutsideCodes = field(default_factory=OutsideCodes)
    arms: ArmsCompared | None = None
    """None for a study of one arm."""
    partial: Mapping[str, PartialCredit] = field(default_factory=dict)
    ranking: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """Model -> figures of its probabilities, by the columns of the table of them; null where its
    file does not tell enough."""
    not_told: Mapping[str, NotTold] = field(default_factory=dict)
    """Imported model -> why figures of `ranking` are null; models without such are left out."""
    differences: list[Pair] = field(default_factory=list)


def figures_of(
    study: EncodedStudy,
    probabilities: Mapping[str, Probabilities],
    arms: Arms | None = None,
    against: str = "reference",
) -> Figures:
    """Everything that is said of a study's raters.

    `probabilities`, of models where they are known, adds what Table 2 has, on these notes; `arms`
    compares the arms of a study that has two; `against` says what the reference is: the
    hospital's, or a panel's.
    """
    encoding = study.table1()
    compared = compare_encoded(encoding)
    bounds = intervals(encoding)
    raters = {}
    for name, figures in compared.raters.items():
        raters[name] = ScoredRater(**vars(figures), intervals=bounds[name])
    of_arms = None
    if arms:
        of_arms = arms_compared(study, arms)
    reference = {against.capitalize(): study.reference}
    agreed = agreement_figures(study.axes, study.space, reference, study.coders, study.models)
    ranked = {name: _ranking(encoding, known) for name, known in probabilities.items()}
    return Figures(
        notes=compared.notes,
        label_space=compared.label_space,
        reference=compared.reference,
        raters=raters,
        coders=_each_coder(study),
        **vars(agreed),
        reference_outside=_outside(encoding),
        arms=of_arms,
        partial=partial_credit(study),
        ranking={name: figures.values for name, figures in ranked.items()},
        not_told={
            name: NotTold(figures.reasons, figures.between)
            for name, figures in ranked.items()
            if figures.reasons
        },
        differences=paired_tests(encoding),
    )


def _each_coder(study: EncodedStudy) -> dict[str, Comparison]:
    """Each coder on the notes that the coder coded, beside the models that coded all of these."""
    found = {}
    for name, coder in study.coders.items():
        if coder.done.any():
            mine = np.flatnonzero(study.reference.done & coder.done)
            raters: dict[str, Coded] = {name: coder}
            for model, coded in study.models.items():
                if coded.done[mine].all():
                    raters[model] = coded
            found[name] = compare_encoded(study.on(mine, raters))
    return found


def _outside(encoding: Encoding) -> OutsideCodes:
    count = int(encoding.missed.sum())
    if not count:
        return OutsideCodes()
    dropped = compare_encoded(encoding.dropping()).raters
    return OutsideCodes(count, {name: figures.micro for name, figures in dropped.items()})


def _ranking(encoding: Encoding, known: Probabilities) -> ToldFigures:
    """Figures over a model's probabilities, and over sets at its development threshold."""
    if known.imported:
        return _imported_ranking(encoding, known)
    found = _full_ranking(encoding, known.matrix)
    if known.dev_threshold is not None:
        missed = int(encoding.missed.sum())
        threshold = known.dev_threshold
        at = set_figures(known.matrix, encoding.true, threshold=threshold, missed=missed)
        found["threshold_dev"] = threshold
        found |= {f"{name}_dev": value for name, value in at.items()}
    return ToldFigures(found)


def _full_ranking(encoding: Encoding, matrix: NDArray[np.float32]) -> dict[str, float]:
    """Figures over the probabilities of every code."""
    true = encoding.true
    return {
        "auc_macro": auc_macro(matrix, true),
        "auc_micro": auc_micro(matrix, true),
        "pr_macro": pr_macro(matrix, true),
        "pr_micro": pr_micro(matrix, true),
        **ranking(true_ranks(matrix, true, encoding.missed)),
    }


def _imported_ranking(encoding: Encoding, known: Probabilities) -> ToldFigures:
    """The same of probabilities that a file told, as far as it told them."""
    matrix = known.matrix
    floors = known.floors
    if floors is None:
        floors = np.ones(len(matrix), np.float32)
    if np.isnan(matrix).any():
        found = told_figures(matrix, encoding.true, missed=encoding.missed, floors=floors)
    else:
        found = ToldFigures(_full_ranking(encoding, matrix))
    values = dict(found.values)
    reasons = dict(found.reasons)
    if known.dev_threshold is None:
        reasons["threshold_dev"] = NO_DEV_THRESHOLD
        return ToldFigures({**values, "threshold_dev": None}, reasons, found.between)
    at = told_set_figures(
        matrix,
        encoding.true,
        threshold=known.dev_threshold,
        missed=int(encoding.missed.sum()),
        floors=floors,
    )
    values["threshold_dev"] = known.dev_threshold
    values |= {f"{name}_dev": value for name, value in at.values.items()}
    reasons |= {f"{name}_dev": reason for name, reason in at.reasons.items()}
    return ToldFigures(values, reasons, found.between)
