"""Do a model's strongest words stand where the note says the code? Only a synthetic corpus knows where that is.

The pointing game of Zhang et al. 2018 ("Top-down neural attention by excitation backprop"): a hit is a strongest point
inside the true region; here also the share of all of a code's strongest words. The truth is a side file of the
generator that nothing which codes, trains or scores ever opens.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mimic.folder import read_admissions
from mimic.table import MimicError
from rac_model.text import tokenise

TRUTH = "SYNTHETIC_TRUTH.jsonl"
SAID = "said"
Places = Mapping[str, frozenset[int]]


def true_places(data: Path, hadm_ids: Collection[int]) -> dict[int, Places] | None:
    """Note -> code -> the words, by number, of its true mentions; None where the folder has no such truth.

    A line of the file has `hadm_id` and `mentions`, each [code, form, sense, start, end] in characters of the note;
    what was denied, past or a relative's has another sense than "said".
    """
    path, wanted = data / TRUTH, frozenset(hadm_ids)
    if not path.is_file():
        return None
    mentions = {}
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
                if row["hadm_id"] in wanted:
                    told = [(code, start, end) for code, _, sense, start, end in row["mentions"] if sense == SAID]
                    mentions[row["hadm_id"]] = told
            except (ValueError, KeyError, TypeError):
                raise MimicError(f"{TRUTH} line {number} is not the generator's; make the corpus again") from None
    return {
        note.hadm_id: _in_words(mentions.get(note.hadm_id, []), tokenise(note.text).spans)
        for note in read_admissions(data, wanted)
    }


def _in_words(mentions: Sequence[tuple[str, int, int]], spans: Sequence[tuple[int, int]]) -> Places:
    found: dict[str, set[int]] = {}
    starts, ends = (np.array([span[side] for span in spans], np.int64) for side in (0, 1))
    for code, start, end in mentions:
        found.setdefault(code, set()).update(np.flatnonzero((starts < end) & (ends > start)).tolist())
    return {code: frozenset(words) for code, words in found.items() if words}


def pointed(
    codes: Sequence[str], leaned: NDArray[np.int64], words: int, said: Places
) -> dict[str, NDArray[np.float64]]:
    """Of each code (C,): whether its strongest word is in a true mention, the share of its `leaned` (C, k) words that
    are, and the share of all `words` read that are, which is what random ones would have. nan: not said in the note."""
    found = np.full((3, len(codes)), np.nan)
    for i, code in enumerate(codes):
        places = {place for place in said.get(code, ()) if place < words}
        if places:
            inside = [place in places for place in leaned[i].tolist()]
            found[:, i] = inside[0], np.mean(inside), len(places) / words
    return {"points.hit": found[0], "points.share": found[1], "points.chance": found[2]}
