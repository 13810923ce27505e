"""Title matching in a run, a full-length note at a time.

Probabilities, the codes given and their evidence.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

from icd.tables import read_icd9_tables
from mimic.folder import read_admissions
from mimic.synthetic import write_corpus
from mimic.text import tokenise
from rac_model.models.title_match import END, FILLER, TitleIndex
from tests.bench.clock import in_turns

NOTES = 40
THRESHOLD = 0.5


def once(index: TitleIndex, text: str) -> dict[int, float]:
    """Logit of each code given, from its evidence: the note is gone through once."""
    tokens = tokenise(text)
    reading = index.read(tokens.words)
    logits = {}
    for code in (reading.probabilities > THRESHOLD).nonzero()[0].tolist():
        bias, spans = reading.parts(tokens.spans, code)
        logits[code] = bias + sum(weight for _, _, weight in spans)
    return logits


def again_for_each_code(index: TitleIndex, text: str) -> dict[int, float]:
    """The same as it was written first: each code given is looked up in the note anew."""
    tokens = tokenise(text)
    probabilities = index.read(tokens.words).probabilities
    logits = {}
    for code in (probabilities > THRESHOLD).nonzero()[0].tolist():
        sizes = [size for size, codes in _found(index, tokens.words) if code in codes]
        logits[code] = math.log(max(sizes) + 1)
    return logits


def _found(index: TitleIndex, words: Sequence[str]) -> list[tuple[int, Sequence[int]]]:
    """The titles found, from left to right, each as (words of a title, its codes).

    The rest of the note is copied at each place.
    """
    places = [place for place, word in enumerate(words) if word not in FILLER]
    found = []
    at = 0
    while at < len(places):
        node, size, codes = index.trie, 0, []
        for depth, place in enumerate(places[at:], start=1):
            if words[place] not in node:
                break
            node = node[words[place]]
            if END in node:
                size, codes = depth, list(node[END])
        if size:
            found.append((size, codes))
        at += max(size, 1)
    return found


def full_length_notes() -> list[str]:
    """Texts of synthetic notes of about 1,500 words."""
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(Path(folder), notes=NOTES, seed=3)
        return [admission.text for admission in read_admissions(Path(folder))]


def show() -> None:
    """Milliseconds a note of both, whose answers must be equal first."""
    rows = read_icd9_tables()
    index = TitleIndex(rows)
    texts = full_length_notes()
    for text in texts:
        ours, plain = once(index, text), again_for_each_code(index, text)
        assert ours.keys() == plain.keys()
        assert all(abs(ours[code] - plain[code]) < 1e-6 for code in ours)
    seconds = in_turns(
        {
            "once": lambda: [once(index, text) for text in texts],
            "again": lambda: [again_for_each_code(index, text) for text in texts],
        }
    )
    each = {name: 1000 * spent / len(texts) for name, spent in seconds.items()}
    print(
        f"\ntitle matching with evidence, {len(texts)} notes x {len(rows)} codes, ms a note: "
        f"gone through once {each['once']:.1f}, again for each code {each['again']:.1f}   "
        f"x {each['again'] / each['once']:.1f}"
    )
