"""How a code is put into words: its surface forms, fixed by the world seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from icd.codes import CodeRow
from icd.tables import read_icd9_tables
from mimic.synthetic.findings import held_out, signs
from mimic.synthetic.world import (
    CHRONIC,
    WORLD_SEED,
    HeadCode,
    head_codes,
)

Abbreviations = tuple[tuple[str, str], ...]

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
ABBREVIATIONS: Abbreviations = (
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


ABBREVIATIONS_HELD_OUT: Abbreviations = (
    ("status post", "sp"), ("history of", "hx"), ("due to", "from"), ("secondary to", "bc of"), ("without", "no"),
    ("with", "c"), ("fracture", "frx"), ("infection", "inf'n"), ("disease", "dis."), ("disorder", "dsrdr"),
    ("hypertension", "hi BP"), ("hypertensive", "hi-BP"), ("diabetes mellitus", "DMel"),
    ("chronic kidney", "chron kid"),
    ("chronic", "chron"), ("acute", "a/c"), ("malignant neoplasm", "malig"), ("secondary malignant", "2ndary ca"),
    ("hemorrhage", "hmrg"), ("hepatitis", "hepat"), ("cardiac", "cdc"), ("coronary", "coron"), ("artery", "art"),
    ("vein", "vn"), ("left", "lt"), ("right", "rt"), ("bilateral", "b/l"), ("syndrome", "sdm"), ("failure", "flr"),
    ("operation", "oper"), ("biopsy", "bpsy"), ("excision", "excn"), ("removal", "rem"), ("insertion", "insrtn"),
    ("reduction", "rdxn"), ("injury", "injry"), ("closed", "clsd"), ("open", "opn"), ("lower", "lwr"),
    ("upper", "uppr"),
    ("streptococcus", "strept"), ("staphylococcus", "staphyl"), ("replacement", "replmt"), ("repair", "repr"),
)  # fmt: skip
"""None of the hurried words of ABBREVIATIONS."""
VOWELS = re.compile("[aeiou]")
STYLES = ("all", "names", "evidence", "held-out")
"""Corpora of other words: see `voice`."""


class Form(NamedTuple):
    """A way to say a code: a title, long, short, cut, abbreviated, dropped word, misspelt, phrase or evidence."""

    kind: str
    text: str


@dataclass(frozen=True)
class Voice:
    """Ways to say one code. `role` is chronic, acute, procedure, cause (an E code) or status (a V code)."""

    role: str
    forms: tuple[Form, ...]
    evidence: tuple[str, ...]
    medications: tuple[str, ...]


@cache
def _table() -> dict[str, CodeRow]:
    return {row.code: row for row in read_icd9_tables()}


@cache
def voice(code: str, kind: str, style: str = "all") -> Voice:
    """What a corpus of a style calls a code. `forms` fill sixteen slots (retired codes: their phrases alone).

    all: the long title trimmed, abbreviated, cut short, verbatim, as CMS shortens it, misspelt; common codes by phrases
    and findings. names: titles trimmed, cut, verbatim, short, nothing else. evidence: phrases and findings with no word
    of a title. held-out: as all, with abbreviations, phrases and findings that the other styles do not have.
    """
    head = head_codes().get(code, HeadCode((), (), ()))
    row = _table().get(code)
    titles = (row.long, row.short) if row else None
    role = _role(code, kind)
    if style == "evidence":
        told = signs(code, kind, titles or (), head)
        return Voice(role, tuple(Form("evidence", text) for text in (told * SLOTS)[:SLOTS]), (), head.medications)
    if style == "names":
        return Voice(role, _names(titles, head), (), head.medications)
    rng = random.Random(f"{WORLD_SEED}:{code}")
    if style == "held-out":
        other = held_out().get(code, HeadCode((), (), ()))
        forms = _forms(titles, other.phrases or _skeletons(titles, head), ABBREVIATIONS_HELD_OUT, rng)
        return Voice(role, forms, other.evidence, head.medications)
    return Voice(role, _forms(titles, head.phrases, ABBREVIATIONS, rng), head.evidence, head.medications)


def _forms(
    titles: tuple[str, str] | None, phrases: Sequence[str], brief: Abbreviations, rng: random.Random
) -> tuple[Form, ...]:
    known = [Form("phrase", text) for text in phrases]
    if titles is None:
        return tuple((known * SLOTS)[:SLOTS])
    return (*(known * SLOTS)[: 11 if known else 0], *title_forms(*titles, rng, bool(known), brief))


def _names(titles: tuple[str, str] | None, head: HeadCode) -> tuple[Form, ...]:
    """The title in four lengths; a retired code has none and keeps its phrases."""
    if titles is None:
        return _forms(None, head.phrases, (), random.Random(0))
    trimmed = trim(titles[0])
    made = (
        ("title", trimmed),
        ("cut", QUALIFIER.sub("", trimmed)),
        ("long", titles[0].lower()),
        ("short", titles[1].lower()),
    )
    return tuple(Form(*item) for item in made for _ in range(SLOTS // 4))


def _skeletons(titles: tuple[str, str] | None, head: HeadCode) -> tuple[str, ...]:
    """Abbreviations of a common code that no other style has: words cut short, words without vowels."""
    if not head.phrases:
        return ()
    words = (trim(titles[0]) if titles else head.phrases[0]).split()
    clipped = (word if len(word) < 4 else f"{word[: 3 + (len(word) > 5)]}." for word in words)
    return " ".join(clipped), " ".join(word[0] + VOWELS.sub("", word[1:]) for word in words)


def title_forms(
    long: str, short: str, rng: random.Random, known: bool, brief: Abbreviations = ABBREVIATIONS
) -> list[Form]:
    """Forms made from the titles; five for a code that has phrases of its own, else sixteen.

    A code without phrases has a usual form, drawn once, which is its title only where nothing else can be made of it.
    """
    trimmed = Form("title", trim(long))
    cut = _named("cut", QUALIFIER.sub("", trimmed.text), trimmed)
    clipped = _named("abbreviated", abbreviate(trimmed.text, brief), trimmed)
    brief_title = Form("short", short.lower())
    if known:
        return [trimmed, clipped, clipped, cut, brief_title]
    made = (
        clipped, cut, Form("dropped word", _drop_word(trimmed.text, rng)),
        Form("dropped word", _drop_word(clipped.text, rng)), _named("abbreviated", abbreviate(cut.text, brief), cut),
        brief_title,
    )  # fmt: skip
    different = {form.text: form for form in reversed(made)}
    order = [form for text in dict.fromkeys(f.text for f in made) if (form := different[text]).text != trimmed.text]
    order = order or [trimmed]
    rng.shuffle(order)
    first, second, third = (order * 3)[:3]
    rare = [trimmed, Form("long", long.lower()), Form("misspelt", transpose(trimmed.text, rng))]
    return [first] * 7 + [second] * 4 + [third] * 2 + rare


def _named(kind: str, text: str, title: Form) -> Form:
    """A form made from a title, or the title where nothing changed."""
    return title if text == title.text else Form(kind, text)


def trim(title: str) -> str:
    """A title in lower case without the tables' hedges.

    >>> trim("Pneumonia, organism unspecified"), trim("Other and unspecified hyperlipidemia")
    ('pneumonia', 'hyperlipidemia')
    """
    trimmed = TRIM.sub("", LEADING.sub("", title.lower())).strip(" ,")
    return " ".join(trimmed.split()) or title.lower()


def abbreviate(text: str, brief: Abbreviations = ABBREVIATIONS) -> str:
    """Replace whole words by what people write in a hurry.

    >>> abbreviate("closed fracture of left ankle")
    'cl fx of L ankle'
    """
    for word, hurried in brief:
        if word in text:
            text = re.sub(rf"\b{word}\b", hurried, text)
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
