"""Practice: notes that coders try our page on. What they answer is no coding and counts nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from annotation.event_names import PRACTICE_DRAWN
from annotation.models import Code, Note, PracticeAnswer, Rater, Study
from annotation.selectors.practice import practice_draw, practice_fixed
from annotation.services.events import event_record


@dataclass(frozen=True)
class PracticeGiven:
    """What a coder answers to a practice note."""

    codes: Sequence[str]
    none_applies: bool
    unlisted: str
    active_seconds: float | None


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


def practice_submit(
    *, study: Study, note: Note, rater: Rater, given: PracticeGiven
) -> PracticeAnswer:
    """Store what a coder answers to a practice note; answering again adds a row.

    Raises ValueError for codes together with "no listed code applies", for neither of them, and
    for codes that no code system here has.
    """
    codes = list(dict.fromkeys(given.codes))
    if given.none_applies and codes:
        raise ValueError("codes together with 'No listed code applies'")
    if not given.none_applies and not codes:
        raise ValueError("no code, and not 'No listed code applies'")
    known = set(Code.objects.of_systems().filter(code__in=codes).values_list("code", flat=True))
    unknown = sorted(set(codes) - known)
    if unknown:
        raise ValueError(f"no codes: {', '.join(unknown[:10])}")
    return PracticeAnswer.objects.create(
        study=study,
        note=note,
        rater=rater,
        codes=codes,
        none_applies=given.none_applies,
        unlisted=given.unlisted,
        active_seconds=given.active_seconds,
    )
