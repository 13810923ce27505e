"""The answer to "who is better?" in words: two raters, how far apart, and whether it is real. Pure.

Every sentence is made of figures that a test or an interval stands behind; docs/metrics.md says
which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.certainty.two_raters import TwoRaters
from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.tables.certainty import CLEAR, LEAST_NOTES, p_statement

SIMULATED = (" (simulated)", " (some simulated)")
MOST_DECIMALS = 2


@dataclass(frozen=True)
class Spoken:
    """A rater within a sentence."""

    words: str
    """"RAC", "the human coders"."""
    plural: bool = False
    simulated: bool = False

    @property
    def first(self) -> str:
        """At the beginning of a sentence; a name is written as it is."""
        if self.words.startswith("the "):
            return upper_first(self.words)
        return self.words

    def verb(self, singular: str) -> str:
        """A verb of the third person, for one or for several.

        >>> Spoken("RAC").verb("agrees"), Spoken("the human coders", plural=True).verb("agrees")
        ('agrees', 'agree')
        >>> Spoken("the human coders", plural=True).verb("is")
        'are'
        """
        if not self.plural:
            return singular
        if singular == "is":
            return "are"
        return singular.removesuffix("s")


@dataclass(frozen=True)
class Question:
    """What the answer is about."""

    a: Spoken
    b: Spoken
    against: str
    """Whose codes are held to be right: "the hospital"."""
    found: TwoRaters
    p: float
    """After Holm's correction for `comparisons`, where there are more than one."""
    draws: int
    least: bool = False
    """Whether p is the least that so many draws can tell; the true one may be smaller."""
    comparisons: int = 1
    table1: bool = True
    """Whether they are compared on Table 1's notes; else on those that both coded."""


@dataclass(frozen=True)
class Verdict:
    """A word on the difference, and the test that stands behind it."""

    kind: Literal["good", "unsure", "warn"]
    chip: str
    reason: str


@dataclass(frozen=True)
class AverageNote:
    """A rater in an average note, in whole codes."""

    found: int
    missed: int
    added: int
    words: str


def spoken(name: str, kind: str) -> Spoken:
    """How sentences call a rater of this name.

    >>> spoken("Human coders (simulated)", "people").words, spoken("Ada (simulated)", "coder").words
    ('the human coders', 'Ada')
    """
    simulated = name.endswith(SIMULATED)
    if kind == "people":
        return Spoken("the human coders", plural=True, simulated=simulated)
    if kind == "reference":
        return Spoken("the reference")
    return Spoken(bare(name), simulated=simulated)


def bare(name: str) -> str:
    """A rater's name without the word that it is a program's.

    >>> bare("Ada (simulated)"), bare("RAC")
    ('Ada', 'RAC')
    """
    for suffix in SIMULATED:
        name = name.removesuffix(suffix)
    return name


def answer_sentence(asked: Question) -> str:
    """Both figures and how far apart they are, with its interval."""
    found = asked.found
    if not found.notes:
        return f"{asked.a.first} and {asked.b.words} coded none of the same notes."
    ours, theirs = asked.a.first, asked.b.words
    if not asked.table1:
        ours = f"On the {number(found.notes, 'note')} that both coded, {asked.a.words}"
    a, b = found.a.value, found.b.value
    decimals = decimals_of(a, b)
    apart = _apart(asked, decimals)
    if a == b:
        both = f"{ours} and {theirs} agree with {asked.against}"
        return f"{both} on {percent(a, decimals)} of codes: {apart}."
    first = f"{ours} {asked.a.verb('agrees')} with {asked.against}"
    second = f"on {percent(a, decimals)} of codes, {theirs} on {percent(b, decimals)}"
    return f"{first} {second}: {apart}."


def answer_of_one(rater: Spoken, against: str, figure: Estimate, notes: int) -> str:
    """Where there is one rater alone.

    >>> answer_of_one(Spoken("RAC"), "the hospital", Estimate(0.626, None, 0, None), 1)
    'RAC agrees with the hospital on 63% of codes, on 1 note.'
    """
    words = f"{rater.first} {rater.verb('agrees')} with {against} on {percent(figure.value)}"
    words += f" of codes, on {number(notes, 'note')}"
    if figure.interval:
        words += f" (95% {_range(figure.interval, 0)})"
    return f"{words}."


def verdict(asked: Question) -> Verdict:
    """Real where the test says so, of notes enough to say anything; never "equal"."""
    notes = asked.found.notes
    if notes < LEAST_NOTES:
        reason = f"{number(notes, 'note')}: below {LEAST_NOTES} nothing is said of who is better"
        return Verdict("warn", "Too few notes", reason)
    reason = f"chance alone {_by_chance(asked)} ({_test(asked)})"
    if asked.p < CLEAR:
        return Verdict("good", "A real difference", reason)
    return Verdict("unsure", "Not shown", reason)


def average_note(counts: Counts, rater: Spoken, against: str, notes: int) -> AverageNote:
    """A rater's codes in an average note: found, missed and added, rounded to whole codes."""
    tp, p, t = counts.pooled()
    true = round(t / notes)
    found = min(round(tp / notes), true)
    added = round((p - tp) / notes)
    finds = f"{rater.verb('finds').capitalize()} {_found(found, true, against)}"
    adds = f"{rater.verb('adds')} {_added(added, p > tp)}"
    return AverageNote(found, true - found, added, f"{finds} and {adds}.")


def number(count: int, thing: str) -> str:
    """A count with its noun.

    >>> number(1, "note"), number(1200, "note")
    ('1 note', '1,200 notes')
    """
    if count == 1:
        return f"1 {thing}"
    return f"{count:,} {thing}s"


def percent(share: float, decimals: int = 0) -> str:
    """A share as a percentage.

    >>> percent(0.626), percent(0.626, 1)
    ('63%', '62.6%')
    """
    return f"{100 * share:.{decimals}f}%"


def points(share: float, decimals: int = 0) -> str:
    """A difference of shares, in points.

    >>> points(0.51), points(0.01), points(0.005, 1)
    ('51 points', '1 point', '0.5 points')
    """
    words = plain(share, decimals)
    if words == "1":
        return "1 point"
    return f"{words} points"


def plain(share: float, decimals: int = 0) -> str:
    """A share in per cent, without its sign of per cent; a minus that is one, and none before 0.

    >>> plain(-0.031), plain(-0.001)
    ('−3', '0')
    """
    words = f"{100 * share:.{decimals}f}"
    if not float(words):
        return words.removeprefix("-")
    return words.replace("-", "−")


def decimals_of(a: float, b: float) -> int:
    """The fewest decimals at which two shares and their difference add up, and differ if they do.

    >>> decimals_of(0.626, 0.116), decimals_of(0.626, 0.624), decimals_of(0.6251, 0.1249)
    (0, 1, 1)
    """
    for decimals in range(MOST_DECIMALS):
        first, second = round(100 * a, decimals), round(100 * b, decimals)
        apart = round(100 * (a - b), decimals)
        if round(first - second, decimals) == apart and (apart or a == b):
            return decimals
    return MOST_DECIMALS


def upper_first(words: str) -> str:
    """The words with an upper-case first letter; the rest as it was."""
    return words[:1].upper() + words[1:]


def joined(words: list[str]) -> str:
    """Words in a row, with an "and" before the last.

    >>> joined(["Ada"]), joined(["Ada", "Ben", "Cid"])
    ('Ada', 'Ada, Ben and Cid')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _apart(asked: Question, decimals: int) -> str:
    """How far apart they are, seen from the one that is ahead; of few notes that they are few."""
    found = asked.found
    if found.notes < LEAST_NOTES:
        on = ""
        if asked.table1:
            on = f", on {number(found.notes, 'note')}"
        return f"too few notes to say who is better{on}"
    difference = found.difference
    apart = abs(difference.value)
    words = f"{points(apart, decimals)} apart"
    if found.a.value == found.b.value:
        words = "no difference"
    if difference.interval is None:
        return words
    interval = difference.interval
    if difference.value < 0:
        interval = Interval(-interval.high, -interval.low)
    return f"{words} (95% {_range(interval, decimals)})"


def _range(interval: Interval, decimals: int) -> str:
    return f"{plain(interval.low, decimals)} to {plain(interval.high, decimals)}"


def _by_chance(asked: Question) -> str:
    """What chance alone would do. A corrected p is a bound over many tests, and no rate of this."""
    if asked.comparisons == 1:
        return f"would give so large a difference {_often(asked)}"
    if asked.p < CLEAR:
        return "would rarely give so large a difference"
    return "could well give so large a difference"


def _often(asked: Question) -> str:
    """How often the p of a single comparison is."""
    p = asked.p
    if asked.least:
        return f"at most once in {asked.draws:,} times"
    if p < 0.001:
        return "less than once in 1,000 times"
    if p < 0.095:
        return f"about {1000 * p:.0f} in 1,000 times"
    if p < 0.995:
        return f"about {100 * p:.0f} in 100 times"
    return "every time"


def _test(asked: Question) -> str:
    """The test's p, and for how many comparisons it was corrected."""
    told = p_statement(asked.p)
    if asked.comparisons == 1:
        return f"{told}; one comparison, not corrected; {asked.draws:,} draws"
    if asked.least:
        told = told.replace("p = ", "p at most ")
    return f"{told}, Holm-corrected for {asked.comparisons} comparisons"


def _found(found: int, true: int, against: str) -> str:
    """How many codes of the reference.

    >>> _found(12, 16, "the hospital"), _found(16, 16, "the hospital")
    ("12 of the hospital's 16 codes", "all of the hospital's 16 codes")
    >>> _found(0, 1, "the panel")
    "none of the panel's 1 code"
    """
    if not found:
        return f"none of {against}'s {number(true, 'code')}"
    if found == true:
        return f"all of {against}'s {number(true, 'code')}"
    return f"{found:,} of {against}'s {number(true, 'code')}"


def _added(added: int, some: bool) -> str:
    """How many codes beside those of the reference.

    >>> _added(3, True), _added(1, True), _added(0, True), _added(0, False)
    ('3 others', '1 other', 'fewer than one other', 'no others')
    """
    if added:
        return number(added, "other")
    return "fewer than one other" if some else "no others"
