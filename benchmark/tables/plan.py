"""What a number of notes and coders can show, in plain words: before a study, and after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmark.metrics.certainty.influence import half_width
from benchmark.metrics.certainty.planning import (
    LIKELY,
    OPTIMISTIC_SD,
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

HALF = 0.02
"""The half-width that notes are counted for."""
FEW = 2
"""So many coders say nothing of how coders differ."""
SURE = 0.995
"""A greater chance is shown as above 99%."""
ALIKE = replace(SEEN, between=OPTIMISTIC_SD**2)
"""Coders who differ little."""
NONE = "-"


@dataclass(frozen=True)
class PlanLine:
    """One question about a study that is planned, and its answers."""

    question: str
    these: str
    """For the very coders who take part."""
    like_these: str
    """For coders like them."""
    if_alike: str
    """For coders like them, if they differ little."""


def plan_answer(design: Design) -> str:
    """What a study of this design can show, in a sentence or two.

    >>> print(plan_answer(Design(coders=5, notes=508, shared=50)))
    How well these 5 coders code will be known to 1.0 points either way, coders like them to 6.3.
    """
    of_these = width_for_these_coders(design)
    if of_these is None:
        return "One note says nothing of others: there will be no interval."
    if design.coders == 1:
        return (
            f"How well this coder codes will be known to {_points(of_these)} either way. "
            "One coder says nothing of others."
        )
    of_others = width_for_an_average_coder(design)
    assert of_others is not None  # two coders or more
    words = (
        f"How well these {design.coders} coders code will be known to {_points(of_these)} either "
        f"way, coders like them to {100 * of_others.expected:.1f}."
    )
    if design.coders <= FEW:
        words += " Two coders cannot speak for others."
    return words


def plan_lines(design: Design, margin: float | None = None) -> list[PlanLine]:
    """What a study of this design can be expected to show, a question a line.

    `margin`: the loss that would not matter, where one is stated.

    >>> for line in plan_lines(Design(coders=5, notes=508, shared=50), margin=0.05):
    ...     print(line.these, "|", line.like_these, "|", line.if_alike)
    1.0 points | 6.3 points; in four of five studies at most 7.7 | 2.7 points
    1.5 points | 8.6 points | 3.7 points
    130 notes | no number of notes, but 30 coders | no number of notes, but 8 coders
    above 99% | 39% | 97%
    """
    lines = [
        PlanLine(
            "Half of the 95% interval that is to be expected",
            _share(width_for_these_coders(design)),
            _expected(design),
            _share(_for_an_average_coder(design, ALIKE)),
        ),
        PlanLine(
            "The smallest difference of a model that it would likely show "
            f"(power {100 * LIKELY:.0f}%)",
            _share(smallest_difference(design)),
            _share(smallest_difference(design, like_these=True)),
            _share(smallest_difference(design, ALIKE, like_these=True)),
        ),
        PlanLine(
            f"How many notes make half of the interval {_whole(HALF)} points",
            _notes(notes_for_half_width(HALF, design)),
            _enough(design, SEEN),
            _enough(design, ALIKE),
        ),
    ]
    if margin is not None:
        lines.append(
            PlanLine(
                "The chance to show that a model that is as good is not worse by more than the "
                f"margin of {_whole(margin)} points",
                _chance(power_for_these_coders(design, margin)),
                _chance(power_for_an_average_coder(design, margin)),
                _chance(power_for_an_average_coder(design, margin, variances=ALIKE)),
            )
        )
    return lines


def plan_instead(design: Design) -> str:
    """What twice the coders, or twice the notes, would do for coders like these.

    >>> plan_instead(Design(coders=5, notes=508, shared=50))
    'With 10 coders: 3.7 points for coders like these; with 1,016 notes: 6.2.'
    """
    coders = replace(design, coders=2 * design.coders)
    notes = replace(design, notes=2 * design.notes, shared=2 * design.shared)
    with_coders = _for_an_average_coder(coders, SEEN)
    with_notes = _for_an_average_coder(notes, SEEN)
    assert with_coders is not None  # two coders or more
    words = f"With {coders.coders} coders: {_points(with_coders)} for coders like these"
    if with_notes is None:
        return f"{words}."
    return f"{words}; with {notes.notes:,} notes: {100 * with_notes:.1f}."


def enough_words(
    se: float,
    notes: int,
    coders: int = 0,
    between_sd: float | None = None,
    half: float = HALF,
) -> list[str]:
    """How many notes a finished study would have needed for a half-width, from its own variances.

    A sentence, and one for coders like these. `se`: the standard error over notes of a figure or a
    difference, seen on so many notes (two or more). `coders` and `between_sd`: of how many coders
    it is a mean, and how they differ in it; 0 coders where only models are compared. Fewer than
    three say nothing of that: then they are taken to differ as three companies did (CMC 2007).
    Below `LEAST_NOTES` the number is a rough one, and nothing is said of coders like these.

    >>> these, like_these = enough_words(se=0.0107, notes=508, coders=2)
    >>> print(these)
    The half-width of the 95% interval is 2.1 points on these 508 notes; for 2 points it takes 561.
    >>> for sentence in like_these.split(". "):
    ...     print(sentence)
    For coders like these no number of notes is enough: they are taken to differ by 5.0 points
    It would take 29 coders, each with as many notes as now.
    >>> (these,) = enough_words(se=0.04, notes=4)
    >>> print(these.split("; ")[1])
    for 2 points it takes roughly 64, reckoned from 4 notes.
    """
    seen = Variances(between=0.0, note=se**2 * notes, shared=0.0)
    enough = notes_for_half_width(half, Design(1, notes), seen)
    seen_half = _points(half_width(se, notes - 1))
    words = f"The half-width of the 95% interval is {seen_half} on these {notes:,} notes; "
    if notes < LEAST_NOTES:
        return [f"{words}{_roughly(enough, notes, half)}"]
    if enough is not None and enough <= notes:
        words += f"for {_whole(half)} points {enough:,} are enough."
    else:
        words += f"for {_whole(half)} points it takes {_number(enough)}."
    if not coders:
        return [words]
    return [words, _enough_coders(Design(coders, notes), seen, between_sd, half)]


def _roughly(enough: int | None, notes: int, half: float) -> str:
    """How many notes, where those seen are too few to say it."""
    if enough is None:
        return f"{notes} notes are too few to say how many it takes for {_whole(half)} points."
    return f"for {_whole(half)} points it takes roughly {enough:,}, reckoned from {notes} notes."


def _enough_coders(design: Design, seen: Variances, between_sd: float | None, half: float) -> str:
    """What it would take for coders like these."""
    sd = SEEN.between**0.5
    differ = f"they are taken to differ by {_points(sd)}"
    if between_sd is not None and design.coders > FEW:
        sd = between_sd
        differ = f"they differ by {_points(sd)}"
    variances = replace(seen, between=sd**2)
    notes = notes_for_half_width(half, design, variances, like_these=True)
    if notes is not None:
        return f"For coders like these {_notes(notes)} are enough: {differ}."
    words = f"For coders like these no number of notes is enough: {differ}."
    coders = coders_for_half_width(half, design, variances)
    if coders is None:
        return words
    return f"{words} It would take {coders} coders, each with as many notes as now."


def _expected(design: Design) -> str:
    width = width_for_an_average_coder(design)
    if width is None:
        return NONE
    return f"{_points(width.expected)}; in four of five studies at most {100 * width.sure:.1f}"


def _for_an_average_coder(design: Design, variances: Variances) -> float | None:
    width = width_for_an_average_coder(design, variances)
    return None if width is None else width.expected


def _enough(design: Design, variances: Variances) -> str:
    """How many notes, or how many coders where notes alone do not help."""
    if design.coders == 1:
        return NONE
    notes = notes_for_half_width(HALF, design, variances, like_these=True)
    if notes is not None:
        return _notes(notes)
    coders = coders_for_half_width(HALF, design, variances)
    if coders is None:
        return "no number of notes"
    return f"no number of notes, but {coders} coders"


def _notes(notes: int | None) -> str:
    return "no number of notes" if notes is None else f"{notes:,} notes"


def _number(notes: int | None) -> str:
    return "more than anybody has" if notes is None else f"{notes:,}"


def _share(share: float | None) -> str:
    return NONE if share is None else _points(share)


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"


def _whole(share: float) -> str:
    """A share that somebody wrote, in points.

    >>> _whole(0.05), _whole(0.025)
    ('5', '2.5')
    """
    return f"{100 * share:.6g}"


def _chance(power: float | None) -> str:
    if power is None:
        return NONE
    if power > SURE:
        return "above 99%"
    return f"{100 * power:.0f}%"
