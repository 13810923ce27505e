"""Every figure of a benchmark, from what everybody gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from benchmark.metrics.certainty.intervals import RaterIntervals, intervals
from benchmark.metrics.certainty.paired import Pair, paired_tests
from benchmark.metrics.codings import Coded, Encoding
from benchmark.metrics.sets.averages import Micro
from benchmark.metrics.sets.compare import Comparison, RaterFigures, compare_encoded
from benchmark.metrics.sets.ranks import RankRecall
from benchmark.scoring.agreement import AgreedPair, CoderAgreement, agreement_figures
from benchmark.scoring.arms import Arms, ArmsCompared, arms_compared
from benchmark.scoring.beside import NOTHING, Beside
from benchmark.scoring.coder_sample import (
    CoderSample,
    MarginFigures,
    coder_sample,
    margin_figures,
)
from benchmark.scoring.differing import DifferingPair, GivenPair, differing_codes
from benchmark.scoring.encoded import EncodedStudy
from benchmark.scoring.frequent_codes import FrequentCodes, frequent_codes
from benchmark.scoring.imperfect_reference import Flips, UpperBounds, flips
from benchmark.scoring.partial_credit import PartialCredit, partial_credit
from benchmark.scoring.parts import NoteGroup, recall_of_ranks, subgroups
from benchmark.scoring.probabilities import (
    Abstention,
    ModelCalibration,
    NotTold,
    Probabilities,
    abstention,
    model_calibration,
    ranked_figures,
    why_not_calibrated,
)
from benchmark.scoring.weighted import WeightedFigures, weighted_figures

RULER = 11
"""Raise it when a figure's definition changes, or what is kept with a run, so that stored runs are
made anew."""


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
    macro_method: Literal["centred bootstrap", "jackknife"] = "centred bootstrap"
    """Of the intervals of macro figures."""
    frequent: FrequentCodes | None = None
    """None where no code is frequent."""
    sample: CoderSample | None = None
    """None where no coder coded two notes."""
    margin: MarginFigures | None = None
    """None without a margin."""
    calibration: Mapping[str, ModelCalibration | None] = field(default_factory=dict)
    """By model; null where its probabilities are not all told, for the reason in `uncalibrated`."""
    uncalibrated: Mapping[str, str] = field(default_factory=dict)
    abstention: Mapping[str, Abstention | None] = field(default_factory=dict)
    upper_bounds: UpperBounds | None = None
    """None where no note has three answers, the reference's among them."""
    given: list[GivenPair] = field(default_factory=list)
    """Which codes one of two raters gives more often."""
    alpha_of_all: float | None = None
    """Krippendorff's of everybody, the reference included."""
    flips: list[Flips] = field(default_factory=list)
    differing: list[DifferingPair] = field(default_factory=list)
    """In which codes one of two raters is right more often."""
    weighted: WeightedFigures | None = None
    """None without weights."""
    ranks: Mapping[str, list[RankRecall]] = field(default_factory=dict)
    """By rater; empty where the reference's codes have no ranks."""
    subgroups: Mapping[str, list[NoteGroup]] = field(default_factory=dict)
    """By "length" and "group", as far as these are known."""


def figures_of(
    study: EncodedStudy,
    probabilities: Mapping[str, Probabilities],
    arms: Arms | None = None,
    against: str = "reference",
    beside: Beside = NOTHING,
) -> Figures:
    """Everything that is said of a study's raters.

    `probabilities`, of models where they are known, adds what Table 2 has, on these notes; `arms`
    compares the arms of a study that has two; `against` says what the reference is: the
    hospital's, or a panel's; `beside` is what the study has beside its codings.
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
        differences=paired_tests(encoding),
        macro_method="jackknife",
        frequent=frequent_codes(encoding, beside.outside),
        sample=coder_sample(study, beside),
        margin=margin_figures(study, beside.margin),
        flips=flips(encoding),
        differing=differing_codes(encoding),
        weighted=weighted_figures(encoding, beside.weighted),
        ranks=recall_of_ranks(study, beside.ranks),
        subgroups=subgroups(encoding, beside),
        **_of_probabilities(encoding, probabilities, beside),
    )


def _of_probabilities(
    encoding: Encoding, probabilities: Mapping[str, Probabilities], beside: Beside
) -> dict[str, Any]:
    """The fields of Figures that come from models' probabilities."""
    ranking = {}
    not_told = {}
    calibrated: dict[str, ModelCalibration | None] = {}
    uncalibrated = {}
    abstained: dict[str, Abstention | None] = {}
    for name, known in probabilities.items():
        ranked = ranked_figures(encoding, known)
        ranking[name] = ranked.values
        if ranked.reasons:
            not_told[name] = NotTold(ranked.reasons, ranked.between)
        calibrated[name] = None
        abstained[name] = None
        why = why_not_calibrated(known)
        if why:
            uncalibrated[name] = why
        else:
            calibrated[name] = model_calibration(encoding, known, beside.outside)
            abstained[name] = abstention(encoding, name, known)
    return {
        "ranking": ranking,
        "not_told": not_told,
        "calibration": calibrated,
        "uncalibrated": uncalibrated,
        "abstention": abstained,
    }


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
