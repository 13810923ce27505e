"""`make coverage` draws worlds that its seed settles, in any number of processes."""

import numpy as np
import pytest

from tests.bench.coverage import alpha, bootstrap, coders, macro, reference, scores
from tests.bench.coverage.run import Runner, per_cent, table

WORLDS = [
    (coders.world, coders.Setting(3, "10% shared", coders.MUCH)),
    (coders.pooled, 3),
    (macro.world, "long tail"),
    (scores.world, "long tail"),
    (reference.world, reference.Raters(3, dependent=True)),
    (reference.differing, "codes"),
    (alpha.world, 20),
]


@pytest.mark.parametrize(("world", "setting"), WORLDS)
def test_the_same_seed_draws_the_same_worlds(world, setting, monkeypatch):
    monkeypatch.setattr(alpha, "true_alpha", lambda: 0.4)
    first = Runner(None, seed=3).draw(world, setting, 2)
    again = Runner(None, seed=3).draw(world, setting, 2)
    other = Runner(None, seed=4).draw(world, setting, 2)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert any(not np.array_equal(first[name], other[name]) for name in first)
    assert all(np.isfinite(values).all() for values in first.values())


def test_worlds_are_drawn_one_by_one():
    world, setting = WORLDS[0]
    three = Runner(None, seed=0).draw(world, setting, 3)
    two = Runner(None, seed=0).draw(world, setting, 2)
    assert all(np.array_equal(three[name][:2], two[name]) for name in two)


def test_the_table_of_the_bootstrap_has_a_row_for_each_figure_and_value(monkeypatch):
    monkeypatch.setattr(bootstrap, "REPLICATES", 40)
    title, rows = bootstrap.sections(Runner(None, 0, share=0.001))
    assert "10 worlds" in title
    assert len(rows.splitlines()) == 1 + 2 * 3 * 2
    assert rows.splitlines()[0].endswith("jackknife")


def test_levels_come_with_their_errors():
    assert per_cent(np.array([1.0, 1.0, 0.0, 1.0])) == "75.0 +- 21.7"
    assert table(("a", "b"), [("long", "1"), ("x", "22")]) == "a      b\nlong   1\nx     22"
