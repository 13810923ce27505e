"""What a coder does on our own coding page: ticks are kept as drafts, Submit makes a coding.

Both hold the assignment's row, so that two tabs, two computers and a request that arrives late
cannot overwrite each other unseen. Nothing here waits for Label Studio: a coding leaves a `Mirror`
behind, and `mirror.py` copies it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation.event_names import DESK_EVENTS
from annotation.models import Assignment, Code, Coding, Draft, Mirror, Study, User, Workspace
from annotation.selectors.desk import newest_coding, submitted_of
from annotation.services.codings import Given, coding_append
from annotation.services.events import event_record
from files.cells import unstorable

LONGEST_UNLISTED = 2_000
"""Characters of a coder's own words for codes that are not listed."""
LONGEST_SECONDS = 7 * 24 * 3600
"""Nobody works longer on one note; a larger figure is a mistake of the browser's."""


class DeskRefusal(Exception):
    """What was sent is not taken. `reason` is one word for the page, the text is for people.

    closed, interface: the note cannot be coded here now. other-tab: another tab or computer has
    saved since. older: a later draft of this tab is stored already. changed: the note was
    submitted since it was opened here. empty, both, codes, value: the answer is none.
    """

    def __init__(self, reason: str, words: str, codes: Sequence[str] = ()) -> None:
        super().__init__(words)
        self.reason = reason
        self.codes = list(codes)

    @property
    def is_conflict(self) -> bool:
        """Whether it is the state of the note that is against it, not what was sent."""
        return self.reason not in ("empty", "both", "codes", "value")


@dataclass(frozen=True)
class Ticked:
    """What stands in the tray of our page."""

    codes: tuple[str, ...] = ()
    """In the order of ticking."""
    none_applies: bool = False
    unlisted: str = ""
    active_seconds: float = 0.0
    """All that was worked on this note, earlier revisions included."""


@dataclass(frozen=True)
class Seen:
    """Which state of the note a tab goes on from."""

    tab: str
    """The tab's own name."""
    after: str = ""
    """The draft that the tab has loaded: `tab:sequence` of it, "" for none."""
    based_on: int = 0
    """The revision that the tab has loaded; 0 where the note was not submitted."""


def draft_save(*, assignment: Assignment, seen: Seen, sequence: int, ticked: Ticked) -> datetime:
    """Keep what is ticked. Returns when it was stored. Raises DeskRefusal."""
    with transaction.atomic():
        held = _held(assignment)
        check_can_be_coded(held)
        codes = codes_checked(held.study, ticked)
        draft = Draft.objects.filter(assignment=held).first()
        if draft and draft.tab == seen.tab and draft.sequence == sequence:
            return draft.saved_at  # the same once more: its answer was lost
        if draft and draft.tab == seen.tab and draft.sequence > sequence:
            raise DeskRefusal("older", "a later draft is stored already")
        _check_seen(held, draft, seen)
        now = timezone.now()
        Draft.objects.update_or_create(
            assignment=held,
            defaults={
                "rater": held.rater,
                "tab": seen.tab,
                "sequence": sequence,
                "based_on": seen.based_on,
                "codes": [code.code for code in codes],
                "none_applies": ticked.none_applies,
                "unlisted": ticked.unlisted,
                "active_seconds": ticked.active_seconds,
                "is_change": not _is_as_submitted(held, ticked),
                "saved_at": now,
            },
        )
    return now


def coding_submit(*, assignment: Assignment, key: str, seen: Seen, ticked: Ticked) -> Coding:
    """Store the answer as the next revision and delete its draft. Raises DeskRefusal.

    `key` names this press of Submit: sent twice, it is one coding.
    """
    source_key = f"page:{assignment.pk}:{key}"
    with transaction.atomic():
        held = _held(assignment)
        there = Coding.objects.filter(source_key=source_key).first()
        if there:
            return there  # also where the study was closed since
        check_can_be_coded(held)
        codes = codes_checked(held.study, ticked)
        check_not_empty(ticked)
        _check_seen(held, Draft.objects.filter(assignment=held).first(), seen)
        given = Given(
            note=held.note,
            scores=dict.fromkeys(codes),
            source_key=source_key,
            submitted_at=_after_all_before(held),
            active_seconds=_with_all_before(held, ticked.active_seconds),
            unlisted=ticked.unlisted,
        )
        coding_append(study=held.study, rater=held.rater, given=given)
        coding = Coding.objects.get(source_key=source_key)
        Draft.objects.filter(assignment=held).delete()
        if held.task_id is not None and _has_project(held):
            Mirror.objects.create(coding=coding, assignment=held)
    return coding


def work_event(*, assignment: Assignment, user: User, event: str, active_seconds: float) -> None:
    """Record a pause, a hidden tab, an idle stretch, and its end. Raises DeskRefusal."""
    if event not in DESK_EVENTS:
        raise DeskRefusal("value", f"no event {event[:20]!r}; there is: {', '.join(DESK_EVENTS)}")
    check_can_be_coded(assignment)
    event_record(
        actor=user,
        verb=f"coding.{event}",
        object=f"assignment:{assignment.pk}",
        active_seconds=round(seconds_checked(active_seconds), 1),
    )


def seconds_checked(seconds: float) -> float:
    """Seconds that a browser has measured. Raises DeskRefusal for what cannot be."""
    if not 0 <= seconds <= LONGEST_SECONDS:  # nor is NaN
        raise DeskRefusal("value", "active_seconds is no time that was worked")
    return float(seconds)


def check_not_empty(ticked: Ticked) -> None:
    """Raises DeskRefusal for an answer that says nothing."""
    if not ticked.codes and not ticked.none_applies:
        raise DeskRefusal("empty", "tick a code, or: No listed code applies")


def _held(assignment: Assignment) -> Assignment:
    """The assignment, its row locked until the transaction ends."""
    # Its study is read after the lock: who closes it waits for what is being sent.
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("rater")
    held = rows.filter(pk=assignment.pk, rater=assignment.rater).first()
    if held is None:
        raise DeskRefusal("gone", "this note was given to another coder")
    return held


def check_can_be_coded(assignment: Assignment) -> None:
    """Raises DeskRefusal where the note is not to be coded here now."""
    study = assignment.study
    if study.status != Study.Status.OPEN:
        raise DeskRefusal("closed", f"study {study.slug} is {study.status}")
    if assignment.arm != Study.Interface.PAGE:
        raise DeskRefusal("interface", "this note is coded in Label Studio")


def codes_checked(study: Study, ticked: Ticked) -> list[Code]:
    """The codes that are ticked, in their order. Raises DeskRefusal."""
    seconds_checked(ticked.active_seconds)
    if len(ticked.unlisted) > LONGEST_UNLISTED:
        words = f"the words for codes that are not listed are over {LONGEST_UNLISTED} characters"
        raise DeskRefusal("value", words)
    for text in (*ticked.codes, ticked.unlisted):
        problem = unstorable(text)
        if problem:
            raise DeskRefusal("value", f"a code, or a needed code's name, {problem}")
    if ticked.none_applies and ticked.codes:
        raise DeskRefusal("both", "codes are ticked together with 'No listed code applies'")
    listed = Code.objects.filter(codeset=study.code_set, code__in=ticked.codes)
    by_code = {code.code: code for code in listed}
    unknown = sorted(set(ticked.codes) - by_code.keys())
    if unknown:
        shown = ", ".join(unknown[:10])
        raise DeskRefusal("codes", f"codes that the study's list lacks: {shown}", unknown)
    return [by_code[code] for code in dict.fromkeys(ticked.codes)]


def _check_seen(held: Assignment, draft: Draft | None, seen: Seen) -> None:
    """Raises DeskRefusal where somebody saved or submitted what this tab has not seen."""
    newest = newest_coding(held)
    revision = newest.revision if newest else 0
    if revision != seen.based_on:
        raise DeskRefusal("changed", "this note was submitted since it was opened here")
    if draft is None or draft.tab == seen.tab or seen.after == f"{draft.tab}:{draft.sequence}":
        return
    raise DeskRefusal("other-tab", "this note is open in another tab or on another computer")


def _is_as_submitted(held: Assignment, ticked: Ticked) -> bool:
    """Whether the tray holds what was submitted last, in whatever order."""
    last = submitted_of(held)
    if last is None:
        return False
    return (
        set(ticked.codes) == set(last.codes)
        and ticked.none_applies == last.none_applies
        and ticked.unlisted == last.unlisted
    )


def _after_all_before(held: Assignment) -> datetime:
    """Now; a moment after the newest coding where another machine's clock is ahead.

    The newest coding of a note counts, and that is to be the one that was submitted last.
    """
    now = timezone.now()
    newest = newest_coding(held)
    if newest and newest.submitted_at >= now:
        return newest.submitted_at + timedelta(microseconds=1)
    return now


def _with_all_before(held: Assignment, seconds: float) -> float:
    """The seconds of a new revision: they have all earlier ones in them, and never become fewer.

    A tab that knows of no earlier answer counts from nothing.
    """
    earlier = Coding.objects.filter(study=held.study, rater=held.rater, note=held.note)
    longest = earlier.aggregate(longest=Max("active_seconds"))["longest"]
    return max(seconds, longest or 0.0)


def _has_project(held: Assignment) -> bool:
    spaces = Workspace.objects.filter(study=held.study, rater=held.rater, arm=held.arm)
    return spaces.filter(project_id__isnull=False).exists()
