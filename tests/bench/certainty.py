"""How long everything takes that says how sure figures are, on a study of 508 notes.

4,075 codes, raters who all code all notes, all with probabilities; half of them stand for people,
whom the others are compared with. In a process of its own, for its memory:
`python -m tests.bench.certainty [RATERS]`.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import note_weights
from benchmark.metrics.certainty.coders import average_coder
from benchmark.metrics.certainty.differing_codes import more_often_given, more_often_right
from benchmark.metrics.certainty.frequent import cross_fit, frequent_macro
from benchmark.metrics.certainty.influence import influence
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.certainty.margins import margin_tests
from benchmark.metrics.codings import Coded
from benchmark.metrics.probabilities.abstention import expected_jaccard, losses_of, risk_coverage
from benchmark.metrics.probabilities.calibration import calibration, calibration_by_band
from benchmark.metrics.probabilities.ties import expected_over_ties
from benchmark.metrics.reference.dawid_skene import dawid_skene
from benchmark.metrics.reference.flips import RATES, fewest_errors, flips_by_lot, versus
from benchmark.metrics.sets.alpha import alpha_with_interval
from benchmark.metrics.sets.breakdown import by_frequency
from benchmark.metrics.sets.code_agreement import agreement_by_code, pooled_positive_agreement
from benchmark.metrics.sets.counts import per_note

NOTES, CODES = 508, 4_075


class Study:
    """A reference, and raters who find .4 to .7 of its codes; each with a probability of all."""

    def __init__(self, raters: int) -> None:
        rng = np.random.default_rng(0)
        chance = 3.3 / np.arange(13, CODES + 13)
        true = rng.random((NOTES, CODES)) < chance
        self.true = csr_matrix(true.astype(np.int64))
        self.done = np.ones(NOTES, dtype=np.bool_)
        self.chance = chance
        self.training = rng.binomial(20_000, chance)
        self.raters: dict[str, Coded] = {}
        self.probabilities: dict[str, np.ndarray] = {}
        for place, found in enumerate(np.linspace(0.4, 0.7, raters)):
            name = f"rater {place}"
            q = rng.beta(0.3, 6, true.shape).astype(np.float32) * chance.astype(np.float32)
            sure = np.where(true, rng.random(true.shape) < found, rng.random(true.shape) < 0.002)
            q[sure] = rng.uniform(0.5, 1, int(sure.sum()))
            self.raters[name] = Coded(csr_matrix(sure.astype(np.int64)), self.done)
            self.probabilities[name] = q
        self.people = list(self.raters)[: raters // 2]


def macros(study: Study) -> None:
    frequent = study.training * NOTES >= 10 * 20_000
    ids = [str(note) for note in range(NOTES)]
    for each in study.raters.values():
        macro_influences(study.true, each.matrix)
        frequent_macro(study.true, each.matrix, frequent)
        cross_fit(study.true, each.matrix, ids)


def margins(study: Study) -> None:
    found = {}
    for name, each in study.raters.items():
        found[name] = influence(per_note(study.true, each.matrix))
    people = {name: found[name] for name in study.people}
    average_coder(people)
    for each in found.values():
        margin_tests({coder: each - own for coder, own in people.items()}, 0.05)


def agreement(study: Study) -> None:
    everybody = {"reference": Coded(study.true, study.done), **study.raters}
    alpha_with_interval(everybody)
    alpha_with_interval(everybody, "masi")
    agreement_by_code(everybody)
    pooled_positive_agreement(everybody)


def probabilities(study: Study) -> None:
    weights = note_weights(NOTES, 2_000, 0)
    masks = by_frequency(study.training)
    for name, q in study.probabilities.items():
        given = study.raters[name].matrix
        calibration(q, study.true, frequency=study.chance, weights=weights)
        calibration_by_band(q, study.true, masks, frequency=study.chance)
        risk_coverage(expected_jaccard(q, given), losses_of(per_note(study.true, given)))
        expected_over_ties(q, study.true)


def reference(study: Study) -> None:
    bands = np.minimum(np.arange(CODES) // 200, 5)
    dawid_skene({"reference": Coded(study.true, study.done), **study.raters}, bands)
    matrices = [each.matrix for each in study.raters.values()]
    for first, second in combinations(matrices, 2):
        cells = versus(study.true, second, first, matrices)
        fewest_errors(cells)
        for rate in RATES:
            flips_by_lot(cells, rate)


def codes(study: Study) -> None:
    for first, second in combinations(study.raters.values(), 2):
        more_often_right(study.true, first.matrix, second.matrix)
        more_often_given(first.matrix, second.matrix)


WORK: dict[str, Callable[[Study], None]] = {
    "macro figures, over all codes, frequent ones and cross-fit": macros,
    "average coder and margins": margins,
    "agreement: alpha twice, AC1 of each code, positive agreement": agreement,
    "calibration in all and by band, abstention, ties": probabilities,
    "Dawid and Skene, and flips of each pair": reference,
    "codes that differ, of each pair": codes,
}


def show(raters: int) -> None:
    """Print seconds of each, and the most memory."""
    study = Study(raters)
    print(f"{NOTES} notes x {CODES} codes, {raters} raters with probabilities")
    print(f"{'seconds by the clock and of the processor':<62}{'clock':>7}{'proc.':>7}")
    before = _peak()
    whole = np.zeros(2)
    for name, work in WORK.items():
        began = np.array([time.perf_counter(), time.process_time()])
        work(study)
        seconds = np.array([time.perf_counter(), time.process_time()]) - began
        whole += seconds
        print(f"{name:<62}{seconds[0]:>7.2f}{seconds[1]:>7.2f}")
    print(f"{'all':<62}{whole[0]:>7.2f}{whole[1]:>7.2f}")
    print(f"most memory: {_peak():.0f} MB, {before:.0f} MB of it for the study itself")


def _peak() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    show(int((sys.argv[1:] or ["6"])[0]))
