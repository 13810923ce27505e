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
"""Sense of a mention whose code is true of the stay."""
Places = Mapping[str, frozenset[int]]
"""Code -> the words of the note, by number, that say it."""
Mentions = list[tuple[str, int, int]]
"""(code, start, end) in characters of the note."""


def true_places(data: Path, hadm_ids: Collection[int]) -> dict[int, Places] | None:
    """Note -> where it says each code that is true of it; None where the folder has no such file.

    A line of the file has `hadm_id` and `mentions`, each [code, form, sense, start, end]; what was
    denied, past or a relative's has another sense than "said" and is left out.
    """
    path = data / TRUTH
    if not path.is_file():
        return None
    wanted = frozenset(hadm_ids)
    mentions = _true_mentions(path, wanted)
    found: dict[int, Places] = {}
    for note in read_admissions(data, wanted):
        spans = tokenise(note.text).spans
        found[note.hadm_id] = _in_words(mentions.get(note.hadm_id, []), spans)
    return found


def _true_mentions(path: Path, wanted: Collection[int]) -> dict[int, Mentions]:
    """Note -> its mentions of true codes, of the wanted notes."""
    found: dict[int, Mentions] = {}
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
                if row["hadm_id"] in wanted:
                    found[row["hadm_id"]] = _said(row["mentions"])
            except (ValueError, KeyError, TypeError):
                raise MimicError(
                    f"{TRUTH} line {number} is not the generator's; make the corpus again"
                ) from None
    return found


def _said(mentions: Sequence[tuple[str, str, str, int, int]]) -> Mentions:
    found = []
    for code, _, sense, start, end in mentions:
        if sense == SAID:
            found.append((code, start, end))
    return found


def _in_words(mentions: Mentions, spans: Sequence[tuple[int, int]]) -> Places:
    """The words, whose (start, end) are `spans`, that overlap the mentions of each code."""
    starts = np.array([start for start, _ in spans], np.int64)
    ends = np.array([end for _, end in spans], np.int64)
    found: dict[str, set[int]] = {}
    for code, start, end in mentions:
        overlapping = np.flatnonzero((starts < end) & (ends > start))
        found.setdefault(code, set()).update(overlapping.tolist())
    return {code: frozenset(words) for code, words in found.items() if words}
