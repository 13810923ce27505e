"""Ten questions that people come with: each is answered in four clicks from the home page.

Each answer is a figure that a page shows, and that is got here from the codings themselves.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import median

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
from tests.results.gave import Sets

pytestmark = pytest.mark.browser

RESULTS = f"See the results of {TITLE}"


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


def sets_on(given: Sets, notes: list[str]) -> dict[str, frozenset[str]]:
    """What was given to these notes."""
    return {note: given[note] for note in notes}


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
    wrong = ward.missed("Ada") + ward.added("Ada")
    most = wrong.most_common(4)
    counts = [count for _, count in most]
    assert counts == sorted(set(counts), reverse=True)  # nobody could say which, otherwise
    rows = rae.rows("section:has(#wrong)")
    head = rae.heads("section:has(#wrong)").index("Together")
    shown = [(row[0].split()[0], int(row[head])) for row in rows[:3]]
    assert shown == most[:3]


def test_is_rac_better_than_ben_beyond_chance(rae, ward):
    rae.click(RESULTS)
    rae.compare("RAC", "Ben")
    notes = ward.shared("RAC", "Ben")
    apart = ward.jaccard("RAC", notes) - ward.jaccard("Ben", notes)
    assert rae.number(r"(\d+) points apart", "#answer") == round(100 * apart)
    given = {name: sets_on(ward.raters[name], notes) for name in ("RAC", "Ben")}
    reference = sets_on(ward.reference, notes)
    space = union(reference, given.values(), notes)
    (pair,) = paired_tests(encode_all(space, notes, reference, given))
    assert pair.tests["micro_jaccard"].p < 0.001
    assert "A real difference" in rae.words("#answer") and "p < .001" in rae.words("#answer")


def test_would_it_hold_for_other_coders(rae, ward):
    rae.click(RESULTS)
    parts = components(differences(ward))
    tipping = tipping_sd(parts.value, 0.0, parts.coders, parts.notes_only)
    shown = rae.number(r"Coders would have to differ by ([\d.]+) points", "#answer")
    assert shown == round(100 * tipping)


def test_a_note_where_ada_was_right_and_rac_wrong_on_428_0(rae, ward):
    rae.click(RESULTS)
    rae.compare("Ada", "RAC")
    rae.click("By code")
    rae.click("428.0")
    (note,) = ward.right_only("Ada", "RAC", "428.0")
    assert rae.number(r"Ada alone is right on (\d+) note") == 1
    (row,) = [row for row in rae.rows("section:has-text('Missed by RAC')") if note in row]
    assert "gave it" in row[-1]


def test_where_does_title_matching_beat_rac(rae, ward):
    rae.click(RESULTS)
    rae.compare("Title matching", "RAC")
    rae.click("By code")
    rae.filter(sort="-ahead")
    ahead = ward.ahead("Title matching", "RAC")
    (code,) = [code for code, notes in ahead.items() if notes > 0]
    row = rae.rows("main")[0]
    assert row[0].split()[0] == code
    assert f"{ahead[code]} A ahead" in row


def test_which_notes_did_nobody_get_right(rae, ward):
    rae.click(RESULTS)
    rae.click("By note")
    rae.filter(show="nobody-all")
    nobody = ward.nobody()
    assert rae.number(r"(\d+) notes") == len(nobody)
    assert sorted(row[0] for row in rae.rows("main")) == nobody


def test_does_ada_agree_with_ben_on_250_xx(rae, ward):
    rae.click(RESULTS)
    rae.compare("Ada", "Ben")
    rae.click("By code")
    rae.filter(q="250", by="category")
    both, either = ward.both_and_either("Ada", "Ben", "250")
    (row,) = [row for row in rae.rows("main") if row[0].split()[0] == "250"]
    assert row[-1] == f"{100 * both / either:.0f} {both} of {either}"


def test_did_ada_get_faster(rae, ward):
    rae.click(TITLE)
    rae.click("Coders")
    rae.click("Ada")
    minutes = [each for _, each in ward.minutes["Ada"]]
    third = len(minutes) // 3
    first, last = median(minutes[:third]), median(minutes[-third:])
    words = rae.words("section:has(#minutes)")
    assert f"Faster: {first:.1f} minutes over the first {third} notes, {last:.1f} over" in words
    order = scipy.stats.spearmanr(range(len(minutes)), minutes).statistic
    assert f"{order:.2f}" in words


def test_which_wrong_reference_codes_would_flip_the_ranking(rae, ward):
    rae.click(RESULTS)
    rae.unfold("errors of the reference")
    rae.unfold("Which wrong codes of the reference would change who is ahead?")
    fewest = fewest_flips(ward)
    assert rae.number(r"if (\d+) codes of the reference were wrong", "#more") == fewest
    alone = Counter()
    for note, true in ward.reference.items():
        alone.update((true & ward.side("RAC")[note]) - ward.side("Human coders")[note])
    row = rae.rows("table:has-text('most of these lie')")[0]
    assert [row[0].split()[0], int(row[1])] == list(alone.most_common(1)[0])  # then its title


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
    rae.click(RESULTS)
    notes = rae.number(r"for 2 points it takes ([\d,]+)", "#answer")
    every = sorted(ward.reference)
    apart = influence_of(ward, "RAC", every) - influence_of(ward, "Human coders", every)
    per_note = math.sqrt(apart.variance * len(every))
    for more, narrow in ((0, True), (-1, False)):
        half = scipy.stats.t.ppf(0.975, notes + more - 1) * per_note / math.sqrt(notes + more)
        assert (half <= 0.02) == narrow
    assert "For coders like these no number of notes is enough" in rae.words("#answer")
