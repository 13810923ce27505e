"""Intervals: real resamples, seeded, and they cover what they should."""

import numpy as np
import pytest
import scipy.stats

from benchmark.metrics.certainty.bootstrap import (
    Interval,
    interval,
    micro_intervals,
    note_weights,
)
from benchmark.metrics.certainty.influence import estimate
from benchmark.metrics.certainty.intervals import intervals
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.codings import encode_all
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.compare import compare, compare_encoded
from benchmark.metrics.sets.counts import per_note
from tests.benchmark.metrics.cases import (
    REFERENCE,
    SCORES,
    codings,
    labels,
)

TRUE, GIVEN = codings(REFERENCE), {"RAC": codings(SCORES > 0.5)}
NOTES = list(TRUE)
SPACE = LabelSpace("cut", tuple(labels(REFERENCE)[:-1]))


def test_a_replicate_is_the_comparison_of_the_notes_drawn():
    encoding = encode_all(SPACE, NOTES, TRUE, GIVEN)
    counts = per_note(encoding.true, encoding.given["RAC"].matrix, encoding.missed)
    for row in note_weights(len(NOTES), 5, seed=3):
        drawn = [
            (f"{note}.{i}", note)
            for note, times in zip(NOTES, row, strict=True)
            for i in range(times)
        ]
        sample = [{new: rater[old] for new, old in drawn} for rater in (TRUE, GIVEN["RAC"])]
        expected = compare_encoded(
            encode_all(SPACE, list(sample[0]), sample[0], {"RAC": sample[1]})
        ).raters["RAC"]
        for name, found in micro_intervals(counts, row[np.newaxis]).items():
            value = getattr(expected.micro, name)
            assert (found.low, found.high) == pytest.approx((value, value))


def test_the_same_seed_gives_the_same_intervals():
    first = intervals(encode_all(SPACE, NOTES, TRUE, GIVEN), replicates=50, seed=1)
    assert first != intervals(encode_all(SPACE, NOTES, TRUE, GIVEN), replicates=50, seed=2)
    assert first == intervals(encode_all(SPACE, NOTES, TRUE, GIVEN), replicates=50, seed=1)


def test_every_figure_has_an_interval_around_it():
    """Macro ones are the jackknife's."""
    point = compare(TRUE, GIVEN, labels=SPACE.codes).raters["RAC"]
    encoding = encode_all(SPACE, NOTES, TRUE, GIVEN)
    found = intervals(encoding, replicates=500)["RAC"]
    for figures, around in ((point.micro, found.micro), (point.macro, found.macro)):
        assert set(around) == set(vars(figures))
        for name, value in vars(figures).items():
            assert 0 <= around[name].low <= value <= around[name].high <= 1, name
    for name, each in macro_influences(encoding.true, encoding.given["RAC"].matrix).items():
        assert found.macro[name] == estimate(each).interval


def test_a_macro_figure_that_never_varies_has_no_interval():
    nothing = {"Nobody": {note: [] for note in NOTES}}
    found = intervals(encode_all(SPACE, NOTES, TRUE, nothing), replicates=50)["Nobody"]
    assert set(found.macro.values()) == {None} and found.micro["recall"] == Interval(0.0, 0.0)


@pytest.mark.slow
def test_percentile_intervals_of_a_mean_cover_it_as_often_as_they_say():
    """Notes with one code, right with chance .6: micro recall is a plain proportion."""
    rng, covered = np.random.default_rng(0), 0
    for seed in range(200):
        right = rng.random(100) < 0.6
        given = {f"n{i}": ["a"] if hit else [] for i, hit in enumerate(right)}
        true = {note: ["a"] for note in given}
        space = LabelSpace("one", ("a",))
        found = intervals(
            encode_all(space, list(true), true, {"Ada": given}), replicates=200, seed=seed
        )["Ada"].micro["recall"]
        covered += found.low <= 0.6 <= found.high
    assert 0.89 <= covered / 200 <= 0.99


def test_intervals_by_hand():
    replicates = np.linspace(0, 1, 101)
    assert interval(0.5, replicates, level=0.9) == Interval(
        pytest.approx(0.05), pytest.approx(0.95)
    )
    assert interval(0.9, replicates, level=0.9, method="basic") == Interval(
        pytest.approx(0.85), 1.0
    )


def test_weights_draw_as_many_notes_as_there_are():
    weights = note_weights(7, 100, seed=0)
    assert weights.shape == (100, 7) and set(weights.sum(axis=1)) == {7}
    with pytest.raises(ValueError, match="0 notes"):
        note_weights(0, 100, seed=0)


def test_basic_and_bca_intervals_are_scipys():
    values = np.random.default_rng(0).exponential(0.2, 40)
    drawn = np.random.default_rng(1).integers(0, 40, (4_000, 40))
    replicates, point = values[drawn].mean(axis=1), float(values.mean())
    leaves = (values.sum() - values) / 39
    for method, name in (("basic", "basic"), ("bca", "BCa"), ("percentile", "percentile")):
        theirs = scipy.stats.bootstrap(
            (values,), np.mean, n_resamples=4_000, method=name, rng=np.random.default_rng(2)
        ).confidence_interval
        found = interval(point, replicates, method=method, leaves=leaves)
        assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.006), (
            method
        )
    with pytest.raises(ValueError, match="without each note"):
        interval(point, replicates, method="bca")


def test_a_bca_interval_of_constant_replicates_is_the_point():
    assert interval(0.5, np.full(9, 0.5), method="bca", leaves=np.full(4, 0.5)) == Interval(
        0.5, 0.5
    )
