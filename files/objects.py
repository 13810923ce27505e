"""JSON: one object a line (JSONL), a list of objects, or one object of all, each with the number
of the line it begins on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from files.documents import Document, DoubledKeyError, Object, words_of
from files.problems import Problems
from files.records import unfolded
from files.source import Source
from files.table import Columns, plain_name, shown_names


@dataclass
class Keys:
    """The keys of the objects of a file: which are read as which column, and which are ignored."""

    columns: Columns
    meant: dict[str, str | None] = field(default_factory=dict)
    """Each key that was met -> the column that it means, or None."""

    def of(self, value: Object) -> Object:
        """The values by column: the key that is called as the column before another name of it.
        Raises DoubledKeyError where two keys mean one column alike."""
        found: Object = {}
        others: Object = {}
        for key, item in value.items():
            if key not in self.meant:
                self.meant[key] = self.columns.known(key)
            column = self.meant[key]
            if column is None:
                continue
            of_its_name = found if plain_name(key) == column else others
            if column in of_its_name:
                raise DoubledKeyError
            of_its_name[column] = item
        return {**others, **found}

    def facts(self) -> Iterator[str]:
        """What is to be said of the keys that were met."""
        for key, column in self.meant.items():
            if column is not None and plain_name(key) != column:
                yield f"{shown_names([key])} read as {column}"
        ignored = [key for key, column in self.meant.items() if column is None]
        if ignored:
            yield f"ignored: {shown_names(ignored)}"


def read_objects(
    source: Source, columns: Columns, problems: Problems
) -> Iterator[tuple[int, Object]]:
    """(line, values by column) of each object; what is none is a problem, and the others are
    read on. Of an object of all, a key is the note's id and its value the note, or its second
    column."""
    keys = Keys(columns)
    said, values = _values(Document(source, problems), problems)
    if said:
        source.facts.append(said)
    for row, key, value in values:
        if key is not None:
            value = _with_id(key, value, columns)
        if not isinstance(value, dict):
            problems.add(row, "not an object; write a list of objects, or one object a line")
            continue
        try:
            yield row, keys.of(value)
        except DoubledKeyError as error:
            problems.add(row, words_of(error), "not valid JSON")
    source.facts.extend(keys.facts())


def _values(
    document: Document, problems: Problems
) -> tuple[str, Iterator[tuple[int, str | None, Any]]]:
    if document.form == "lines":
        return "", ((row, None, value) for row, value in document.lines())
    if document.form == "list":
        return "a list of objects", ((row, None, value) for row, value in document.items())
    said, entries = unfolded(list(document.pairs()), problems)
    return f"one object, {said}", entries


def _with_id(key: str, value: object, columns: Columns) -> Object:
    first, second = columns.needed[:2]
    if isinstance(value, dict):
        return {first: key, **value}
    return {first: key, second: value}
