"""An imperfect reference: Dawid and Skene by loops over cells, and every possible flip."""

import numpy as np
import pytest
from hypothesis import strategies as st

from benchmark.metrics.codings import Coded, encode_raters
from benchmark.metrics.reference.dawid_skene import (
    MISSING,
    NONE,
    Patterns,
    Pseudo,
    dawid_skene,
    fit,
    patterns_of,
)
from benchmark.metrics.reference.flips import (
    Versus,
    fewest_errors,
    flips_by_lot,
    versus,
)
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.counts import per_code
from tests.benchmark.metrics.cases import sparse
from tests.generated import given

ANSWERS = np.array([[1, 1, 1]] * 6 + [[1, 1, 0]] * 3 + [[1, 0, 0]] * 2 + [[0, 0, 0]] * 89)


def raters_of(answers):
    done = np.ones(len(answers), bool)
    return {
        str(place): Coded(sparse(answers[:, [place]]), done) for place in range(answers.shape[1])
    }


def test_the_worked_example():
    found = dawid_skene(raters_of(ANSWERS))
    assert [round(value, 4) for value in found.sensitivity.values()] == [0.9901, 0.9866, 0.6907]
    assert found.rates.prevalence.round(4).tolist() == [0.0761]
    chance = {
        tuple(row): round(value, 4)
        for row, value in zip(found.patterns.answers.tolist(), found.posterior, strict=True)
    }
    assert (chance[1, 1, 0], chance[1, 0, 0]) == (0.9993, 0.0179)
    assert found.believable and found.notes == 100


def em_by_loops(cells, bands, pseudo, steps):
    """Posterior and rates over cells one by one; an answer of None is missing."""
    raters = range(len(cells[0]))
    posterior = []
    for cell in cells:
        cast = [answer for answer in cell if answer is not None]
        posterior.append(sum(cast) / len(cast))
    for _ in range(steps):
        rates = {}
        for band in set(bands):
            own = [place for place in range(len(cells)) if bands[place] == band]
            true = sum(posterior[place] for place in own)
            hits, size = pseudo.prevalence
            rates[band, "pi"] = (true + hits) / (len(own) + size)
            for rater in raters:
                judged = [place for place in own if cells[place][rater] is not None]
                for kind, counts in (("se", pseudo.sensitivity), ("fpr", pseudo.false_positives)):
                    hits, size = counts
                    for place in judged:
                        chance = posterior[place] if kind == "se" else 1 - posterior[place]
                        hits += chance * cells[place][rater]
                        size += chance
                    rates[band, kind, rater] = hits / size if size else 0.0
        posterior = [bayes(cell, band, rates) for cell, band in zip(cells, bands, strict=True)]
    return posterior, rates


def bayes(cell, band, rates):
    true, false = rates[band, "pi"], 1 - rates[band, "pi"]
    for rater, answer in enumerate(cell):
        if answer is not None:
            found, invented = rates[band, "se", rater], rates[band, "fpr", rater]
            true *= found if answer else 1 - found
            false *= invented if answer else 1 - invented
    return true / (true + false)


@pytest.mark.parametrize("pseudo", [Pseudo(), NONE])
def test_patterns_give_what_a_loop_over_cells_gives(pseudo):
    rng = np.random.default_rng(0)
    true = rng.random(400) < 0.3
    answers = np.where(true[:, None], rng.random((400, 4)) < 0.8, rng.random((400, 4)) < 0.1)
    answers = np.where(rng.random(answers.shape) < 0.1, MISSING, answers.astype(int))
    answers[:, 0] = np.where(answers[:, 0] == MISSING, 0, answers[:, 0])
    bands = rng.integers(0, 2, 400)
    rows, inverse, times = np.unique(
        np.column_stack([bands, answers]), axis=0, return_inverse=True, return_counts=True
    )
    patterns = Patterns(rows[:, 1:], rows[:, 0], times.astype(float))
    posterior, rates, steps = fit(patterns, pseudo, steps=30)
    cells = [[None if answer == MISSING else int(answer) for answer in row] for row in answers]
    expected, of_loops = em_by_loops(cells, bands.tolist(), pseudo, steps)
    assert posterior[inverse.ravel()] == pytest.approx(expected, abs=1e-12)
    assert rates.sensitivity[1, 2] == pytest.approx(of_loops[1, "se", 2], abs=1e-12)
    assert rates.false_positives[0, 3] == pytest.approx(of_loops[0, "fpr", 3], abs=1e-12)
    assert rates.prevalence[1] == pytest.approx(of_loops[1, "pi"], abs=1e-12)


def test_cells_are_those_of_codes_that_somebody_gave_and_of_notes_of_three_raters():
    raters = encode_raters(
        {
            "Ada": {"n1": ["a"], "n2": ["b"], "n3": []},
            "Ben": {"n1": ["a", "b"], "n2": []},
            "RAC": {"n1": [], "n2": ["b"], "n3": ["c"]},
            "Cid": {"n1": ["a"]},
        }
    )
    found = dawid_skene(raters)
    assert found.notes == 2
    rows = zip(found.patterns.answers.tolist(), found.patterns.times, strict=True)
    assert {tuple(row): times for row, times in rows} == {
        (1, 1, 0, 1): 1,  # n1 a
        (0, 1, 0, 0): 1,  # n1 b
        (0, 0, 0, 0): 1,  # n1 c
        (0, 0, 0, MISSING): 2,  # n2 a, n2 c
        (1, 0, 1, MISSING): 1,  # n2 b
    }
    with pytest.raises(ValueError, match="2 raters"):
        dawid_skene({name: raters[name] for name in ("Ada", "Ben")})
    apart = {name: raters[name] for name in ("Ben", "Cid", "RAC")}
    assert dawid_skene(apart).notes == 1


def test_bands_have_rates_of_their_own():
    rng = np.random.default_rng(1)
    true = rng.random((300, 20)) < 0.3
    bands = np.arange(20) // 10
    found = 0.9 - 0.4 * bands
    raters = {}
    for place in range(4):
        given_codes = np.where(true, rng.random(true.shape) < found, rng.random(true.shape) < 0.02)
        raters[str(place)] = Coded(sparse(given_codes), np.ones(300, bool))
    fitted = dawid_skene(raters, bands)
    assert fitted.rates.sensitivity == pytest.approx(np.array([[0.9] * 4, [0.5] * 4]), abs=0.05)
    assert set(fitted.precision) == set("0123") and min(fitted.precision.values()) > 0.9
    assert patterns_of(list(raters.values()), np.arange(300), bands).times.sum() == 6_000


SMALL = st.integers(0, 4)
CELLS = st.builds(Versus, *[SMALL] * 8)


def f1(tp, p, t):
    return 2 * tp / (p + t) if p + t else 0.0


@given(CELLS)
def test_the_fewest_errors_by_trying_all(cells):
    (first_tp, first_p), (second_tp, second_p) = cells.first, cells.second
    flips = []
    for dropped in range(cells.right_first + 1):
        for added in range(cells.wrong_second + 1):
            true = cells.true - dropped + added
            ours = f1(first_tp - dropped, first_p, true)
            theirs = f1(second_tp + added, second_p, true)
            if ours <= theirs + 1e-12:
                flips.append((dropped + added, dropped))
    found = fewest_errors(cells)
    assert (found.codes, found.dropped) == min(flips)


def test_the_worked_example_of_a_flip():
    """A has 8 of 10 right, B 7 of 10, of 10 true codes; two each may be wrong."""
    cells = Versus(6, 2, 1, 1, 0, 2, 2, 1)
    assert (cells.first, cells.second, cells.true) == ((8, 10), (7, 9), 10)
    cells = Versus(6, 2, 1, 1, 1, 1, 2, 1)
    assert (cells.first, cells.second, cells.true) == ((8, 10), (7, 10), 10)
    found = fewest_errors(cells)
    assert (found.codes, found.dropped, found.added) == (1, 0, 1)
    ours, theirs = f1(8, 10, 11), f1(7 + 1, 10, 11)
    assert round(ours, 3) == round(theirs, 3) == 0.762


def test_cells_of_two_raters_are_counted():
    rng = np.random.default_rng(0)
    true, ada, ben, rac = rng.random((4, 20, 15)) < 0.3
    found = versus(sparse(true), sparse(ada), sparse(ben), [sparse(rac)], missed=3)
    for counts, own in ((found.first, ada), (found.second, ben)):
        of_rater = per_code(sparse(true), sparse(own))
        assert counts == of_rater.pooled()[:2]
        tp, p = counts
        assert f1(tp, p, found.true) == pytest.approx(micro(of_rater, 3).f1)
    assert found.right_first == (true & ada & ~ben).sum()
    assert found.wrong_second == (~true & ~ada & ben).sum()
    assert found.wrong_others == (~true & ~ada & ~ben & rac).sum()
    assert found.missed == (true & ~ada & ~ben).sum() + 3


def test_errors_by_lot_are_those_of_a_loop_over_cells():
    rng = np.random.default_rng(2)
    true = rng.random((40, 10)) < 0.4
    ada = np.where(true, rng.random(true.shape) < 0.62, rng.random(true.shape) < 0.1)
    ben = np.where(true, rng.random(true.shape) < 0.60, rng.random(true.shape) < 0.1)
    cells = versus(sparse(true), sparse(ada), sparse(ben))
    if f1(*cells.first, cells.true) < f1(*cells.second, cells.true):
        ada, ben = ben, ada
        cells = versus(sparse(true), sparse(ada), sparse(ben))
    candidates = (ada | ben) & ~true
    coming = min(1, 0.2 * true.sum() / candidates.sum())
    flipped = 0
    for _ in range(1_000):
        gone = true & (rng.random(true.shape) < 0.2)
        come = candidates & (rng.random(true.shape) < coming)
        reference = (true & ~gone) | come
        ours = f1((reference & ada).sum(), ada.sum(), reference.sum())
        flipped += ours <= f1((reference & ben).sum(), ben.sum(), reference.sum())
    assert flips_by_lot(cells, 0.2) == pytest.approx(flipped / 1_000, abs=0.06)
    assert 0.02 < flips_by_lot(cells, 0.2) < 0.98
    assert flips_by_lot(cells, 0.2) == flips_by_lot(cells, 0.2)


def test_a_rater_that_is_not_ahead_needs_no_error():
    level = Versus(5, 0, 0, 0, 0, 0, 0, 0)
    behind = Versus(5, 0, 1, 0, 0, 0, 0, 0)
    assert fewest_errors(level).codes == fewest_errors(behind).codes == 0
    assert flips_by_lot(level, 0.1) == 1
