"""The parts of a coder's page that need no database."""

import doctest
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import spearmanr

from benchmark.metrics.certainty import trend as trends
from benchmark.metrics.certainty.trend import trend
from benchmark.metrics.sets.counts import Counts
from benchmark.scoring.sides import Axes, Side, Sides
from benchmark.tables.coder import charts, codes, feedback, figures, page, time, words
from benchmark.tables.coder.codes import Beside, Family, GroupLine, family
from benchmark.tables.coder.figures import figures_on
from benchmark.tables.coder.time import Change, Sent, course, histogram
from benchmark.tables.coder.words import advice, heading, pace_words, share_words
from pages.templatetags import coder_page as tags

CODES = ("250.00", "250.01", "38.9", "389.9", "401.1", "401.9", "428.0", "V58.61")
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


def sides(notes: int, true: list[set[int]], given: list[set[int]]) -> Sides:
    """Two raters, the second of whom gave what the reference has."""

    def matrix(rows: list[set[int]]) -> csr_matrix:
        found = np.zeros((notes, len(CODES)), dtype=np.int64)
        for row, columns in enumerate(rows):
            found[row, sorted(columns)] = 1
        return csr_matrix(found)

    done = np.ones(notes, dtype=np.bool_)
    names = tuple(f"n{number}" for number in range(notes))
    axes = Axes(names, CODES, frozenset(), done)
    raters = {
        "Ada": Side("Ada", "coder", False, done, matrix(given)),
        "Right": Side("Right", "model", True, done, matrix(true)),
    }
    return Sides(axes, matrix(true), raters)


def drawn(notes: int, seed: int) -> tuple[list[set[int]], list[set[int]]]:
    rng = random.Random(seed)
    places = range(len(CODES))
    true = [set(rng.sample(places, rng.randint(0, 5))) for _ in range(notes)]
    return true, [set(rng.sample(places, rng.randint(0, 5))) for _ in range(notes)]


@pytest.mark.parametrize(
    "module",
    [
        charts,
        codes,
        feedback,
        figures,
        page,
        time,
        words,
        trends,
        tags,
    ],
)
def test_examples(module):
    assert not doctest.testmod(module).failed


@pytest.mark.parametrize("seed", range(6))
def test_a_trend_is_spearmans(seed):
    rng = random.Random(seed)
    values = [rng.choice([1.0, 2.0, 3.0, rng.random()]) for _ in range(25)]
    expected = spearmanr(range(25), values)
    found = trend(values)
    assert found.rho == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_where_there_is_no_trend_to_test():
    assert trend([]) is None and trend([1.0, 2.0]) is None and trend([0.5] * 30) is None
    assert trend(range(30)).p == 0 and trend(range(30, 0, -1)).rho == -1


@pytest.mark.parametrize("seed", range(4))
def test_confusions_are_those_of_the_same_category_in_the_same_note(seed):
    """38.9, a procedure's category, is not that of 389.9."""
    true, given = drawn(40, seed)
    found = family(sides(40, true, given), "Ada", np.arange(40), top=100)
    pairs: dict[tuple[str, str], list[str]] = {}
    near = 0
    for note, (right, ours) in enumerate(zip(true, given, strict=True)):
        for wrong in ours - right:
            kin = [o for o in right - ours if CODES[o].split(".")[0] == CODES[wrong].split(".")[0]]
            near += bool(kin)
            for other in kin:
                pairs.setdefault((CODES[wrong], CODES[other]), []).append(f"n{note}")
    assert found.near == near
    assert found.added == sum(len(ours - right) for right, ours in zip(true, given, strict=True))
    assert {(p.given, p.instead_of): list(p.names) for p in found.confusions} == pairs
    counts = [pair.notes for pair in found.confusions]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("seed", range(5))
def test_the_histogram_has_every_note_once(seed):
    rng = random.Random(seed)
    minutes = [rng.expovariate(1 / (seed * 20 + 1)) for _ in range(200)] + [0.0, 10_000.0]
    bars = histogram(minutes)
    assert sum(bar.notes for bar in bars) == len(minutes) and len(bars) <= time.BARS
    for bar in bars:
        high = bar.high or float("inf")
        assert bar.notes == sum(bar.low <= each < high for each in minutes)
    assert charts.histogram_chart(bars).columns[0].height <= 100


@pytest.mark.parametrize("notes", [19, 20, 21, 49, 50, 51, 103])
def test_every_note_is_in_one_stretch(notes):
    true, given = drawn(notes, 1)
    sent = [Sent(f"n{k}", BEGAN + timedelta(hours=k), None) for k in range(notes)]
    found = course(sides(notes, true, given), "Ada", "Right", np.arange(notes), sent, "")
    if notes < 20:
        assert found.stretches == [] and found.f1 is None
        return
    places = [n for each in found.stretches for n in range(each.first, each.last + 1)]
    assert places == list(range(1, notes + 1))
    assert all(each.beside == 1 for each in found.stretches)
    assert found.minutes is None and found.median_minutes is None


# What the page says.


def told(true: list[set[int]], given: list[set[int]], worst=(), kin=None):
    both = sides(len(true), true, given)
    rows = np.arange(len(true))
    return advice(
        figures=figures_on(both, "Ada", rows),
        counts=both.per_note("Ada", rows),
        worst=worst,
        family=kin or Family(0, 0, []),
        coder="Ada",
        beside="Right",
        against="the hospital",
    )


WORST = [GroupLine("428.0", 20, 10, 5, Beside(20, 18, 15, 14)), GroupLine("38.9", 9, 2, 2)]


@pytest.mark.parametrize(
    ("true", "given", "begins"),
    [
        ({0, 1, 2, 3}, {0}, "Give more codes. Ada gives 1.0 in a note, the hospital 4.0: 75 of"),
        ({0}, {0, 1, 2, 3}, "Give fewer codes. Ada gives 4.0 in a note, the hospital 1.0: 75 of"),
        ({0, 1}, {0, 1}, ""),
        ({0, 1}, {2, 3}, ""),
        (set(), set(), ""),
    ],
)
def test_how_many_codes_to_give(true, given, begins):
    found = [each.words for each in told([true] * 25, [given] * 25)]
    assert found[0].startswith(begins) if begins else found == [], found
    assert told([true] * 19, [given] * 19) == []


def test_a_difference_that_may_be_chance_is_no_advice():
    """One note in 25 has many codes fewer: on average over a tenth, yet not surely."""
    true = [set(range(8))] + [{0, 1}] * 24
    given = [set()] + [{0, 1}] * 24
    assert told(true, given) == []


def test_with_which_codes_to_begin_and_where_the_category_is_right():
    found = told([{0}] * 25, [{0}] * 25, WORST, Family(20, 7, []))
    assert found[0].words == (
        "Begin with two codes. 428.0 and 38.9 are wrong most often, missed or added: 27 of 0 "
        "errors. Right found 14 of the 15 that were missed, in the same notes."
    )
    assert found[1].text.startswith("For 7 of the 20 codes that the hospital does not have,")
    assert told([{0}] * 25, [{0}] * 25, [GroupLine("428.0", 2, 0, 0)], Family(90, 8, [])) == []
    six = [GroupLine(f"42{k}.0", 9, 0, 0) for k in range(6)]
    (begin,) = told([{0}] * 25, [{0}] * 25, six, Family(0, 0, []))
    assert begin.title == "Begin with three codes." and len(begin.codes) == 3


@pytest.mark.parametrize(("found", "verb"), [(0, "did not find"), (1, "found")])
def test_one_missed_code_is_said_in_words(found, verb):
    line = GroupLine("428.0", 9, 0, 0, Beside(1, found, 1, found))
    (begin,) = told([{0}] * 25, [{0}] * 25, [line], Family(0, 0, []))
    assert begin.text.endswith(f"Right {verb} the one that was missed, in the same note.")


def test_the_sentence_on_top():
    true, given = [{0, 1, 2, 3}] * 20, [{0, 1, 4, 5}] * 20
    both = sides(20, true, given)
    assert heading(figures_on(both, "Ada", np.arange(20)), "Ada", "the panel") == (
        "Ada finds 2 of the panel's 4 codes in an average note, "
        "and about half of what Ada gives is right"
    )
    one = heading(figures_on(both, "Ada", np.arange(1)), "Ada", "the panel")
    assert one == "Ada has coded 1 note that the panel has codes for: too few to say how well"
    assert "no note" in heading(None, "Ada", "the panel")
    silent = figures_on(sides(20, true, [set()] * 20), "Ada", np.arange(20))
    assert heading(silent, "Ada", "the panel").endswith("4 codes in an average note")
    assert share_words(0.0) == "none"


def test_whether_a_coder_got_faster():
    fell = Change(9.0, 4.0, 10, 30, trend(range(30, 0, -1)))
    assert pace_words(fell).startswith("Faster: 9.0 minutes over the first 10 notes, 4.0 over")
    rose = Change(4.0, 9.0, 10, 30, trend(range(30)))
    assert pace_words(rose).startswith("Slower: ")
    same = Change(4.0, 4.1, 10, 30, trend([1, 2] * 15))
    assert pace_words(same).startswith("No trend shown: ")
    assert pace_words(Change(4, 4, 10, 30, None)).startswith("No trend: ")
    assert pace_words(None).startswith("Too few to say")


def test_counts_of_a_note_without_codes():
    nothing = np.array([0])
    assert figures.note_f1(Counts(nothing, nothing, nothing)) == [1.0]
