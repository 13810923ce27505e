"""A coder in a study: who may read the page, the coder's notes in order, and the page's figures.

Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import Coding, Note, Rater, Role, Study, User, Workspace
from annotation.selectors.clocks import CLOCK_FIELDS, Clock, Took, clock_of, minutes_by
from annotation.selectors.studies import may_see_reference
from benchmark.metrics.codings import BoolArray
from benchmark.models import BenchmarkRun
from benchmark.scoring.sides import Sides
from benchmark.selectors.raters import people_of
from benchmark.selectors.sides import Listed, sides_of
from benchmark.tables.coder.figures import Figures
from benchmark.tables.coder.page import CoderPage, Who, coder_page
from benchmark.tables.coder.time import Sent

MOST_TIMED = 12_000
"""Codings of a study's coders, beyond which their minutes are not looked up for a page."""


def is_own_page(user: User, rater: Rater, study: Study) -> bool:
    """Whether the page is the person's own, to be read without other coders in it.

    That is so for coders while the study is closed. Who settles its notes never sees results.
    """
    mine = rater.user_id == user.pk
    return mine and user.role == Role.CODER and study.status == Study.Status.CLOSED


def may_see_coder(user: User, rater: Rater, study: Study) -> bool:
    """Whether a person may read how a coder of a study does."""
    return may_see_reference(user, study) or is_own_page(user, rater, study)


def closed_studies_of(user: User) -> list[tuple[Study, int]]:
    """Closed studies in which a coder has coded, the newest first; each with the coder's id."""
    rater = getattr(user, "rater", None)
    if rater is None or user.role != Role.CODER:
        return []
    coded = Coding.objects.filter(rater=rater, study__status=Study.Status.CLOSED)
    studies = Study.objects.filter(pk__in=coded.values("study")).order_by("-closed_at", "-pk")
    return [(study, rater.pk) for study in studies]


def coder_of(study: Study, pk: int) -> Rater | None:
    """The coder of that id in a study: planned for it, or one whose codes were imported."""
    planned = Workspace.objects.filter(study=study, rater=OuterRef("pk"))
    gave = Coding.objects.filter(study=study, rater=OuterRef("pk"))
    coders = Rater.objects.filter(Exists(planned) | Exists(gave), kind=Rater.Kind.CODER)
    return coders.filter(pk=pk).first()


def side_name(listed: Sequence[Listed], rater: Rater) -> str:
    """The coder's name among the raters of a benchmark; "" where the benchmark has not got it."""
    names = [each.name for each in listed if each.kind == "coder"]
    for name in (str(rater), f"{rater} (coder)", rater.name, f"{rater.name} (coder)"):
        if name in names:
            return name
    return ""


@dataclass(frozen=True)
class InOrder:
    """A coder's notes of a study in the order of coding, and the clock of their minutes."""

    sent: list[Sent]
    clock: Clock


def in_order(study: Study, rater: Rater) -> InOrder:
    """A note has the place of its first answer, and the minutes of its newest.

    These have the earlier ones in them. Empty for who codes elsewhere: a file has no order.
    """
    planned = Workspace.objects.filter(study=OuterRef("study"), rater=OuterRef("rater"))
    codings = Coding.objects.filter(Exists(planned), study=study, rater=rater)
    first: dict[str, datetime] = {}
    took: dict[str, Took] = {}
    for note, at, *seconds in codings.order_by("submitted_at", "id").values_list(
        "note__external_id", "submitted_at", *CLOCK_FIELDS
    ):
        first.setdefault(note, at)
        took[note] = Took(*seconds)
    clock = clock_of(took.values())
    sent = [Sent(note, at, minutes_by(clock, took[note])) for note, at in first.items()]
    return InOrder(sent, clock)


def minutes_of(study: Study, raters: Iterable[Rater]) -> dict[str, float]:
    """Coder's name -> the middle note's minutes; without those whom nobody measured."""
    codings = Coding.objects.filter(study=study, rater__in=[rater.pk for rater in raters])
    rows = codings.order_by("submitted_at", "id").values_list("rater_id", "note_id", *CLOCK_FIELDS)
    took: dict[int, dict[int, Took]] = {}
    for rater_id, note, *seconds in rows.iterator(2000):
        took.setdefault(rater_id, {})[note] = Took(*seconds)
    found = {}
    for rater in raters:
        notes = took.get(rater.pk, {}).values()
        clock = clock_of(notes)
        measured = [minutes_by(clock, each) for each in notes]
        minutes = [each for each in measured if each is not None]
        if minutes:
            found[str(rater)] = median(minutes)
    return found


def page_of(
    run: BenchmarkRun, listed: Sequence[Listed], rater: Rater, beside: str, against: str
) -> CoderPage:
    """The page as researchers read it."""
    side = side_name(listed, rater)
    coders = [each.name for each in listed if each.kind == "coder" and each.name != side]
    models = [each.name for each in listed if each.kind == "model"]
    rest = [each.name for each in listed if each.kind not in ("coder", "model")]
    who = Who(rater.name, side, beside, models, coders, against)
    # The coders together and the reference as a rater are there for the lists of notes.
    sides = sides_of(run, [side, *models, *coders, *rest])
    ordered = in_order(run.study, rater)
    nothing = np.zeros(len(sides.axes.notes), dtype=np.bool_)
    page = coder_page(sides, who, ordered.sent, ordered.clock, nothing)
    return replace(page, others=_with_minutes(run.study, sides, page.others))


def own_page_of(
    run: BenchmarkRun, listed: Sequence[Listed], rater: Rater, beside: str, against: str
) -> CoderPage:
    """The page as its coder may read it: without other coders, and without notes coded elsewhere.

    The same text may stand in another study that the coder still codes in: nothing is told of it.
    """
    side = side_name(listed, rater)
    models = [each.name for each in listed if each.kind == "model"]
    who = Who(rater.name, side, beside, models, [], against)
    sides = sides_of(run, [side, *models])
    ordered = in_order(run.study, rater)
    return coder_page(sides, who, ordered.sent, ordered.clock, _coded_elsewhere(run, rater, sides))


def _coded_elsewhere(run: BenchmarkRun, rater: Rater, sides: Sides) -> BoolArray:
    """(N,) notes whose text stands in a study that the coder codes in and that is not closed."""
    coding = Study.objects.filter(workspaces__rater=rater).exclude(status=Study.Status.CLOSED)
    now = coding.exclude(pk=run.study_id)
    texts: QuerySet[Note, str] = (
        Note.objects.filter(studies__in=now.values("pk"))
        .order_by()
        .values_list("sha256", flat=True)
    )
    same = run.study.notes.filter(sha256__in=texts).order_by()
    names = set(same.values_list("external_id", flat=True))
    return np.array([note in names for note in sides.axes.notes], dtype=np.bool_)


def _with_minutes(study: Study, sides: Sides, others: list[Figures]) -> list[Figures]:
    """Other coders with what a note takes them, where that is quickly found."""
    coded = sum(int(sides.raters[each.name].done.sum()) for each in others)
    if not others or coded > MOST_TIMED:
        return others
    minutes = minutes_of(study, people_of(study))
    return [replace(each, minutes=minutes.get(each.name)) for each in others]
