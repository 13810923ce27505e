"""Ten questions that people come with: each is answered in four clicks from the home page.

Each answer is a figure that a page shows, and that is got here from the codings themselves.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import scipy.stats

from benchmark.metrics.certainty.coders import components, tipping_sd
from benchmark.metrics.certainty.influence import Influence, influence
from benchmark.metrics.certainty.paired import paired_tests
from benchmark.metrics.label_space import union
from benchmark.metrics.sets.compare import encode_all
from benchmark.metrics.sets.counts import Counts
from tests.results.furnish import TITLE

pytestmark = pytest.mark.browser

CARD = f"article:has-text('{TITLE}')"
"""The study's card on the home page."""


def influence_of(ward, name: str, notes: list[str]) -> Influence:
    """A rater's micro Jaccard on some notes, and how much each note moves it."""
    everything = sorted(ward.reference)
    done = np.array([note in notes for note in everything])
    counts = []
    for note in everything:
        given = ward.side(name).get(note, frozenset()) if note in notes else frozenset()
        true = ward.reference[note]
        counts.append((len(given & true), len(given), len(true)))
    tp, p, t = np.array(counts).T
    return influence(Counts(tp, p, t), "jaccard", done)


def differences(ward) -> list[Influence]:
    """RAC less each coder, on the coder's notes."""
    found = []
    for coder in sorted(ward.coders):
        notes = ward.shared("RAC", coder)
        found.append(influence_of(ward, "RAC", notes) - influence_of(ward, coder, notes))
    return found


def test_which_three_codes_should_ada_be_trained_on(rae, ward):
    rae.click(TITLE)
    rae.click("Coders")
    rae.click("Ada")
    rows = rae.rows("#missed")[:3]
    most = ward.missed("Ada").most_common(4)
    counts = [count for _, count in most]
    assert counts == sorted(set(counts), reverse=True)  # nobody could say which, otherwise
    for row, (code, count) in zip(rows, most, strict=False):
        assert row[0].split()[0] == code and str(count) in row


def test_is_rac_better_than_ben_beyond_chance(rae, ward):
    rae.click("Results", within=CARD)
    rae.compare("RAC", "Ben")
    notes = ward.shared("RAC", "Ben")
    apart = ward.jaccard("RAC", notes) - ward.jaccard("Ben", notes)
    assert rae.number(r"(\d+) points apart", "#answer") == round(100 * apart)
    space = union(ward.reference, [ward.raters["RAC"], ward.raters["Ben"]], notes)
    given = {name: ward.raters[name] for name in ("RAC", "Ben")}
    (pair,) = paired_tests(encode_all(space, notes, ward.reference, given))
    assert pair.tests["micro_jaccard"].p_holm < 0.05
    assert "real difference" in rae.words("#answer")


def test_would_it_hold_for_other_coders(rae, ward):
    rae.click("Results", within=CARD)
    parts = components(differences(ward))
    tipping = tipping_sd(parts.value, 0.0, parts.coders, parts.notes_only)
    assert rae.number(r"differ(?:ed)? by (?:up to |more than )?([\d.]+)", "#answer") == round(
        100 * tipping, 1
    )


def test_a_note_where_ada_was_right_and_rac_wrong_on_428_0(rae, ward):
    rae.click("Results", within=CARD)
    rae.compare("Ada", "RAC")
    (note,) = ward.right_only("Ada", "RAC", "428.0")
    rae.click("By code")
    row = rae.page.locator("tr:has-text('428.0')").first
    rae.press(row.get_by_role("link", name="1", exact=True).first)
    assert note in rae.words()


def test_where_does_title_matching_beat_rac(rae, ward):
    rae.click("Results", within=CARD)
    rae.compare("Title matching", "RAC")
    ahead = ward.ahead("Title matching", "RAC")
    (code,) = [code for code, notes in ahead.items() if notes > 0]
    assert code in rae.words("#where")


def test_which_notes_did_nobody_get_right(rae, ward):
    rae.click("Results", within=CARD)
    rae.click("By note")
    rae.click("nobody", within="main", exact=False)
    nobody = ward.nobody()
    words = rae.words()
    assert str(len(nobody)) in words
    assert [note for note in sorted(ward.reference) if note in words] == nobody


def test_does_ada_agree_with_ben_on_250_xx(rae, ward):
    rae.click("Results", within=CARD)
    rae.compare("Ada", "Ben")
    rae.click("By code")
    rae.search("250")
    both, either = ward.both_and_either("Ada", "Ben", "250")
    assert f"{both} of {either}" in rae.words()


def test_did_ada_get_faster(rae, ward):
    rae.click(TITLE)
    rae.click("Coders")
    rae.click("Ada")
    days = ward.minutes_by_day("Ada")
    rows = rae.rows("#pace")
    assert len(days) == len(rows) == 4
    for row, (_, count, minutes) in zip(rows, days, strict=True):
        assert str(count) in row and f"{minutes:.1f}" in row


def test_which_wrong_reference_codes_would_flip_the_ranking(rae, ward):
    rae.click("Results", within=CARD)
    rae.unfold(rae.page.locator("summary:has-text('More')").first)
    assert rae.number(r"(\d+) (?:of [\d,]+ )?codes", "#more") == fewest_flips(ward)


def fewest_flips(ward) -> int:
    """Every number of codes dropped and added is tried."""
    ours, theirs = ward.side("RAC"), ward.side("Human coders")
    tp_a = p_a = tp_b = p_b = true = only_a = wrong_b = 0
    for note, codes in ward.reference.items():
        true += len(codes)
        tp_a, p_a = tp_a + len(ours[note] & codes), p_a + len(ours[note])
        tp_b, p_b = tp_b + len(theirs[note] & codes), p_b + len(theirs[note])
        only_a += len((ours[note] & codes) - theirs[note])
        wrong_b += len(theirs[note] - codes - ours[note])
    found = []
    for dropped in range(only_a + 1):
        for added in range(wrong_b + 1):
            changed = true - dropped + added
            a = 2 * (tp_a - dropped) / (p_a + changed)
            b = 2 * (tp_b + added) / (p_b + changed)
            if a <= b:
                found.append(dropped + added)
    return min(found)


def test_how_many_notes_for_a_half_width_of_two_points(rae, ward):
    rae.click("Results", within=CARD)
    notes = rae.number(r"for 2 points (?:it takes )?([\d,]+)")
    per_note = math.sqrt(components(differences(ward)).notes_only * len(ward.reference))
    half = scipy.stats.t.ppf(0.975, notes - 1) * per_note / math.sqrt(notes)
    assert half == pytest.approx(0.02, abs=0.0005)
    assert re.search(r"no number of notes is enough", rae.words())
