"""Coders as a sample of coders: how good is an average coder, beyond those who took part?

An interval over notes alone answers for the coders who were there. For "coders like these" it is
too narrow by a factor, for coders differ. One formula serves every design: notes split between the
coders, all notes coded by all, or some notes shared. It is that of Obuchowski and Rockette (1995)
with the degrees of freedom of Hillis et al. (2005, equation 23; Hillis 2014), with covariances from
the notes that two coders share:

    C_ih = sum over notes of u_ij u_hj            (u: `influence`)
    MS   = variance of the k figures between coders
    cov  = max(0, mean of C_ih over pairs of different coders)
    V    = MS / k + cov, at least V_fix = sum of all C_ih / k^2, the variance over notes alone
    df   = k - 1 for k <= 3, else max(k - 1, (MS + k cov)^2 / (MS^2 / (k - 1)))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import (
    Estimate,
    Influence,
    around,
    estimate,
    half_width,
    of_leaves,
)
from benchmark.metrics.sets.counts import Counts

SAYS_NOTHING = 0.25
"""An interval over coders whose half is wider says nothing, though it is valid."""
FEW = 3
"""Up to so many coders, df is k - 1: the formula's own is too large there."""
NORMAL = 1.96
SEEN_SD = 0.05
"""How much coders differed in micro Jaccard where three companies coded the same 250 notes (CMC
2007, Pestian et al.): what a tipping sd is read beside."""


@dataclass(frozen=True)
class AverageCoder:
    """The mean of the coders' figures, as an estimate for coders like these."""

    coders: tuple[str, ...]
    left_out: tuple[str, ...]
    """Coders with fewer than two notes: nothing says how sure their figures are."""
    random: Estimate
    """Of an average coder. No interval for one coder: one coder says nothing of others."""
    fixed: Estimate
    """Of these very coders: over notes alone."""
    between_sd: float | None
    """Standard deviation of the figure between coders; None for one coder."""

    @property
    def says_nothing(self) -> bool:
        """Whether the interval over coders is too wide to say anything."""
        if not self.random.se:
            return True
        return half_width(self.random.se, self.random.df) > SAYS_NOTHING


@dataclass(frozen=True)
class Components:
    """Where the variance of the mean of k figures comes from."""

    coders: int
    notes: int
    """Distinct notes of all coders."""
    value: float
    mean_square: float | None
    """MS, between coders; None for one coder."""
    own: float
    """Mean C_ii: the variance of one figure over notes."""
    shared: float
    """Mean C_ih of different coders, as it is: it can be below 0."""
    notes_only: float
    """V_fix."""

    @property
    def variance(self) -> float | None:
        """V; None for one coder."""
        if self.mean_square is None:
            return None
        random = self.mean_square / self.coders + max(0.0, self.shared)
        return max(random, self.notes_only)

    @property
    def df(self) -> float:
        return degrees_of_freedom(self.coders, self.mean_square or 0.0, max(0.0, self.shared))

    @property
    def between(self) -> float | None:
        """Variance between coders beyond that of their notes, at least 0; None for one coder."""
        if self.mean_square is None:
            return None
        return max(0.0, self.mean_square - self.own + self.shared)


def average_coder(
    figures: Mapping[str, Influence], level: float = 0.95, lowest: float = 0.0
) -> AverageCoder:
    """The mean of the coders' figures with its interval over coders, and over notes alone.

    `figures`: by the coder's name, all over the same axis of notes. `lowest`: -1 for differences.

    >>> ada = of_leaves(0.5, np.array([0.45, 0.5, 0.55]))
    >>> ben = of_leaves(0.6, np.array([0.65, 0.6, 0.55]))
    >>> found = average_coder({"Ada": ada, "Ben": ben})
    >>> found.random.value, round(found.random.se, 4), found.random.df, found.says_nothing
    (0.55, 0.05, 1, True)
    """
    kept = {name: each for name, each in figures.items() if each.notes > 1}
    left_out = tuple(name for name in figures if name not in kept)
    if not kept:
        nothing = Estimate(0.0, None, 0, None)
        return AverageCoder((), left_out, nothing, nothing, None)
    parts = components(list(kept.values()))
    random = Estimate(parts.value, None, 0, None)
    if parts.variance is not None:
        random = around(parts.value, parts.variance**0.5, parts.df, level, lowest)
    fixed = around(parts.value, parts.notes_only**0.5, parts.notes - 1, level, lowest)
    between_sd = None
    if parts.between is not None:
        between_sd = parts.between**0.5
    return AverageCoder(tuple(kept), left_out, random, fixed, between_sd)


def components(figures: Sequence[Influence]) -> Components:
    """Where the variance of the mean of some figures comes from; each has two notes or more."""
    coders = len(figures)
    values = np.array([each.value for each in figures])
    deviations = np.array([each.deviations for each in figures])
    done = np.any([each.done for each in figures], axis=0)
    covariances = deviations @ deviations.T
    own = float(np.trace(covariances)) / coders
    shared = 0.0
    mean_square = None
    if coders > 1:
        mean_square = float(values.var(ddof=1))
        shared = (float(covariances.sum()) - own * coders) / (coders * (coders - 1))
    return Components(
        coders=coders,
        notes=int(done.sum()),
        value=float(values.mean()),
        mean_square=mean_square,
        own=own,
        shared=shared,
        notes_only=max(0.0, float(covariances.sum())) / coders**2,
    )


def degrees_of_freedom(coders: int, mean_square: float, shared: float) -> float:
    """df of an interval over coders: k - 1 for few coders, else Hillis's, at least k - 1.

    >>> degrees_of_freedom(3, 0.0077, 0.0), round(degrees_of_freedom(5, 0.0025, 0.0002), 2)
    (2, 7.84)
    """
    if coders <= FEW or not mean_square:
        return coders - 1
    hillis = (mean_square + coders * shared) ** 2 / (mean_square**2 / (coders - 1))
    return max(coders - 1, hillis)


def tipping_sd(value: float, margin: float, coders: int, notes_only: float) -> float:
    """The largest sd between coders at which `value` > -`margin` would still be shown.

    s* = sqrt(max(0, k (((d + margin) / 1.96)^2 - V_fix))), 0 where it is not shown at any. It says
    what two coders can say: read it beside SEEN_SD. `value`: a mean difference from the coders;
    `notes_only`: V_fix, its variance over notes alone.

    >>> round(tipping_sd(0.508, 0.0, 2, 0.0004), 2)
    0.37
    """
    ahead = value + margin
    if ahead <= 0:
        return 0.0
    return float(max(0.0, coders * ((ahead / NORMAL) ** 2 - notes_only)) ** 0.5)


def pooled_coders(
    counts: Sequence[Counts], figure: Callable[[Counts], float], level: float = 0.95
) -> Estimate:
    """The row "Human coders" of notes split between coders, with its interval over coders.

    A delete-one-coder jackknife of the figure of all coders' counts added up: se^2 = (k - 1) / k
    sum (leaf - mean leaf)^2, df k - 1; loads may be unequal. `counts`: of each coder over its own
    notes, by code or pooled. `figure`: one figure of such counts. No interval for one coder.

    >>> from benchmark.metrics.sets.averages import micro
    >>> ada = Counts(np.array([5]), np.array([8]), np.array([9]))
    >>> ben = Counts(np.array([4]), np.array([8]), np.array([9]))
    >>> found = pooled_coders([ada, ben], lambda counts: micro(counts).recall)
    >>> found.value, round(found.se, 4), found.df
    (0.5, 0.0556, 1)
    """
    value = figure(_added(counts))
    if len(counts) < 2:
        return Estimate(value, None, 0, None)
    leaves = []
    for place in range(len(counts)):
        leaves.append(figure(_added([*counts[:place], *counts[place + 1 :]])))
    return estimate(of_leaves(value, np.array(leaves)), level)


def _added(counts: Sequence[Counts]) -> Counts:
    total = counts[0]
    for each in counts[1:]:
        total = total + each
    return total
