"""Where the notes of a synthetic corpus say each code: known to the generator alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from mimic.folder import read_admissions
from mimic.table import MimicError
from mimic.text import tokenise

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
