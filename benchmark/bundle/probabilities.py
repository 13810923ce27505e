"""The probabilities of a study's models, in its bundle.

One matrix a model, or an imported file of one, and a JSON file that says what its rows (codings)
and columns (codes) are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from annotation.models import Coding, Rater, Study
from benchmark.bundle.fields import SHA256
from benchmark.bundle.zip_format import BundleError, json_file, reading
from benchmark.models import NoteScores, ScoredFile
from benchmark.selectors.model_store import code_list, dev_threshold
from benchmark.selectors.probabilities import Floats
from benchmark.services.checkpoints import model_describe
from benchmark.services.probabilities import packed

FOLDER = "scores/"
FILE = ("sha256", "every_code", "floor")
"""What is said of a file that probabilities were imported from."""
UNREADABLE = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    EOFError,
    MemoryError,
)
"""What a spoilt file makes Python's and NumPy's readers raise."""


def scores_files(study: Study) -> Iterator[tuple[str, bytes]]:
    """Two files for each model whose probabilities are kept: `scores/N.json` and `scores/N.npy`;
    of an imported model two for each file that they came from.

    The second is float32 (codings, codes), NaN where a file did not tell one. A model is left out
    where nothing says which column is which code: its checkpoint is no longer in the model store.
    """
    for number, (rater, file) in enumerate(_sources(study), start=1):
        codes = file.code_list if file else code_list(rater.checkpoint_sha256)
        stored = NoteScores.objects.filter(coding__study=study, coding__rater=rater, file=file)
        stored = stored.order_by("coding__note__external_id", "coding__revision")
        codings = []
        rows = []
        for note, revision, data in stored.values_list(
            "coding__note__external_id", "coding__revision", "probabilities"
        ):
            codings.append([note, revision])
            rows.append(np.frombuffer(data, "<f4"))
        if not codes or any(len(row) != len(codes) for row in rows):
            continue
        about: dict[str, Any] = {
            "rater": rater.name,
            "checkpoint_sha256": rater.checkpoint_sha256,
            "codes": list(codes),
            "threshold_dev": dev_threshold(rater.checkpoint_sha256),
            "codings": codings,
        }
        if file:
            about["threshold_dev"] = file.threshold_dev
            about["file"] = {field: getattr(file, field) for field in FILE}
        buffer = io.BytesIO()
        np.save(buffer, np.stack(rows).astype("<f4"), allow_pickle=False)
        yield f"{FOLDER}{number}.json", json_file(about)
        yield f"{FOLDER}{number}.npy", buffer.getvalue()


def _sources(study: Study) -> list[tuple[Rater, ScoredFile | None]]:
    """Each model by its name, with each file that its probabilities are from; None: a run here."""
    models = Rater.objects.filter(
        kind=Rater.Kind.MODEL, codings__study=study, codings__scores__isnull=False
    )
    found: list[tuple[Rater, ScoredFile | None]] = []
    for rater in models.distinct().order_by("name"):
        of_rater = NoteScores.objects.filter(coding__study=study, coding__rater=rater)
        ids = set(of_rater.order_by().values_list("file", flat=True).distinct())
        if None in ids:
            found.append((rater, None))
        files = ScoredFile.objects.filter(pk__in=ids - {None}).order_by("sha256")
        found += [(rater, file) for file in files]
    return found


def scores_read(
    files: Mapping[str, bytes], study: Study, raters: Mapping[tuple[str, str], Rater]
) -> None:
    """Store a bundle's probabilities beside its codings, which are stored already.

    What the columns are is kept in the model store, for checkpoints that are not there themselves.
    BundleError where the probabilities do not fit.
    """
    described = []
    for name in sorted(files):
        if not name.startswith(FOLDER) or not name.endswith(".json"):
            continue
        with reading(name):
            about, matrix = _checked(name, files)
            rater = raters.get((Rater.Kind.MODEL, about["rater"]))
            if rater is None or rater.checkpoint_sha256 != about["checkpoint_sha256"]:
                raise BundleError(f"{name} is of a model that the bundle does not list")
            file = _file_of(about)
            _store(name, study, rater, about["codings"], matrix, file)
            if file is None:
                described.append((rater.checkpoint_sha256, about["codes"], about["threshold_dev"]))
    for digest, codes, threshold in described:
        model_describe(digest, codes=codes, threshold_dev=threshold)


def _file_of(about: Mapping[str, Any]) -> ScoredFile | None:
    """The imported file that the probabilities are from, stored if it is not here yet."""
    facts = about.get("file")
    if facts is None:
        return None
    file, _ = ScoredFile.objects.get_or_create(
        sha256=facts["sha256"],
        defaults={
            "codes": json.dumps(about["codes"]),
            "every_code": facts["every_code"],
            "floor": facts["floor"],
            "threshold_dev": about["threshold_dev"],
        },
    )
    if file.code_list != tuple(about["codes"]):
        raise BundleError("a file of the same hash is here with other codes")
    return file


def _store(
    name: str,
    study: Study,
    rater: Rater,
    codings: Any,
    matrix: Floats,
    file: ScoredFile | None,
) -> None:
    """A model's probabilities beside its codings; `codings` are what the file says the rows are."""
    stored = Coding.objects.filter(study=study, rater=rater)
    id_of = {}
    for note, revision, pk in stored.values_list("note__external_id", "revision", "pk"):
        id_of[note, revision] = pk
    wanted = [tuple(coding) for coding in codings]
    if not set(wanted) <= id_of.keys() or len(set(wanted)) < len(wanted):
        raise BundleError(
            f"{name} has probabilities of a coding that the bundle does not have, or twice"
        )
    made = []
    for coding, row in zip(wanted, matrix, strict=True):
        made.append(NoteScores(coding_id=id_of[coding], probabilities=packed(row), file=file))
    NoteScores.objects.bulk_create(made, batch_size=100)


def _checked(name: str, files: Mapping[str, bytes]) -> tuple[dict[str, Any], Floats]:
    """What a model's JSON file says, and its matrix. BundleError where they do not go together."""
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
        imported = "file" in about
        if imported:
            _check_file(about["file"])
    except UNREADABLE as error:
        raise BundleError(f"{name} and its matrix cannot be read") from error
    of_shape = matrix.shape == shape and matrix.dtype == np.float32
    fine = (matrix >= 0) & (matrix <= 1)
    if imported:
        fine |= np.isnan(matrix)  # its file did not tell them
    if not of_shape or not fine.all():
        raise BundleError(f"{name}: its matrix is not {shape[0]} x {shape[1]} probabilities")
    return about, matrix


def _check_file(facts: Any) -> None:
    """What a bundle says of an imported file. TypeError or ValueError for other than expected."""
    if set(facts) != set(FILE) or not SHA256.fullmatch(facts["sha256"]):
        raise ValueError("not a file of scores")
    if not isinstance(facts["every_code"], bool):
        raise TypeError("every_code is no truth value")
    if facts["floor"] is not None:
        float(facts["floor"])
