"""Scores in tables of numbers: a float column a code (feather, Parquet), or NumPy's npz.

They are read by NumPy, never cell by cell: a test split of MIMIC-III is 3,372 notes x 8,921 codes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from files.cells import CellError, Written, looks_like_code, note_id
from files.naming import of_role
from files.problems import FileError, Problems, refused
from files.raters import Raters
from files.score_tables import wide_scores
from files.scores import MOST_CELLS, refuse_large
from files.source import Source
from files.table import shown_names

FLOATS = ("halffloat", "float", "double")
"""How pyarrow calls types of floats."""
COLUMNS_AT_ONCE = 500
NPZ_NOTES = ("note_ids", "note_id", "ids", "hadm_id")
NPZ_CODES = ("codes", "labels", "code")
NPZ_MATRIX = ("scores", "probabilities", "matrix", "logits")
NPZ_LIKE = "an npz of scores has three arrays: note_ids (N,), codes (L,) and scores (N, L)"
LARGEST_NPZ = 8 * MOST_CELLS
"""Bytes of the largest array, unpacked: float64."""
UNREADABLE = (
    ValueError,
    KeyError,
    EOFError,
    OSError,
    NotImplementedError,
    zipfile.BadZipFile,
    MemoryError,
)

Floats = NDArray[np.float32]


def read_scores(source: Source, raters: Raters, problems: Problems) -> list[str]:
    """Read such a table into the rater of the file. Returns what it was understood as; nothing
    where it is no table of scores."""
    if source.form == "numpy":
        return _read_npz(source, raters, problems)
    return _read_arrow(source, raters, problems)


def _read_arrow(source: Source, raters: Raters, problems: Problems) -> list[str]:
    from files.arrow import NAMES, feather_file, parquet_file, reading

    with reading(source, problems):
        if source.form == "parquet":
            file = parquet_file(source, problems)
            schema = file.schema_arrow
        else:
            file = feather_file(source, problems)
            schema = file.schema
        columns = _float_columns(schema)
        doubled = {name for name in columns if schema.names.count(name) > 1}
        if doubled:
            words = f"the header has {shown_names(sorted(doubled))} twice; name each column once"
            raise problems.fatal(1, words)
        notes = of_role("note", schema.names, 1, problems)
        if len(columns) < 2 or not notes:
            return []
        note = schema.names[notes[0]]
        if source.form == "parquet":
            ids, matrix = _of_parquet(file, note, columns, problems)
        else:
            ids, matrix = _of_feather(file, note, columns, problems)
    said = [NAMES[source.form], f"note ids in {shown_names([note])}"]
    if all(((row == 0) | (row == 1)).all() for row in matrix):
        _give(ids, columns, matrix, raters)
        said.append(f"a column a code, {len(columns):,} codes")
    else:
        rows = range(2, len(ids) + 2)
        read = wide_scores(ids, columns, matrix, problems, raters.asked, rows)
        raters.named(None).read = read
        said.append(f"scores in a column a code, {len(columns):,} codes")
    used = {note, *columns}
    ignored = [name for name in schema.names if name not in used]
    if ignored:
        said.append(f"ignored: {shown_names(ignored)}")
    return said


def _float_columns(schema: Any) -> list[str]:
    """The columns that are named like a code and hold floats."""
    found = []
    for field in schema:
        if str(field.type) in FLOATS and looks_like_code(field.name):
            found.append(field.name)
    return found


def _of_parquet(
    file: Any, note: str, columns: Sequence[str], problems: Problems
) -> tuple[list[str], Floats]:
    """(note ids, scores). Some columns at a time: read by rows, all of them are unpacked at once,
    in three times the memory."""
    ids = _ids(file.read(columns=[note]).column(note).to_pylist(), 2, problems)
    refuse_large(len(ids), len(columns), problems)
    matrix = np.empty((len(ids), len(columns)), np.float32)
    for start in range(0, len(columns), COLUMNS_AT_ONCE):
        some = columns[start : start + COLUMNS_AT_ONCE]
        part = file.read(columns=some)
        for place, name in enumerate(some, start=start):
            matrix[:, place] = part.column(name).to_numpy()
    return ids, matrix


def _of_feather(
    file: Any, note: str, columns: Sequence[str], problems: Problems
) -> tuple[list[str], Floats]:
    """(note ids, scores), a batch of rows at a time, as they were written."""
    ids: list[str] = []
    pieces: list[Floats] = []
    for number in range(file.num_record_batches):
        batch = file.get_batch(number)
        refuse_large(len(ids) + batch.num_rows, len(columns), problems)
        piece = np.empty((batch.num_rows, len(columns)), np.float32)
        for place, name in enumerate(columns):
            piece[:, place] = batch.column(name).to_numpy(zero_copy_only=False)
        pieces.append(piece)
        ids += _ids(batch.column(note).to_pylist(), len(ids) + 2, problems)
    if len(pieces) == 1:
        return ids, pieces[0]
    return ids, np.concatenate(pieces)


def _give(ids: Sequence[str], codes: Sequence[str], matrix: Floats, raters: Raters) -> None:
    """A table of nothing but 0 and 1 says which codes are given, and has no scores."""
    collected = raters.named(None)
    for row, (note, given) in enumerate(zip(ids, matrix, strict=True), start=2):
        found = [Written(codes[place]) for place in np.flatnonzero(given)]
        collected.add_note(row, note, found)


def _read_npz(source: Source, raters: Raters, problems: Problems) -> list[str]:
    stream = source.binary()
    try:
        _refuse_bomb(source.name, stream)
        with np.load(stream, allow_pickle=False) as arrays:
            ids = _ids(_array(arrays, NPZ_NOTES).tolist(), 1, problems)
            codes = [str(code) for code in _array(arrays, NPZ_CODES).tolist()]
            found = _array(arrays, NPZ_MATRIX)
    except FileError:
        raise
    except UNREADABLE:
        words = f"the file cannot be read; {NPZ_LIKE}, without pickled objects"
        raise refused(words, source.name) from None
    if found.shape != (len(ids), len(codes)) or found.dtype.kind != "f":
        raise refused(f"{NPZ_LIKE}; here scores are {found.dtype} {found.shape}", source.name)
    refuse_large(len(ids), len(codes), problems)
    rows = range(1, len(ids) + 1)
    matrix = found.astype(np.float32)
    raters.named(None).read = wide_scores(ids, codes, matrix, problems, raters.asked, rows)
    return ["NumPy arrays", f"scores of {len(codes):,} codes"]


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


def _ids(values: Sequence[object], first: int, problems: Problems) -> list[str]:
    found = []
    for row, value in enumerate(values, start=first):
        try:
            found.append(note_id(_whole(value)))
        except CellError as error:
            problems.add(row, str(error), "a cell that cannot be taken")
            found.append(f"row {row}")
    return found


def _whole(value: object) -> object:
    """A number of a column of floats that is whole, as an id is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
