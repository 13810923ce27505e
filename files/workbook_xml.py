"""What a workbook (.xlsx) is made of: a zip of XML parts, read in pieces, without a formula run.

Written for files of strangers: nothing is held in memory but the texts of the cells, and those
within limits. The parts are those of ECMA-376 (Office Open XML).
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from files.problems import Problems

PIECE = 1 << 16
MOST_STRINGS = 2_000_000
MOST_CHARACTERS = 150_000_000
"""Of the texts of all cells."""
LONGEST_CELL = 32_767
"""Characters of the longest cell of Excel, which cuts what is longer."""
BUILT_IN = {1: "0", 2: "0.00"}
"""Number formats that every workbook has and that show zeros."""
DATES = {*range(14, 23), *range(45, 48)}
"""Numbers of the formats of dates that every workbook has."""
DATE = "yyyy-mm-dd"
"""Stands for any format of a date."""

Attributes = dict[str, str]


class BrokenBookError(ValueError):
    """A workbook that is not as it should be."""


def local(name: str) -> str:
    """An element's name without its namespace."""
    return name.rpartition("}")[2]


def parse(stream: IO[bytes], reader: Any) -> Iterator[None]:
    """Read a part piece by piece; `reader` has `start`, `end` and `text`. Yields after each piece.
    BrokenBookError."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_definitions
    try:
        while piece := stream.read(PIECE):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BrokenBookError from error
    yield


def _refuse_definitions(*_: object) -> None:
    raise BrokenBookError("a definition")


@dataclass
class _Elements:
    """The elements of a small part, with their attributes."""

    found: list[tuple[str, Attributes]] = field(default_factory=list)

    def start(self, name: str, attributes: Attributes) -> None:
        if len(self.found) > 200_000:
            raise BrokenBookError("too many elements")
        self.found.append((local(name), attributes))

    def end(self, name: str) -> None:
        """Nothing ends that matters."""

    def text(self, data: str) -> None:
        """There is none that matters."""


@dataclass
class Strings:
    """The texts that cells share, in order."""

    problems: Problems
    found: list[str] = field(default_factory=list)
    characters: int = 0
    parts: list[str] = field(default_factory=list)
    within: bool = False
    spoken: bool = False
    """Within the signs of how a text is spoken, which are no part of it."""

    def start(self, name: str, _: Attributes) -> None:
        name = local(name)
        if name == "rPh":
            self.spoken = True
        self.within = name == "t" and not self.spoken

    def text(self, data: str) -> None:
        if self.within:
            self.parts.append(data)
            self.characters += len(data)
            if self.characters > MOST_CHARACTERS:
                words = f"over {MOST_CHARACTERS:,} characters in its cells; save it as CSV"
                raise self.problems.fatal(0, f"the workbook has {words}")

    def end(self, name: str) -> None:
        name = local(name)
        self.within = False
        if name == "rPh":
            self.spoken = False
        elif name == "si":
            self.found.append("".join(self.parts))
            self.parts = []
            if len(self.found) > MOST_STRINGS:
                words = f"over {MOST_STRINGS:,} texts; save it as CSV"
                raise self.problems.fatal(0, f"the workbook has {words}")


class Book:
    """A workbook: the names of its sheets, its shared texts, its formats."""

    def __init__(self, stream: IO[bytes], problems: Problems) -> None:
        self.archive = zipfile.ZipFile(stream)
        self.problems = problems
        self.parts = {name.lower(): name for name in self.archive.namelist()}
        self.sheets = self._sheets()
        self.formats = self._formats()
        self.strings = self._strings()

    def open(self, part: str) -> IO[bytes]:
        """A part of the workbook. BrokenBookError where it is missing."""
        name = self.parts.get(part.lower())
        if name is None:
            raise BrokenBookError(part)
        try:
            return self.archive.open(name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise BrokenBookError(part) from error

    def _elements(self, part: str) -> list[tuple[str, Attributes]]:
        if part.lower() not in self.parts:
            return []
        elements = _Elements()
        with self.open(part) as stream:
            for _ in parse(stream, elements):
                pass
        return elements.found

    def _sheets(self) -> list[tuple[str, str]]:
        """(name, part) of each sheet of cells, in their order."""
        parts = {}
        for name, attributes in self._elements("xl/_rels/workbook.xml.rels"):
            if name == "Relationship":
                target = attributes.get("Target", "")
                whole = target if target.startswith("/") else f"xl/{target}"
                parts[attributes.get("Id", "")] = posixpath.normpath(whole.lstrip("/"))
        found = []
        for name, attributes in self._elements("xl/workbook.xml"):
            if name == "sheet":
                part = parts.get(_relation(attributes), "")
                if part.lower() in self.parts:
                    found.append((attributes.get("name", ""), part))
        return found

    def _formats(self) -> list[str]:
        """Style -> number format. Only those that show zeros or dates are told apart."""
        own = {}
        styles = []
        within = False
        for name, attributes in self._elements("xl/styles.xml"):
            if name == "numFmt":
                own[attributes.get("numFmtId")] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "cellStyles", "dxfs"):
                within = name == "cellXfs"
            elif name == "xf" and within:
                styles.append(attributes.get("numFmtId", "0"))
        return [_format(number, own) for number in styles]

    def _strings(self) -> list[str]:
        strings = Strings(self.problems)
        if "xl/sharedstrings.xml" in self.parts:
            with self.open("xl/sharedStrings.xml") as stream:
                for _ in parse(stream, strings):
                    pass
        return strings.found


def _relation(attributes: Attributes) -> str:
    for name, value in attributes.items():
        if local(name) == "id" and name != "id":
            return value
    return ""


def _format(number: str, own: dict[str | None, str]) -> str:
    code = own.get(number)
    if code is None:
        place = int(number) if number.isdigit() else 0
        return DATE if place in DATES else BUILT_IN.get(place, "")
    return DATE if is_date_format(code) else code


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or a time.

    >>> is_date_format("dd/mm/yyyy"), is_date_format("000.00"), is_date_format('0 "days"')
    (True, False, False)
    """
    bare = []
    quoted = False
    for letter in code.lower():
        if letter in '"[':
            quoted = letter == "[" or not quoted
        elif letter == "]":
            quoted = False
        elif not quoted:
            bare.append(letter)
    return any(letter in "dmyhs" for letter in bare)
