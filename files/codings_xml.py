"""XML of codings, as the Computational Medicine Center's challenge of 2007 gave them: documents
with an id, and codes with who gave them in `origin`. Their texts are not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from files.cells import CellError, Written, code_text, note_id
from files.naming import meaning
from files.problems import Problems
from files.raters import Raters, counted
from files.source import PIECE, Source

CANNOT = "a cell that cannot be taken"
DEEPEST = 50
NOTES = ("doc", "document", "note", "report", "record")
"""What an element is called that is a note."""
LONGEST_CODE = 1_000


@dataclass
class _Reader:
    raters: Raters
    problems: Problems
    parser: Any
    depth: int = 0
    note: str | None = None
    rater: str | None = None
    code: list[str] | None = None
    """The text of the code that is being read, piece by piece."""
    named: dict[str, None] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.problems.fatal(self.row, "elements are nested too deep")
        if name.lower() in NOTES:
            self.note = self._id(attributes)
        elif name.lower() == "code":
            self.code = []
            self.rater = None
            for key, value in attributes.items():
                found = meaning(key)
                if found is not None and found.role == "rater":
                    self.rater = value
                    self.named[key] = None

    def _id(self, attributes: dict[str, str]) -> str | None:
        for key, value in attributes.items():
            found = meaning(key)
            if found is not None and found.role == "note":
                return value
        return None

    def text(self, data: str) -> None:
        if self.code is not None and len(self.code) < LONGEST_CODE:
            self.code.append(data)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name.lower() != "code" or self.code is None:
            return
        try:
            if self.note is None:
                raise CellError("a code outside of a document with an id")
            written = Written(code_text("".join(self.code)[:LONGEST_CODE]))
            self.raters.named(self.rater).add(self.row, note_id(self.note), written)
        except CellError as error:
            self.problems.add(self.row, str(error), CANNOT)
        self.code = None

    def refuse(self, *_: object) -> None:
        raise self.problems.fatal(self.row, "the XML defines entities; leave its DOCTYPE out")

    @property
    def row(self) -> int:
        return int(self.parser.CurrentLineNumber)


def read_xml(source: Source, raters: Raters, problems: Problems) -> list[str]:
    """Read all codes; what is to be said of them. FileError for what is no XML."""
    parser = expat.ParserCreate("utf-8")
    reader = _Reader(raters, problems, parser)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.refuse
    try:
        for text in source.texts(problems):
            for place in range(0, len(text), PIECE):
                parser.Parse(text[place : place + PIECE].encode(), False)
        parser.Parse(b"", True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        row = getattr(error, "lineno", 0)
        raise problems.fatal(row, "not well-formed XML; save it again", "not XML") from None
    if not raters.found:
        raise problems.fatal(0, 'no code in it; write <doc id="..."><code>428.0</code></doc>')
    said = ["XML, codes within documents"]
    for name in reader.named:
        said.append(f"{counted(len(raters.found), 'rater')} in {name}")
    return said
