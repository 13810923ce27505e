"""What a coder's page says in sentences; each is computed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import around
from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.tables.certainty import p_words
from benchmark.tables.coder.codes import Beside, Family, GroupLine
from benchmark.tables.coder.figures import FEW, Figures
from benchmark.tables.coder.time import Change

NEAR = 0.02
SHARES = ((1 / 4, "a quarter"), (1 / 3, "a third"), (1 / 2, "half"), (2 / 3, "two thirds"))
LARGE = 0.1
"""The share, of the reference's codes or of wrong ones, below which a thing is no advice."""
OFTEN = 3
"""How often a code must be wrong to be named."""
NUMBERS = {1: "one code", 2: "two codes", 3: "three codes"}


@dataclass(frozen=True)
class Advice:
    """One thing that would help."""

    title: str
    codes: tuple[str, ...]
    """They begin the text; each has a page."""
    text: str

    @property
    def words(self) -> str:
        """All of it as plain text."""
        return " ".join(part for part in (self.title, listed(self.codes), self.text) if part)


def heading(figures: Figures | None, coder: str, against: str) -> str:
    """The sentence on top of the page; `coder`: the coder's name, `against`: as "the hospital"."""
    if figures is None:
        return f"{coder} has coded no note that {against} has codes for"
    if figures.few:
        notes = _many(figures.notes, "note")
        return f"{coder} has coded {notes} that {against} has codes for: too few to say how well"
    found = plain(figures.found_a_note)
    true = plain(figures.reference_a_note)
    sentence = f"{coder} finds {found} of {against}'s {true} codes in an average note"
    if not figures.codes_a_note:
        return sentence
    return f"{sentence}, and {share_words(figures.precision.value)} of what {coder} gives is right"


def plain(number: float) -> str:
    """A mean as a sentence says it.

    >>> plain(15.96), plain(2.16), plain(2.0)
    ('16', '2.2', '2')
    """
    if number >= 9.95:
        return f"{number:.0f}"
    return f"{number:.1f}".removesuffix(".0")


def share_words(share: float) -> str:
    """
    >>> share_words(0.479), share_words(0.63), share_words(1.0)
    ('48%', '63%', 'all')
    """
    if share in (0, 1):
        return "all" if share else "none"
    for near, words in SHARES:
        if abs(share - near) < NEAR:
            return f"about {words}"
    return f"{100 * share:.0f}%"


def advice(
    *,
    figures: Figures,
    counts: Counts,
    worst: Sequence[GroupLine],
    family: Family,
    coder: str,
    beside: str,
    against: str,
) -> list[Advice]:
    """What would help most, at most three things; none under 20 notes.

    `counts` are of each note, `worst` the codes that are wrong most often, the worst first.
    """
    if figures.few:
        return []
    found = [
        _amount(figures, counts, coder, against),
        _begin_with(counts, worst, beside),
        _category(family, against),
    ]
    return [each for each in found if each]


def _amount(figures: Figures, counts: Counts, coder: str, against: str) -> Advice | None:
    """More codes, or fewer, where the difference in a note is large and more than chance."""
    tp, given, true = counts.pooled()
    apart = np.asarray(counts.p - counts.t, dtype=np.float64)
    notes = len(apart)
    se = float(apart.std(ddof=1)) / notes**0.5
    # Codes a note less the reference's: between minus and plus any number.
    mean = around(float(apart.mean()), se, notes - 1, lowest=-np.inf, highest=np.inf)
    sure = mean.interval is None or mean.interval.low > 0 or mean.interval.high < 0
    if not sure or abs(mean.value) < LARGE * figures.reference_a_note:
        return None
    of = f"{coder} gives {figures.codes_a_note:.1f} in a note, {against} "
    of += f"{figures.reference_a_note:.1f}"
    missed, added = true - tp, given - tp
    if mean.value < 0 and missed > added:
        return Advice(
            "Give more codes.",
            (),
            f"{of}: {100 * missed / true:.0f} of every 100 codes of {against} are not given.",
        )
    if mean.value > 0 and added > missed:
        return Advice(
            "Give fewer codes.",
            (),
            f"{of}: {100 * added / given:.0f} of every 100 codes given are not {against}'s.",
        )
    return None


def _begin_with(counts: Counts, worst: Sequence[GroupLine], beside: str) -> Advice | None:
    """The codes that are wrong most often, up to three."""
    named = [line for line in worst[: max(NUMBERS)] if line.wrong >= OFTEN]
    if not named:
        return None
    tp, given, true = counts.pooled()
    wrong = sum(line.wrong for line in named)
    verb = "is" if len(named) == 1 else "are"
    text = (
        f"{verb} wrong most often, missed or added: {wrong:,} of {given + true - 2 * tp:,} errors."
    )
    theirs = [line.beside for line in named if line.beside]
    missed = sum(each.missed for each in theirs)
    if missed:
        text += f" {_found_words(theirs, missed, beside)}"
    codes = tuple(line.name for line in named)
    return Advice(f"Begin with {NUMBERS[len(named)]}.", codes, text)


def _found_words(theirs: Sequence[Beside], missed: int, beside: str) -> str:
    found = sum(each.found_of_missed for each in theirs)
    if missed == 1:
        verb = "found" if found else "did not find"
        return f"{beside} {verb} the one that was missed, in the same note."
    return f"{beside} found {found:,} of the {missed:,} that were missed, in the same notes."


def _category(family: Family, against: str) -> Advice | None:
    if family.near < OFTEN or family.near < LARGE * family.added:
        return None
    text = f"For {family.near:,} of the {family.added:,} codes that {against} does not have, "
    text += f"{against} has another of the same category in that note: check the digits after "
    return Advice("Right category, wrong code.", (), text + "the dot.")


def f1_words(change: Change | None) -> str:
    """How F1 went over the notes."""
    if change is None:
        return f"Too few to say: a trend needs {FEW} notes."
    told = f"{100 * change.first:.1f} over the first {change.notes} notes, "
    told += f"{100 * change.last:.1f} over the last {change.notes}"
    return _with_verdict(change, told, "F1 falls", "F1 rises")


def pace_words(change: Change | None) -> str:
    """Whether the coder got faster."""
    if change is None:
        return f"Too few to say whether notes went faster: that needs {FEW} that were measured."
    told = f"{change.first:.1f} minutes over the first {_many(change.notes, 'note')}, "
    told += f"{change.last:.1f} over the last {change.notes} (medians)"
    return _with_verdict(change, told, "Faster", "Slower")


def _with_verdict(change: Change, told: str, fell: str, rose: str) -> str:
    if change.trend is None:
        return f"No trend: {told}."
    verdict = "No trend shown"
    if change.shown:
        verdict = rose if change.trend.rho > 0 else fell
    p = p_words(change.trend.p)
    sign = "" if p.startswith("<") else "= "
    return f"{verdict}: {told}; rank correlation {change.trend.rho:+.2f}, p {sign}{p}."


def listed(names: Sequence[str]) -> str:
    """
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
