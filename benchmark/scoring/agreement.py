"""Who agrees with whom: every two raters, the coders among themselves, each against the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.codings import Axes, Coded, IntArray
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.agreement import (
    Agreement,
    Distance,
    kappa,
    krippendorff_alpha,
    majority_of_others,
    pairwise,
)
from benchmark.metrics.sets.alpha import alpha_with_interval
from benchmark.metrics.sets.code_agreement import (
    ac1_of_pair,
    agreement_by_code,
    pooled_positive_agreement,
)
from benchmark.metrics.sets.compare import Comparison, compare_encoded
from benchmark.scoring.differing import GivenPair, given_codes
from benchmark.scoring.imperfect_reference import UpperBounds, upper_bounds

MOST_SHARED = 3_000
"""Shared notes, for an interval of alpha: its memory grows with their square."""
MOST_FOR_ALPHA = 1_000
"""Notes of two raters on which their alpha is computed: its time grows with their square."""
MOST_SETS = 5_000
"""Sets of codes of everybody, for the same reason."""


@dataclass(frozen=True)
class AgreedPair(Agreement):
    """Two raters on the notes that both coded."""

    kappa: float | None = None
    """Cohen's, over the label space; None where it is undefined, or was not kept yet."""
    positive_agreement: Estimate | None = None
    """Over all codes; None where neither gave a code, or it was not kept yet."""
    ac1: float | None = None
    """Median over the codes that either gave in ten of these notes or more; None without one."""
    alpha: float | None = None
    """Krippendorff's, with Jaccard distance; of more than `MOST_FOR_ALPHA` notes on so many of
    them, evenly spread. None where it is undefined."""


@dataclass(frozen=True)
class AgreedCode:
    """How far the coders agree on one code."""

    code: str
    notes: int
    """Shared notes in which somebody gave it."""
    ac1: Estimate | None
    positive: Estimate | None
    """Positive agreement. It and AC1 are None where undefined."""


@dataclass(frozen=True)
class CoderAgreement:
    """The coders on the notes that more than one of them coded."""

    coders: int
    shared_notes: int
    krippendorff_alpha_jaccard: float | None = None
    krippendorff_alpha_masi: float | None = None
    krippendorff_alpha_jaccard_interval: Interval | None = None
    krippendorff_alpha_masi_interval: Interval | None = None
    positive_agreement: Estimate | None = None
    """Over all codes."""
    median_ac1: float | None = None
    """Over `by_code`; None where no code was given often enough."""
    by_code: list[AgreedCode] = field(default_factory=list)
    """Codes that somebody gave in ten shared notes or more, the most frequent first."""


@dataclass(frozen=True)
class AgreementFigures:
    """Who agrees with whom in a study. Needs no reference: a study without one has this."""

    agreement: CoderAgreement
    pairs: list[AgreedPair]
    majorities: Mapping[str, Comparison]
    """By rater: against what more than half of the others gave."""
    kappa_codes: int | None
    """Codes of the label space of kappa."""
    upper_bounds: UpperBounds | None = None
    """None where no note has three answers, the reference's among them."""
    given: list[GivenPair] = field(default_factory=list)
    """Which codes one of two raters gives more often, the reference being one of them."""
    alpha_of_all: float | None = None
    """Krippendorff's of everybody, the reference included, with Jaccard distance; of so many notes
    that there would be more than `MOST_SETS` sets of codes, on fewer, evenly spread."""


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
        pairs.append(_agreed_pair(pair, everybody, columns))
    return AgreementFigures(
        agreement=coder_agreement(coders, axes.codes),
        pairs=pairs,
        majorities=_majorities(axes, space, {**coders, **others}),
        kappa_codes=len(space.codes),
        upper_bounds=upper_bounds(everybody),
        given=given_codes(everybody, axes.codes),
        alpha_of_all=_alpha_of_all(everybody),
    )


def _agreed_pair(pair: Agreement, everybody: Mapping[str, Coded], columns: IntArray) -> AgreedPair:
    """The other figures of two raters. `columns`: those of the label space."""
    first = everybody[pair.first]
    second = everybody[pair.second]
    of_codes = ac1_of_pair(first, second)
    median = None
    if len(of_codes):
        median = float(np.median(of_codes))
    rows = spread_evenly(np.flatnonzero(first.done & second.done), MOST_FOR_ALPHA)
    two = {pair.first: first, pair.second: second}
    return AgreedPair(
        **vars(pair),
        kappa=kappa(first, second, columns),
        positive_agreement=pooled_positive_agreement(two),
        ac1=median,
        alpha=krippendorff_alpha(_on(two, rows)),
    )


def _alpha_of_all(everybody: Mapping[str, Coded]) -> float | None:
    if len(everybody) < 2:
        return None
    shared = np.flatnonzero(np.sum([coded.done for coded in everybody.values()], axis=0) > 1)
    rows = spread_evenly(shared, MOST_SETS // len(everybody))
    return krippendorff_alpha(_on(everybody, rows))


def _on(raters: Mapping[str, Coded], rows: IntArray) -> dict[str, Coded]:
    """The raters on some of the notes."""
    found = {}
    for name, coded in raters.items():
        found[name] = Coded(coded.matrix[rows], coded.done[rows])
    return found


def spread_evenly(rows: IntArray, most: int) -> IntArray:
    """All of the rows, or `most` of them, evenly spread.

    >>> spread_evenly(np.arange(5), 3).tolist(), spread_evenly(np.arange(2), 3).tolist()
    ([0, 2, 4], [0, 1])
    """
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def coder_agreement(coders: Mapping[str, Coded], codes: Sequence[str]) -> CoderAgreement:
    """The coders on the notes that more than one of them coded; `codes`: those of the axes."""
    shared = 0
    if coders:
        times = np.sum([coded.done for coded in coders.values()], axis=0)
        shared = int((times > 1).sum())
    if not shared:
        return CoderAgreement(coders=len(coders), shared_notes=0)
    by_code = _by_code(coders, codes)
    defined = [each.ac1.value for each in by_code if each.ac1]
    median = None
    if defined:
        median = float(np.median(defined))
    return CoderAgreement(
        coders=len(coders),
        shared_notes=shared,
        krippendorff_alpha_jaccard=krippendorff_alpha(coders, "jaccard"),
        krippendorff_alpha_masi=krippendorff_alpha(coders, "masi"),
        krippendorff_alpha_jaccard_interval=_alpha_interval(coders, "jaccard", shared),
        krippendorff_alpha_masi_interval=_alpha_interval(coders, "masi", shared),
        positive_agreement=pooled_positive_agreement(coders),
        median_ac1=median,
        by_code=by_code,
    )


def _by_code(coders: Mapping[str, Coded], codes: Sequence[str]) -> list[AgreedCode]:
    """The most frequent first."""
    found = []
    for each in agreement_by_code(coders):
        found.append(AgreedCode(codes[each.column], each.notes, each.ac1, each.positive))
    return sorted(found, key=lambda agreed: (-agreed.notes, agreed.code))


def _alpha_interval(
    coders: Mapping[str, Coded], distance: Distance, shared: int
) -> Interval | None:
    """None where alpha is undefined, or the shared notes are too few, or too many to hold the
    similarities of every two of them."""
    if shared > MOST_SHARED:
        return None
    found = alpha_with_interval(coders, distance)
    if found is None:
        return None
    return found.interval


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
