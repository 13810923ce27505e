"""Is a model as good as coders are, within a margin written down beforehand?

A margin is the loss in a figure that would not matter. It is a statement of the study, made before
any label is seen; it has no default. With D_i = the model's figure on coder i's notes less the
coder's own, d their mean, and the variance V of d:

    non-inferior   t = (d + margin) / sqrt(V), p = 1 - F_t,df(t) at level .025; the two-sided 95%
                   interval lies above -margin
    superior       the interval lies above 0
    inferior       the interval lies below 0
    equivalent     the interval lies within +-margin (two one-sided tests at .025)

The sequence is closed, non-inferiority first, so no correction is due. What is not shown is
inconclusive, never "equal". ICH E9 and E10; Piaggio et al. 2012 (CONSORT for non-inferiority).

Two rows answer two questions. Fixed readers, "than these coders": V over notes alone, df n - 1.
Random readers, "than coders like these": V and df over coders and notes (`coders`; RJafroc's
one-treatment analysis of random readers). Fixed, but read as if about coders in general, errs in 16
to 35% of studies instead of 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import stdtr

from benchmark.metrics.certainty.coders import Components, components, tipping_sd
from benchmark.metrics.certainty.influence import (
    NOTHING,
    Estimate,
    Influence,
    around,
    half_width,
)

LEVEL = 0.95


@dataclass(frozen=True)
class MarginTest:
    """What the differences from the coders show, about these coders or about coders like them."""

    difference: Estimate
    """d, the model less the coders."""
    p_non_inferior: float | None
    """One-sided, level .025; None where there is no standard error; 0 or 1 where it is 0."""
    p_superior: float | None
    non_inferior: bool
    superior: bool
    inferior: bool
    equivalent: bool

    @property
    def words(self) -> str:
        """What is shown, in a word or two; "-" where nothing was seen to vary.

        Both can be true of a narrow interval below 0: not worse by the margin, yet worse.
        """
        if not self.difference.se:
            return "-"
        if self.superior:
            return "superior"
        if self.non_inferior and self.inferior:
            return "non-inferior, yet lower"
        if self.non_inferior:
            return "non-inferior"
        if self.inferior:
            return "inferior"
        return "inconclusive"


@dataclass(frozen=True)
class MarginTests:
    """Both questions, and what would tip the answer to the first."""

    margin: float
    fixed: MarginTest
    """Than these coders."""
    random: MarginTest
    """Than coders like these."""
    tipping_sd: float
    """The largest sd between coders at which non-inferiority would still be shown: `coders`."""
    left_out: tuple[str, ...]
    """Coders with fewer than two notes."""


def margin_tests(
    differences: Mapping[str, Influence], margin: float, *, own_votes: bool = False
) -> MarginTests:
    """Test a model against coders with a margin above 0.

    `differences`: by the coder's name, the model's influence on the coder's notes less the coder's
    own; of micro figures (`influence`) or macro ones (`jackknife`). `own_votes`: the reference was
    made from these coders' votes. ValueError then, since they would be held to their own answers;
    and where the margin is not above 0, or no coder has two notes.

    >>> import numpy as np
    >>> from benchmark.metrics.certainty.influence import of_leaves
    >>> ada = of_leaves(0.10, np.array([0.09, 0.10, 0.11]))
    >>> found = margin_tests({"Ada": ada}, margin=0.05)
    >>> found.fixed.words, round(found.fixed.p_non_inferior, 3), found.random.p_non_inferior
    ('superior', 0.003, None)
    """
    if own_votes:
        raise ValueError(
            "the reference was made from these coders' own votes; score each by what the others "
            "gave (majority_of_others)"
        )
    if not 0 < margin < 1:
        raise ValueError(f"the margin is {margin}; it must be above 0 and below 1, such as 0.05")
    kept = [each for each in differences.values() if each.notes > 1]
    if not kept:
        raise ValueError("no coder has two notes in common with the model; nothing can be tested")
    parts = components(kept)
    return MarginTests(
        margin=margin,
        fixed=_test(parts.value, parts.notes_only, parts.notes - 1, margin),
        random=_over_coders(parts, margin),
        tipping_sd=tipping_sd(parts.value, margin, parts.coders, parts.notes_only),
        left_out=tuple(name for name, each in differences.items() if each.notes < 2),
    )


def _over_coders(parts: Components, margin: float) -> MarginTest:
    if parts.variance is None:
        nothing = Estimate(parts.value, None, 0, None)
        return MarginTest(nothing, None, None, False, False, False, False)
    return _test(parts.value, parts.variance, parts.df, margin)


def _test(value: float, variance: float, df: float, margin: float) -> MarginTest:
    se = variance**0.5
    difference = around(value, se, df, LEVEL, lowest=-1.0)
    p_non_inferior = _p_above(value + margin, se, df)
    p_superior = _p_above(value, se, df)
    if se <= NOTHING:
        return MarginTest(difference, p_non_inferior, p_superior, False, False, False, False)
    half = half_width(se, df, LEVEL)
    low, high = value - half, value + half
    return MarginTest(
        difference=difference,
        p_non_inferior=p_non_inferior,
        p_superior=p_superior,
        non_inferior=low > -margin,
        superior=low > 0,
        inferior=high < 0,
        equivalent=low > -margin and high < margin,
    )


def _p_above(ahead: float, se: float, df: float) -> float:
    """One-sided p of a value against 0; 0 or 1 by its sign where nothing was seen to vary."""
    if se <= NOTHING:
        return float(ahead <= 0)
    return float(stdtr(df, -ahead / se))
