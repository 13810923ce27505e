"""The panel's answer to a note: the codes that an adjudicator settled on."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from annotation.models import Coding, Note, Rater, Study, User
from annotation.selectors.codes import check_of_installation
from annotation.services.codes import codes_ensure
from annotation.services.codings import Given, coding_append
from annotation.services.events import event_record
from benchmark.selectors.panel import panel_of
from icd.check import Refused, Taken


class SettledMeanwhileError(ValueError):
    """Another adjudicator settled the note since the page was opened."""


def note_settle(
    *, study: Study, note: Note, codes: Collection[str], revision: int, actor: User
) -> Coding:
    """Append the panel's codes of a note.

    `revision` is the number of its answers when the adjudicator looked. Raises ValueError for a
    code that is none, SettledMeanwhileError where the number has changed; then nothing is stored.
    """
    check = check_of_installation()
    answers = [check.read(code) for code in sorted(codes)]
    wrong = [answer.words for answer in answers if isinstance(answer, Refused)]
    if wrong:
        raise ValueError("; ".join(wrong[:5]))
    kinds = {answer.code: answer.kind for answer in answers if isinstance(answer, Taken)}
    rows = codes_ensure(kinds, kinds=kinds)
    with transaction.atomic():
        panel = panel_of(study)
        if panel is None:
            name = f"panel of {study.slug}"
            panel, _ = Rater.objects.get_or_create(kind=Rater.Kind.PANEL, name=name)
        given = Given(
            note,
            dict.fromkeys(rows.values()),
            f"panel:{study.pk}:{note.pk}:{revision + 1}",
            timezone.now(),
        )
        so_far = Coding.objects.filter(study=study, note=note, rater=panel).count()
        if so_far != revision or not coding_append(study=study, rater=panel, given=given):
            raise SettledMeanwhileError(
                "another adjudicator has settled this note meanwhile; look at it again"
            )
        event_record(
            actor=actor,
            verb="note.settled",
            object=f"study:{study.slug}",
            note=note.pk,
            revision=revision + 1,
        )
    return Coding.objects.get(source_key=given.source_key)
