"""Parquet and Feather, with the optional pyarrow: the rows of a table, cells as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from files.delimited import MOST_COLUMNS
from files.problems import FileError, Problems
from files.source import Source

Row = tuple[int, list[str]]
NEEDED = (
    "Parquet and Feather are read with pyarrow, which is not installed; "
    "pip install -r requirements-parquet.txt, or save the table as CSV"
)
NAMES = {"parquet": "Parquet", "feather": "Feather"}
MOST_ROWS = 30_000_000
LONGEST_IN_LIST = 1_000
"""Characters of the longest string in a list."""
A_BATCH = 65_536
"""Rows that are in memory at once."""
MOST_CELLS_A_BATCH = 4_000_000
MOST_UNPACKED = 256 * 2**20
"""Bytes of the values of a table, unpacked."""


def arrow_rows(source: Source, problems: Problems) -> tuple[list[str], Iterator[Row]]:
    """(what is to be said, rows, the names of the columns first). FileError for a file that is
    broken, or where pyarrow is not installed."""
    try:
        import pyarrow
    except ImportError:
        raise problems.fatal(0, NEEDED) from None
    try:
        names, batches = _opened(source, problems)
        return [NAMES[source.form]], _rows(names, batches, source, problems)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _broken(source, problems, error) from None


@contextmanager
def reading(source: Source, problems: Problems) -> Iterator[None]:
    """FileError, in words, for what pyarrow raises of a broken file; and where there is none."""
    try:
        import pyarrow
    except ImportError:
        raise problems.fatal(0, NEEDED) from None
    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _broken(source, problems, error) from None


def _opened(source: Source, problems: Problems) -> tuple[list[str], Iterator[Any]]:
    """(the names of the columns, the table in pieces)."""
    if source.form == "parquet":
        return _of_parquet(source, problems)
    return _of_feather(source, problems)


def parquet_file(source: Source, problems: Problems) -> Any:
    """A Parquet file of which the sizes are known to be within limits."""
    from pyarrow import parquet

    file = parquet.ParquetFile(source.binary())
    text = []
    for place in range(len(file.schema)):
        column = file.schema.column(place)
        if column.physical_type == "BYTE_ARRAY":
            text.append(column.path)
    names = file.schema_arrow.names
    # A dictionary stays one: a long string in a million rows is a small file.
    file = parquet.ParquetFile(source.binary(), read_dictionary=text)
    unpacked = 0
    for group in range(file.metadata.num_row_groups):
        unpacked += file.metadata.row_group(group).total_byte_size
    _refuse_large(len(names), file.metadata.num_rows, unpacked, problems)
    return file


def _of_parquet(source: Source, problems: Problems) -> tuple[list[str], Iterator[Any]]:
    file = parquet_file(source, problems)
    names = list(file.schema_arrow.names)
    return names, file.iter_batches(batch_size=_a_batch(len(names)))


def feather_file(source: Source, problems: Problems) -> Any:
    """A Feather file of which the sizes are known to be within limits."""
    from pyarrow import ipc

    from files.arrow_sizes import unpacked_size

    stream = source.binary()
    _refuse_large(0, 0, unpacked_size(stream), problems)
    stream.seek(0)
    file = ipc.open_file(stream)
    names = file.schema.names
    _refuse_large(len(names), 0, 0, problems)
    return file


def _of_feather(source: Source, problems: Problems) -> tuple[list[str], Iterator[Any]]:
    file = feather_file(source, problems)
    names = list(file.schema.names)
    return names, _batches(file, _a_batch(len(names)))


def _batches(file: Any, size: int) -> Iterator[Any]:
    for place in range(file.num_record_batches):
        batch = file.get_batch(place)
        for start in range(0, batch.num_rows, size):
            yield batch.slice(start, size)


def _a_batch(columns: int) -> int:
    return max(1, min(A_BATCH, MOST_CELLS_A_BATCH // max(columns, 1)))


def _refuse_large(columns: int, rows: int, size: int, problems: Problems) -> None:
    if columns > MOST_COLUMNS:
        raise problems.fatal(0, f"over {MOST_COLUMNS:,} columns; give a row a code")
    if rows > MOST_ROWS:
        raise problems.fatal(0, f"over {MOST_ROWS:,} rows; split the file")
    if size > MOST_UNPACKED:
        mib = MOST_UNPACKED // 2**20
        raise problems.fatal(0, f"the table is over {mib} MiB when unpacked; split the file")


def _rows(
    names: Sequence[str], batches: Iterator[Any], source: Source, problems: Problems
) -> Iterator[Row]:
    import pyarrow

    yield 1, list(names)
    number = 1
    try:
        for batch in batches:
            columns = [_values(column) for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                if number > MOST_ROWS:
                    raise problems.fatal(number, f"over {MOST_ROWS:,} rows; split the file")
                yield number, [value if type(value) is str else shown(value) for value in values]
    except FileError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _broken(source, problems, error) from None


def _values(column: Any) -> list[Any]:
    """The values of a column. Of a dictionary each is one object, however many rows have it."""
    from pyarrow import types

    if types.is_dictionary(column.type):
        words = column.dictionary.to_pylist()
        return [None if place is None else words[place] for place in column.indices.to_pylist()]
    if types.is_list(column.type) or types.is_large_list(column.type):
        _refuse_text(column.values)
    values: list[Any] = column.to_pylist()
    return values


def _refuse_text(values: Any) -> None:
    """ValueError where a list holds more than codes: repeated, a long text would fill memory."""
    from pyarrow import types

    if types.is_dictionary(values.type):
        longest = max((len(word or "") for word in values.dictionary.to_pylist()), default=0)
        if longest > LONGEST_IN_LIST:
            raise ValueError("a list of texts")


def shown(value: object) -> str:
    """A value of a table as text: nothing for none, a list as JSON.

    >>> shown(None), shown(7), shown(250.0), shown(["428.0"]), shown(True)
    ('', '7', '250.0', '["428.0"]', '1')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return json.dumps(value, default=str) if value else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _broken(source: Source, problems: Problems, error: Exception) -> FileError:
    if isinstance(error, FileError):
        return error
    what = NAMES[source.form]
    return problems.fatal(0, f"the {what} file is broken or not complete; save it again")
