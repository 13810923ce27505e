"""Checkpoints measured on a split of a MIMIC-shaped folder: the document of Table 2.

All are measured over one label space, so that their figures can be compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    figures_at_thresholds,
    micro_f1_interval,
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
    """Notes of the split measured, and of dev."""
    space: LabelSpace
    kinds: dict[str, Kind]
    """The kind of each code of the space, from where it came."""
    reference: dict[str, Encoded]
    weights: IntArray
    """(R, N): resamples of the notes measured."""
    counts: Mapping[str, int]
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

    Thresholds are .5 and the one with the best micro-F1 on the folder's dev split. The label space
    `union` is every code of the reference (dev included) and of any of the checkpoints; `train`,
    every code of the training notes: codes of the reference outside it are misses. `limit` takes
    the first notes of each split by id. `predictions` is a folder for files of codings at .5, the
    reference's too; OutputError where it holds others of these names.
    """
    found = entries(folders, reading)
    if predictions:
        check_folder(predictions, inputs=[data, *folders], holds=False)
        check_listed(predictions, [REFERENCE, *(f"{entry.label}.csv" for entry in found)])
    counts: Mapping[str, int] = {}
    kinds: Mapping[str, Kind] = {}
    if train_data:
        trained = training_counts(train_data, reading)
        counts, kinds = trained.counts, trained.kinds
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
    measured = notes[split]
    if predictions:
        codings = dict(zip(measured.ids, measured.codes, strict=True))
        write_listed(predictions, REFERENCE, codings_csv(codings))
    return {
        "format": FORMAT,
        "split": split,
        "data": data.resolve().name,
        "synthetic": (data / "SYNTHETIC").is_file(),
        "notes": len(measured.ids),
        "notes_sha256": measured.sha256,
        "reference_codes_per_note": sum(map(len, measured.codes)) / len(measured.ids),
        "reference_outside": int(exam.reference[split].outside.sum()),
        "reading": reading,
        "label_space": asdict(space.id),
        "dev": {"data": data.resolve().name, "notes": len(notes["dev"].ids)},
        "training_counts": [folder.resolve().name for folder in train_data],
        "checkpoints": [measure(entry, exam) for entry in found],
    }


def measure(entry: Entry, exam: Exam) -> dict[str, Any]:
    """A checkpoint's figures, whole and by part: its entry in the document."""
    dev_matrix, matrix, given_outside = _probabilities_of_splits(entry, exam)
    dev = exam.reference["dev"]
    tuned = best_threshold(dev_matrix, dev.matrix, int(dev.outside.sum()))
    reference = exam.reference[exam.split].matrix
    outside = exam.reference[exam.split].outside
    if exam.predictions:
        codings = codings_csv(_given(matrix, exam))
        write_listed(exam.predictions, f"{entry.label}.csv", codings)
    counts_at = {}
    intervals = {}
    for ending, threshold in (("", THRESHOLD), ("_tuned", tuned)):
        given = csr_matrix(matrix > threshold).astype(int)
        counts_at[ending] = per_code(reference, given)
        intervals[f"micro_f1{ending}"] = micro_f1_interval(
            matrix, reference, threshold, outside, exam.weights
        )
    return {
        **entry.head(),
        "codes": len(set(entry.codes)),
        "outside": given_outside,
        "threshold": THRESHOLD,
        "metrics": figures_at_thresholds(
            matrix, reference, threshold=THRESHOLD, tuned=tuned, missed=int(outside.sum())
        ),
        "intervals": intervals,
        "by_frequency": parts(_frequency_groups(entry, exam), counts_at),
        "by_kind": parts(by_kind([exam.kinds[code] for code in exam.space.codes]), counts_at),
    }


def _probabilities_of_splits(entry: Entry, exam: Exam) -> tuple[Probabilities, Probabilities, int]:
    """`probabilities` of dev and of the split measured, and how many codes were given outside."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = predictor(checkpoints.load(entry.folder), device)
    total = sum(len(part.ids) for part in exam.notes.values())
    found = {}
    with tqdm(total=total, desc=entry.label, disable=not exam.progress) as bar:
        for name, part in exam.notes.items():
            found[name] = probabilities(model, entry, part, exam.space, bar)
    dev_matrix, _ = found["dev"]
    matrix, given_outside = found[exam.split]
    return dev_matrix, matrix, given_outside


def _frequency_groups(entry: Entry, exam: Exam) -> dict[str, Any]:
    """The codes of the space by how frequent they are in training; none where nothing says so."""
    counts = exam.counts or entry.counts
    if not counts:
        return {}
    return by_frequency([counts.get(code, 0) for code in exam.space.codes])


def probabilities(
    model: Predictor, entry: Entry, notes: HeldOut, space: LabelSpace, bar: tqdm
) -> tuple[Probabilities, int]:
    """((N, L) over `space`, how many codes were given outside it).

    Codes read as one have the highest of their probabilities; a code that the model does not know
    has 0.
    """
    column_of = {code: column for column, code in enumerate(space.codes)}
    columns = np.array([column_of.get(code, -1) for code in entry.codes], dtype=np.int64)
    inside = columns >= 0
    matrix = np.zeros((len(notes.ids), len(space.codes)), np.float32)
    outside = 0
    for note, words in enumerate(notes.words):
        row = model.of_words(words)
        np.maximum.at(matrix[note], columns[inside], row[inside])
        outside += int((row[~inside] > THRESHOLD).sum())
        bar.update()
    return matrix, outside


def _space(
    labels: Labels, found: Sequence[Entry], counts: Mapping[str, int], notes: Collection[HeldOut]
) -> LabelSpace:
    """The codes that figures are over."""
    codes: set[str] = set()
    if labels == "train":
        codes.update(counts)
        if not codes:
            for entry in found:
                codes.update(entry.counts)
        if not codes:
            raise CheckpointError(
                "no checkpoint says which codes its training notes had; give --train-data"
            )
        return LabelSpace("train", tuple(sorted(codes)))
    for entry in found:
        codes.update(entry.codes)
    for part in notes:
        codes.update(*part.codes)
    return LabelSpace("union", tuple(sorted(codes)))


def _kinds(
    kinds: Mapping[str, Kind], found: Sequence[Entry], notes: Collection[HeldOut]
) -> dict[str, Kind]:
    """The kinds of the training notes' codes, those of the checkpoints' and of the reference."""
    known = dict(kinds)
    for entry in found:
        known.update(entry.kinds)
    for part in notes:
        known.update(part.kinds)
    return known


def _given(matrix: Probabilities, exam: Exam) -> dict[int, list[str]]:
    """The codes given at .5, by note."""
    given = {}
    for note, row in zip(exam.notes[exam.split].ids, matrix, strict=True):
        columns = np.flatnonzero(row > THRESHOLD)
        given[note] = [exam.space.codes[column] for column in columns]
    return given
