"""All that a coder's page shows, from what everybody gave to the notes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.codings import BoolArray, IntArray
from benchmark.scoring.sides import Sides
from benchmark.tables.coder.codes import Family, GroupLine, family, lines_by, most
from benchmark.tables.coder.figures import (
    Figures,
    Shared,
    figures_on,
    on_the_same_notes,
    on_their_own_notes,
    shared_notes,
)
from benchmark.tables.coder.time import Bar, Course, Sent, course, histogram
from benchmark.tables.coder.words import Advice, advice, f1_words, heading, pace_words

TOP = 8
"""Codes in a table."""
WORST = 5
"""Codes that are wrong most; advice names the first of them."""
GROUPS_SHOWN = 10


@dataclass(frozen=True)
class Who:
    """Whom a page is about, and who stands beside."""

    coder: str
    """The coder's name in sentences."""
    side: str
    """The coder's name among the sides."""
    beside: str
    """The rater beside the coder; "" for none."""
    models: Sequence[str]
    others: Sequence[str]
    """Other coders; empty where they are not to be shown."""
    against: str
    """Whose codes are held to be right, as "the hospital"."""


@dataclass(frozen=True)
class CoderPage:
    """A coder's page."""

    who: Who
    notes: int
    """That the coder coded and that the reference has."""
    withheld: int
    """Of the coder's notes, those that are left out because the coder codes them elsewhere now."""
    heading: str
    figures: Figures | None
    """None where there is no note; all that follows is empty then."""
    models: list[Figures]
    others: list[Figures]
    shared: list[Shared]
    advice: list[Advice]
    wrong: list[GroupLine]
    """Codes by how often they are wrong: missed + added."""
    missed: list[GroupLine]
    added: list[GroupLine]
    family: Family
    chapters: list[GroupLine]
    frequent: list[GroupLine]
    """The codes that the reference has most often."""
    course: Course
    bars: list[Bar]
    beside: Figures | None
    """The rater beside the coder, on those of the coder's notes that this rater coded."""
    column: str
    """The rater beside, where the tables have a column of it; "" where it coded too few notes."""
    lists_beside: str
    """Who stands beside the coder in lists of notes, so that they have just the notes counted."""

    @property
    def f1_words(self) -> str:
        return f1_words(self.course.f1)

    @property
    def pace_words(self) -> str:
        return pace_words(self.course.minutes)

    @property
    def names_three(self) -> bool:
        """Whether advice names the three codes that are wrong most."""
        return any(len(each.codes) == 3 for each in self.advice)

    @property
    def codes(self) -> set[str]:
        """Every code that the page names."""
        found: set[str] = set()
        for lines in (self.wrong, self.missed, self.added, self.frequent):
            found.update(line.name for line in lines)
        for pair in self.family.confusions:
            found.update((pair.given, pair.instead_of))
        return found


def coder_page(
    sides: Sides, who: Who, sent: Sequence[Sent], clock: str, withheld: BoolArray
) -> CoderPage:
    """The page of a coder, on all of the coder's notes that the reference has.

    `sides` have the coder, the rater beside, the models and the other coders. `sent`: the coder's
    notes in order of coding. `withheld` (N,): notes of which nothing may be told.
    """
    done = sides.raters[who.side].done
    rows = np.flatnonzero(done & ~withheld)
    figures = figures_on(sides, who.side, rows)
    beside = figures_on(sides, who.beside, rows) if who.beside else None
    column = who.beside
    if beside is None or (beside.few and beside.notes < len(rows)):
        column = ""
    lines = lines_by(sides, who.side, column, rows)
    chapters = lines_by(sides, who.side, column, rows, "chapter")
    kin = family(sides, who.side, rows, TOP)
    wrong = most(lines, lambda line: line.wrong, WORST)
    told = []
    if figures:
        told = advice(
            figures=figures,
            counts=sides.per_note(who.side, rows),
            worst=wrong,
            family=kin,
            coder=who.coder,
            beside=column,
            against=who.against,
        )
    order = course(sides, who.side, column, rows, sent, clock)
    return CoderPage(
        who=who,
        notes=len(rows),
        withheld=int((done & withheld).sum()),
        heading=heading(figures, who.coder, who.against),
        figures=figures,
        models=on_the_same_notes(sides, rows, who.models),
        others=on_their_own_notes(sides, who.others, who.beside),
        shared=shared_notes(sides, who.side, who.others, rows),
        advice=told,
        wrong=wrong,
        missed=most(lines, lambda line: line.missed, TOP),
        added=most(lines, lambda line: line.added, TOP),
        family=kin,
        chapters=most(chapters, lambda line: line.reference, GROUPS_SHOWN),
        frequent=most(lines, lambda line: line.reference, GROUPS_SHOWN),
        course=order,
        bars=histogram(order.measured),
        beside=beside,
        column=column,
        lists_beside=_covering(sides, who, rows),
    )


def _covering(sides: Sides, who: Who, rows: IntArray) -> str:
    """The rater beside, or else another with whom the coder is compared on just these notes.

    The rater beside where there is none.
    """
    for name in [who.beside, *sides.raters]:
        if name in ("", who.side):
            continue
        if np.array_equal(sides.counted(who.side, name), rows):
            return name
    return who.beside
