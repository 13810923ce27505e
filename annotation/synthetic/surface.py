"""How a code is put into words: its surface forms, fixed by the world seed."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from annotation.codes import CodeRow, read_icd9_tables
from annotation.synthetic.world import CHRONIC, WORLD_SEED, head_codes

SLOTS = 16
"""Forms of a code fill sixteen slots, so that a draw is four random bits; a form in many slots is a usual one."""
TRIM = re.compile(
    r",? \(?(organism unspecified|(site )?not specified( as [a-z ]+)?|of unspecified [a-z]+"
    r"|unspecified (site|organ|type)|unspecified|nos|not elsewhere classified|nec"
    r"|so described|without mention of [a-z ]+|initial episode of care)\)?"
    r"|\([^)]*\)"
)
QUALIFIER = re.compile(r"(,| with | without | due to | involving | classified | in diseases | complicating ).*")
LEADING = re.compile(r"^(other and unspecified |unspecified |other specified |other |personal history of )")
ABBREVIATIONS = (
    ("status post", "s/p"), ("history of", "h/o"), ("due to", "d/t"), ("secondary to", "2/2"), ("without", "w/o"),
    ("with", "w/"), ("fracture", "fx"), ("infection", "infxn"), ("disease", "dz"), ("disorder", "d/o"),
    ("hypertension", "HTN"), ("hypertensive", "HTN"), ("diabetes mellitus", "DM"), ("chronic kidney", "CK"),
    ("chronic", "chr"), ("acute", "ac"), ("malignant neoplasm", "ca"), ("secondary malignant", "metastatic"),
    ("hemorrhage", "bleed"), ("hepatitis", "hep"), ("cardiac", "card"), ("coronary", "cor"), ("artery", "a."),
    ("vein", "v."), ("left", "L"), ("right", "R"), ("bilateral", "bilat"), ("syndrome", "synd"), ("failure", "fail"),
    ("operation", "op"), ("biopsy", "bx"), ("excision", "exc"), ("removal", "rmvl"), ("insertion", "insert"),
    ("reduction", "redn"), ("injury", "inj"), ("closed", "cl"), ("open", "op"), ("lower", "low"), ("upper", "upp"),
    ("streptococcus", "strep"), ("staphylococcus", "staph"), ("replacement", "repl"), ("repair", "rpr"),
)  # fmt: skip


@dataclass(frozen=True)
class Voice:
    """Ways to say one code. `role` is chronic, acute, procedure, cause (an E code) or status (a V code)."""

    role: str
    forms: tuple[str, ...]
    evidence: tuple[str, ...]
    medications: tuple[str, ...]


@cache
def _table() -> dict[str, CodeRow]:
    return {row.code: row for row in read_icd9_tables()}


@cache
def voice(code: str, kind: str) -> Voice:
    """Forms of a code: the long title trimmed, abbreviated, cut short, verbatim, as CMS shortens it, misspelt."""
    rng = random.Random(f"{WORLD_SEED}:{code}")
    head = head_codes().get(code)
    row = _table().get(code)
    phrases = list(head.phrases) if head else []
    if row is None:
        slots = phrases * SLOTS
    else:
        slots = [*_head_slots(phrases), *title_forms(row.long_title, row.short_title, rng, bool(phrases))]
    forms = tuple(slots[:SLOTS])
    return Voice(_role(code, kind), forms, head.evidence if head else (), head.medications if head else ())


def _head_slots(phrases: list[str]) -> list[str]:
    return (phrases * SLOTS)[:11] if phrases else []


def title_forms(long: str, short: str, rng: random.Random, known: bool) -> list[str]:
    """Forms made from the titles; five for a code that has phrases of its own, else sixteen.

    A code without phrases has a usual form, drawn once, which is its title only where nothing else can be made of it.
    """
    trimmed = trim(long)
    cut = QUALIFIER.sub("", trimmed)
    clipped = abbreviate(trimmed)
    if known:
        return [trimmed, clipped, clipped, cut, short.lower()]
    made = (clipped, cut, _drop_word(trimmed, rng), _drop_word(clipped, rng), abbreviate(cut), short.lower())
    order = [form for form in dict.fromkeys(made) if form != trimmed] or [trimmed]
    rng.shuffle(order)
    first, second, third = (order * 3)[:3]
    return [first] * 7 + [second] * 4 + [third] * 2 + [trimmed, long.lower(), transpose(trimmed, rng)]


def trim(title: str) -> str:
    """A title in lower case without the tables' hedges.

    >>> trim("Pneumonia, organism unspecified"), trim("Other and unspecified hyperlipidemia")
    ('pneumonia', 'hyperlipidemia')
    """
    trimmed = TRIM.sub("", LEADING.sub("", title.lower())).strip(" ,")
    return " ".join(trimmed.split()) or title.lower()


def abbreviate(text: str) -> str:
    """Replace whole words by what people write in a hurry.

    >>> abbreviate("closed fracture of left ankle")
    'cl fx of L ankle'
    """
    for word, brief in ABBREVIATIONS:
        if word in text:
            text = re.sub(rf"\b{word}\b", brief, text)
    return text


def _drop_word(text: str, rng: random.Random) -> str:
    words = text.split()
    if len(words) > 2:
        words.pop(rng.randrange(1, len(words)))
    return " ".join(words)


def transpose(text: str, rng: random.Random) -> str:
    """Swap two neighbouring letters inside the longest word."""
    word = max(text.split(), key=len)
    if len(word) < 5:
        return text
    at = rng.randrange(1, len(word) - 2)
    return text.replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :], 1)


def _role(code: str, kind: str) -> str:
    if kind == "proc":
        return "procedure"
    if code[0] in "EV":
        return "cause" if code[0] == "E" else "status"
    return "chronic" if CHRONIC.match(code) else "acute"
