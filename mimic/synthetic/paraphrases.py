"""Phrases that stand for a code without a word of its title, and those of the held-out corpus.

`paraphrases` gives every code such phrases: of those written by hand for the common codes the ones
that share no word with the titles, and some that are put together from lists of findings and steps.
The latter mean nothing; they are drawn from the world seed, and hardly any is shared by two codes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

from mimic.synthetic.stock_sentences import stock_sentences
from mimic.synthetic.world import WORLD_SEED, CommonCode, read_common_codes

MADE = 3
"""Phrases put together for each code."""
FUNCTION_WORDS = "a an and at by for from in into is of on or the to was were with no not after"
STEM = 5
"""Words whose first letters agree count as one word (hypertension, hypertensive)."""


@cache
def held_out_codes() -> dict[str, CommonCode]:
    """What only the held-out corpus says for common codes; no medications."""
    return read_common_codes("held_out.psv")


def paraphrases(code: str, kind: str, titles: Sequence[str], common: CommonCode) -> list[str]:
    """Phrases of a code with no word of its titles.

    A procedure is told by its steps, anything else by three findings.
    """
    title_stems = word_stems(" ".join(titles))
    found: list[str] = []
    for text in (*common.phrases, *common.evidence):
        if not word_stems(text) & title_stems:
            found.append(text)
    rng = random.Random(f"{WORLD_SEED}:sign:{code}")
    made: list[str] = []
    while len(made) < MADE:
        text = _steps(rng) if kind == "proc" else _findings(rng)
        if not word_stems(text) & title_stems:
            made.append(text)
    return [*found, *made]


def word_stems(text: str) -> set[str]:
    """First letters of the words that carry meaning.

    >>> kidney = word_stems("Hypertensive disease of the kidney")
    >>> kidney == word_stems("kidney DISEASES, hypertension")
    True
    """
    ignored = FUNCTION_WORDS.split()
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {word[:STEM] for word in words if word not in ignored}


def _findings(rng: random.Random) -> str:
    pools = stock_sentences()
    one, two, three = rng.sample(pools["findings"], 3)
    return f"{rng.choice(pools['manners'])} {one.removeprefix('a ')} with {two} and {three}"


def _steps(rng: random.Random) -> str:
    pools = stock_sentences()
    first, second = rng.sample(pools["means"], 2)
    way = rng.choice(pools["ways"])
    return f"{rng.choice(pools['steps'])} of {first} {way}, then {second}"
