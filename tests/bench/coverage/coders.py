"""Coders as a sample: intervals for an average coder, margins, and plans.

A note has about nine true codes and a difficulty that all feel. A coder finds each true code with a
chance of their own, and invents codes in proportion. So a coder's micro Jaccard on endless notes is
known, and its mean over endless coders: .45, with an sd of .05 (much) or .01 (little) between
coders. v1 is about .033, c1 .42 of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from benchmark.metrics.certainty.coders import (
    Components,
    average_coder,
    components,
    pooled_coders,
)
from benchmark.metrics.certainty.influence import Influence, half_width, influence
from benchmark.metrics.certainty.margins import margin_tests
from benchmark.metrics.certainty.planning import (
    Design,
    Variances,
    power_for_an_average_coder,
    width_for_an_average_coder,
)
from benchmark.metrics.sets.counts import Counts, ratio
from tests.bench.coverage.run import Runner, per_cent, table

Floats = NDArray[np.float64]
FOUND, INVENTED, DIFFICULTY = 0.6, 1 / 3, 0.15
CODES = 9
MUCH, LITTLE = 0.051, 0.010
"""Sd of micro Jaccard between coders."""
MARGIN = 0.05
POWER_MARGIN = 0.03
REPLICATES = 300
"""Of the two-way bootstrap, which is shown for comparison alone."""
V1, C1 = 0.031, 0.44 * 0.031
"""Of a coder's Jaccard in this world, for the plans."""
V1_DIFFERENCE, C1_DIFFERENCE = 0.036, 0.50 * 0.036
NORMAL = ndtri((np.arange(4_000) + 0.5) / 4_000)


@dataclass(frozen=True)
class Setting:
    coders: int
    design: str
    """"split", "10% shared" or "all by all"."""
    sd: float
    """Of micro Jaccard between coders."""
    notes: int = 500

    @property
    def shared(self) -> int:
        return {"split": 0, "10% shared": self.notes // 10, "all by all": self.notes}[self.design]

    def done(self) -> NDArray[np.bool_]:
        """(coders, notes) who codes what."""
        notes = np.arange(self.notes)
        mine = notes % self.coders == np.arange(self.coders)[:, np.newaxis]
        return mine | (notes < self.shared)


def jaccard_of(found: float, spread: float) -> float:
    """The Jaccard on endless notes of a coder who finds codes with this chance."""
    return float(_chance(found + spread * NORMAL).mean()) / (1 + INVENTED)


@cache
def chance_for(jaccard: float) -> float:
    """The chance that gives a coder or model this Jaccard on endless notes."""
    low, high = 0.0, 1.5
    for _ in range(60):
        middle = (low + high) / 2
        if jaccard_of(middle, DIFFICULTY) < jaccard:
            low = middle
        else:
            high = middle
    return low


@cache
def average_of(sd: float) -> float:
    """The mean over endless coders of their Jaccards."""
    spread = sd * (1 + INVENTED)
    return jaccard_of(FOUND, (DIFFICULTY**2 + spread**2) ** 0.5)


def world(rng: np.random.Generator, setting: Setting) -> dict[str, float]:
    """The intervals of one study, and whether each holds its value."""
    done = setting.done()
    true = 1 + rng.poisson(CODES - 1, setting.notes)
    difficulty = rng.normal(0, DIFFICULTY, setting.notes)
    chances = rng.normal(FOUND, setting.sd * (1 + INVENTED), setting.coders)
    counts = [_coded(rng, true, chance + difficulty) for chance in chances]
    coders = [influence(each, "jaccard", mine) for each, mine in zip(counts, done, strict=True)]
    mean = average_of(setting.sd)
    found = _intervals(coders, mean)
    held = _two_way(rng, counts, done, mean)
    found["two-way bootstrap"] = held
    own = np.mean([jaccard_of(chance, DIFFICULTY) for chance in chances])
    for name, difference in (("boundary", -MARGIN), ("equal", 0.0), ("better", POWER_MARGIN)):
        chance = chance_for(mean + difference)
        model = _coded(rng, true, chance + difficulty)
        apart = []
        for coder, mine in zip(coders, done, strict=True):
            apart.append(influence(model, "jaccard", mine) - coder)
        if name == "boundary":
            found |= _errors(apart, mean - MARGIN - float(own))
        else:
            tests = margin_tests(dict(enumerate(apart)), POWER_MARGIN)
            found[f"power {name}"] = tests.random.non_inferior
    return found


def pooled(rng: np.random.Generator, coders: int) -> dict[str, float]:
    """Whether the interval of the pooled row holds the mean, with loads of one to k shares."""
    shares = np.arange(1, coders + 1) / (coders * (coders + 1) / 2)
    chances = rng.normal(FOUND, MUCH * (1 + INVENTED), coders)
    counts = []
    for chance, share in zip(chances, shares, strict=True):
        notes = round(500 * share)
        true = 1 + rng.poisson(CODES - 1, notes)
        counts.append(_coded(rng, true, chance + rng.normal(0, DIFFICULTY, notes)))
    summed = [Counts(each.tp.sum(), each.p.sum(), each.t.sum()) for each in counts]
    found = pooled_coders(summed, lambda each: float(each.tp / (each.p + each.t - each.tp)))
    half = half_width(found.se or 0.0, found.df)
    return {"held": abs(found.value - average_of(MUCH)) <= half, "half": half}


def sections(runner: Runner) -> Iterator[str]:
    """What is printed."""
    worlds = runner.worlds(1_500)
    rows, tests, plans = [], [], []
    for sd in (MUCH, LITTLE):
        for design in ("split", "10% shared", "all by all"):
            for coders in (2, 3, 5, 10):
                setting = Setting(coders, design, sd)
                seen = runner.draw(world, setting, worlds)
                rows.append(_coverage_row(setting, seen))
                if sd == MUCH:
                    tests.append(_test_row(setting, seen))
                    plans.append(_plan_row(setting, seen))
    yield (
        f"95% intervals for an average coder hold the mean of endless coders, per cent; 500 notes, "
        f"micro Jaccard, {worlds:,} worlds; half of the interval, and of that over notes, medians"
    )
    yield table(
        ("coders", "sd", "rule", "Hillis's df", "notes only", "two-way bootstrap", "half", "notes"),
        rows,
    )
    halves = [f"{row[-2]} (sd {row[1]})" for row in rows if row[0] == "split, 2"]
    yield (
        f"Two coders, notes split: half of the interval is {' or '.join(halves)}. It is valid, and "
        "says nothing of coders like them"
    )
    pooled_rows = []
    for coders in (2, 3, 5, 10):
        seen = runner.draw(pooled, coders, worlds)
        half = np.median(seen["half"])
        pooled_rows.append((str(coders), per_cent(seen["held"]), f"{half:.3f}"))
    yield "The same of the pooled row, split notes with loads of 1 to k shares, sd .051"
    yield table(("coders", "level", "half"), pooled_rows)
    yield (
        "Non-inferiority at the boundary (nominal 2.5%), and the interval over notes for its own "
        "question, per cent"
    )
    yield table(
        ("coders", "random", "Hillis's df", "fixed, own", "its interval", "fixed, misread"), tests
    )
    yield (
        f"Plans against what came: half of the interval, that of four of five, power with margin "
        f"{POWER_MARGIN} if equal and if better by as much"
    )
    yield table(
        ("coders", "half", "came", "sure", "came", "equal", "came", "better", "came"), plans
    )


def _intervals(coders: list[Influence], mean: float) -> dict[str, float]:
    parts = components(coders)
    found = average_coder(dict(enumerate(coders)))
    se = found.random.se or 0.0
    half = half_width(se, found.random.df)
    notes_only = half_width(found.fixed.se or 0.0, found.fixed.df)
    away = abs(parts.value - mean)
    return {
        "rule": away <= half,
        "Hillis": away <= half_width(se, _hillis(parts)),
        "notes only": away <= notes_only,
        "half": half,
        "half of notes": notes_only,
    }


def _errors(apart: list[Influence], own: float) -> dict[str, float]:
    """Wrong claims of a model that is worse by the margin; `own`: than these very coders."""
    tests = margin_tests(dict(enumerate(apart)), MARGIN)
    parts = components(apart)
    se = tests.random.difference.se or 1.0
    p_hillis = stdtr(_hillis(parts), -(parts.value + MARGIN) / se)
    se_fixed = parts.notes_only**0.5
    off = (parts.value - own) / se_fixed
    half = half_width(se_fixed, parts.notes - 1) / se_fixed
    return {
        "random": tests.random.non_inferior,
        "random Hillis": p_hillis < 0.025,
        "fixed own": stdtr(parts.notes - 1, -off) < 0.025,
        "fixed own interval": abs(off) <= half,
        "fixed misread": tests.fixed.non_inferior,
    }


def _hillis(parts: Components) -> float:
    """df of Hillis for any number of coders, at least k - 1."""
    square = parts.mean_square or 0.0
    if not square:
        return parts.coders - 1
    shared = max(0.0, parts.shared)
    own = (square + parts.coders * shared) ** 2 / (square**2 / (parts.coders - 1))
    return max(parts.coders - 1, own)


def _two_way(
    rng: np.random.Generator, counts: list[Counts], done: NDArray[np.bool_], mean: float
) -> float:
    """Whether a percentile interval of a bootstrap over coders and notes holds the mean."""
    coders, notes = done.shape
    of_notes = rng.multinomial(notes, np.full(notes, 1 / notes), REPLICATES).astype(np.float64)
    of_coders = rng.multinomial(coders, np.full(coders, 1 / coders), REPLICATES)
    tp = np.array([each.tp * mine for each, mine in zip(counts, done, strict=True)])
    together = np.array(
        [(each.p + each.t - each.tp) * mine for each, mine in zip(counts, done, strict=True)]
    )
    jaccards = ratio(of_notes @ tp.T, of_notes @ together.T)
    low, high = np.quantile((jaccards * of_coders).sum(axis=1) / coders, [0.025, 0.975])
    return low <= mean <= high


def _coded(rng: np.random.Generator, true: NDArray[np.int64], chance: Floats) -> Counts:
    tp = rng.binomial(true, _chance(chance))
    return Counts(tp, tp + rng.poisson(INVENTED * true), true)


def _chance(found: Floats) -> Floats:
    return np.clip(found, 0.02, 0.98)


def _name(setting: Setting) -> str:
    return f"{setting.design}, {setting.coders}"


def _coverage_row(setting: Setting, seen: dict[str, Floats]) -> tuple[str, ...]:
    levels = [per_cent(seen[key]) for key in ("rule", "Hillis", "notes only", "two-way bootstrap")]
    halves = [f"{np.median(seen[key]):.3f}" for key in ("half", "half of notes")]
    return (_name(setting), f"{setting.sd:.3f}", *levels, *halves)


def _test_row(setting: Setting, seen: dict[str, Floats]) -> tuple[str, ...]:
    keys = ("random", "random Hillis", "fixed own", "fixed own interval", "fixed misread")
    return (_name(setting), *(per_cent(seen[key]) for key in keys))


def _plan_row(setting: Setting, seen: dict[str, Floats]) -> tuple[str, ...]:
    design = Design(setting.coders, setting.notes, setting.shared)
    width = width_for_an_average_coder(design, Variances(setting.sd**2, V1, C1))
    assert width is not None
    row = [f"{width.expected:.3f}", f"{seen['half'].mean():.3f}"]
    row += [f"{width.sure:.3f}", f"{np.quantile(seen['half'], 0.8):.3f}"]
    apart = Variances(setting.sd**2, V1_DIFFERENCE, C1_DIFFERENCE)
    for name, expected in (("equal", 0.0), ("better", POWER_MARGIN)):
        power = power_for_an_average_coder(design, POWER_MARGIN, expected, apart)
        row += [f"{power:.2f}", f"{seen[f'power {name}'].mean():.2f}"]
    return (_name(setting), *row)
