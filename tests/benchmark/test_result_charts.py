"""What the page of results draws and counts: names that do not overlap, bars, bold, wrong codes."""

import doctest
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty import paired
from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.paired import Pair
from benchmark.metrics.sets.counts import per_note
from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.scoring.imperfect_reference import versus
from benchmark.scoring.sides import Axes, Side, Sides
from benchmark.tables import dot_labels, forest, reference_errors, where
from benchmark.tables.answer import spoken
from benchmark.tables.dot_labels import HEIGHT, WIDTHS, placed
from benchmark.tables.first_table import COLUMNS, first_rows, not_beaten
from benchmark.tables.forest import contours
from benchmark.tables.two_raters import pair_counts

NAMES = [f"A model of number {number}" for number in range(12)]
SHORT = [f"Rater {number}" for number in range(12)]


def sides(seed: int, notes: int = 50) -> Sides:
    """A reference, a good rater A, a worse rater B, and C, who coded half of the notes."""
    rng = np.random.default_rng(seed)
    codes = ("250.00", "38.93", "401.9", "428.0", "V58.61", "428.1")
    true = rng.random((notes, len(codes))) < 0.4
    raters = {}
    for name, wrong in (("A", 0.1), ("B", 0.3), ("C", 0.2)):
        given = true ^ (rng.random(true.shape) < wrong)
        done = np.ones(notes, dtype=np.bool_)
        if name == "C":
            done[notes // 2 :] = False
            given[~done] = False
        matrix = csr_matrix(given.astype(np.int64))
        raters[name] = Side(name, "coder", name != "C", done, matrix)
    axes = Axes(
        tuple(f"n{number}" for number in range(notes)),
        codes,
        frozenset(),
        np.ones(notes, dtype=np.bool_),
    )
    return Sides(axes, csr_matrix(true.astype(np.int64)), raters)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("spread", [1.0, 0.3, 0.02])
@pytest.mark.parametrize(("names", "least"), [(NAMES, 9), (SHORT, 12)])
def test_names_at_dots_lie_on_nothing(seed, spread, names, least):
    """Far apart, in a heap, and all but in one place."""
    rng = np.random.default_rng(seed)
    places = 0.5 + spread * (rng.random((len(names), 2)) - 0.5)
    points = {name: (name, x, y) for name, (x, y) in zip(names, places, strict=True)}
    found = placed(points)
    assert len(found) >= least
    for width in WIDTHS:
        boxes = {}
        for name, label in found.items():
            _, x, y = points[name]
            boxes[name] = dot_labels._box(label, x * width, y * HEIGHT)
            assert boxes[name].left >= -5 and boxes[name].right <= width + 5
        for one, box in boxes.items():
            for other in found:
                if other != one:
                    assert not box.meets(boxes[other]), (one, other)
            for name, (_, x, y) in points.items():
                if name != one:
                    assert not box.meets(dot_labels._dot(x * width, y * HEIGHT))


def test_lines_of_equal_f1_have_that_f1():
    for line in contours():
        for point in line.path.removeprefix("M").split(" L"):
            recall, from_top = (float(each) / 100 for each in point.split())
            precision = 1 - from_top
            f1 = 2 * precision * recall / (precision + recall)
            assert f1 == pytest.approx(line.f1 / 100, abs=0.005)


@pytest.mark.parametrize("by", ["code", "category", "chapter"])
def test_where_two_differ_is_counted_and_drawn_on_one_scale(by):
    found = pair_counts(sides(3), "A", "B", by)
    lines = where.where_lines(found, {}, most=3)
    gaps = dict(zip(found.names, found.gap.tolist(), strict=True))
    largest = sorted((abs(gap) for gap in gaps.values()), reverse=True)
    assert [abs(gaps[line.name]) for line in lines] == largest[: len(lines)]
    bars, middle = where.bars_of(lines)
    unit = {
        round(float(width.rstrip("%")) / count, 1)
        for line, bar in zip(lines, bars, strict=True)
        for count, (_, width) in (
            (line.missed[0], bar.missed_a),
            (line.added[0], bar.added_a),
            (line.missed[2], bar.missed_b),
            (line.added[2], bar.added_b),
        )
        if count
    }
    assert max(unit) - min(unit) <= 0.1
    for bar in bars:
        assert float(bar.added_a[0].rstrip("%")) >= -0.01
        right = float(bar.added_b[0].rstrip("%")) + float(bar.added_b[1].rstrip("%"))
        assert float(middle.rstrip("%")) <= right <= 100.02
    errors = [
        (true != given).toarray()
        for true, given in [(sides(3).true, sides(3).raters[name].given) for name in "AB"]
    ]
    a_only, both, b_only = where.totals(found)
    assert a_only == (errors[0] & ~errors[1]).sum() and b_only == (errors[1] & ~errors[0]).sum()
    assert both == (errors[0] & errors[1]).sum()
    table = where.where_table("t", "Code", lines, "A", "B")
    assert [int(row.exact[0]) for row in table.rows] == [line.missed[0] for line in lines]


def test_two_who_are_alike_differ_nowhere():
    alike = sides(3)
    same = replace(alike, raters={**alike.raters, "B": replace(alike.raters["A"], name="B")})
    assert where.where_lines(pair_counts(same, "A", "B"), {}) == []
    assert where.bars_of([]) == ([], "0.00%")


def jaccard(true, given) -> float:
    tp, p, t = per_note(true, given).pooled()
    return tp / (p + t - tp)


@pytest.mark.parametrize("names", [("A", "B"), ("B", "A"), ("A", "C")])
def test_so_many_wrong_codes_of_the_reference_change_who_is_ahead(names):
    """With these codes changed the two are level or turned; with one fewer they are not."""
    study = sides(5)
    found = pair_counts(study, *names)
    first, second = (spoken(name, "coder") for name in names)
    told = reference_errors.reference_errors(study, found, first, second, names)
    rows = study.counted(*names)
    true = study.true[rows]
    given = {name: study.raters[name].given[rows] for name in names}
    ahead = names[0] if told.ahead == "a" else names[1]
    behind = names[1] if told.ahead == "a" else names[0]
    assert jaccard(true, given[ahead]) > jaccard(true, given[behind])
    fewest = reference_errors.fewest_errors(versus(true, given[ahead], given[behind]))
    assert f"{fewest.codes} code" in told.sentence and ahead in told.sentence
    for dropped, added, level in (
        (fewest.dropped, fewest.added, True),
        (max(fewest.dropped - 1, 0), fewest.added if fewest.dropped else fewest.added - 1, False),
    ):
        changed = true.tolil()
        only_ahead = list(
            zip(*(true.multiply(given[ahead] > given[behind])).nonzero(), strict=True)
        )
        only_behind = (given[behind] > given[ahead]).astype(np.int64)
        wrong = list(zip(*(only_behind - only_behind.multiply(true)).nonzero(), strict=True))
        for row, code in only_ahead[:dropped]:
            changed[row, code] = 0
        for row, code in wrong[:added]:
            changed[row, code] = 1
        changed = changed.tocsr()
        turned = jaccard(changed, given[behind]) >= jaccard(changed, given[ahead])
        assert turned == level
    for line in told.lines:
        place = found.names.index(line.name)
        side = "b_only" if told.ahead == "a" else "a_only"
        assert line.dropped == getattr(found.missed, side)[place]
        assert line.added == getattr(found.added, side)[place]


def document(jaccards, ps, notes=LEAST_NOTES):
    """As much of a document as Table 1 reads."""
    raters = {}
    for name, value in jaccards.items():
        share = SimpleNamespace(
            jaccard=value, precision=value, recall=value, f1=value, f1_mean_all=value
        )
        interval = dict.fromkeys(
            ("jaccard", "precision", "recall", "f1", "f1_mean_all"),
            Interval(value - 0.01, value + 0.01),
        )
        intervals = SimpleNamespace(micro=interval, macro=interval)
        raters[name] = SimpleNamespace(
            micro=share, macro=share, intervals=intervals, codes_per_note=3.0
        )
    pairs = []
    for (first, second), p in ps.items():
        tests = {f"{average}_jaccard": paired.Test(0.1, p, p) for average in ("micro", "macro")}
        pairs.append(Pair(first, second, None, tests))
    return SimpleNamespace(raters=raters, differences=pairs, notes=notes, kinds={})


def test_bold_is_whoever_is_not_clearly_beaten():
    found = document(
        {"A": 0.6, "B": 0.59, "C": 0.5}, {("A", "B"): 0.4, ("A", "C"): 0.01, ("B", "C"): 0.2}
    )
    assert not_beaten(found, "micro", "jaccard") == {"A", "B"}
    assert not_beaten(found, "micro", "f1") == {"A", "B"}, "F1 has the test of Jaccard"
    assert not_beaten(found, "macro", "f1_mean_all") == {"A", "B"}, "no test: intervals that meet"
    rows = first_rows(found)
    assert [row.figures[0].best for row in rows] == [True, True, False]
    assert rows[0].figures[0].interval == "59.0 to 61.0" and len(rows[0].figures) == len(COLUMNS)
    assert not_beaten(document({"A": 0.0, "B": 0.0}, {}), "micro", "jaccard") == set()
    few = first_rows(document({"A": 0.6, "B": 0.1}, {}, notes=LEAST_NOTES - 1))
    assert not any(figure.best for row in few for figure in row.figures)


def test_examples():
    for module in (dot_labels, forest, where):
        assert not doctest.testmod(module).failed
