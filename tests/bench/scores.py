"""All figures of a model's scores, beside scikit-learn doing the same; and Table 1's bootstrap.

3,373 notes x 8,921 codes as in MIMIC-III's test split; 508 notes x 4,075 codes as in the paper's
study.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn import metrics as sk

from benchmark.metrics.certainty.intervals import intervals
from benchmark.metrics.codings import encode_all
from benchmark.metrics.label_space import listed
from benchmark.metrics.probabilities.all_figures import figures
from benchmark.metrics.probabilities.told import told_figures
from tests.bench.clock import timed
from tests.bench.ruler import A_NOTE, CODES, NOTES, codings

STUDY_NOTES, SHORTLIST, RATERS, REPLICATES = 508, 4075, 5, 2000
KS = (5, 8, 15)


def world(notes: int = NOTES, codes: int = CODES, seed: int = 0) -> tuple[np.ndarray, csr_matrix]:
    """Scores (notes, codes) float32 that are mostly right, and the truth.

    No two scores of a note are the same, for ties have no one rule; 20 of each note are above .5.
    """
    rng = np.random.default_rng(seed)
    weights = np.exp(-0.9274 * np.arange(1, codes + 1) ** 0.27)
    truth = np.zeros((notes, codes), dtype=np.int8)
    scores = np.empty((notes, codes), dtype=np.float32)
    for true, row in zip(truth, scores, strict=True):
        true[rng.choice(codes, A_NOTE, replace=False, p=weights / weights.sum())] = 1
        row[np.argsort(rng.random(codes) + 0.8 * true)] = np.arange(codes) / (2 * codes)
    scores[scores >= (codes - 20) / (2 * codes)] += 0.5
    return scores, csr_matrix(truth).astype(np.int64)


def scikit_learn(scores: np.ndarray, reference: csr_matrix) -> dict[str, float]:
    """The same figures by what one would take instead.

    P@k by sorting, which scikit-learn has no function for.
    """
    truth, given = reference.toarray(), (scores > 0.5).astype(np.int64)
    found = {}
    for average in ("micro", "macro"):
        shared = {"y_true": truth, "y_pred": given, "average": average, "zero_division": 0}
        precision, recall, f1, _ = sk.precision_recall_fscore_support(**shared)
        found |= {f"{average}_precision": precision, f"{average}_recall": recall}
        found |= {"micro_f1" if average == "micro" else "macro_f1_mean_all": f1}
        found[f"{average}_jaccard"] = sk.jaccard_score(**shared)
    ranked = np.argsort(-scores, axis=1, kind="stable")
    hits = np.take_along_axis(truth, ranked, axis=1)
    found |= {f"p@{k}": float(hits[:, :k].mean()) for k in KS}
    both = [code for code in range(truth.shape[1]) if 0 < truth[:, code].sum() < len(truth)]
    found["auc_macro"] = float(
        np.mean([sk.roc_auc_score(truth[:, code], scores[:, code]) for code in both])
    )
    found["auc_micro"] = sk.roc_auc_score(truth.ravel(), scores.ravel())
    found["map"] = sk.label_ranking_average_precision_score(truth, scores)
    return found


def show() -> None:
    scores, reference = world()
    ours, theirs = figures(scores, reference), {}

    def instead() -> None:
        theirs.update(scikit_learn(scores, reference))

    slow = timed(instead, 1)
    apart = max(abs(ours[name] - value) for name, value in theirs.items())
    assert apart < 1e-9, f"the two must agree before their speed means anything: {theirs} {ours}"
    fast = timed(lambda: figures(scores, reference))
    print(
        "every figure of Table 2, AUC included           "
        f"ours {fast:.2f}    scikit-learn {slow:.1f}   "
        f"x {slow / fast:.0f}, {len(theirs)} figures equal to {apart:.0e}, "
        f"ours peak {_peak(_figures):.0f} MB"
    )
    print(
        f"{REPLICATES} resamples of Table 1 for {RATERS} raters, "
        f"{STUDY_NOTES} notes x {SHORTLIST} codes   "
        f"{timed(_resamples, 1):.1f}, peak {_peak(_resamples):.0f} MB"
    )

    for notes, codes in ((STUDY_NOTES, SHORTLIST), (NOTES, CODES)):
        told = top_100(notes, codes)
        seconds = timed(partial(told_figures, **told), 1)
        print(f"figures and bounds of a top 100, {notes:,} notes x {codes:,} codes   {seconds:.1f}")


def top_100(notes: int, codes: int) -> dict[str, Any]:
    """The arguments of told_figures for a file with the highest 100 scores of each note."""
    scores, reference = world(notes, codes)
    last = np.partition(scores, -100, axis=1)[:, [-100]]
    scores[scores < last] = np.nan
    nothing = np.zeros(notes, np.int64)
    return {
        "scores": scores,
        "reference": reference,
        "missed": nothing,
        "floors": np.ones(notes, np.float32),
    }


def _figures() -> None:
    figures(*world())


def _resamples() -> None:
    drawn = [dict(list(codings(seed).items())[:STUDY_NOTES]) for seed in range(RATERS + 1)]
    kept = [
        {n: [c for c in codes if int(c[1:]) < SHORTLIST] for n, codes in rater.items()}
        for rater in drawn
    ]
    raters = {f"rater {number}": rater for number, rater in enumerate(kept[1:])}
    space = listed("shortlist", [f"c{code}" for code in range(SHORTLIST)])
    intervals(encode_all(space, list(kept[0]), kept[0], raters), replicates=REPLICATES)


def _peak(work: Callable[[], None]) -> float:
    """Most memory of a process that does nothing else, in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_of, (work,))


def _peak_of(work: Callable[[], None]) -> float:
    work()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024
