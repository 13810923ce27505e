"""Objects of JSON that hold a whole table, as pandas and others write them, unfolded into one
object a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from files.naming import meaning
from files.problems import Problems

Pair = tuple[int, str, Any]
"""(line, key, value)."""
Entry = tuple[int, str | None, Any]
"""(line, key, value); the key is None where the value is a row of a table."""


def unfolded(pairs: Sequence[Pair], problems: Problems) -> tuple[str, Iterator[Entry]]:
    """(what is to be said of the form, its entries)."""
    by_key = {key: value for _, key, value in pairs}
    row = pairs[0][0] if pairs else 0
    if "data" in by_key and isinstance(by_key.get("columns"), list):
        rows = _of_split(by_key, problems, row)
        return "columns and data", ((row, None, value) for value in rows)
    if "data" in by_key and "schema" in by_key and isinstance(by_key["data"], list):
        return "a table with its schema", ((row, None, value) for value in by_key["data"])
    below = _below(by_key)
    if below:
        return f"a list under {below[:20]}", ((row, None, item) for item in by_key[below])
    if _is_of_columns(by_key):
        rows = _of_columns(by_key, problems, row)
        return "columns", ((row, None, value) for value in rows)
    if pairs and all(_is_row(value) for value in by_key.values()):
        return "rows by their number", ((row, None, value) for row, _, value in pairs)
    return "a note id a key, its codes beside it", iter(pairs)


def _below(by_key: dict[str, Any]) -> str:
    """The key under which the rows are: the only one with a list of them, beside plain values;
    "" for none."""
    lists = []
    for key, value in by_key.items():
        if isinstance(value, list) and value and all(map(_is_row, value)):
            lists.append(key)
        elif isinstance(value, list | dict):
            return ""
    return lists[0] if len(lists) == 1 else ""


def _is_row(value: object) -> bool:
    """Whether an object names its note itself."""
    return isinstance(value, dict) and is_record(value)


def is_record(value: dict[str, Any]) -> bool:
    """Whether an object is one row: it has a note id, and not a column of them."""
    for key, item in value.items():
        found = meaning(key)
        if found is not None and found.role == "note" and isinstance(item, str | int):
            return True
    return False


def _is_of_columns(by_key: dict[str, Any]) -> bool:
    for key, value in by_key.items():
        found = meaning(key)
        if found is not None and found.role == "note" and isinstance(value, list | dict):
            return True
    return False


def _of_columns(by_key: dict[str, Any], problems: Problems, row: int) -> Iterator[dict[str, Any]]:
    columns = {}
    for key, value in by_key.items():
        if not isinstance(value, list | dict):
            raise problems.fatal(row, f"{key[:20]} is no column; give each column a list")
        columns[key] = value if isinstance(value, list) else list(value.values())
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise problems.fatal(row, "the columns differ in length; give each a value for every row")
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _of_split(by_key: dict[str, Any], problems: Problems, row: int) -> Iterator[dict[str, Any]]:
    columns = by_key["columns"]
    names = [str(name) for name in columns]
    if len(set(names)) < len(names):
        raise problems.fatal(row, "columns names a column twice; name each once")
    if not isinstance(by_key["data"], list):
        raise problems.fatal(row, "data is no list of rows")
    for values in by_key["data"]:
        if not isinstance(values, list) or len(values) != len(names):
            raise problems.fatal(row, f"a row of data has not the {len(names)} values of columns")
        yield dict(zip(names, values, strict=True))
