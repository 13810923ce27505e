"""A stay written up as a discharge summary, and sometimes an addendum, with a record of where each code is said."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from mimic.synthetic import page_layout
from mimic.synthetic.mention_marks import Mention, mark
from mimic.synthetic.sentences import phrases
from mimic.synthetic.stays import Stay
from mimic.synthetic.wording import (
    SLOTS,
    Form,
    Voice,
    voice,
)
from mimic.synthetic.world import World

FULL_WORDS, SHORT_WORDS = (1350, 0.42), (375, 0.08)
"""Median words a note, and the standard deviation of their logarithm: full notes have a long right tail."""
MILLIGRAMS = (1, 2, 5, 10, 20, 25, 30, 40, 50, 75, 80, 81, 100, 150, 200, 300, 325, 500)
# Where a code of each role may be said, with the chance of each place.
PLACES = {
    "chronic": (("pmh", 0.8), ("hpi", 0.3), ("course", 0.3), ("diagnosis", 0.2)),
    "acute": (("course", 0.7), ("hpi", 0.4), ("diagnosis", 0.4), ("results", 0.12)),
    "procedure": (("course", 0.6), ("procedures", 0.55), ("hpi", 0.1)),
    "cause": (("hpi", 0.8), ("course", 0.15)),
    "status": (("pmh", 0.7), ("hpi", 0.3), ("social", 0.1)),
}
PADDING = (
    ("course", "routine"), ("results", "labs"), ("hpi", "arrival"), ("instructions", "instructions"), ("exam", "exam"),
)  # fmt: skip
DISTRACTORS = (
    ("denials", "hpi", "denied"), ("denials", "course", "denied"), ("denials", "results", "denied"),
    ("kin", "family", "relative's"), ("remote", "pmh", "past"),
)  # fmt: skip
EVIDENCE = 0.4
"""How often a sentence with the finding stands in for the name of a common code."""


@dataclass(frozen=True)
class Letter:
    """What is written of a stay: a report, an addendum or "", and where the two, joined by a space, say which code."""

    report: str
    addendum: str
    mentions: tuple[Mention, ...]


@dataclass
class Writer:
    """One note being written: its randomness, the patient's pronouns, the lines of each section, and the mentions in
    the order they were made, as (code, kind of form, sense).
    """

    rng: random.Random
    stay: Stay
    world: World
    short: bool
    style: str
    mentions: list[tuple[int, str, str]] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in page_layout.TITLES})

    def pick(self, name: str) -> str:
        return self.choose(phrases()[name])

    def choose(self, items: Sequence[str]) -> str:
        return items[int(self.rng.random() * len(items))]

    def mention(self, code: int, form: str, text: str, sense: str = "said") -> str:
        """Text that says a code, marked."""
        self.mentions.append((code, form, sense))
        return mark(text, len(self.mentions) - 1)

    def add(self, section: str, sentence: str) -> None:
        self.sections[section].append(self._filled(sentence))

    def tell(self, section: str, sentence: str, code: int, form: Form, sense: str = "said") -> None:
        """Put a sentence about a code into a section, the form in place of {np}, pronouns filled in."""
        text = form.text
        if "{Np}" in sentence:
            text = text[:1].upper() + text[1:]
        self.sections[section].append(self._filled(sentence, self.mention(code, form.kind, text, sense)))

    def _filled(self, sentence: str, np: str = "") -> str:
        if "{" not in sentence:
            return sentence
        stay = self.stay
        he, his = ("she", "her") if stay.sex == "F" else ("he", "his")
        day = stay.admitted + timedelta(days=int(self.rng.random() * ((stay.left - stay.admitted).days + 1)))
        return sentence.format(
            np=np, Np=np, he=he, He=he.title(), his=his, His=his.title(),
            date=page_layout.dated(day), day=f"{day.month}-{day.day}", mg=self.rng.choice(MILLIGRAMS),
        )  # fmt: skip

    def voice(self, code: int) -> Voice:
        return voice(self.world.codes[code], self.world.kinds[code], self.style)

    def form(self, code: int) -> Form:
        return self.voice(code).forms[self.rng.getrandbits(4) % SLOTS]


def write_letter(world: World, seed: int, stay: Stay, short: bool, style: str = "all") -> Letter:
    """The letter of a stay in a style of surface.STYLES; a pure function of its arguments."""
    rng = random.Random(f"{seed}:letter:{stay.k}")
    writer = Writer(rng, stay, world, short, style)
    _say_codes(writer)
    _say_distractors(writer)
    _say_the_rest(writer)
    _pad(writer)
    later = writer.sections["course"].pop() if len(writer.sections["course"]) > 4 and rng.random() < 0.13 else ""
    report, found = page_layout.report(stay, rng, writer.sections, short)
    addendum, more = page_layout.addendum(later, rng) if later else ("", [])
    moved = len(report) + 1
    found += [(number, start + moved, end + moved) for number, start, end in more]
    mentions = tuple(Mention(*writer.mentions[number], start, end) for number, start, end in found)
    return Letter(report, addendum, mentions)


def _say_codes(writer: Writer) -> None:
    """Say every code that is written down one to four times, in the places of its role."""
    scale = 0.75 if writer.short else 1.0
    for code in writer.stay.truth:
        if code in writer.stay.unsaid:
            continue
        role = writer.voice(code).role
        places = [place for place, chance in PLACES[role] if writer.rng.random() < chance * scale]
        for place in places or [PLACES[role][0][0]]:
            _mention(writer, code, role, place)


def _mention(writer: Writer, code: int, role: str, place: str) -> None:
    said = writer.voice(code)
    if place in ("procedures", "pmh", "diagnosis"):
        writer.tell(place, "{np}", code, writer.form(code))
    elif said.evidence and writer.rng.random() < EVIDENCE:
        sentence = writer.choose(said.evidence)
        writer.tell(place, "{Np}.", code, Form("evidence", sentence))
    elif role == "procedure":
        writer.tell(place, writer.pick("done"), code, writer.form(code))
    elif role == "cause":
        writer.tell(place, writer.pick("caused"), code, writer.form(code))
    else:
        pool = "course" if place == "course" else "background" if role in ("chronic", "status") else "present"
        writer.tell(place, writer.pick(pool), code, writer.form(code))


def _say_distractors(writer: Writer) -> None:
    """Conditions the stay does not have: denied, ruled out, long past or a relative's."""
    count = writer.rng.randrange(1, 4) if writer.short else writer.rng.randrange(3, 9)
    for _ in range(count):
        code = _other_code(writer)
        if code is None:
            continue
        pool, section, sense = writer.rng.choice(DISTRACTORS)
        writer.tell(section, writer.pick(pool), code, writer.form(code), sense)


def _other_code(writer: Writer) -> int | None:
    """A common code or a sibling of a true one that the stay does not carry; None where the draw met one it does."""
    stay, world = writer.stay, writer.world
    if writer.rng.random() < 0.4:
        drawn = writer.rng.choice(world.siblings[writer.rng.choice(stay.truth)])
    else:
        drawn = int(220 * writer.rng.random() ** 1.5)
    untold = drawn in stay.truth or drawn in stay.reference or world.kinds[drawn] == "proc"
    return None if untold else drawn


def _say_the_rest(writer: Writer) -> None:
    """The parts every summary has: complaint, social history, examination, medications, condition."""
    stay, rng = writer.stay, writer.rng
    writer.add("complaint", rng.choice(stay.profile.complaints))
    for section, pool, count in (
        ("social", "social", 3), ("exam", "exam", 5), ("results", "labs", 2), ("instructions", "instructions", 3),
        ("followup", "followup", 2), ("disposition", "dispositions", 1), ("condition", "conditions", 1),
    ):  # fmt: skip
        for _ in range(1 if writer.short else count):
            writer.add(section, writer.pick(pool))
    own = [(m, code) for code in stay.truth for m in writer.voice(code).medications[:3] if rng.random() < 0.45]
    drugs: dict[str, int | None] = dict(reversed(own))
    for _ in range(rng.randrange(1, 3) if writer.short else rng.randrange(3, 8)):
        drugs.setdefault(writer.pick("medications"), None)
    for name, code in drugs.items():
        for section in ("admission", "discharge"):
            if rng.random() < 0.75:
                dose = "{mg} mg daily" if writer.short else writer.pick("doses")
                told = name if code is None else writer.mention(code, "medication", name)
                writer.add(section, f"{told} {dose}")


def _pad(writer: Writer) -> None:
    """Fill up with routine sentences until the note has its length."""
    median, spread = SHORT_WORDS if writer.short else FULL_WORDS
    goal = median * math.exp(writer.rng.gauss(0, spread)) - (75 if writer.short else 110)
    kept = page_layout.SHORT_SECTIONS if writer.short else set(page_layout.TITLES)
    words = sum(line.count(" ") + 1 for name in kept for line in writer.sections[name])
    told: set[str] = set()
    while words < goal:
        section, pool = PADDING[int(writer.rng.random() * (2 if writer.short else len(PADDING)))]
        sentence = writer.pick(pool)
        if sentence in told:
            section, sentence = "results", writer.pick("labs")
        told.add(sentence)
        writer.add(section, sentence)
        words += sentence.count(" ") + 1
