"""Practice: notes that coders try our page on. What they answer is no coding and counts nowhere."""

from __future__ import annotations

from django.db import transaction

from annotation.event_names import PRACTICE_DRAWN
from annotation.models import Note, PracticeAnswer, Rater, Study
from annotation.selectors.practice import practice_draw, practice_fixed
from annotation.services.desk import DeskRefusal, Ticked, check_not_empty, codes_checked
from annotation.services.events import event_record


@transaction.atomic
def practice_fix(study: Study) -> None:
    """Fix the practice set of an open study, where it is not fixed yet and there are notes for one.

    From then on it stays the same, whatever notes come in.
    """
    held = Study.objects.select_for_update().get(pk=study.pk)
    if held.status != Study.Status.OPEN or Study.Interface.PAGE not in held.arms:
        return
    if practice_fixed(held) is not None:
        return
    notes = practice_draw(held)
    if notes:
        event_record(actor=None, verb=PRACTICE_DRAWN, object=f"study:{held.slug}", notes=notes)


def practice_submit(*, study: Study, note: Note, rater: Rater, ticked: Ticked) -> PracticeAnswer:
    """Store what a coder answers to a practice note; answering again adds a row.

    It is held to the rules of an answer that counts. Raises DeskRefusal.
    """
    if study.status != Study.Status.OPEN:
        raise DeskRefusal("closed", f"study {study.slug} is {study.status}")
    codes = codes_checked(study, ticked)
    check_not_empty(ticked)
    return PracticeAnswer.objects.create(
        study=study,
        note=note,
        rater=rater,
        codes=[code.code for code in codes],
        none_applies=ticked.none_applies,
        unlisted=ticked.unlisted,
        active_seconds=ticked.active_seconds,
    )
