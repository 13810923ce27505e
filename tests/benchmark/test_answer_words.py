"""The answer in words: each sentence says what its figures are, in the singular and the plural."""

import doctest
from datetime import UTC, datetime

import numpy as np
import pytest

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.certainty.margins import MarginTest
from benchmark.metrics.certainty.two_raters import TwoRaters
from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.scoring.beside import Margin
from benchmark.scoring.coder_sample import (
    CoderSample,
    MarginFigures,
    ModelBeside,
    ModelMargin,
    SampleFigure,
    ShownMargin,
)
from benchmark.tables import answer, other_coders
from benchmark.tables.answer import (
    Question,
    answer_of_one,
    answer_sentence,
    average_note,
    spoken,
    verdict,
)
from benchmark.tables.other_coders import margin_sentences

RAC = spoken("RAC", "model")
BEN = spoken("Ben (simulated)", "coder")
PEOPLE = spoken("Human coders", "people")
MANY = 508


def estimated(value, low=None, high=None):
    interval = None if low is None else Interval(low, high)
    return Estimate(value, 0.01, 100, interval)


def question(a, b, ours, theirs, limits=None, notes=MANY, **more):
    low, high = limits or (None, None)
    found = TwoRaters(
        notes, estimated(ours), estimated(theirs), estimated(ours - theirs, low, high)
    )
    return Question(a, b, "the hospital", found, more.pop("p", 0.002), 10_000, **more)


SENTENCES = [
    (
        question(RAC, PEOPLE, 0.626, 0.116, (0.49, 0.53)),
        "RAC agrees with the hospital on 63% of codes, the human coders on 12%: "
        "51 points apart (95% 49 to 53).",
    ),
    (
        question(PEOPLE, RAC, 0.116, 0.626, (-0.53, -0.49)),
        "The human coders agree with the hospital on 12% of codes, RAC on 63%: "
        "51 points apart (95% 49 to 53).",
    ),
    (
        question(BEN, RAC, 0.62, 0.63, (-0.03, 0.01), table1=False, notes=40),
        "On the 40 notes that both coded, Ben agrees with the hospital on 62% of codes, "
        "RAC on 63%: 1 point apart (95% −1 to 3).",
    ),
    (
        question(RAC, BEN, 0.5, 0.5, (-0.04, 0.04)),
        "RAC and Ben agree with the hospital on 50% of codes: no difference (95% −4 to 4).",
    ),
    (
        question(RAC, BEN, 0.5, 0.5),
        "RAC and Ben agree with the hospital on 50% of codes: no difference.",
    ),
    (
        question(RAC, BEN, 0.626, 0.624, (-0.001, 0.005)),
        "RAC agrees with the hospital on 62.6% of codes, Ben on 62.4%: "
        "0.2 points apart (95% −0.1 to 0.5).",
    ),
    (
        question(RAC, BEN, 0.626, 0.116, (0.3, 0.7), notes=12),
        "RAC agrees with the hospital on 63% of codes, Ben on 12%: "
        "too few notes to say who is better, on 12 notes.",
    ),
    (
        question(RAC, BEN, 0.5, 0.0, notes=1, table1=False),
        "On the 1 note that both coded, RAC agrees with the hospital on 50% of codes, Ben on 0%: "
        "too few notes to say who is better.",
    ),
    (question(RAC, BEN, 0.0, 0.0, notes=0), "RAC and Ben coded none of the same notes."),
]


@pytest.mark.parametrize(("asked", "sentence"), SENTENCES)
def test_the_sentence(asked, sentence):
    assert answer_sentence(asked) == sentence


def test_two_figures_and_their_difference_add_up_in_what_is_printed():
    rng = np.random.default_rng(0)
    for a, b in rng.random((300, 2)):
        decimals = answer.decimals_of(a, b)
        shown = round(100 * a, decimals) - round(100 * b, decimals)
        apart = round(100 * (a - b), decimals)
        assert decimals == answer.MOST_DECIMALS or round(shown, decimals) == apart
        assert apart != 0 or abs(a - b) < 0.0001


def test_one_rater_alone():
    assert answer_of_one(PEOPLE, "the panel", estimated(0.5, 0.4, 0.61), 12) == (
        "The human coders agree with the panel on 50% of codes, on 12 notes (95% 40 to 61)."
    )


@pytest.mark.parametrize(
    ("p", "notes", "chip"),
    [
        (0.002, MANY, "A real difference"),
        (0.049, LEAST_NOTES, "A real difference"),
        (0.05, MANY, "Not shown"),
        (1.0, MANY, "Not shown"),
        (0.0001, LEAST_NOTES - 1, "Too few notes"),
        (0.9, 1, "Too few notes"),
    ],
)
def test_a_verdict_is_that_of_its_test(p, notes, chip):
    assert verdict(question(RAC, BEN, 0.6, 0.5, notes=notes, p=p)).chip == chip


def test_a_verdict_names_its_test_and_what_was_corrected():
    one = verdict(question(RAC, BEN, 0.6, 0.5, p=0.3)).reason
    assert "p = 0.300".replace("0.", ".") in one and "one comparison, not corrected" in one
    assert "10,000 draws" in one and "about 30 in 100 times" in one
    assert "1 note: below" in verdict(question(RAC, BEN, 0.6, 0.5, notes=1)).reason


OFTEN = [
    # p, comparisons, whether it is the least of the draws, what is said
    (0.0004, 1, False, "less than once in 1,000 times (p < .001; one comparison"),
    (0.002, 1, False, "about 2 in 1,000 times (p = .002;"),
    (1 / 1001, 1, True, "at most once in 10,000 times (p < .001;"),
    (1.0, 1, False, "would give so large a difference every time (p = 1.000;"),
    (0.004, 21, False, "would rarely give so large a difference (p = .004, Holm-corrected for 21"),
    (0.0021, 21, True, "would rarely give so large a difference (p at most .002, Holm-corrected"),
    (0.0004, 7, True, "would rarely give so large a difference (p < .001, Holm-corrected for 7"),
    (0.31, 7, False, "could well give so large a difference (p = .310, Holm-corrected for 7"),
]


@pytest.mark.parametrize(("p", "comparisons", "least", "words"), OFTEN)
def test_a_corrected_p_is_no_rate_and_the_least_of_the_draws_is_at_most(
    p, comparisons, least, words
):
    asked = question(RAC, BEN, 0.6, 0.5, p=p, comparisons=comparisons, least=least)
    reason = verdict(asked).reason
    assert words in reason
    assert comparisons == 1 or "times" not in reason


@pytest.mark.parametrize(
    ("pooled", "notes", "drawn", "words"),
    [
        ((119, 150, 160), 10, (12, 4, 3), "Finds 12 of the hospital's 16 codes and adds 3 others."),
        ((0, 0, 20), 10, (0, 2, 0), "Finds none of the hospital's 2 codes and adds no others."),
        ((20, 30, 20), 10, (2, 0, 1), "Finds all of the hospital's 2 codes and adds 1 other."),
        (
            (10, 13, 10),
            10,
            (1, 0, 0),
            "Finds all of the hospital's 1 code and adds fewer than one other.",
        ),
    ],
)
def test_an_average_note(pooled, notes, drawn, words):
    tp, p, t = pooled
    found = average_note(
        Counts(np.array([tp]), np.array([p]), np.array([t])), RAC, "the hospital", notes
    )
    assert (found.found, found.missed, found.added) == drawn
    assert found.words == words
    several = average_note(
        Counts(np.array([tp]), np.array([p]), np.array([t])), PEOPLE, "the hospital", notes
    )
    assert several.words.startswith("Find ") and " add " in several.words


def sample(value, limits, *, coders=2, between=0.004, tipping=0.37, **more):
    random = estimated(value, *limits) if limits else Estimate(value, None, 0, None)
    figure = SampleFigure(random, estimated(value), between, more.pop("says_nothing", False))
    beside = ModelBeside([], {"micro_jaccard": figure}, {"micro_jaccard": tipping})
    names = [f"coder {number}" for number in range(coders)]
    return CoderSample(names, [], {}, {}, {"RAC": beside}, **more)


OTHERS = [
    (
        sample(0.51, (0.44, 0.58)),
        "For other coders like these RAC would be 44 to 58 points ahead of an average one "
        "(two hardly speak for others). Coders would have to differ by 37 points (standard "
        "deviation) for it to turn; once chance is taken out, these 2 differ by 0.4, "
        "three companies by 5.",
    ),
    (
        sample(0.02, (-0.06, 0.01), coders=5, tipping=0.0),
        "For other coders like these RAC would be between 6 points behind and 1 point ahead of an "
        "average one.",
    ),
    (
        sample(-0.3, (-0.4, -0.01), coders=3, tipping=0.0),
        "For other coders like these RAC would be 1 to 40 points behind an average one.",
    ),
    (
        sample(0.5, None, coders=1, between=None),
        "One coder says nothing of other coders. Coders would have to differ by 37 points "
        "(standard deviation) for it to turn; three companies differed by 5.",
    ),
    (
        sample(0.5, (-1, 1), says_nothing=True, tipping=0.0, own_votes=True),
        "For other coders like these nothing can be said: the interval of 2 coders is wider than "
        "any difference could be. The reference is what more than half of these coders gave, which "
        "flatters them.",
    ),
]


@pytest.mark.parametrize(("found", "words"), OTHERS)
def test_would_it_hold_for_other_coders(found, words):
    assert " ".join(other_coders.other_coders("RAC", found)) == words
    assert other_coders.other_coders("Somebody else", found) == []


def shown(words, superior=False, non_inferior=False, inferior=False):
    test = MarginTest(estimated(0.1), 0.01, 0.01, non_inferior, superior, inferior, False)
    assert test.words == words
    return ShownMargin(test, words)


def test_the_margin_says_when_it_was_set_and_what_was_shown():
    fixed = shown("superior", superior=True, non_inferior=True)
    models = {"RAC": ModelMargin(fixed, shown("inconclusive"), 0.1, [])}
    at = datetime(2026, 5, 3, tzinfo=UTC).isoformat()
    before = MarginFigures(Margin(0.05, set_at=at), models=models)
    assert margin_sentences("RAC", before) == [
        "With the margin of 5 points, set on 3 May 2026 before any answer, RAC is better than "
        "these coders; for coders like these it is not shown to be as good as them."
    ]
    after = MarginFigures(Margin(0.025, afterwards=True), models=models)
    assert "margin of 2.5 points, set afterwards" in margin_sentences("RAC", after)[0]
    refused = MarginFigures(Margin(0.01), refused="nobody is there")
    assert margin_sentences("RAC", refused) == [
        "The margin of 1 point is not tested: nobody is there."
    ]
    assert "no coder shares" in margin_sentences("Other", before)[0]
    assert margin_sentences("RAC", None) == []


def test_examples():
    for module in (answer, other_coders):
        assert not doctest.testmod(module).failed
