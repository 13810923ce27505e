"""Intervals and differences, laid out from a stored comparison."""

import csv
import io

import numpy as np
import pytest

from benchmark.metrics.certainty.intervals import intervals
from benchmark.metrics.certainty.paired import paired_tests
from benchmark.metrics.codings import encode_all
from benchmark.metrics.label_space import listed
from benchmark.metrics.sets.compare import compare_encoded
from benchmark.metrics.tables.certainty import differences_table, intervals_table
from benchmark.metrics.tables.rendering import render

CODES = tuple("abcdef")


def compared():
    """The comparison of three raters, their intervals and their differences."""
    rng = np.random.default_rng(0)
    true = {f"n{i}": list(rng.choice(CODES, 3, replace=False)) for i in range(40)}
    raters = {
        name: {n: [c for c in codes if rng.random() < p] for n, codes in true.items()}
        for name, p in CHANCES
    }
    raters["Nobody"] = {note: [] for note in true}
    space, notes = listed("six", CODES), list(true)
    encoding = encode_all(space, notes, true, raters)
    pairs = paired_tests(encoding, draws=2_000, replicates=100)
    return compare_encoded(encoding), intervals(encoding, replicates=100), pairs


CHANCES = (("RAC", 0.9), ("Ada", 0.3))


def test_every_rater_has_its_intervals_and_every_pair_its_differences():
    comparison, bounds, pairs = compared()
    of_intervals = table = intervals_table(bounds)
    assert [row.name for row in table.rows] == ["RAC", "Ada", "Nobody"]
    assert table.rows[2].cells[::2] == ("-",) * 3, "nothing was given, so nothing varies"
    recall = bounds["Ada"].micro["recall"]
    assert table.rows[1].cells[5] == f"{100 * recall.low:.1f} to {100 * recall.high:.1f}"
    table = differences_table(pairs, comparison.notes)
    assert [row.name for row in table.rows] == ["RAC - Ada", "RAC - Nobody", "Ada - Nobody"]
    first, _, last = table.rows
    assert first.best[:2] == (False, False) and first.best[3] and first.best[8]
    micro = [comparison.raters[name].micro.jaccard for name in ("RAC", "Ada")]
    assert first.cells[0] == f"{micro[0] / micro[1]:.2f}"
    low, high = (float(x) for x in first.cells[1].split(" to "))
    assert low < micro[0] / micro[1] < high
    assert first.cells[3].startswith(f"{100 * (micro[0] - micro[1]):+.1f} (p ")
    assert last.cells[:2] == ("-", "-")
    written = next(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert float(written["times_low"]) == pytest.approx(low, abs=0.006)
    assert "to" not in written["macro_recall"]
    p = pairs[0].tests["micro_jaccard"].p_holm
    assert float(written["micro_jaccard_p_holm"]) == pytest.approx(p, rel=1e-12)
    row = list(csv.DictReader(io.StringIO(render(of_intervals, "csv"))))[1]
    assert float(row["micro_recall_high"]) == pytest.approx(recall.high, rel=1e-12)
    assert all(render(table, form) for form in ("text", "md", "csv", "tex"))
