"""Checkpoints measured on a split of a MIMIC-shaped folder, all over one label space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from tqdm import tqdm

from rac_model.checkpoint import sha256
from rac_model.codes import codes_sha256
from rac_model.mimic import Admission, MimicError, read_admissions, read_splits
from rac_model.predict import Predictor, load
from rac_model.scores import Probabilities, best_threshold, scored

COLUMNS = {
    "micro_precision": "prec.",
    "micro_recall": "recall",
    "micro_f1": "F1",
    "micro_jaccard": "Jaccard",
    "codes_per_note": "codes",
    "micro_f1_tuned": "F1 tuned",
    "macro_f1_caml": "macro F1 (CAML)",
    "auc_micro": "AUC",
    "p@5": "P@5",
    "p@8": "P@8",
    "p@15": "P@15",
}


def evaluate(folders: Sequence[Path], data: Path, split: str, limit: int = 0, progress: bool = True) -> dict[str, Any]:
    """Figures of each checkpoint as fractions; thresholds are .5 and the one with the best micro-F1 on dev.

    The label space is every code of the reference and of any of the checkpoints: reference codes that a model does not
    know are misses. `limit` takes the first notes of the split by id.
    """
    notes, dev = admissions(data, split, limit), admissions(data, "dev", limit)
    predictors = [load(folder) for folder in folders]
    space = sorted({code for note in notes + dev for code in note.codes} | {c for p in predictors for c in p.codes})
    results = []
    for folder, predictor in zip(folders, predictors, strict=True):
        figures = measure(predictor, notes, dev, space, progress)
        results.append({"name": predictor.name, "folder": folder.name, "sha256": sha256(folder), "metrics": figures})
    return {
        "split": split,
        "notes": len(notes),
        "label_space": {"name": "union", "size": len(space), "sha256": codes_sha256(space)},
        "checkpoints": results,
    }


def admissions(data: Path, split: str, limit: int = 0) -> list[Admission]:
    """Admissions of a split, sorted by id."""
    ids = sorted(read_splits(data)[split])[: limit or None]
    found = sorted(read_admissions(data, ids), key=lambda note: note.hadm_id)
    if not found:
        raise MimicError(f"{data.name}: the {split} split has no notes; check the id files and NOTEEVENTS")
    return found


def measure(
    predictor: Predictor, notes: Sequence[Admission], dev: Sequence[Admission], space: Sequence[str], progress: bool
) -> dict[str, float]:
    """All figures at the predictor's threshold, those of micro-F1 also at the one that serves dev best."""
    tuned = best_threshold(*encoded(predictor, dev, space, progress))
    probabilities, reference = encoded(predictor, notes, space, progress)
    return scored(probabilities, reference, threshold=predictor.threshold, tuned=tuned)


def encoded(
    predictor: Predictor, notes: Sequence[Admission], space: Sequence[str], progress: bool
) -> tuple[Probabilities, csr_matrix]:
    """(probabilities (N, L), reference (N, L)) over `space`; a code the model does not know has probability 0."""
    column = {code: i for i, code in enumerate(space)}
    places = [column[code] for code in predictor.codes]
    probabilities = np.zeros((len(notes), len(space)), np.float32)
    for i, note in enumerate(tqdm(notes, desc=predictor.name, disable=not progress)):
        probabilities[i, places] = predictor.probabilities([note.text])[0]
    rows = [i for i, note in enumerate(notes) for _ in note.codes]
    columns = [column[code] for note in notes for code in note.codes]
    reference = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), probabilities.shape)
    reference.sort_indices()
    return probabilities, reference


def as_text(table: dict[str, Any]) -> str:
    """The table in percent, codes a note as they are."""
    rows = table["checkpoints"]
    names = [row["folder"] for row in rows]
    width = max(map(len, names))
    lines = [f"{table['split']} split, {table['notes']} notes, {table['label_space']['size']} codes; micro, in percent"]
    lines.append("  ".join(["".ljust(width), *COLUMNS.values()]))
    for name, row in zip(names, rows, strict=True):
        cells = [_cell(key, row["metrics"][key]).rjust(len(head)) for key, head in COLUMNS.items()]
        lines.append("  ".join([name.ljust(width), *cells]))
    return "\n".join(lines)


def _cell(name: str, value: float) -> str:
    return f"{value:.1f}" if name == "codes_per_note" else f"{100 * value:.1f}"
