"""Figures of parts: notes by length or by a group, the reference's codes by rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.certainty.subgroups import by_subgroup, groups_of, length_groups
from benchmark.metrics.codings import Codings, Encoding
from benchmark.metrics.sets.counts import per_note
from benchmark.metrics.sets.ranks import RankRecall, ranks_on, recall_by_rank
from benchmark.scoring.beside import Beside
from benchmark.scoring.encoded import EncodedStudy
from icd.tables import kind_of


@dataclass(frozen=True)
class NoteGroup:
    """Some of Table 1's notes."""

    name: str
    notes: int
    raters: Mapping[str, Mapping[str, Estimate]]
    """By rater, by micro figure."""


def subgroups(encoding: Encoding, beside: Beside) -> dict[str, list[NoteGroup]]:
    """Raters in each part of the notes: by "length" where texts are here, by "group" if given."""
    found = {}
    if beside.words:
        words = np.array([beside.words.get(note, 0) for note in encoding.notes])
        names = length_groups(words)
        order = sorted(set(names), key=lambda name: min(words[np.array(names) == name]))
        found["length"] = _groups(encoding, names, order)
    if beside.groups:
        names = groups_of(encoding.notes, beside.groups)
        found["group"] = _groups(encoding, names, sorted(set(names)))
    return found


def _groups(encoding: Encoding, of_note: Sequence[str], order: Sequence[str]) -> list[NoteGroup]:
    """Each group with every rater's figures, in this order."""
    notes: dict[str, int] = {}
    figures: dict[str, dict[str, Mapping[str, Estimate]]] = {name: {} for name in order}
    for rater, given in encoding.given.items():
        counts = per_note(encoding.true, given.matrix, encoding.missed)
        for group in by_subgroup(counts, of_note):
            notes[group.name] = group.notes
            figures[group.name][rater] = group.figures
    return [NoteGroup(name, notes[name], figures[name]) for name in order if name in notes]


def recall_of_ranks(
    study: EncodedStudy, ranks: Mapping[str, Mapping[str, int]]
) -> dict[str, list[RankRecall]]:
    """Recall of each of Table 1's raters by the rank of the reference's diagnoses.

    Empty without ranks. Codes outside the label space count as missed.
    """
    if not ranks:
        return {}
    codes = study.axes.codes
    notes = tuple(study.axes.notes[row] for row in study.rows)
    on_axes = ranks_on(ranks, _reference(study), notes, codes)
    if on_axes is None:
        return {}
    diagnoses = np.array([kind_of(code) == "dx" for code in codes], dtype=np.bool_)
    inside = np.zeros(len(codes), dtype=np.int64)
    inside[study.columns] = 1
    found = {}
    for name, rater in study.raters.items():
        given = rater.matrix[study.rows].multiply(inside).tocsr()
        given.eliminate_zeros()
        found[name] = recall_by_rank(on_axes, given, diagnoses)
    return found


def _reference(study: EncodedStudy) -> Codings:
    """The reference's codes of Table 1's notes."""
    found = {}
    for row in study.rows:
        columns = study.reference.matrix[row].indices
        found[study.axes.notes[row]] = [study.axes.codes[column] for column in columns]
    return found
