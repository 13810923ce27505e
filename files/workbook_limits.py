"""Whether a workbook (.xlsx) is small enough for openpyxl, which reads a row and the shared texts
into memory, and whose cost grows with the elements of XML more than with the bytes.

Nothing of the content is kept but the numbers of the rows that have a formula: openpyxl would
translate a formula that is filled down for each cell anew.
"""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from files.problems import FileError, Problems

PIECE = 1 << 16
MOST_ROWS = 1_048_576
MOST_ELEMENTS = 1_100_000
"""Elements of XML in a workbook: a row of two cells has five to seven."""
MOST_IN_ROW = 120_000
"""Elements of a row: 16,384 cells of text have as many."""
MOST_OTHERS = 50_000
"""Elements that are no cells or texts: styles, merged cells, links. Each costs some ten cells."""
MOST_TEXTS = 310_000
"""Texts of cells; a piece of a text in a font of its own counts twice."""
OF_TEXTS = frozenset(("si", "is", "r", "rPr"))
LONGEST_CELL = 32_767
"""Characters of the longest cell of Excel, which cuts what is longer."""
CUT = (
    f"a cell has {LONGEST_CELL:,} characters, the most that Excel keeps: its end may be cut off; "
    "give the text as CSV or JSONL"
)
LONGEST = 1 << 20
"""Characters of any other text or tag."""
OF_CELLS = frozenset(("row", "c", "v", "f", "t"))
SMALL = 1 << 20
"""Bytes of a part that may be no XML: drawings of old forms are not."""
WORKBOOK = "/xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
"""Where the parts of the sheets are named."""
XML_STARTS = (b"<", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b" ", b"\n", b"\r", b"\t")
SAVE = "save it as CSV (UTF-8) and give that"


class BrokenBookError(ValueError):
    """A workbook that is not as it should be."""


@dataclass
class Content:
    """What the parts of a workbook have, counted as they are gone through."""

    problems: Problems
    formulas: dict[str, set[int]] = field(default_factory=dict)
    """Part -> the rows that have a formula."""
    elements: int = 0
    texts: int = 0
    others: int = 0

    def count(self, name: str) -> None:
        """One more element. FileError where there are too many."""
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise self.too_many(f"{MOST_ELEMENTS:,} elements of XML, about three a cell")
        if name in OF_TEXTS:
            self.texts += 1
            if self.texts > MOST_TEXTS:
                raise self.too_many(f"{MOST_TEXTS:,} texts in its cells")
        elif name not in OF_CELLS:
            self.others += 1
            if self.others > MOST_OTHERS:
                raise self.too_many(f"{MOST_OTHERS:,} formats, merged cells, links and the like")

    def too_many(self, what: str) -> FileError:
        """The error to raise."""
        return self.problems.fatal(0, f"the workbook has over {what}; {SAVE}")


@dataclass
class _Part:
    """Goes through a part of a workbook."""

    name: str
    content: Content
    formulas: set[int] = field(default_factory=set)
    number: int = 0
    """Of the row."""
    depth: int = 0
    """Of elements within the row."""
    within: int = 0
    """Elements of the row so far."""
    places: set[str] = field(default_factory=set)
    """Of the cells of the row."""
    length: int = 0
    """Characters of the cell, or since the last tag outside of cells."""
    events: int = 0
    named: set[str] = field(default_factory=set)
    """The sheets and parts that this part names: openpyxl reads each as often as it is named."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition("}")[2]
        self.content.count(name)
        self.events += 1
        if name in ("c", "si") or not self.depth:
            self.length = 0
        if self.depth:
            self.depth += 1
            self._within_row(name, attributes)
        elif name in ("row", "si"):
            self.depth = 1
            self.within = 0
            if name == "row":
                self._row(attributes)
        elif name == "sheet":
            self._name_once(*(value for key, value in attributes.items() if key.endswith("}id")))
        elif name == "Relationship" and self.name == RELATIONS:
            path = posixpath.normpath(attributes.get("Target", ""))
            self._name_once("/".join(path.split("/")[-2:]))
        elif name == "Override":
            self._check_place(attributes)

    def end(self, _: str) -> None:
        self.events += 1
        if self.depth:
            self.depth -= 1
        else:
            self.length = 0

    def text(self, data: str) -> None:
        self.events += 1
        self.length += len(data)
        if self.depth and self.length > LONGEST_CELL:
            raise self.content.problems.fatal(self.number, CUT)
        if self.length > LONGEST:
            raise BrokenBookError("a long text")

    def _name_once(self, *names: str) -> None:
        if self.named.intersection(names):
            raise BrokenBookError("a sheet twice")
        self.named.update(names)

    def _check_place(self, attributes: dict[str, str]) -> None:
        main = attributes.get("ContentType", "").endswith(".main+xml")
        if main and attributes.get("PartName") != WORKBOOK:
            raise BrokenBookError("a workbook out of its place")

    def _row(self, attributes: dict[str, str]) -> None:
        before = self.number
        given = attributes.get("r", str(before + 1))
        self.number = int(given) if given.isdigit() else 0
        if self.number > MOST_ROWS:
            words = f"over {MOST_ROWS:,} rows; no sheet of Excel has as many"
            raise self.content.problems.fatal(0, words)
        if self.number <= before:
            raise BrokenBookError("a row out of its place")
        self.places.clear()

    def _within_row(self, name: str, attributes: dict[str, str]) -> None:
        self.within += 1
        if self.within > MOST_IN_ROW:
            words = f"over {MOST_IN_ROW:,} cells and texts in a row; {SAVE}"
            raise self.content.problems.fatal(self.number, words)
        if name == "f":
            self.formulas.add(self.number)
        elif name == "c" and "r" in attributes:
            place = attributes["r"]
            if place in self.places:
                raise BrokenBookError("a cell twice")
            self.places.add(place)


def content_of(stream: IO[bytes], problems: Problems) -> Content:
    """Go through every part of a workbook that may be XML, whatever its name. FileError where it
    has more than can be read; BrokenBookError, or an error of zipfile, where it is broken."""
    content = Content(problems)
    with zipfile.ZipFile(stream) as archive:
        for entry in archive.infolist():
            part = _Part(entry.filename, content)
            with archive.open(entry) as opened:
                _go_through(opened, part, entry.file_size)
            content.formulas[entry.filename] = part.formulas
    stream.seek(0)
    return content


def _go_through(stream: IO[bytes], part: _Part, size: int) -> None:
    """Count what a part of `size` bytes has, where it may be XML."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = part.start
    parser.EndElementHandler = part.end
    parser.CharacterDataHandler = part.text
    parser.StartDoctypeDeclHandler = _refuse_definitions
    piece = stream.read(PIECE)
    if not piece.startswith(XML_STARTS):
        return
    read = 0  # bytes since something began or ended
    try:
        while piece:
            before = part.events
            parser.Parse(piece, False)
            read = read + len(piece) if part.events == before else 0
            if read > LONGEST:
                raise BrokenBookError("a long tag")
            piece = stream.read(PIECE)
        parser.Parse(b"", True)
    except expat.ExpatError:
        if size > SMALL:
            raise BrokenBookError("no XML") from None


def _refuse_definitions(*_: object) -> None:
    raise BrokenBookError("a definition")
