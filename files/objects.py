"""JSON: one object a line (JSONL), or a list of objects, each with the number of the line it
begins on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from files.problems import Problems
from files.source import Source
from files.table import Columns, plain_name, shown_names

LONGEST_ARRAY = 64 * 2**20
"""Characters of the longest list: unlike lines, a list is held in memory whole."""

Object = dict[str, Any]


class DoubledKeyError(ValueError):
    """An object that names a key twice: one of the two values would be lost."""


def _without_doubles(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DoubledKeyError
    return found


@dataclass
class Keys:
    """The keys of the objects of a file: which are read as which column, and which are ignored."""

    columns: Columns
    meant: dict[str, str | None] = field(default_factory=dict)
    """Each key that was met -> the column that it means, or None."""

    def of(self, value: Object) -> Object:
        """The values by column. Raises DoubledKeyError where two keys mean one column."""
        found: Object = {}
        for key, item in value.items():
            if key not in self.meant:
                self.meant[key] = self.columns.known(key)
            column = self.meant[key]
            if column is None:
                continue
            if column in found:
                raise DoubledKeyError
            found[column] = item
        return found

    def facts(self) -> Iterator[str]:
        """What is to be said of the keys that were met."""
        for key, column in self.meant.items():
            if column is not None and plain_name(key) != column:
                yield f"{shown_names([key])} read as {column}"
        ignored = [key for key, column in self.meant.items() if column is None]
        if ignored:
            yield f"ignored: {shown_names(ignored)}"


DECODER = json.JSONDecoder(object_pairs_hook=_without_doubles)


def read_objects(
    source: Source, columns: Columns, problems: Problems
) -> Iterator[tuple[int, Object]]:
    """(line, values by column) of each object; what is none is a problem, and the others are
    read on."""
    keys = Keys(columns)
    for row, value in _objects(source, problems):
        try:
            yield row, keys.of(value)
        except DoubledKeyError as error:
            problems.add(row, _words(error), "not valid JSON")
    source.facts.extend(keys.facts())


def _objects(source: Source, problems: Problems) -> Iterator[tuple[int, Object]]:
    if source.first_line.startswith("["):
        source.facts.append("a list of objects")
        yield from _of_list(source, problems)
        return
    for row, line in enumerate(source.lines(problems), start=1):
        if line.strip():
            value = _decoded(line, row, problems)
            if isinstance(value, dict):
                yield row, value
            elif value is not None:
                problems.add(row, "not an object; write one object a line")


def _decoded(line: str, row: int, problems: Problems) -> object:
    """The value; None, with the problem noted, where there is none."""
    try:
        return DECODER.decode(line.strip())
    except (ValueError, RecursionError) as error:
        problems.add(row, _words(error), "not valid JSON")
    return None


def _words(error: Exception) -> str:
    if isinstance(error, DoubledKeyError):
        return "an object has a key twice; name each once"
    if isinstance(error, RecursionError):
        return "not JSON that can be read: brackets are nested too deep; write one object a line"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON (column {error.colno}); write one object a line"
    return "a number of thousands of digits; write it as a string or leave it out"


def _of_list(source: Source, problems: Problems) -> Iterator[tuple[int, Object]]:
    text = _whole(source, problems)
    place = text.find("[") + 1
    row = text.count("\n", 0, place) + 1
    while True:
        place, row = _past_blanks(text, place, row)
        if text[place : place + 1] == "]":
            break
        try:
            value, end = DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise problems.fatal(row, _words(error), "not valid JSON") from None
        if isinstance(value, dict):
            yield row, value
        else:
            problems.add(row, "not an object; write a list of objects, or one object a line")
        row += text.count("\n", place, end)
        place, row = _past_blanks(text, end, row)
        if text[place : place + 1] == ",":
            place += 1
        elif text[place : place + 1] != "]":
            raise problems.fatal(row, "the list is not closed; its ] is missing", "not valid JSON")
    if text[place + 1 :].strip():
        raise problems.fatal(
            row, "there is more after the list; write one list, or one object a line"
        )


def _whole(source: Source, problems: Problems) -> str:
    pieces = []
    length = 0
    for text in source.texts(problems):
        pieces.append(text)
        length += len(text)
        if length > LONGEST_ARRAY:
            raise problems.fatal(
                0,
                f"a list of over {LONGEST_ARRAY:,} characters; write one object a line (JSONL)",
            )
    return "".join(pieces)


def _past_blanks(text: str, place: int, row: int) -> tuple[int, int]:
    """The next place that is not blank, and its line."""
    while text[place : place + 1].isspace():
        row += text[place] == "\n"
        place += 1
    return place, row
