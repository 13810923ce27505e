"""How a code is put into words: the forms in which a corpus may say it, fixed by the world seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from icd.codes import CodeRow
from icd.tables import read_icd9_tables
from mimic.synthetic.paraphrases import held_out_codes, paraphrases
from mimic.synthetic.world import CHRONIC, WORLD_SEED, CommonCode, common_codes, read_cells

Abbreviations = dict[str, str]
"""A word or two -> what people write for it in a hurry, in the order in which they are replaced."""

SLOTS = 16
"""Forms of a code: four random bits draw one, and its usual form is there several times."""
PHRASE_SLOTS = 11
"""How many of the sixteen are the phrases of a common code."""
HEDGES = re.compile(
    r",? \(?(organism unspecified|(site )?not specified( as [a-z ]+)?|of unspecified [a-z]+"
    r"|unspecified (site|organ|type)|unspecified|nos|not elsewhere classified|nec"
    r"|so described|without mention of [a-z ]+|initial episode of care)\)?"
    r"|\([^)]*\)"
)
LEADING_HEDGES = re.compile(
    r"^(other and unspecified |unspecified |other specified |other |personal history of )"
)
QUALIFIER = re.compile(
    r"(,| with | without | due to | involving | classified | in diseases | complicating ).*"
)
VOWELS = re.compile("[aeiou]")
STYLES = ("all", "names", "evidence", "held-out")
"""Corpora that say codes in different words: see `wording_of`."""
NOTHING_COMMON = CommonCode((), (), ())


class Form(NamedTuple):
    """A way to say a code.

    `kind` is title, long, short, cut, abbreviated, dropped word, misspelt, phrase or evidence.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Wording:
    """All ways to say one code.

    `role` is chronic, acute, procedure, cause (an E code) or status (a V code); `forms` are noun
    phrases, `evidence` sentences that stand in for them, `medications` what is given for it.
    """

    role: str
    forms: tuple[Form, ...]
    evidence: tuple[str, ...]
    medications: tuple[str, ...]


@cache
def abbreviations(held_out: bool = False) -> Abbreviations:
    """The usual abbreviations, or those of the held-out corpus, which has no usual one."""
    found = {}
    for word, usual, unusual in read_cells("abbreviations.psv"):
        found[word] = unusual if held_out else usual
    return found


@cache
def _icd9_rows() -> dict[str, CodeRow]:
    return {row.code: row for row in read_icd9_tables()}


@cache
def wording_of(code: str, kind: str, style: str = "all") -> Wording:
    """How a corpus of a style says a code.

    all: the long title trimmed, abbreviated, cut short, verbatim, as CMS shortens it, misspelt;
    common codes by phrases and findings. names: titles trimmed, cut, verbatim, short, nothing else.
    evidence: phrases and findings with no word of a title. held-out: as all, with abbreviations,
    phrases and findings that the other styles do not have.
    """
    common = common_codes().get(code, NOTHING_COMMON)
    row = _icd9_rows().get(code)
    titles = (row.long, row.short) if row else None
    role = _role(code, kind)
    rng = random.Random(f"{WORLD_SEED}:{code}")
    evidence: tuple[str, ...] = ()
    if style == "evidence":
        phrases = paraphrases(code, kind, titles or (), common)
        forms = _filled([Form("evidence", text) for text in phrases], SLOTS)
    elif style == "names":
        forms = _title_lengths(titles, common)
    elif style == "held-out":
        other = held_out_codes().get(code, NOTHING_COMMON)
        phrases = list(other.phrases or _unusual_abbreviations(titles, common))
        forms = _all_forms(titles, phrases, abbreviations(held_out=True), rng)
        evidence = other.evidence
    else:
        forms = _all_forms(titles, common.phrases, abbreviations(), rng)
        evidence = common.evidence
    return Wording(role, tuple(forms), evidence, common.medications)


def _filled(forms: list[Form], slots: int) -> list[Form]:
    """So many slots filled with the forms, again and again in order; none where there are none."""
    return (forms * slots)[:slots]


def _all_forms(
    titles: tuple[str, str] | None,
    phrases: Sequence[str],
    hurried: Abbreviations,
    rng: random.Random,
) -> list[Form]:
    """Phrases, then forms of the titles; a retired code has no titles, and phrases alone."""
    phrase_forms = [Form("phrase", text) for text in phrases]
    if titles is None:
        return _filled(phrase_forms, SLOTS)
    long, short = titles
    of_titles = title_forms(long, short, rng, bool(phrase_forms), hurried)
    return [*_filled(phrase_forms, PHRASE_SLOTS), *of_titles]


def _title_lengths(titles: tuple[str, str] | None, common: CommonCode) -> list[Form]:
    """The title in four lengths; a retired code has none and keeps its phrases."""
    if titles is None:
        return _filled([Form("phrase", text) for text in common.phrases], SLOTS)
    long, short = titles
    trimmed = trim(long)
    lengths = (
        Form("title", trimmed),
        Form("cut", QUALIFIER.sub("", trimmed)),
        Form("long", long.lower()),
        Form("short", short.lower()),
    )
    forms: list[Form] = []
    for form in lengths:
        forms += [form] * (SLOTS // len(lengths))
    return forms


def _unusual_abbreviations(titles: tuple[str, str] | None, common: CommonCode) -> tuple[str, ...]:
    """Two abbreviations that no other style has: words cut short, and words without vowels."""
    if not common.phrases:
        return ()
    text = trim(titles[0]) if titles else common.phrases[0]
    clipped = []
    without_vowels = []
    for word in text.split():
        if len(word) < 4:
            clipped.append(word)
        elif len(word) < 6:
            clipped.append(f"{word[:3]}.")
        else:
            clipped.append(f"{word[:4]}.")
        without_vowels.append(word[0] + VOWELS.sub("", word[1:]))
    return " ".join(clipped), " ".join(without_vowels)


def title_forms(
    long: str,
    short: str,
    rng: random.Random,
    has_phrases: bool,
    hurried: Abbreviations,
) -> list[Form]:
    """Forms made from the titles: five for a code that has phrases of its own, else sixteen.

    A code without phrases has a usual form, drawn once, which is its title only where nothing else
    can be made of it.
    """
    title = Form("title", trim(long))
    cut = _unless_same("cut", QUALIFIER.sub("", title.text), title)
    abbreviated = _unless_same("abbreviated", abbreviate(title.text, hurried), title)
    brief = Form("short", short.lower())
    if has_phrases:
        return [title, abbreviated, abbreviated, cut, brief]
    made = (
        abbreviated,
        cut,
        Form("dropped word", _drop_word(title.text, rng)),
        Form("dropped word", _drop_word(abbreviated.text, rng)),
        _unless_same("abbreviated", abbreviate(cut.text, hurried), cut),
        brief,
    )
    seen = {title.text}
    different: list[Form] = []
    for form in made:
        if form.text not in seen:
            seen.add(form.text)
            different.append(form)
    different = different or [title]
    rng.shuffle(different)
    usual, second, third = _filled(different, 3)
    rare = [title, Form("long", long.lower()), Form("misspelt", transpose(title.text, rng))]
    return [usual] * 7 + [second] * 4 + [third] * 2 + rare


def _unless_same(kind: str, text: str, original: Form) -> Form:
    """A form made from another, or that one where nothing changed."""
    return original if text == original.text else Form(kind, text)


def trim(title: str) -> str:
    """A title in lower case without the tables' hedges.

    >>> trim("Pneumonia, organism unspecified"), trim("Other and unspecified hyperlipidemia")
    ('pneumonia', 'hyperlipidemia')
    """
    trimmed = HEDGES.sub("", LEADING_HEDGES.sub("", title.lower())).strip(" ,")
    return " ".join(trimmed.split()) or title.lower()


def abbreviate(text: str, hurried: Abbreviations) -> str:
    """Replace whole words by what people write in a hurry.

    >>> abbreviate("closed fracture of left ankle", abbreviations())
    'cl fx of L ankle'
    """
    for word, short in hurried.items():
        if word in text:
            text = re.sub(rf"\b{word}\b", short, text)
    return text


def _drop_word(text: str, rng: random.Random) -> str:
    """Leave out a word that is not the first, where there are three or more."""
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
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return text.replace(word, swapped, 1)


def _role(code: str, kind: str) -> str:
    if kind == "proc":
        return "procedure"
    if code[0] == "E":
        return "cause"
    if code[0] == "V":
        return "status"
    return "chronic" if CHRONIC.match(code) else "acute"
