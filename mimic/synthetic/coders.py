"""Simulated coders: they read the text of a note and the titles of a shortlist, hurry, and tick a few codes.

They never see a reference. A coder scans the sections as people do (diagnoses and history well, laboratory lists
hardly), knows some abbreviations, overlooks some negations, and now and then ticks the neighbour of the line meant.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from icd.codes import category
from icd.titles import HasTitles

WORD = re.compile(r"\w+")
HEADING = re.compile(r"^([A-Z][A-Za-z ,/-]{3,48}):", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n\s*\d+\.\s|\s\d+\.\s\s|\n\n")
ATTENTION = (
    ("family", 0.1), ("social", 0.1), ("diagnos", 0.8), ("procedure", 0.6), ("past medical", 0.6), ("complaint", 0.7),
    ("present illness", 0.5), ("course", 0.4), ("medications", 0.03), ("instructions", 0.02), ("exam", 0.05),
    ("results", 0.1), ("laboratory", 0.1),
)  # fmt: skip
"""How likely a mention is noticed, by a word of its section's heading; elsewhere OTHER_ATTENTION."""
OTHER_ATTENTION = 0.2
HEDGES = re.compile(r"\b(unspecified|other|nos|nec|not elsewhere classified|organism|site)\b|\([^)]*\)")
"""What a person leaves out when looking for a title in a note."""
NOT_THERE = re.compile(
    r"\b(denie[sd]|no evidence|ruled out|negative for|not show|not confirmed|not to be|concern for|resolved many years"
    r"|no longer active|questionable|as a young adult|father|mother|brother|sister|grandmother|family history)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Phrase:
    """Words that stand for a code; an abbreviation in capitals must be met in capitals (AS is not "as")."""

    words: tuple[str, ...]
    capitals: bool
    code: str


@dataclass(frozen=True)
class Habits:
    """A coder's manner: codes ticked a note, chances of the three mistakes, words read a second, seconds a tick."""

    appetite: float
    slip: float
    misread: float
    unknown: float
    pace: float
    tick: float


class SimulatedCoder:
    """Same name, seed, shortlist and note: same codes. Different names have different habits."""

    def __init__(self, name: str, seed: int, shortlist_titles: Mapping[str, HasTitles]) -> None:
        self.name, self.seed = name, seed
        rng = random.Random(f"{seed}:coder:{name}")
        self.habits = draw_habits(rng)
        self._phrases = _index(shortlist_titles, rng, self.habits.unknown)
        self._neighbours: dict[str, list[str]] = defaultdict(list)
        for code in sorted(shortlist_titles):
            self._neighbours[category(code)].append(code)

    def code(self, note_text: str) -> tuple[list[str], float]:
        """Codes ticked, in the order of ticking, and the seconds it took."""
        rng = random.Random(f"{self.seed}:{self.name}:{hashlib.sha256(note_text.encode()).hexdigest()}")
        noticed = self._notice(note_text, rng)
        wanted = max(1, round(rng.gauss(self.habits.appetite, 1.3)))
        ticked: dict[str, None] = {}
        for code in noticed[:wanted]:
            slipped = rng.random() < self.habits.slip
            ticked[rng.choice(self._neighbours[category(code)]) if slipped else code] = None
        words = note_text.count(" ") + note_text.count("\n") + 1
        spent = 25 + words / self.habits.pace + self.habits.tick * len(ticked)
        return list(ticked), round(spent * rng.lognormvariate(0, 0.25), 1)

    def _notice(self, text: str, rng: random.Random) -> list[str]:
        """Distinct codes met, the ones in prominent places mostly first."""
        found: dict[str, float] = {}
        for sentence, attention in _sentences(text):
            for code in self._read(sentence):
                if rng.random() >= attention:
                    continue
                if NOT_THERE.search(sentence) and rng.random() >= self.habits.misread:
                    continue
                found[code] = max(found.get(code, 0.0), attention + rng.random())
        return sorted(found, key=lambda code: (-found[code], code))

    def _read(self, sentence: str) -> Iterator[str]:
        """Codes whose phrase stands in the sentence; the longest phrase at a place wins."""
        words = WORD.findall(sentence)
        lower = tuple(word.lower() for word in words)
        at = 0
        while at < len(words):
            for phrase in self._phrases.get(lower[at], ()):
                end = at + len(phrase.words)
                if lower[at:end] == phrase.words and (not phrase.capitals or "".join(words[at:end]).isupper()):
                    yield phrase.code
                    at = end - 1
                    break
            at += 1


@cache
def abbreviations() -> dict[str, tuple[str, ...]]:
    """A coder's own hundred abbreviations and everyday names, by code (coder_words.psv). The generator has others."""
    lines = (Path(__file__).parent / "coder_words.psv").read_text(encoding="utf-8").splitlines()
    return {code: tuple(words.split("; ")) for code, words in (line.split("|") for line in lines)}


def draw_habits(rng: random.Random) -> Habits:
    """Habits of one coder. The ranges were set once, on the development split (docs/data.md)."""
    return Habits(
        appetite=rng.uniform(5.4, 6.2),
        slip=rng.uniform(0.46, 0.6),
        misread=rng.uniform(0.45, 0.75),
        unknown=rng.uniform(0.25, 0.45),
        pace=rng.uniform(3.2, 5.5),
        tick=rng.uniform(14, 28),
    )


def _index(titles: Mapping[str, HasTitles], rng: random.Random, unknown: float) -> dict[str, list[Phrase]]:
    """Phrases by first word, longest first: titles as listed, and the abbreviations this coder happens to know."""
    meanings: dict[tuple[tuple[str, ...], bool], str] = {}
    for code in sorted(titles):
        known = [phrase for phrase in abbreviations().get(code, ()) if rng.random() >= unknown]
        for text in (*known, HEDGES.sub("", titles[code].long.lower()), titles[code].short.lower()):
            words = tuple(WORD.findall(text.lower()))
            if words:
                meanings.setdefault((words, text.isupper() and len(text) <= 4), code)
    index: dict[str, list[Phrase]] = defaultdict(list)
    for (words, capitals), code in sorted(meanings.items(), key=lambda item: (-len(item[0][0]), item)):
        index[words[0]].append(Phrase(words, capitals, code))
    return dict(index)


def _sentences(text: str) -> Iterator[tuple[str, float]]:
    """Sentences and list items with the attention their section gets; what precedes the first heading is skipped."""
    headings = list(HEADING.finditer(text))
    for at, heading in enumerate(headings):
        end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
        name = heading[1].lower()
        attention = next((chance for word, chance in ATTENTION if word in name), OTHER_ATTENTION)
        for sentence in SENTENCE_END.split(text[heading.end() : end]):
            yield sentence, attention
