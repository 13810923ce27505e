"""Scores in tables of numbers: a float column a code (feather, parquet), or NumPy's npz.

They are read by NumPy, never cell by cell: a test split of MIMIC-III is 3,372 notes x 8,921 codes.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from files.cells import CellError, Written, note_id, shown_id
from files.problems import FileError, Problems, refused
from files.score_cells import AskedScores, no_probability
from files.scores import MOST_CELLS, THRESHOLD, ReadScores, Scores, refuse_large

NPZ_NOTES = ("note_ids", "note_id", "ids", "hadm_id")
NPZ_CODES = ("codes", "labels", "code")
NPZ_MATRIX = ("scores", "probabilities", "matrix", "logits")
NPZ_LIKE = "an npz of scores has three arrays: note_ids (N,), codes (L,) and scores (N, L)"
FLOATS = ("halffloat", "float", "double")
"""How pyarrow calls types of floats."""
CAUSE = "a score that is no probability"
LARGEST_NPZ = 8 * MOST_CELLS
"""Bytes of the largest array, unpacked: float64."""
UNREADABLE = (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, MemoryError)


def wide_scores(
    note_ids: Sequence[str],
    codes: Sequence[str],
    matrix: NDArray[np.float32],
    problems: Problems,
    asked: AskedScores,
    first_row: int = 1,
) -> ReadScores:
    """The scores of a table with a row a note and a column a code, all of which are told.

    The columns are all codes that the model knows. `matrix` (notes, codes) is changed in place.
    `first_row` is the number of the first note's row.
    """
    doubled = _first_double(note_ids)
    if doubled is not None:
        words = f"note {shown_id(note_ids[doubled])} is given twice; give each note one row"
        problems.add(first_row + doubled, words, "a note is given twice")
    if asked.logits:
        _squeeze(matrix)
    _refuse_outside(codes, matrix, problems, first_row)
    threshold = THRESHOLD if asked.threshold is None else asked.threshold
    given = []
    for place, name in enumerate(note_ids):
        above = np.flatnonzero(matrix[place] > np.float32(threshold))
        for column in above:
            given.append((first_row + place, name, Written(codes[column])))
        if not len(above):
            given.append((first_row + place, name, Written("")))
    said = f"given where the score is above {threshold:g}"
    if asked.threshold is None:
        said += ", as no --threshold is said"
    words = f"a score for each of {len(codes):,} codes, which are all that the model knows; {said}"
    scores = Scores(tuple(note_ids), tuple(codes), matrix, every_code=True, floor=asked.floor)
    return ReadScores(scores, given, words)


def float_columns(table: Any) -> list[str]:
    """The columns of a pyarrow Table that are of floats: scores, a column a code."""
    return [field.name for field in table.schema if str(field.type) in FLOATS]


def arrow_scores(
    table: Any, note_column: str, problems: Problems, asked: AskedScores
) -> ReadScores:
    """The scores of a pyarrow Table that has a float column a code, and `note_column`; its other
    columns (a list of true codes, say) are ignored. Rows are counted from 1."""
    codes = [name for name in float_columns(table) if name != note_column]
    refuse_large(table.num_rows, len(codes), problems)
    ids = _ids(table.column(note_column).to_pylist(), problems)
    matrix = np.empty((table.num_rows, len(codes)), np.float32)
    for place, name in enumerate(codes):
        matrix[:, place] = table.column(name).to_numpy()
    return wide_scores(ids, codes, matrix, problems, asked)


def npz_scores(
    name: str, stream: IO[bytes] | bytes, problems: Problems, asked: AskedScores
) -> ReadScores:
    """The scores of an .npz file: arrays note_ids, codes and scores. FileError for another."""
    if isinstance(stream, bytes):
        stream = io.BytesIO(stream)
    try:
        _refuse_bomb(name, stream)
        with np.load(stream, allow_pickle=False) as arrays:
            ids = _ids(_array(arrays, NPZ_NOTES).tolist(), problems)
            codes = [str(code) for code in _array(arrays, NPZ_CODES).tolist()]
            found = _array(arrays, NPZ_MATRIX)
    except FileError:
        raise
    except UNREADABLE:
        raise refused(
            f"the file cannot be read; {NPZ_LIKE}, without pickled objects", name
        ) from None
    if found.shape != (len(ids), len(codes)) or found.dtype.kind != "f":
        raise refused(f"{NPZ_LIKE}; here scores are {found.dtype} {found.shape}", name)
    refuse_large(*found.shape, problems)
    return wide_scores(ids, codes, found.astype(np.float32), problems, asked)


def _array(arrays: Any, names: Sequence[str]) -> NDArray[Any]:
    """The array of one of these names. KeyError."""
    for name in names:
        if name in arrays:
            found: NDArray[Any] = arrays[name]
            return found
    raise KeyError(names[0])


def _refuse_bomb(name: str, stream: IO[bytes]) -> None:
    """Arrays that unpack to more than is ever read are refused before they are unpacked."""
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.file_size > LARGEST_NPZ:
                raise refused(f"an array of over {LARGEST_NPZ:,} bytes; split the file", name)
    stream.seek(0)


def _ids(values: Sequence[object], problems: Problems) -> list[str]:
    found = []
    for row, value in enumerate(values, start=1):
        try:
            found.append(note_id(value))
        except CellError as error:
            problems.add(row, str(error), "a cell that cannot be taken")
            found.append(f"row {row}")
    return found


def _squeeze(matrix: NDArray[np.float32]) -> None:
    """Logits into probabilities, a row at a time, in place."""
    for row in matrix:
        with np.errstate(over="ignore"):
            row[:] = 1 / (1 + np.exp(-row.astype(np.float64)))


def _refuse_outside(
    codes: Sequence[str],
    matrix: NDArray[np.float32],
    problems: Problems,
    first_row: int,
) -> None:
    """Cells that are no probabilities are problems: the first of each row is named."""
    for place, row in enumerate(matrix):
        fine = (row >= 0) & (row <= 1)
        if fine.all():
            continue
        column = int(np.argmin(fine))
        number = float(row[column])
        if math.isfinite(number):
            words = no_probability(number)
        else:
            words = "a score is no finite number"
        more = int((~fine).sum()) - 1
        if more:
            words += f" (and {more:,} more of this row)"
        problems.add(first_row + place, f"column {codes[column][:20]}: {words}", CAUSE)


def _first_double(names: Sequence[str]) -> int | None:
    seen = set()
    for place, name in enumerate(names):
        if name in seen:
            return place
        seen.add(name)
    return None
