"""How fast the ruler is beside what one would take instead, in one run, on the same data.

3,373 notes x 8,921 codes with 16 codes a note, as in MIMIC-III's test split.
"""

from __future__ import annotations

import numpy as np
from sklearn import metrics as sk

from benchmark.metrics.codings import encode
from benchmark.metrics.label_space import listed
from benchmark.metrics.sets.averages import macro, micro
from benchmark.metrics.sets.compare import compare
from benchmark.metrics.sets.counts import per_code
from tests.bench.clock import timed

NOTES, CODES, A_NOTE = 3373, 8921, 16


def codings(seed: int) -> dict[str, list[str]]:
    rng = np.random.default_rng(seed)
    weights = np.exp(-0.9274 * np.arange(1, CODES + 1) ** 0.27)
    weights /= weights.sum()
    return {
        f"n{n}": [f"c{c}" for c in rng.choice(CODES, A_NOTE, replace=False, p=weights)]
        for n in range(NOTES)
    }


def show() -> None:
    reference, given = codings(0), codings(1)
    space = listed("all", [f"c{c}" for c in range(CODES)])
    truth, answer = (
        encode(reference, list(reference), space).matrix,
        encode(given, list(reference), space).matrix,
    )

    def ours() -> tuple[float, float]:
        counts = per_code(truth, answer)
        return micro(counts, 0).jaccard, macro(counts).jaccard

    def theirs() -> tuple[float, float]:
        pair = {"y_true": truth, "y_pred": answer, "zero_division": 0}
        return sk.jaccard_score(average="micro", **pair), sk.jaccard_score(average="macro", **pair)

    assert np.allclose(ours(), theirs(), atol=1e-9), (
        "the two must agree before their speed means anything"
    )
    mine, other = timed(ours), timed(theirs, 1)
    print(f"{NOTES} notes x {CODES} codes, {A_NOTE} codes a note; seconds, least of a few runs")
    ratio = f"x {other / mine:.0f}"
    print(
        f"micro and macro Jaccard, from sparse matrices   ours {mine:.4f}   "
        f"scikit-learn {other:.3f}   {ratio}"
    )
    whole = timed(lambda: compare(reference, {"A": given}, labels=space.codes))
    print(f"every figure of Table 1, from sets of codes     ours {whole:.3f}")
