"""Phrases that stand for a code without naming it, and the phrases held out of every other corpus.

`signs` gives every code phrases that share no word with its titles: what was written by hand for the common codes where
it qualifies, and phrases put together from a lexicon by the world seed. These mean nothing;
hardly any is shared by two codes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

from mimic.synthetic.sentences import phrases
from mimic.synthetic.world import WORLD_SEED, HeadCode, read_head

MADE = 3
"""Phrases put together for each code."""
FUNCTION_WORDS = frozenset(
    re.findall(r"\w+", "a an and at by for from in into is of on or the to was were with no not after")
)
STEM = 5
"""Words that agree in so many first letters count as one word (hypertension, hypertensive)."""


@cache
def held_out() -> dict[str, HeadCode]:
    """Phrases and findings of common codes that only the held-out corpus has; no medications."""
    return read_head("held_out.psv")


def signs(code: str, kind: str, titles: Sequence[str], head: HeadCode) -> list[str]:
    """Phrases of a code with no word of its titles: a procedure by means and way, anything else by three findings."""
    named = stems(" ".join(titles))
    told = [text for text in (*head.phrases, *head.evidence) if not stems(text) & named]
    rng = random.Random(f"{WORLD_SEED}:sign:{code}")
    made: list[str] = []
    while len(made) < MADE:
        text = _procedure(rng) if kind == "proc" else _finding(rng)
        if not stems(text) & named:
            made.append(text)
    return [*told, *made]


def stems(text: str) -> set[str]:
    """First letters of the words that say something.

    >>> sorted(stems("Hypertensive disease of the kidney")) == sorted(stems("kidney DISEASES, hypertension"))
    True
    """
    return {word[:STEM] for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in FUNCTION_WORDS}


def _finding(rng: random.Random) -> str:
    one, two, three = rng.sample(phrases()["findings"], 3)
    return f"{rng.choice(phrases()['manners'])} {one.removeprefix('a ')} with {two} and {three}"


def _procedure(rng: random.Random) -> str:
    (means, more), way = rng.sample(phrases()["means"], 2), rng.choice(phrases()["ways"])
    return f"{rng.choice(phrases()['steps'])} of {means} {way}, then {more}"
