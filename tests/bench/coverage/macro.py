"""Macro figures: the jackknife over all codes of a long list, and frequent codes by ways to choose.

508 notes, 4,075 codes with a long tail, about 19 a note; the rater finds a code with chance .6 and
invents some. Over all codes an interval is meant for the figure to expect on as many notes; over
frequent codes, for the mean over these codes of the figure on endless notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.frequent import cross_fit, first_half, frequent_macro, outside
from benchmark.metrics.certainty.influence import Estimate, estimate
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.sets.counts import ratio
from tests.bench.coverage.run import Runner, per_cent, table

Floats = NDArray[np.float64]
NOTES, CODES = 508, 4_075
FOUND, INVENTED = 0.6, 0.15
OUTSIDE_NOTES = 20_000
FIGURES = ("jaccard", "precision", "recall")
MACRO = (*FIGURES, "f1_mean_all", "f1_caml", "f1_mean_present")
WAYS = (
    ("outside", 5),
    ("outside", 10),
    ("outside", 20),
    ("these notes", 10),
    ("these notes", 20),
    ("cross-fit", 10),
    ("cross-fit", 20),
)


def rates() -> tuple[Floats, Floats]:
    """Chance of each code to be true of a note, and to be invented where it is not."""
    true = 3.3 / np.arange(13, CODES + 13)
    return true, INVENTED * true


def limits() -> dict[str, Floats]:
    """By figure: each code's (codes,) on endless notes."""
    true, invented = rates()
    tp = FOUND * true
    p = tp + invented * (1 - true)
    return {"jaccard": ratio(tp, p + true - tp), "precision": ratio(tp, p), "recall": tp / true}


def world(rng: np.random.Generator, _: Any) -> dict[str, float]:
    """The macro figures of one sample of notes, with their intervals and targets."""
    chance, invented = rates()
    true = rng.random((NOTES, CODES)) < chance
    draws = rng.random(true.shape)
    given = np.where(true, draws < FOUND, draws < invented)
    reference = csr_matrix(true.astype(np.int64))
    rater = csr_matrix(given.astype(np.int64))
    found: dict[str, float] = {}
    for name, each in macro_influences(reference, rater).items():
        sure = estimate(each)
        assert sure.interval is not None
        found[name] = sure.value
        found[f"{name} low"], found[f"{name} high"] = sure.interval.low, sure.interval.high
    ids = [str(note) for note in range(NOTES)]
    counts = rng.binomial(OUTSIDE_NOTES, chance)
    for way, least in WAYS:
        if way == "outside":
            chosen = outside(counts, OUTSIDE_NOTES, NOTES, least)
        else:
            chosen = true.sum(axis=0) >= least
        targets = {name: float(each[chosen].mean()) for name, each in limits().items()}
        figures = frequent_macro(reference, rater, chosen)
        codes = int(chosen.sum())
        if way == "cross-fit":
            figures, codes = cross_fit(reference, rater, ids, least)
            targets = _targets_of_halves(true, ids, least)
        found |= _held(f"{way} {least}", figures, targets)
        found[f"{way} {least} codes"] = codes
    return found


def sections(runner: Runner) -> Iterator[str]:
    """What is printed."""
    worlds = runner.worlds(400)
    seen = runner.draw(world, "long tail", worlds)
    rows = []
    for name in MACRO:
        expected = seen[name].mean()
        held = (seen[f"{name} low"] <= expected) & (expected <= seen[f"{name} high"])
        half = (seen[f"{name} high"] - seen[f"{name} low"]).mean() / 2
        rows.append((name, f"{expected:.3f}", per_cent(held), f"{half:.4f}"))
    yield (
        f"Jackknife 95% intervals of macro figures, {CODES:,} codes and {NOTES} notes, per cent "
        f"that hold the figure to expect on as many; {worlds} worlds"
    )
    yield table(("macro", "value", "level", "half"), rows)
    rows = []
    for way, least in WAYS:
        name = f"{way} {least}"
        levels = [per_cent(seen[f"{name} {figure} held"]) for figure in FIGURES]
        bias = [f"{seen[f'{name} {figure} bias'].mean():+.3f}" for figure in FIGURES[:2]]
        rows.append((name, f"{seen[f'{name} codes'].mean():.0f}", *levels, *bias))
    yield "Macro over frequent codes, per cent that hold these codes' figure on endless notes"
    yield table(("chosen by", "codes", "J", "P", "R", "bias J", "P"), rows)


def _targets_of_halves(true: NDArray[np.bool_], ids: list[str], least: float) -> dict[str, float]:
    """The mean over both ways of the codes' figures on endless notes."""
    half = first_half(ids)
    targets = dict.fromkeys(FIGURES, 0.0)
    for chosen_in in (half, ~half):
        chosen = true[chosen_in].sum(axis=0) >= least / 2
        for name, each in limits().items():
            targets[name] += float(each[chosen].mean()) / 2
    return targets


def _held(name: str, figures: dict[str, Estimate], targets: dict[str, float]) -> dict[str, float]:
    """Whether each interval holds its target, and how far off the figure is."""
    found: dict[str, float] = {}
    for figure in FIGURES:
        each = figures[figure]
        target = targets[figure]
        assert each.interval is not None
        found[f"{name} {figure} held"] = each.interval.low <= target <= each.interval.high
        found[f"{name} {figure} bias"] = each.value - target
    return found
