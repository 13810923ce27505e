"""Before a study opens: how wide will its intervals be, and what could it show?

Closed forms of the intervals of `coders` and the tests of `margins`, from what is expected of the
variances. With n_i = shared + (notes - shared) / k notes a coder, or all notes where all code all:

    cov   = c1 shared / n_i^2
    MS    = s2 + v1 / n_i - cov
    V     = MS / k + cov          half = T_.975,df sqrt(V)
    V_fix = v1 / (n_i k) + (k - 1) / k cov     over notes alone, df n - 1
    power = 1 - nct_df,ncp(T_.975,df),   ncp = (expected difference + margin) / sqrt(V)

Half of an interval varies from study to study with MS; in four of five it is at most that with MS
times chi2_.8,k-1 / (k - 1). Obuchowski and Rockette 1995; Hillis 2014.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtri, nctdtr, stdtrit

from benchmark.metrics.certainty.coders import components, degrees_of_freedom
from benchmark.metrics.certainty.influence import Influence, half_width

SURE = 0.8
"""How many studies of five have an interval at most as wide as the one that is called sure."""
UPPER = 0.975
LIKELY = 0.8
"""The power with which a difference is called likely to be shown."""
MOST_NOTES = 1_000_000
MOST_CODERS = 10_000
"""Nobody asks for more."""


@dataclass(frozen=True)
class Variances:
    """What is expected of a figure, or of the difference of two."""

    between: float
    """s2: variance of the figure between coders."""
    note: float
    """v1: variance of one coder's figure over notes, times the notes."""
    shared: float
    """c1: the part of v1 that two coders on the same note have in common."""


SEEN = Variances(between=0.05**2, note=0.013, shared=0.3 * 0.013)
"""Micro Jaccard of a coder. Between coders as in CMC 2007 (three companies, sd .049); v1 as a
model's on 508 notes; c1 is an assumption."""
OPTIMISTIC_SD = 0.02
"""Between coders who differ little."""


@dataclass(frozen=True)
class Design:
    """Who codes how many notes."""

    coders: int
    notes: int
    """Distinct notes."""
    shared: int = 0
    """Notes that all coders code; the rest is split. As many as `notes`: all code all."""

    def __post_init__(self) -> None:
        if self.coders < 1 or not 0 <= self.shared <= self.notes or not self.notes:
            raise ValueError(
                f"{self.coders} coders on {self.notes} notes, {self.shared} of them shared; a plan "
                "needs a coder, a note, and no more shared notes than notes"
            )

    @property
    def notes_each(self) -> float:
        """n_i."""
        return self.shared + (self.notes - self.shared) / self.coders


@dataclass(frozen=True)
class Width:
    """Half of a 95% interval."""

    expected: float
    sure: float
    """In four of five studies it is at most this."""
    df: float


@dataclass(frozen=True)
class Pilot:
    """Variances as they were in a study, with what it could not tell taken from a default."""

    variances: Variances
    between_is_default: bool
    """Fewer than three coders say nothing of how coders differ."""
    shared_is_default: bool
    """No note was coded by two coders."""


def width_for_an_average_coder(design: Design, variances: Variances = SEEN) -> Width | None:
    """Of the interval for coders like these; None for one coder.

    >>> width = width_for_an_average_coder(Design(coders=5, notes=508, shared=50))
    >>> round(width.expected, 3), round(width.sure, 3), round(width.df, 1)
    (0.063, 0.077, 4.2)
    """
    coders = design.coders
    if coders < 2:
        return None
    often = float(chdtri(coders - 1, 1 - SURE)) / (coders - 1)
    variance, df = _over_coders(design, variances)
    at_most, df_then = _over_coders(design, variances, often)
    return Width(half_width(variance**0.5, df), half_width(at_most**0.5, df_then), df)


def width_for_these_coders(design: Design, variances: Variances = SEEN) -> float | None:
    """Half of the interval over notes alone; None for one note.

    >>> round(width_for_these_coders(Design(coders=5, notes=508, shared=50)), 3)
    0.01
    """
    if design.notes < 2:
        return None
    return half_width(_over_notes(design, variances) ** 0.5, design.notes - 1)


def power_for_an_average_coder(
    design: Design, margin: float, expected: float = 0.0, variances: Variances = SEEN
) -> float | None:
    """The chance to show that a model is not worse than coders like these by `margin`.

    `expected`: the true difference, model less coders. Superiority has margin 0. None for one
    coder. For two coders there is hardly any, and this says a few points too much.

    >>> round(power_for_an_average_coder(Design(coders=5, notes=508, shared=50), margin=0.05), 2)
    0.39
    """
    if design.coders < 2:
        return None
    variance, df = _over_coders(design, variances)
    return _power(expected + margin, variance, df)


def power_for_these_coders(
    design: Design, margin: float, expected: float = 0.0, variances: Variances = SEEN
) -> float | None:
    """The chance to show that a model is not worse than these very coders by `margin`.

    None for one note.
    """
    if design.notes < 2:
        return None
    return _power(expected + margin, _over_notes(design, variances), design.notes - 1)


def smallest_difference(
    design: Design, variances: Variances = SEEN, *, like_these: bool = False
) -> float | None:
    """The smallest true difference, of a model and coders, that is shown with power LIKELY.

    From these coders, or from coders `like_these`. None where no difference would be: for one coder
    who shall speak for others, for one note, for a difference above 1.

    >>> design = Design(coders=5, notes=508, shared=50)
    >>> smallest_difference(design), smallest_difference(design, like_these=True)
    (0.015, 0.086)
    """
    power = power_for_an_average_coder if like_these else power_for_these_coders

    def is_likely(thousandths: int) -> bool:
        found = power(design, 0.0, thousandths / 1000, variances)
        return found is not None and found >= LIKELY

    found = _least(is_likely, first=1, most=1000)
    return None if found is None else found / 1000


def notes_for_half_width(
    half: float, design: Design, variances: Variances = SEEN, *, like_these: bool = False
) -> int | None:
    """How many notes make an interval's half as narrow as `half`; None where no number does.

    The notes are dealt out as in `design`: to as many coders, the same part of them shared. Of the
    interval for these coders, or for coders `like_these`: that one is never narrower than
    T_.975,k-1 sqrt(s2 / k), however many notes there are.

    >>> design = Design(coders=5, notes=508, shared=50)
    >>> notes = notes_for_half_width(0.02, design)
    >>> notes, round(width_for_these_coders(Design(coders=5, notes=notes, shared=13)), 4)
    (130, 0.02)
    >>> print(notes_for_half_width(0.02, design, like_these=True))
    None
    """

    def is_narrow(notes: int) -> bool:
        shared = round(design.shared * notes / design.notes)
        width = _half(replace(design, notes=notes, shared=shared), variances, like_these)
        return width is not None and width <= half

    return _least(is_narrow, first=2, most=MOST_NOTES)


def coders_for_half_width(half: float, design: Design, variances: Variances = SEEN) -> int | None:
    """How many coders like these, with as many notes each, make the half as narrow as `half`.

    None where no number does: the notes are too few.

    >>> coders_for_half_width(0.02, Design(coders=5, notes=508, shared=50))
    30
    """
    own = (design.notes - design.shared) / design.coders

    def is_narrow(coders: int) -> bool:
        notes = design.shared + round(own * coders)
        width = _half(Design(coders, notes, design.shared), variances, like_these=True)
        return width is not None and width <= half

    return _least(is_narrow, first=2, most=MOST_CODERS)


def pilot(figures: Sequence[Influence], default: Variances = SEEN) -> Pilot:
    """The variances of a study that was done: of each coder's figure, or of differences.

    v1 = mean of n_i C_ii; c1 = max(0, sum of C_ih n_i n_h over pairs / sum of the notes they
    share); s2 is the variance between coders of `coders`, from three coders on. ValueError without
    a coder who has two notes.
    """
    kept = [each for each in figures if each.notes > 1]
    if not kept:
        raise ValueError("no coder has two notes; take the defaults")
    notes = np.array([each.notes for each in kept], dtype=np.float64)
    deviations = np.array([each.deviations for each in kept])
    done = np.array([each.done for each in kept], dtype=np.int64)
    covariances = deviations @ deviations.T
    note = float((notes * np.diag(covariances)).mean())
    others = ~np.eye(len(kept), dtype=np.bool_)
    shared_notes = int((done @ done.T)[others].sum())
    shared = default.shared
    if shared_notes:
        scaled = covariances * np.outer(notes, notes)
        shared = max(0.0, float(scaled[others].sum()) / shared_notes)
    between = default.between
    if len(kept) > 2:
        between = components(kept).between or 0.0
    return Pilot(
        variances=Variances(between, note, shared),
        between_is_default=len(kept) < 3,
        shared_is_default=not shared_notes,
    )


def _over_coders(design: Design, variances: Variances, times: float = 1.0) -> tuple[float, float]:
    """V and df, with MS as expected or so many times that."""
    each = design.notes_each
    shared = variances.shared * design.shared / each**2
    mean_square = times * max(0.0, variances.between + variances.note / each - shared)
    variance = mean_square / design.coders + shared
    return variance, degrees_of_freedom(design.coders, mean_square, shared)


def _over_notes(design: Design, variances: Variances) -> float:
    """V_fix."""
    each = design.notes_each
    coders = design.coders
    own = variances.note / (each * coders)
    return own + (coders - 1) / coders * variances.shared * design.shared / each**2


def _half(design: Design, variances: Variances, like_these: bool) -> float | None:
    """Half of the interval that is expected; None where there is none."""
    if not like_these:
        return width_for_these_coders(design, variances)
    width = width_for_an_average_coder(design, variances)
    return None if width is None else width.expected


def _least(reaches: Callable[[int], bool], first: int, most: int) -> int | None:
    """The least number that reaches what is asked, the one below it not; None up to `most`.

    In steps of a twentieth, then between the last two: an interval is narrower for more notes but
    for its degrees of freedom, which can widen it again a little.
    """
    below = first - 1
    number = first
    while not reaches(number):
        if number == most:
            return None
        below = number
        number = min(most, number + 1 + number // 20)
    while number - below > 1:
        middle = (below + number) // 2
        if reaches(middle):
            number = middle
        else:
            below = middle
    return number


def _power(ahead: float, variance: float, df: float) -> float:
    """The chance that t(df) around ahead / sqrt(variance) exceeds its 97.5% quantile."""
    if not variance:
        return float(ahead > 0)
    return float(1 - nctdtr(df, ahead / variance**0.5, stdtrit(df, UPPER)))
