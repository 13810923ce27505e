"""Checkpoints measured on a split of a MIMIC-shaped folder, all over one label space: the document of Table 2."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from scipy.sparse import csr_matrix
from tqdm import tqdm

from benchmark.metrics.certainty.bootstrap import REPLICATES, note_weights
from benchmark.metrics.codings import Encoded, IntArray
from benchmark.metrics.files.table2_document import FORMAT
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.breakdown import by_frequency, by_kind, parts
from benchmark.metrics.sets.counts import per_code
from files.output import check_folder, check_listed, write_listed
from icd.codes import Kind
from rac_model import checkpoint as checkpoints
from rac_model.checkpoint import CheckpointError
from rac_model.data.held_out import (
    HeldOut,
    Reading,
    codings_csv,
    read_held_out,
    training_counts,
)
from rac_model.evaluation.entries import Entry, entries
from rac_model.evaluation.thresholds import (
    Probabilities,
    best_threshold,
    micro_f1_interval,
    scored,
)
from rac_model.inference.predict import Predictor, predictor

THRESHOLD = 0.5
REFERENCE = "reference.csv"
Labels = Literal["union", "train"]


@dataclass(frozen=True)
class Exam:
    """What every checkpoint is measured on."""

    split: str
    notes: dict[str, HeldOut]
    """The split scored, and dev."""
    space: LabelSpace
    kinds: dict[str, Kind]
    """The kind of each code of the space, from where it came."""
    reference: dict[str, Encoded]
    weights: IntArray
    """(R, N): resamples of the notes scored."""
    counts: dict[str, int]
    """Training notes with each code, for all; empty: each checkpoint has its own."""
    predictions: Path | None
    progress: bool


def evaluate(
    folders: Sequence[Path],
    data: Path,
    split: str,
    *,
    limit: int = 0,
    labels: Labels = "union",
    reading: Reading = "correct",
    train_data: Sequence[Path] = (),
    predictions: Path | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """The document that `benchmark.metrics.tables.table2` lays out; figures are fractions.

    Thresholds are .5 and the one with the best micro-F1 on the folder's dev split. The label space `union` is every
    code of the reference (dev included) and of any of the checkpoints; `train`, every code of the training notes: codes
    of the reference outside it are misses. `limit` takes the first notes of each split by id. `predictions` is a folder
    for files of codings at .5, the reference's too; OutputError where it holds others of these names.
    """
    found = entries(folders, reading)
    if predictions:
        check_folder(predictions, inputs=[data, *folders], holds=False)
        check_listed(predictions, [REFERENCE, *(f"{entry.label}.csv" for entry in found)])
    counts, kinds = training_counts(train_data, reading) if train_data else ({}, {})
    notes = read_held_out(data, dict.fromkeys((split, "dev")), limit, reading)
    space = _space(labels, found, counts, notes.values())
    exam = Exam(
        split=split,
        notes=notes,
        space=space,
        kinds=_kinds(kinds, found, notes.values()),
        reference={name: part.reference(space) for name, part in notes.items()},
        weights=note_weights(len(notes[split].ids), REPLICATES, 0),
        counts=counts,
        predictions=predictions,
        progress=progress,
    )
    if predictions:
        codings = dict(zip(notes[split].ids, notes[split].codes, strict=True))
        write_listed(predictions, REFERENCE, codings_csv(codings))
    return {
        "format": FORMAT,
        "split": split,
        "data": data.resolve().name,
        "synthetic": (data / "SYNTHETIC").is_file(),
        "notes": len(notes[split].ids),
        "notes_sha256": notes[split].sha256,
        "reference_codes_per_note": sum(map(len, notes[split].codes)) / len(notes[split].ids),
        "reference_outside": int(exam.reference[split].outside.sum()),
        "reading": reading,
        "label_space": asdict(space.id),
        "dev": {"data": data.resolve().name, "notes": len(notes["dev"].ids)},
        "training_counts": [folder.resolve().name for folder in train_data],
        "checkpoints": [measured(entry, exam) for entry in found],
    }


def measured(entry: Entry, exam: Exam) -> dict[str, Any]:
    """An entry of the document: a checkpoint's figures, whole and by part."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = predictor(checkpoints.load(entry.folder), device)
    total = sum(len(part.ids) for part in exam.notes.values())
    with tqdm(total=total, desc=entry.label, disable=not exam.progress) as bar:
        scores = {name: probabilities(model, entry, part, exam.space, bar) for name, part in exam.notes.items()}
    dev, (reference, outside) = exam.reference["dev"], _pair(exam.reference[exam.split])
    tuned = best_threshold(scores["dev"][0], dev.matrix, int(dev.outside.sum()))
    matrix, given_outside = scores[exam.split]
    if exam.predictions:
        write_listed(exam.predictions, f"{entry.label}.csv", codings_csv(_given(matrix, exam)))
    thresholds = {"": THRESHOLD, "_tuned": tuned}
    at = {end: per_code(reference, csr_matrix(matrix > t).astype(int)) for end, t in thresholds.items()}
    counts, codes = exam.counts or entry.counts, exam.space.codes
    frequent = by_frequency([counts.get(code, 0) for code in codes]) if counts else {}
    return {
        **entry.head(),
        "codes": len(set(entry.codes)),
        "outside": given_outside,
        "threshold": THRESHOLD,
        "metrics": scored(matrix, reference, threshold=THRESHOLD, tuned=tuned, missed=int(outside.sum())),
        "intervals": {
            f"micro_f1{end}": micro_f1_interval(matrix, reference, t, outside, exam.weights)
            for end, t in thresholds.items()
        },
        "by_frequency": parts(frequent, at),
        "by_kind": parts(by_kind([exam.kinds[code] for code in codes]), at),
    }


def probabilities(
    model: Predictor, entry: Entry, notes: HeldOut, space: LabelSpace, bar: tqdm
) -> tuple[Probabilities, int]:
    """((N, L) over `space`, how many codes were given outside it). Codes read as one have the highest of their scores.

    A code the model does not know has probability 0.
    """
    column = {code: i for i, code in enumerate(space.codes)}
    places = np.array([column.get(code, -1) for code in entry.codes], dtype=np.int64)
    inside = places >= 0
    matrix = np.zeros((len(notes.ids), len(space.codes)), np.float32)
    outside = 0
    for i, words in enumerate(notes.words):
        row = model.of_words(words)
        np.maximum.at(matrix[i], places[inside], row[inside])
        outside += int((row[~inside] > THRESHOLD).sum())
        bar.update()
    return matrix, outside


def _space(labels: Labels, found: Sequence[Entry], counts: dict[str, int], notes: Collection[HeldOut]) -> LabelSpace:
    if labels == "train":
        known = set(counts) or {code for entry in found for code in entry.counts}
        if not known:
            raise CheckpointError("no checkpoint says which codes its training notes had; give --train-data")
        return LabelSpace("train", tuple(sorted(known)))
    reference = {code for part in notes for codes in part.codes for code in codes}
    return LabelSpace("union", tuple(sorted(reference | {code for entry in found for code in entry.codes})))


def _kinds(kinds: dict[str, Kind], found: Sequence[Entry], notes: Collection[HeldOut]) -> dict[str, Kind]:
    """The kinds of the training notes' codes, those of the checkpoints' and of the reference."""
    known = dict(kinds)
    for entry in found:
        known.update(entry.kinds)
    for part in notes:
        known.update(part.kinds)
    return known


def _pair(encoded: Encoded) -> tuple[csr_matrix, IntArray]:
    return encoded.matrix, encoded.outside


def _given(matrix: Probabilities, exam: Exam) -> dict[int, list[str]]:
    """The codes given at .5, by note."""
    codes = exam.space.codes
    rows = [[codes[i] for i in np.flatnonzero(row > THRESHOLD)] for row in matrix]
    return dict(zip(exam.notes[exam.split].ids, rows, strict=True))
