"""Calibration and abstention of a model whose probabilities are true, and of one too sure.

Probabilities of a long tail of codes; notes differ in how many codes they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import expit, logit

from benchmark.metrics.probabilities.abstention import (
    expected_jaccard,
    losses_of,
    risk_coverage,
)
from benchmark.metrics.probabilities.calibration import calibration
from benchmark.metrics.sets.counts import per_note
from tests.bench.coverage.run import Runner, per_cent, table

NOTES, CODES = 300, 1_000
SHARPENED = 2.0


def world(rng: np.random.Generator, _: Any) -> dict[str, float]:
    """Errors of calibration beside their null bands, and areas under risk by coverage."""
    chance = np.minimum(0.5, 2.0 / np.arange(2, CODES + 2))
    load = rng.normal(0, 0.7, (NOTES, 1))
    q = expit(logit(chance) + load + rng.normal(0, 1.5, (NOTES, CODES)))
    true = csr_matrix((rng.random(q.shape) < q).astype(np.int64))
    found = calibration(q, true)
    sharp = calibration(expit(SHARPENED * logit(q)), true)
    assert found.rce is not None and found.rce_null is not None
    assert sharp.rce is not None and sharp.rce_null is not None
    assert found.expected_over_observed is not None
    assert found.expected_over_observed.interval is not None
    around = found.expected_over_observed.interval
    seen: dict[str, float] = {
        "rce": found.rce,
        "null": found.rce_null.mean,
        "high": found.rce_null.high,
        "inside": found.rce <= found.rce_null.high,
        "E/O": around.low <= 1 <= around.high,
        "sharpened": sharp.rce,
        "sharpened inside": sharp.rce <= sharp.rce_null.high,
    }
    return seen | _areas(q, true)


def _areas(q: np.ndarray, true: csr_matrix) -> dict[str, float]:
    """AURC by several scores of a note."""
    given = csr_matrix((q > 0.5).astype(np.int64))
    losses = losses_of(per_note(true, given))
    sizes = np.maximum(np.diff(given.indptr), 1)
    entropy = -(q * np.log(q) + (1 - q) * np.log1p(-q)).mean(axis=1)
    scores = {
        "expected Jaccard": expected_jaccard(q, given),
        "mean q of given": np.asarray(given.multiply(q).sum(axis=1)).ravel() / sizes,
        "-entropy": -entropy,
        "mean max(q, 1-q)": np.maximum(q, 1 - q).mean(axis=1),
        "min |q-.5|": np.abs(q - 0.5).min(axis=1),
    }
    areas = {}
    for name, score in scores.items():
        found = risk_coverage(score, losses)
        assert found is not None
        areas[name] = found.aurc
        areas["random"], areas["oracle"] = found.random, found.oracle
    return areas


def sections(runner: Runner) -> Iterator[str]:
    """What is printed."""
    worlds = runner.worlds(200)
    seen = runner.draw(world, "long tail", worlds)
    yield f"Calibration of a model with true probabilities, and of one too sure; {worlds} worlds"
    rows = [
        ("RCE, true probabilities", f"{seen['rce'].mean():.3f}"),
        ("mean of its null band", f"{seen['null'].mean():.3f}"),
        ("high end of its null band", f"{seen['high'].mean():.3f}"),
        ("RCE at most that, per cent (nominal 97.5)", per_cent(seen["inside"])),
        ("E/O interval holds 1, per cent (nominal 95)", per_cent(seen["E/O"])),
        ("RCE, sharpened", f"{seen['sharpened'].mean():.3f}"),
        ("at most its null band, per cent", per_cent(seen["sharpened inside"])),
    ]
    yield table(("", "value"), rows)
    names = ("oracle", "expected Jaccard", "mean q of given", "-entropy", "mean max(q, 1-q)")
    rows = []
    for name in (*names, "min |q-.5|", "random"):
        better = per_cent(seen[name] < seen["random"])
        rows.append((name, f"{seen[name].mean():.3f}", better))
    yield "Area under risk by coverage of notes, by score; below random, per cent of worlds"
    yield table(("score", "AURC", "better than random"), rows)
