"""Dawid and Skene where nobody holds the truth, and false discoveries among codes that differ.

Cells of a band of codes, one in twenty of them true. Raters find .55 to .8 of the true codes and
invent few. They are independent given the truth, or all miss a hard third of the true cells more
often.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.differing_codes import (
    benjamini_hochberg,
    exact_mcnemar,
    more_often_right,
)
from benchmark.metrics.codings import Coded
from benchmark.metrics.reference.dawid_skene import LEAST_RATERS, Pseudo, fit, patterns_of
from tests.bench.coverage.run import Runner, per_cent, table

NOTES, CODES = 508, 400
PREVALENCE = 0.05
HARD, MISSED_MORE = 1 / 3, 0.45
DIFFERING = 0.2
"""Share of codes that one of two raters is better at."""


@dataclass(frozen=True)
class Raters:
    number: int
    dependent: bool


def world(rng: np.random.Generator, setting: Raters) -> dict[str, float]:
    """How far off sensitivities and prevalence are, and how good a consensus would be."""
    true = rng.random((NOTES, CODES)) < PREVALENCE
    sensitivity = np.linspace(0.8, 0.55, setting.number)
    hard = np.zeros(true.shape)
    if setting.dependent:
        hard = (rng.random(true.shape) < HARD) * MISSED_MORE
    everybody = []
    for found in sensitivity:
        chance = np.where(true, found - hard, 0.01)
        everybody.append(_coded(rng.random(true.shape) < chance))
    # The truth is the last answer of each pattern, for counting; the model does not see it.
    seen = patterns_of([*everybody, _coded(true)], np.arange(NOTES))
    truth = seen.answers[:, -1] == 1
    blind = replace(seen, answers=seen.answers[:, :-1])
    posterior, rates, _ = fit(blind, Pseudo())
    achieved = sensitivity - hard.mean()
    votes = (blind.answers == 1).sum(axis=1)
    alone = [_f1(answers == 1, truth, seen.times) for answers in blind.answers.T]
    cells = seen.times.sum()
    return {
        "error": float((rates.sensitivity[0] - achieved).mean()),
        "size of error": float(np.abs(rates.sensitivity[0] - achieved).mean()),
        "prevalence": float(rates.prevalence[0] * cells / (truth @ seen.times)),
        "consensus": _f1(posterior > 0.5, truth, seen.times),
        "majority": _f1(2 * votes > setting.number, truth, seen.times),
        "best rater": max(alone),
        "order right": bool((np.diff(rates.sensitivity[0]) < 0).all()),
    }


def differing(rng: np.random.Generator, _: Any) -> dict[str, float]:
    """False discoveries and power among codes of two raters, and power if all codes were tested."""
    codes = 200
    chance = 3.3 / np.arange(13, codes + 13)
    invented = 0.15 * chance
    true = rng.random((508, codes)) < chance
    better = rng.random(codes) < DIFFERING
    found_by_first = 0.6 + 0.3 * better
    first = rng.random(true.shape) < np.where(true, found_by_first, invented)
    second = rng.random(true.shape) < np.where(true, 0.6, invented)
    matrices = [csr_matrix(each.astype(np.int64)) for each in (true, first, second)]
    found = more_often_right(*matrices)
    called = [each.column for each in found.codes]
    wins = ((first == true) & (second != true)).sum(axis=0)
    losses = ((first != true) & (second == true)).sum(axis=0)
    of_all = benjamini_hochberg(exact_mcnemar(wins, losses)) <= 0.05
    return {
        "false": sum(not better[code] for code in called) / max(len(called), 1),
        "power": sum(better[code] for code in called) / max(better.sum(), 1),
        "power of all": (of_all & better).sum() / max(better.sum(), 1),
    }


def sections(runner: Runner) -> Iterator[str]:
    """What is printed."""
    worlds = runner.worlds(100)
    rows = []
    for dependent in (False, True):
        for number in (2, 3, 4, 6):
            seen = runner.draw(world, Raters(number, dependent), worlds)
            name = f"{number} raters"
            if dependent:
                name += ", the same cells hard"
            if number < LEAST_RATERS:
                name += " (refused)"
            rows.append(_row(name, seen))
    yield (
        f"Dawid and Skene: error of sensitivity, prevalence as a multiple of the true one, F1 of "
        f"the consensus; means of {worlds} worlds"
    )
    yield table(
        ("", "error", "size", "prevalence", "consensus", "majority", "best", "order right"), rows
    )
    worlds = runner.worlds(400)
    seen = runner.draw(differing, "codes", worlds)
    yield f"Codes that differ: false discovery rate at .05 and power, means of {worlds} worlds"
    power = ("power of all", "power")
    rows = [("false discoveries", f"{seen['false'].mean():.3f}")]
    rows += [(name, f"{seen[name].mean():.3f}") for name in power]
    yield table(("", "rate"), rows)


def _row(name: str, seen: dict[str, NDArray[np.float64]]) -> tuple[str, ...]:
    error = f"{seen['error'].mean():+.3f}"
    keys = ("size of error", "prevalence", "consensus", "majority", "best rater")
    means = [f"{seen[key].mean():.3f}" for key in keys]
    return (name, error, *means, per_cent(seen["order right"]))


def _f1(given: NDArray[np.bool_], true: NDArray[np.bool_], times: NDArray[np.float64]) -> float:
    return float(2 * (times @ (given & true)) / (times @ given + times @ true))


def _coded(given: NDArray[np.bool_]) -> Coded:
    return Coded(csr_matrix(given.astype(np.int64)), np.ones(len(given), bool))
