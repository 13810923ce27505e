"""JSON: one value a line, a list of values, or one object; each value with the number of the line
on which it begins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Literal

from files.problems import Problems
from files.records import is_record
from files.source import MOST_CHARACTERS, Source

Form = Literal["lines", "list", "object"]
LONGEST = 64 * 2**20
"""Characters of the longest list or object: unlike lines, they are held in memory whole."""
MOST_VALUES = 3_000_000
"""Values in a list or object, which cost far more memory than their characters."""
LINES = ("jsonl", "ndjson")
"""Endings of files with an object a line."""
BLANKS = re.compile(r"\s*")

Object = dict[str, Any]


class DoubledKeyError(ValueError):
    """An object that names a key twice: one of the two values would be lost."""


def _without_doubles(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DoubledKeyError
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_without_doubles)


class Document:
    """A JSON file: in which form it is, and its values."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.problems = problems
        self.source = source
        texts = source.texts(problems)
        head = _head(texts)
        self.texts = chain([head], texts)
        self.form = self._form(head)

    def _form(self, head: str) -> Form:
        start = head.lstrip()
        if start.startswith("["):
            return "list"
        if not start.startswith("{") or self.source.ending in LINES:
            return "lines"
        line, _, rest = start.partition("\n")
        try:
            value = DECODER.decode(line.strip())
        except (ValueError, RecursionError):
            return "lines" if _begins_object(rest) else "object"
        return "lines" if rest.strip() or is_record(value) else "object"

    def lines(self) -> Iterator[tuple[int, Any]]:
        """(line, value) of each line; a line that is no JSON is a problem, and the others are
        read on."""
        for row, line in enumerate(self.source.lines(self.problems, self.texts), start=1):
            if not line.strip():
                continue
            try:
                yield row, DECODER.decode(line.strip())
            except (ValueError, RecursionError) as error:
                self.problems.add(row, words_of(error), "not valid JSON")

    def items(self) -> Iterator[tuple[int, Any]]:
        """(line, value) of each value of a list. FileError where it is broken."""
        for row, _, value in self._parts("[", "]"):
            yield row, value

    def pairs(self) -> Iterator[tuple[int, str, Any]]:
        """(line, key, value) of an object. FileError where it is broken, or names a key twice."""
        seen = set()
        for row, key, value in self._parts("{", "}"):
            if key in seen:
                raise self.problems.fatal(row, words_of(DoubledKeyError()), "not valid JSON")
            seen.add(key)
            yield row, key, value

    def _parts(self, opening: str, closing: str) -> Iterator[tuple[int, str, Any]]:
        text = self._whole()
        place = text.find(opening) + 1
        row = text.count("\n", 0, place) + 1
        what = "list" if opening == "[" else "object"
        while True:
            place, row = _past_blanks(text, place, row)
            if text[place : place + 1] == closing:
                break
            key = ""
            if opening == "{":
                key, place, row = self._key(text, place, row)
            value, end = self._decoded(text, place, row)
            yield row, key, value
            row += text.count("\n", place, end)
            place, row = _past_blanks(text, end, row)
            if text[place : place + 1] == ",":
                place += 1
            elif text[place : place + 1] != closing:
                words = f"the {what} is not closed; its {closing} is missing"
                raise self.problems.fatal(row, words, "not valid JSON")
        if text[place + 1 :].strip():
            words = f"there is more after the {what}; write one {what}, or one object a line"
            raise self.problems.fatal(row, words)

    def _key(self, text: str, place: int, row: int) -> tuple[str, int, int]:
        """(an object's next key, where its value begins, the line of that)."""
        key, end = self._decoded(text, place, row)
        place, row = _past_blanks(text, end, row)
        if not isinstance(key, str) or text[place : place + 1] != ":":
            raise self.problems.fatal(row, "not valid JSON: a key is missing", "not valid JSON")
        place, row = _past_blanks(text, place + 1, row)
        return key, place, row

    def _decoded(self, text: str, place: int, row: int) -> tuple[Any, int]:
        try:
            return DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise self.problems.fatal(row, words_of(error), "not valid JSON") from None

    def _whole(self) -> str:
        pieces = []
        length = 0
        values = 0
        for text in self.texts:
            pieces.append(text)
            length += len(text)
            values += text.count(",") + text.count("[") + text.count("{")
            if length > LONGEST or values > MOST_VALUES:
                much = f"{LONGEST:,} characters or {MOST_VALUES:,} values"
                words = f"a list or an object of over {much}; write one object a line (JSONL)"
                raise self.problems.fatal(0, words)
        return "".join(pieces)


def words_of(error: Exception) -> str:
    """What is wrong with a text that is no JSON."""
    if isinstance(error, DoubledKeyError):
        return "an object has a key twice; name each once"
    if isinstance(error, RecursionError):
        return "not JSON that can be read: brackets are nested too deep; write one object a line"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON (column {error.colno}); write one object a line"
    return "a number of thousands of digits; write it as a string or leave it out"


def _head(texts: Iterator[str]) -> str:
    """The text up to the end of the first line that is not blank, and perhaps more."""
    head = ""
    for text in texts:
        head += text
        if "\n" in head.lstrip() or len(head) > MOST_CHARACTERS:
            break
    return head


def _begins_object(rest: str) -> bool:
    """Whether the second line begins another object: the first one is broken, not longer."""
    return rest.lstrip().startswith('{"')


def _past_blanks(text: str, place: int, row: int) -> tuple[int, int]:
    """The next place that is not blank, and its line."""
    end = BLANKS.match(text, place).end()  # type: ignore[union-attr]
    return end, row + text.count("\n", place, end)
