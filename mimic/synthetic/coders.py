"""Simulated coders: they read a note and the titles of a shortlist, hurry, and tick a few codes.

They never see a reference. A coder scans the sections as people do (diagnoses and history well,
laboratory lists hardly), knows some abbreviations, overlooks some negations, and now and then ticks
the neighbour of the line meant.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from icd.codes import category
from icd.titles import HasTitles
from mimic.synthetic.world import read_cells

WORD = re.compile(r"\w+")
HEADING = re.compile(r"^([A-Z][A-Za-z ,/-]{3,48}):", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n\s*\d+\.\s|\s\d+\.\s\s|\n\n")
ATTENTION = (
    ("family", 0.1),
    ("social", 0.1),
    ("diagnos", 0.8),
    ("procedure", 0.6),
    ("past medical", 0.6),
    ("complaint", 0.7),
    ("present illness", 0.5),
    ("course", 0.4),
    ("medications", 0.03),
    ("instructions", 0.02),
    ("exam", 0.05),
    ("results", 0.1),
    ("laboratory", 0.1),
)
"""How likely a mention is noticed, by the first of these words in its section's heading."""
OTHER_ATTENTION = 0.2
"""How likely in a section with none of these words."""
HEDGES = re.compile(
    r"\b(unspecified|other|nos|nec|not elsewhere classified|organism|site)\b|\([^)]*\)"
)
"""What a person leaves out when looking for a title in a note."""
NOT_THERE = re.compile(
    r"\b(denie[sd]|no evidence|ruled out|negative for|not show|not confirmed|not to be|concern for"
    r"|resolved many years|no longer active|questionable|as a young adult"
    r"|father|mother|brother|sister|grandmother|family history)\b",
    re.IGNORECASE,
)
"""What tells that the stay does not have what a sentence names."""


@dataclass(frozen=True)
class Phrase:
    """Words that stand for a code.

    `capitals`: an abbreviation that must be met in capitals (AS is not "as").
    """

    words: tuple[str, ...]
    capitals: bool
    code: str


@dataclass(frozen=True)
class Habits:
    """What one coder differs from another in.

    `appetite` is how many codes a note are ticked; `slip`, `misread` and `unknown` are the chances
    of ticking the neighbour of a line, of overlooking a negation, and of not knowing an
    abbreviation; `pace` is words read a second, `tick` seconds a code ticked.
    """

    appetite: float
    slip: float
    misread: float
    unknown: float
    pace: float
    tick: float


class SimulatedCoder:
    """Same name, seed, shortlist and note: same codes. Different names have different habits."""

    def __init__(self, name: str, seed: int, shortlist_titles: Mapping[str, HasTitles]) -> None:
        self.name = name
        self.seed = seed
        rng = random.Random(f"{seed}:coder:{name}")
        self.habits = draw_habits(rng)
        self._phrases = _index(shortlist_titles, rng, self.habits.unknown)
        self._neighbours: dict[str, list[str]] = defaultdict(list)
        for code in sorted(shortlist_titles):
            self._neighbours[category(code)].append(code)

    def code(self, note_text: str) -> tuple[list[str], float]:
        """Codes ticked, in the order of ticking, and the seconds it took."""
        of_note = hashlib.sha256(note_text.encode()).hexdigest()
        rng = random.Random(f"{self.seed}:{self.name}:{of_note}")
        noticed = self._notice(note_text, rng)
        wanted = max(1, round(rng.gauss(self.habits.appetite, 1.3)))
        ticked: dict[str, None] = {}
        for code in noticed[:wanted]:
            if rng.random() < self.habits.slip:
                ticked[rng.choice(self._neighbours[category(code)])] = None
            else:
                ticked[code] = None
        words = note_text.count(" ") + note_text.count("\n") + 1
        seconds = 25 + words / self.habits.pace + self.habits.tick * len(ticked)
        return list(ticked), round(seconds * rng.lognormvariate(0, 0.25), 1)

    def _notice(self, text: str, rng: random.Random) -> list[str]:
        """Distinct codes met, the ones in prominent places mostly first."""
        prominence: dict[str, float] = {}
        for sentence, attention in _sentences(text):
            for code in self._read(sentence):
                if rng.random() >= attention:
                    continue
                if NOT_THERE.search(sentence) and rng.random() >= self.habits.misread:
                    continue
                prominence[code] = max(prominence.get(code, 0.0), attention + rng.random())
        return sorted(prominence, key=lambda code: (-prominence[code], code))

    def _read(self, sentence: str) -> Iterator[str]:
        """Codes whose phrase stands in the sentence; the longest phrase at a place wins."""
        words = WORD.findall(sentence)
        lower = tuple(word.lower() for word in words)
        at = 0
        while at < len(words):
            for phrase in self._phrases.get(lower[at], ()):
                end = at + len(phrase.words)
                if lower[at:end] != phrase.words:
                    continue
                if phrase.capitals and not "".join(words[at:end]).isupper():
                    continue
                yield phrase.code
                at = end - 1
                break
            at += 1


@cache
def known_words() -> dict[str, tuple[str, ...]]:
    """Code -> the abbreviations and everyday names that a coder may know (coder_words.psv).

    There are a hundred of them, written without a look at those of the generator.
    """
    found = {}
    for code, words in read_cells("coder_words.psv"):
        found[code] = tuple(words.split("; "))
    return found


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


def _index(
    titles: Mapping[str, HasTitles], rng: random.Random, unknown: float
) -> dict[str, list[Phrase]]:
    """Phrases by their first word, the longest first.

    They are the titles of the shortlist and the abbreviations that this coder happens to know.
    Where two codes have the same phrase, it is the first code's.
    """
    code_of: dict[tuple[tuple[str, ...], bool], str] = {}
    for code in sorted(titles):
        texts = [text for text in known_words().get(code, ()) if rng.random() >= unknown]
        texts.append(HEDGES.sub("", titles[code].long.lower()))
        texts.append(titles[code].short.lower())
        for text in texts:
            words = tuple(WORD.findall(text.lower()))
            capitals = text.isupper() and len(text) <= 4
            if words:
                code_of.setdefault((words, capitals), code)
    phrases = [Phrase(words, capitals, code) for (words, capitals), code in code_of.items()]
    phrases.sort(key=lambda phrase: (-len(phrase.words), phrase.words, phrase.capitals))
    index: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        index[phrase.words[0]].append(phrase)
    return dict(index)


def _sentences(text: str) -> Iterator[tuple[str, float]]:
    """Each sentence or list item, and how much attention its section gets.

    What precedes the first heading is skipped.
    """
    headings = list(HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=False):
        attention = _attention(heading[1].lower())
        for sentence in SENTENCE_END.split(text[heading.end() : end]):
            yield sentence, attention


def _attention(heading: str) -> float:
    for word, chance in ATTENTION:
        if word in heading:
            return chance
    return OTHER_ATTENTION
