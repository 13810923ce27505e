"""The demo's second study: large enough for its pages, and left as it is in a demo made before."""

from __future__ import annotations

from collections import Counter

from annotation.assign import plan
from annotation.models import Study
from demo.steps import ARMS_OVERLAP, ARMS_SAMPLE, ARMS_SEED, SLUG, open_arms

ENOUGH = 20
"""Below so many notes the pages say that they are too few."""
TWO_CODERS = (0, 1)
ARMS = ("list", "page")


def test_either_coder_has_enough_notes_in_either_arm_and_enough_are_shared():
    planned = plan(range(ARMS_SAMPLE), TWO_CODERS, overlap=ARMS_OVERLAP, seed=ARMS_SEED, arms=ARMS)
    own = Counter(each.arm for each in planned if each.role == "primary")
    of_coder_in_arm = Counter((each.coder, each.arm) for each in planned)
    coders_of_note = Counter(each.note for each in planned)
    shared = sum(count == len(TWO_CODERS) for count in coders_of_note.values())
    assert set(own) == set(ARMS) and min(own.values()) >= ENOUGH
    assert len(of_coder_in_arm) == 4 and min(of_coder_in_arm.values()) >= ENOUGH
    assert shared == ARMS_OVERLAP >= 30


def test_a_demo_made_before_there_was_one_does_without(study):
    Study.objects.filter(pk=study.pk).update(slug=SLUG)
    open_arms()
    assert [each.slug for each in Study.objects.all()] == [SLUG]
