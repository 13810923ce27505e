"""A stay written up as a discharge summary, and sometimes an addendum; where each code is said.

The order in which things are drawn is part of the corpus: another order gives other bytes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from mimic.synthetic import page_layout
from mimic.synthetic.mentions import Mention, with_markers
from mimic.synthetic.stays import Stay
from mimic.synthetic.stock_sentences import stock_sentences
from mimic.synthetic.wording import SLOTS, Form, Wording, wording_of
from mimic.synthetic.world import World

FULL_WORDS = (1350, 0.42)
SHORT_WORDS = (375, 0.08)
"""Median words a note, and the standard deviation of their logarithm: full notes have a long right
tail."""
FULL_FRAME = 110
SHORT_FRAME = 75
"""Words of a note outside its sections' sentences, about."""
MILLIGRAMS = (1, 2, 5, 10, 20, 25, 30, 40, 50, 75, 80, 81, 100, 150, 200, 300, 325, 500)
PLACES = {
    "chronic": (("pmh", 0.8), ("hpi", 0.3), ("course", 0.3), ("diagnosis", 0.2)),
    "acute": (("course", 0.7), ("hpi", 0.4), ("diagnosis", 0.4), ("results", 0.12)),
    "procedure": (("course", 0.6), ("procedures", 0.55), ("hpi", 0.1)),
    "cause": (("hpi", 0.8), ("course", 0.15)),
    "status": (("pmh", 0.7), ("hpi", 0.3), ("social", 0.1)),
}
"""Sections where a code of each role may be said, with the chance of each."""
LISTED_IN = ("procedures", "pmh", "diagnosis")
"""Sections that name a condition or procedure without a sentence around it."""
PADDING = (
    ("course", "routine"),
    ("results", "labs"),
    ("hpi", "arrival"),
    ("instructions", "instructions"),
    ("exam", "exam"),
)
"""(section, pool of the sentences that make a note longer)."""
SHORT_PADDING = 2
"""A short note has sentences of the first two alone."""
NOT_TRUE = (
    ("denials", "hpi", "denied"),
    ("denials", "course", "denied"),
    ("denials", "results", "denied"),
    ("kin", "family", "relative's"),
    ("remote", "pmh", "past"),
)
"""(pool of sentences, section, sense of the mention) of what the stay does not have."""
ROUTINE = (
    ("social", "social", 3),
    ("exam", "exam", 5),
    ("results", "labs", 2),
    ("instructions", "instructions", 3),
    ("followup", "followup", 2),
    ("disposition", "dispositions", 1),
    ("condition", "conditions", 1),
)
"""(section, pool, sentences of a full note) of what every summary has; a short one has one each."""
EVIDENCE = 0.4
"""How often a sentence with the finding stands in for the name of a common code."""
ADDENDUM = 0.13
"""How often the last line of a longer hospital course comes later, as an addendum."""


@dataclass(frozen=True)
class DischargeSummary:
    """What is written of a stay.

    `addendum` is "" where there is none; `mentions` are places in the two joined by a space.
    """

    report: str
    addendum: str
    mentions: tuple[Mention, ...]


def _no_sentences() -> dict[str, list[str]]:
    return {section: [] for section in page_layout.TEMPLATE_HEADINGS}


@dataclass
class Writer:
    """One note being written.

    `sections` has the sentences of each section so far, `mentions` the (code, kind of form, sense)
    of each mention in the order they were made.
    """

    rng: random.Random
    stay: Stay
    world: World
    short: bool
    style: str
    mentions: list[tuple[int, str, str]] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=_no_sentences)

    def choose(self, items: Sequence[str]) -> str:
        """One of the items."""
        return items[int(self.rng.random() * len(items))]

    def choose_from(self, pool: str) -> str:
        """One of the stock sentences of a pool."""
        return self.choose(stock_sentences()[pool])

    def mention(self, code: int, form: str, text: str, sense: str = "said") -> str:
        """Text that says a code, between markers."""
        self.mentions.append((code, form, sense))
        return with_markers(text, len(self.mentions) - 1)

    def add(self, section: str, sentence: str) -> None:
        """Put a sentence that says no code, or whose mentions are marked, into a section."""
        self.sections[section].append(self._filled_in(sentence))

    def say(self, section: str, sentence: str, code: int, form: Form, sense: str = "said") -> None:
        """Put a sentence about a code into a section, the form in place of {np}."""
        text = form.text
        if "{Np}" in sentence:
            text = text[:1].upper() + text[1:]
        mention = self.mention(code, form.kind, text, sense)
        self.sections[section].append(self._filled_in(sentence, mention))

    def wording(self, code: int) -> Wording:
        """The ways to say a code in this corpus."""
        return wording_of(self.world.codes[code], self.world.kinds[code], self.style)

    def form(self, code: int) -> Form:
        """One of the forms of a code."""
        return self.wording(code).forms[self.rng.getrandbits(4) % SLOTS]

    def _filled_in(self, sentence: str, np: str = "") -> str:
        """The sentence with its {placeholders} replaced."""
        if "{" not in sentence:
            return sentence
        stay = self.stay
        he, his = ("she", "her") if stay.sex == "F" else ("he", "his")
        days = (stay.discharged - stay.admitted).days
        day = stay.admitted + timedelta(days=int(self.rng.random() * (days + 1)))
        return sentence.format(
            np=np,
            Np=np,
            he=he,
            He=he.title(),
            his=his,
            His=his.title(),
            date=page_layout.deidentified(day),
            day=f"{day.month}-{day.day}",
            mg=self.rng.choice(MILLIGRAMS),
        )


def write_discharge_summary(
    world: World, seed: int, stay: Stay, short: bool, style: str = "all"
) -> DischargeSummary:
    """The summary of a stay in a style of wording.STYLES; a pure function of its arguments."""
    rng = random.Random(f"{seed}:letter:{stay.number}")
    writer = Writer(rng, stay, world, short, style)
    _say_codes(writer)
    _say_what_is_not_true(writer)
    _say_the_rest(writer)
    _pad(writer)
    later = ""
    course = writer.sections["course"]
    if len(course) > 4 and rng.random() < ADDENDUM:
        later = course.pop()
    report, found = page_layout.report(stay, rng, writer.sections, short)
    addendum = ""
    if later:
        addendum, in_addendum = page_layout.addendum(later, rng)
        moved = len(report) + 1
        found += [(number, start + moved, end + moved) for number, start, end in in_addendum]
    mentions = []
    for number, start, end in found:
        code, form, sense = writer.mentions[number]
        mentions.append(Mention(code, form, sense, start, end))
    return DischargeSummary(report, addendum, tuple(mentions))


def _say_codes(writer: Writer) -> None:
    """Say every code that is written down one to four times, in the places of its role."""
    scale = 0.75 if writer.short else 1.0
    for code in writer.stay.truth:
        if code in writer.stay.unsaid:
            continue
        role = writer.wording(code).role
        sections = []
        for section, chance in PLACES[role]:
            if writer.rng.random() < chance * scale:
                sections.append(section)
        usual_section, _ = PLACES[role][0]
        for section in sections or [usual_section]:
            _say_code(writer, code, section)


def _say_code(writer: Writer, code: int, section: str) -> None:
    """Say a true code in a section: by its name in a list, else in a sentence of its role."""
    wording = writer.wording(code)
    if section in LISTED_IN:
        writer.say(section, "{np}", code, writer.form(code))
        return
    if wording.evidence and writer.rng.random() < EVIDENCE:
        finding = writer.choose(wording.evidence)
        writer.say(section, "{Np}.", code, Form("evidence", finding))
        return
    if wording.role == "procedure":
        pool = "done"
    elif wording.role == "cause":
        pool = "caused"
    elif section == "course":
        pool = "course"
    elif wording.role in ("chronic", "status"):
        pool = "background"
    else:
        pool = "present"
    sentence = writer.choose_from(pool)
    writer.say(section, sentence, code, writer.form(code))


def _say_what_is_not_true(writer: Writer) -> None:
    """Conditions the stay does not have: denied, ruled out, long past or a relative's."""
    count = writer.rng.randrange(1, 4) if writer.short else writer.rng.randrange(3, 9)
    for _ in range(count):
        code = _other_code(writer)
        if code is None:
            continue
        pool, section, sense = writer.rng.choice(NOT_TRUE)
        sentence = writer.choose_from(pool)
        writer.say(section, sentence, code, writer.form(code), sense)


def _other_code(writer: Writer) -> int | None:
    """A common diagnosis, or a sibling of a true one; None where the stay has what was drawn."""
    stay = writer.stay
    if writer.rng.random() < 0.4:
        drawn = writer.rng.choice(writer.world.siblings[writer.rng.choice(stay.truth)])
    else:
        drawn = int(220 * writer.rng.random() ** 1.5)
    if drawn in stay.truth or drawn in stay.reference or writer.world.kinds[drawn] == "proc":
        return None
    return drawn


def _say_the_rest(writer: Writer) -> None:
    """The parts every summary has: complaint, social history, exam, medications, condition."""
    writer.add("complaint", writer.rng.choice(writer.stay.profile.complaints))
    for section, pool, count in ROUTINE:
        for _ in range(1 if writer.short else count):
            writer.add(section, writer.choose_from(pool))
    for name, code in _medications(writer).items():
        for section in ("admission", "discharge"):
            if writer.rng.random() >= 0.75:
                continue
            dose = "{mg} mg daily" if writer.short else writer.choose_from("doses")
            drug = name if code is None else writer.mention(code, "medication", name)
            writer.add(section, f"{drug} {dose}")


def _medications(writer: Writer) -> dict[str, int | None]:
    """Name of a medication -> the code that it is given for, None where it is for none."""
    given_for: list[tuple[str, int]] = []
    for code in writer.stay.truth:
        for name in writer.wording(code).medications[:3]:
            if writer.rng.random() < 0.45:
                given_for.append((name, code))
    # Reversed, so that a medication of two codes belongs to the first.
    medications: dict[str, int | None] = dict(reversed(given_for))
    for _ in range(writer.rng.randrange(1, 3) if writer.short else writer.rng.randrange(3, 8)):
        medications.setdefault(writer.choose_from("medications"), None)
    return medications


def _pad(writer: Writer) -> None:
    """Fill up with routine sentences until the note has its length."""
    if writer.short:
        median, spread = SHORT_WORDS
        frame = SHORT_FRAME
        printed = page_layout.SHORT_SECTIONS
        choices = SHORT_PADDING
    else:
        median, spread = FULL_WORDS
        frame = FULL_FRAME
        printed = set(page_layout.TEMPLATE_HEADINGS)
        choices = len(PADDING)
    goal = median * math.exp(writer.rng.gauss(0, spread)) - frame
    words = 0
    for section in printed:
        for line in writer.sections[section]:
            words += line.count(" ") + 1
    used: set[str] = set()
    while words < goal:
        section, pool = PADDING[int(writer.rng.random() * choices)]
        sentence = writer.choose_from(pool)
        if sentence in used:
            section = "results"
            sentence = writer.choose_from("labs")
        used.add(sentence)
        writer.add(section, sentence)
        words += sentence.count(" ") + 1
