"""The probabilities of a study's models, in its bundle: one matrix a model, and what its lines and columns are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from annotation.models import Coding, Rater, Study
from benchmark.bundle.zip_format import BundleError, json_file, reading
from benchmark.models import NoteScores
from benchmark.selectors.model_store import code_list, dev_threshold
from benchmark.selectors.probabilities import Floats
from benchmark.services.checkpoints import model_describe
from benchmark.services.probabilities import packed

FOLDER = "scores/"


def scores_files(study: Study) -> Iterator[tuple[str, bytes]]:
    """Of each model whose probabilities are kept: `scores/N.json` and `scores/N.npy`, float32 (codings, codes)."""
    models = Rater.objects.filter(kind=Rater.Kind.MODEL, codings__study=study, codings__scores__isnull=False)
    for number, rater in enumerate(models.distinct().order_by("name"), start=1):
        codes = code_list(rater.checkpoint_sha256)
        rows = NoteScores.objects.filter(coding__study=study, coding__rater=rater)
        found = [
            (note, revision, np.frombuffer(data, "<f4"))
            for note, revision, data in rows.order_by("coding__note__external_id", "coding__revision").values_list(
                "coding__note__external_id", "coding__revision", "probabilities"
            )
        ]
        if not codes or any(len(row) != len(codes) for _, _, row in found):
            continue  # the checkpoint is no longer in the model store: nothing says which column is which code
        about = {
            "rater": rater.name, "checkpoint_sha256": rater.checkpoint_sha256, "codes": list(codes),
            "threshold_dev": dev_threshold(rater.checkpoint_sha256),
            "codings": [[note, revision] for note, revision, _ in found],
        }  # fmt: skip
        buffer = io.BytesIO()
        np.save(buffer, np.stack([row for _, _, row in found]).astype("<f4"), allow_pickle=False)
        yield f"{FOLDER}{number}.json", json_file(about)
        yield f"{FOLDER}{number}.npy", buffer.getvalue()


def scores_read(files: Mapping[str, bytes], study: Study, raters: Mapping[tuple[str, str], Rater]) -> None:
    """Store a bundle's probabilities beside the codings, which are stored already; BundleError where they do not fit.

    What the columns are is kept in the model store, for checkpoints that are not there themselves.
    """
    described = []
    for name in sorted(name for name in files if name.startswith(FOLDER) and name.endswith(".json")):
        with reading(name):
            about, matrix = _checked(name, files)
            rater = raters.get((Rater.Kind.MODEL, about["rater"]))
            if rater is None or rater.checkpoint_sha256 != about["checkpoint_sha256"]:
                raise BundleError(f"{name} is of a model that the bundle does not list")
            _store(name, study, rater, about["codings"], matrix)
            described.append((rater.checkpoint_sha256, about["codes"], about["threshold_dev"]))
    for digest, codes, threshold in described:
        model_describe(digest, codes=codes, threshold_dev=threshold)


def _store(name: str, study: Study, rater: Rater, told: Any, matrix: Floats) -> None:
    """A model's probabilities beside its codings."""
    codings = Coding.objects.filter(study=study, rater=rater)
    placed = {(note, n): pk for note, n, pk in codings.values_list("note__external_id", "revision", "pk")}
    wanted = [tuple(key) for key in told]
    if not set(wanted) <= placed.keys() or len(set(wanted)) < len(wanted):
        raise BundleError(f"{name} has probabilities of a coding that the bundle does not have, or twice")
    rows = [
        NoteScores(coding_id=placed[key], probabilities=packed(row)) for key, row in zip(wanted, matrix, strict=True)
    ]
    NoteScores.objects.bulk_create(rows, batch_size=100)


def _checked(name: str, files: Mapping[str, bytes]) -> tuple[dict[str, Any], Floats]:
    try:
        about = json.loads(files[name])
        matrix = np.load(io.BytesIO(files[name.replace(".json", ".npy")]), allow_pickle=False)
        shape = (len(about["codings"]), len(about["codes"]))
        if not {"rater", "checkpoint_sha256", "threshold_dev"} <= about.keys():
            raise KeyError
        if not all(isinstance(code, str) for code in about["codes"]):
            raise TypeError
        if about["threshold_dev"] is not None:
            float(about["threshold_dev"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, EOFError, MemoryError) as error:
        raise BundleError(f"{name} and its matrix cannot be read") from error
    if matrix.shape != shape or matrix.dtype != np.float32 or not ((matrix >= 0) & (matrix <= 1)).all():
        raise BundleError(f"{name}: its matrix is not {shape[0]} x {shape[1]} probabilities")
    return about, matrix
