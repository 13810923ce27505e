"""Files of codings, in whatever shape people have them. Codes and note ids stay strings, to the
last zero.

A table (delimited text, a workbook, Parquet, Feather) has a code a row, a list in a cell, a column
a code or a column a rater; JSON has an object a note or a code, or all notes in one; PSV is
n1|401.9|428.0 a line; the challenge of 2007 has XML. docs/files.md shows each. A repeated
(note, code) collapses and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from files.codings_json import JsonReader
from files.codings_psv import PSV, is_psv, read_psv
from files.codings_table import read_table_of_codings
from files.codings_xml import read_xml
from files.documents import Document
from files.grid import open_grid
from files.naming import header_fits
from files.problems import Problems, refused
from files.raters import Raters, counted
from files.score_cells import AskedScores
from files.source import Source
from files.table import shown_names
from icd.codes import KIND_NAMES, Kind

if TYPE_CHECKING:
    from files.scores import Scores

Form = Literal["csv", "jsonl", "psv"]
Reading = Literal["plain", "caml"]
FORMS: dict[str, Form] = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "txt": "csv", "dat": "csv", "": "csv", "xml": "csv",
    "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "psv": "psv",
}  # fmt: skip
"""A name's ending -> the form of a file of text."""
PLAIN = {
    "comma-separated; note ids in note_id; codes in code",
    "comma-separated; note ids in note_id; codes in codes",
    "JSON, an object a line; note ids in note_id; codes in codes",
    PSV,
}
"""What files are said to be in which nothing had to be found out."""
ENDINGS = (
    "the name must end in .csv, .tsv, .txt, .psv, .json, .jsonl, .xml, .xlsx, .parquet or "
    ".feather, or in one of these and .gz; rename the file or say its format"
)


@dataclass(frozen=True)
class Asked:
    """What the user says of a file; everything else is found out."""

    form: Form | None = None
    """The format, whatever the name's ending is."""
    reading: Reading = "plain"
    """"caml": procedures lost their zeros as in the tables that CAML's preprocessing makes."""
    kind: Kind | None = None
    """Of the codes without dots: all diagnoses, or all procedures."""
    scores: AskedScores = field(default_factory=AskedScores)
    """What is said of the file's scores."""


@dataclass(frozen=True)
class Codings:
    """What one rater gave to the notes."""

    codings: dict[str, set[str]]
    """note id -> its codes as written; an empty set: coded, with no code."""
    repeats: int = 0
    """(note, code) pairs given more than once, each time after the first."""
    places: dict[tuple[str, str], int] = field(default_factory=dict, compare=False)
    """(note, code) -> the line that says it first; (note, "") -> the note's first."""
    kinds: dict[tuple[str, str], Kind] = field(default_factory=dict, compare=False)
    """(note, code) -> its kind, where the file says it of this code."""
    nulls: int = field(default=0, compare=False)
    """Codes of a line that were null or empty, and were left out."""
    kind: Kind | None = field(default=None, compare=False)
    """The kind of every code without a dot, where the user said it or the file's name does."""
    reading: Reading = field(default="plain", compare=False)
    """How procedures are written."""

    def kind_of(self, note: str, code: str) -> Kind | None:
        """The kind that the file, or its user, says of a note's code as written."""
        return self.kinds.get((note, code)) or (None if "." in code else self.kind)


@dataclass(frozen=True)
class CodingsFile:
    """What a file of codings says."""

    raters: dict[str, Codings]
    """The name in the file's column of raters -> what it gave; "" where the file names none."""
    understood: str
    """How the file was read, in one sentence for people."""
    unusual: bool = False
    """Whether something was found out, or ignored, that is not the plain form."""
    scores: dict[str, Scores] = field(default_factory=dict)
    """The scores by the same names; empty where the file has none."""

    def only(self) -> Codings:
        """The one rater's codings. FileError where the file has several raters."""
        if len(self.raters) != 1:
            names = ", ".join(sorted(self.raters))
            raise refused(f"the file has {len(self.raters)} raters ({names}); say which is meant")
        return next(iter(self.raters.values()))


def form_of(source: Source, asked: str | None = None) -> Form | None:
    """The form asked for, else that of the name's ending; None for an ending that says nothing."""
    return FORMS.get(source.ending if asked is None else asked)


def parse_codings(source: Source, asked: Asked | None = None) -> CodingsFile:
    """All codings of a file, or FileError with everything that is wrong."""
    asked = asked or Asked()
    form = form_of(source, asked.form)
    if form is None and source.form == "text":
        raise refused(ENDINGS, source.name)
    problems = Problems(source.name)
    raters = Raters(problems, asked.scores)
    kind = asked.kind or _kind_of_file(source.stem)
    if source.form == "text" and _is_json(source, form, asked):
        said = _read_json(source, raters, problems)
    elif source.form == "text" and is_psv(source.first_line, sure=form == "psv"):
        said = read_psv(source, raters, problems)
    elif source.form == "text" and source.first_line.startswith("<"):
        said = read_xml(source, raters, problems)
    else:
        said = _read_table(source, raters, problems, kind)
    if kind is not None and "undotted" not in "".join(said) and _dotless(raters):
        said.append(f"codes undotted, {KIND_NAMES[kind]}")
    for collected in raters.found.values():
        collected.finish()
    problems.refuse()
    return _file(said, source, raters, asked, kind)


def _file(
    said: list[str], source: Source, raters: Raters, asked: Asked, kind: Kind | None
) -> CodingsFile:
    found = {}
    scores = {}
    for name, collected in raters.found.items():
        if collected.read is not None:
            scores[name] = collected.read.scores
        found[name] = Codings(
            collected.codings,
            collected.repeats,
            collected.places,
            collected.kinds,
            collected.nulls,
            kind,
            asked.reading,
        )
    if asked.reading == "caml":
        said.append("procedures read in CAML's way")
    understood = "; ".join([said[0], *source.facts, *said[1:]])
    return CodingsFile(found or {"": Codings({})}, understood, understood not in PLAIN, scores)


def _is_json(source: Source, form: Form | None, asked: Asked) -> bool:
    """By the form, or by how the file begins; what is piped in has no name that says its form."""
    if source.assumed and asked.form is None:
        return source.first_line.startswith(("{", "["))
    return form == "jsonl" or source.first_line.startswith(("{", "[{"))


def _kind_of_file(stem: str) -> Kind | None:
    """The kind of undotted codes that a file's name says, as MIMIC's do.

    >>> _kind_of_file("DIAGNOSES_ICD"), _kind_of_file("procedures_icd"), _kind_of_file("codes")
    ('dx', 'proc', None)
    """
    name = stem.lower()
    diagnoses = "diagnos" in name
    procedures = "procedure" in name
    if diagnoses == procedures:
        return None
    return "dx" if diagnoses else "proc"


def _read_json(source: Source, raters: Raters, problems: Problems) -> list[str]:
    reader = JsonReader(Document(source, problems), raters, problems)
    reader.read()
    return [reader.form, *reader.said(), *raters.settle()]


def _read_table(source: Source, raters: Raters, problems: Problems, kind: Kind | None) -> list[str]:
    if source.form in ("parquet", "feather", "numpy"):
        from files.score_arrays import read_scores  # NumPy is needed for scores alone

        said_of_scores = read_scores(source, raters, problems)
        if said_of_scores:
            return [*said_of_scores, *raters.settle()]
    grid = open_grid(source, header_fits, 2, problems)
    reader = read_table_of_codings(grid, raters, problems)
    layout = reader.layout
    scored = raters.settle()
    said = [*grid.said, *layout.said(_dotless(raters), kind)]
    if layout.rater is not None:
        said.append(f"{counted(len(raters.found), 'rater')} in {layout.name(layout.rater)}")
    if reader.formulas:
        said.append('cells written ="..." read as what is in the quotes')
    if layout.ignored:
        said.append(f"ignored: {shown_names(layout.ignored)}")
    return [*said, *scored]


def _dotless(raters: Raters) -> bool:
    """Whether no code has a dot, and one is as long as a code that would have one."""
    long = False
    for collected in raters.found.values():
        for _, code in collected.places:
            if "." in code:
                return False
            long = long or len(code) > 3
    return long
