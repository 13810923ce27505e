"""Scores in tables of numbers: a float column a code (feather, parquet), or NumPy's npz.

They are read by NumPy, never cell by cell: a test split of MIMIC-III is 3,372 notes x 8,921 codes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from files.cells import CellError, note_id
from files.problems import FileError, Problems, refused
from files.scores import MOST_CELLS, AskedScores, ReadScores, wide_scores

NPZ_NOTES = ("note_ids", "note_id", "ids", "hadm_id")
NPZ_CODES = ("codes", "labels", "code")
NPZ_MATRIX = ("scores", "probabilities", "matrix", "logits")
NPZ_LIKE = "an npz of scores has three arrays: note_ids (N,), codes (L,) and scores (N, L)"
FLOATS = ("halffloat", "float", "double")
"""How pyarrow calls types of floats."""
LARGEST_NPZ = 8 * MOST_CELLS
"""Bytes of the largest array, unpacked: float64."""
UNREADABLE = (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, MemoryError)


def float_columns(table: Any) -> list[str]:
    """The columns of a pyarrow Table that are of floats: scores, a column a code."""
    return [field.name for field in table.schema if str(field.type) in FLOATS]


def arrow_scores(
    table: Any, note_column: str, problems: Problems, asked: AskedScores
) -> ReadScores:
    """The scores of a pyarrow Table that has a float column a code, and `note_column`; its other
    columns (a list of true codes, say) are ignored. Rows are counted from 1."""
    codes = [name for name in float_columns(table) if name != note_column]
    _refuse_large(table.num_rows, len(codes), problems)
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
    _refuse_large(*found.shape, problems)
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


def _refuse_large(notes: int, codes: int, problems: Problems) -> None:
    if notes * codes > MOST_CELLS:
        raise problems.fatal(
            0,
            f"{notes:,} notes x {codes:,} codes of scores are over {MOST_CELLS:,} cells; "
            "keep the study's notes, or split the file",
        )


def _ids(values: Sequence[object], problems: Problems) -> list[str]:
    found = []
    for row, value in enumerate(values, start=1):
        try:
            found.append(note_id(value))
        except CellError as error:
            problems.add(row, str(error), "a cell that cannot be taken")
            found.append(f"row {row}")
    return found
