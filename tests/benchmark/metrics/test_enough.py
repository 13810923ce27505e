"""How many notes or coders are enough, and the smallest difference: as the plan gives them back."""

import math
import re

import pytest
import scipy.stats

from benchmark.metrics.certainty.planning import (
    SEEN,
    Design,
    Variances,
    coders_for_half_width,
    notes_for_half_width,
    power_for_an_average_coder,
    power_for_these_coders,
    smallest_difference,
    width_for_an_average_coder,
    width_for_these_coders,
)
from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.tables.plan import enough_words

LITTLE = Variances(0.005**2, SEEN.note, SEEN.shared)
DESIGNS = [Design(5, 508, 50), Design(2, 508, 10), Design(3, 90, 90), Design(10, 40, 0)]
HALVES = [0.1, 0.05, 0.02, 0.004]


def width(design, variances, like_these):
    if like_these:
        return width_for_an_average_coder(design, variances).expected
    return width_for_these_coders(design, variances)


@pytest.mark.parametrize("variances", [SEEN, LITTLE], ids=["seen", "little"])
@pytest.mark.parametrize("like_these", [False, True])
@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_notes_that_are_enough_make_the_interval_and_one_fewer_does_not(
    design, variances, like_these
):
    for half in HALVES:
        found = notes_for_half_width(half, design, variances, like_these=like_these)
        if found is None:
            # However many notes: what is left is the variance between the coders.
            most = scipy.stats.t.ppf(0.975, design.coders - 1)
            assert like_these and most * math.sqrt(variances.between / design.coders) > half
            continue
        shared = design.shared / design.notes
        of_so_many = Design(design.coders, found, round(shared * found))
        assert width(of_so_many, variances, like_these) <= half
        if found > 2:
            fewer = Design(design.coders, found - 1, round(shared * (found - 1)))
            assert width(fewer, variances, like_these) > half


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_coders_who_are_enough(design):
    for half in HALVES:
        found = coders_for_half_width(half, design, SEEN)
        own = (design.notes - design.shared) / design.coders

        def of(coders, own=own):
            return Design(coders, design.shared + round(own * coders), design.shared)

        if found is None:
            assert width(of(5_000), SEEN, True) > half
        else:
            assert width(of(found), SEEN, True) <= half
            assert found == 2 or width(of(found - 1), SEEN, True) > half


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_the_smallest_difference_is_shown_four_times_in_five(design):
    for power, like_these in ((power_for_these_coders, False), (power_for_an_average_coder, True)):
        found = smallest_difference(design, like_these=like_these)
        assert power(design, 0.0, found) >= 0.8 > power(design, 0.0, found - 0.001)


def test_who_cannot_say_anything_says_so():
    assert smallest_difference(Design(1, 100), like_these=True) is None
    assert smallest_difference(Design(5, 1)) is None
    assert notes_for_half_width(0.02, Design(1, 100), like_these=True) is None


@pytest.mark.parametrize(("se", "notes"), [(0.0107, 508), (0.005, 508), (0.04, 20), (0.0, 30)])
def test_a_finished_study_needs_as_many_notes_as_its_own_variance_says(se, notes):
    """By t quantiles, without the planning."""
    (words,) = enough_words(se=se, notes=notes)
    shown = re.search(r"for 2 points (?:it takes (?:roughly )?)?([\d,]+)", words)[1]
    found = int(shown.replace(",", ""))
    per_note = se * math.sqrt(notes)
    assert scipy.stats.t.ppf(0.975, found - 1) * per_note / math.sqrt(found) <= 0.02
    if found > 2:
        fewer = found - 1
        assert scipy.stats.t.ppf(0.975, fewer - 1) * per_note / math.sqrt(fewer) > 0.02
    assert ("are enough" in words) == (found <= notes)
    assert f"{100 * scipy.stats.t.ppf(0.975, notes - 1) * se:.1f} points on these" in words


@pytest.mark.parametrize("se", [0.001, 0.01, 0.2])
@pytest.mark.parametrize("notes", [2, 4, LEAST_NOTES - 1])
def test_of_few_notes_no_number_is_enough(se, notes):
    """Nor is anything said of coders like these."""
    (words,) = enough_words(se, notes, coders=5, between_sd=0.03)
    assert "enough" not in words
    assert f"reckoned from {notes} notes." in words or "too few to say" in words
    several = enough_words(0.001, LEAST_NOTES, coders=5, between_sd=0.03)
    assert len(several) == 2 and "are enough" in several[0]


def test_coders_who_differ_little_need_a_number_of_notes():
    """Three coders or more say themselves how they differ."""
    (_, like_these) = enough_words(0.0107, 508, 5, between_sd=0.03)
    coders = int(re.search(r"no number of notes .*\. It would take (\d+) coders", like_these)[1])
    each = 0.03**2 + 0.0107**2 * 508 / (508 / 5)
    for more, narrow in ((0, True), (-1, False)):
        half = scipy.stats.t.ppf(0.975, coders + more - 1) * math.sqrt(each / (coders + more))
        assert (half <= 0.02) == narrow
    (_, like_these) = enough_words(0.0107, 508, 5, between_sd=0.005)
    found = int(re.search(r"For coders like these ([\d,]+) notes", like_these)[1].replace(",", ""))
    variance = 0.005**2 / 5 + 0.0107**2 * 508 / found
    assert scipy.stats.t.ppf(0.975, 4) * math.sqrt(variance) == pytest.approx(0.02, rel=0.01)
