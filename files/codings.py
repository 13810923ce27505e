"""Files of codings: CSV, JSONL or PSV. Codes and note ids stay strings, to the last zero.

CSV: header note_id,code (and kind, if codes have no dots), a row a code; an empty code: coded,
with no code. JSONL: {"note_id": "n1", "codes": ["401.9", {"code": "428.0"}]} a line. PSV:
n1|401.9|428.0 a line. A repeated (note, code) collapses and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from files.cells import (
    CODE_ALIASES,
    CellError,
    Written,
    code_text,
    codes_of_list,
    kind_written,
    note_id,
    shown_id,
    split_codes,
)
from files.objects import read_objects
from files.problems import Problems, refused
from files.score_cells import AskedScores
from files.source import Source
from files.table import Columns, Table, plain_name, read_table
from icd.codes import Kind

if TYPE_CHECKING:
    from files.scores import Scores

Form = Literal["csv", "jsonl", "psv"]
Reading = Literal["plain", "caml"]
FORMS: dict[str, Form] = {
    "csv": "csv", "tsv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "psv": "psv",
}  # fmt: skip
"""A name's ending -> the form of the file."""
ENDINGS = (
    "the name must end in .csv, .tsv, .jsonl or .psv, or in one of these and .gz; rename the file "
    "or say its format"
)
ALIASES = {**dict.fromkeys(("icd9_code", "icd_code", "icd9", "icd"), "code"), **CODE_ALIASES}
ALIASES.update({"icd9": "code", "icd": "code"})
LONG = Columns(("note_id", "code"), ("kind",), ALIASES, "note_id,code")
WIDE = Columns(("note_id", "codes"), (), CODE_ALIASES, "note_id,code")


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
    return FORMS.get(asked or source.ending)


def parse_codings(source: Source, asked: Asked | None = None) -> CodingsFile:
    """All codings of a file, or FileError with everything that is wrong."""
    asked = asked or Asked()
    form = form_of(source, asked.form)
    if form is None:
        raise refused(ENDINGS, source.name)
    problems = Problems(source.name)
    collected = _Collected(problems)
    header_first = form == "psv" and _is_header(source)
    if form == "jsonl" or source.first_line.startswith("{"):
        _read_objects(source, collected)
        named = "JSON"
    elif form == "psv" and not header_first:
        _read_psv(source, collected)
        named = "PSV"
    else:
        _read_table(source, collected)
        named = "CSV"
    collected.finish()
    problems.refuse()
    codings = Codings(
        collected.codings,
        collected.repeats,
        collected.places,
        collected.kinds,
        collected.nulls,
        asked.kind,
        asked.reading,
    )
    understood = "; ".join([named, *source.facts])
    return CodingsFile({"": codings}, understood, bool(source.facts))


class _Collected:
    """The codings as they are read."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.codings: dict[str, set[str]] = {}
        self.places: dict[tuple[str, str], int] = {}
        self.kinds: dict[tuple[str, str], Kind] = {}
        self.empty: dict[str, int] = {}
        self.repeats = 0
        self.nulls = 0

    def add(self, row: int, note: str, written: Written) -> None:
        """One row of a long table; an empty code says that there is none."""
        code = written.text
        given = self.codings.setdefault(note, set())
        self.repeats += code in given if code else note in self.empty
        self.places.setdefault((note, ""), row)
        self.places.setdefault((note, code), row)
        if not code:
            self.empty[note] = row
            return
        if written.kind is not None:
            self._add_kind(row, note, code, written.kind)
        given.add(code)

    def _add_kind(self, row: int, note: str, code: str, kind: Kind) -> None:
        if self.kinds.setdefault((note, code), kind) != kind:
            self.problems.add(
                row, f"note {shown_id(note)} has a code as a diagnosis and as a procedure; keep one"
            )

    def add_note(self, row: int, note: str, codes: Sequence[Written]) -> None:
        """A line that has all codes of its note."""
        if note in self.codings:
            first = self.places[note, ""]
            words = f"note {shown_id(note)} is already on row {first}; give each note one row"
            self.problems.add(row, words, "a note is given twice")
            return
        self.codings[note] = set()
        self.places[note, ""] = row
        for written in codes:
            self.add(row, note, written)

    def finish(self) -> None:
        """A note whose codes are none and some is wrong."""
        for note, row in self.empty.items():
            if self.codings[note]:
                words = f"note {shown_id(note)} has no code here and codes elsewhere; remove one"
                self.problems.add(row, words, "a note has no code and codes")


def _read_table(source: Source, collected: _Collected) -> None:
    problems = collected.problems
    columns = WIDE if _has_codes(source) else LONG
    table = read_table(source, columns, problems)
    source.facts[:] = table.facts
    for row, cells in table.rows(problems):
        try:
            _add_row(collected, table, row, cells)
        except CellError as error:
            problems.add(row, str(error), "a cell that cannot be taken")


def _add_row(collected: _Collected, table: Table, row: int, cells: Sequence[str]) -> None:
    note = note_id(cells[table.places["note_id"]])
    if "codes" in table.places:
        written = [Written(code_text(code)) for code in split_codes(cells[table.places["codes"]])]
        collected.add_note(row, note, written)
        return
    kind = kind_written(cells[table.places["kind"]]) if "kind" in table.places else None
    collected.add(row, note, Written(code_text(cells[table.places["code"]]), kind))


def _has_codes(source: Source) -> bool:
    """Whether the header has a column of all codes of a note, and none of one code a row."""
    names = [name.strip(' "') for name in re.split(r"[,;|\t]", source.first_line)]
    return any(WIDE.known(name) == "codes" for name in names) and not any(
        LONG.known(name) == "code" for name in names
    )


def _is_header(source: Source) -> bool:
    """Whether a PSV file begins with the header of a table."""
    names = [plain_name(name).strip('"') for name in source.first_line.split("|")]
    return "note_id" in names and ("code" in names or "codes" in names)


def _read_objects(source: Source, collected: _Collected) -> None:
    for row, value in read_objects(source, WIDE, collected.problems):
        if "note_id" not in value or not isinstance(value.get("codes"), list):
            words = 'not {"note_id": "...", "codes": [...]}; write one such object a line'
            collected.problems.add(row, words)
            continue
        try:
            note = note_id(value["note_id"])
            codes, nulls = codes_of_list(value["codes"])
            collected.add_note(row, note, codes)
        except CellError as error:
            collected.problems.add(row, str(error), "a cell that cannot be taken")
            continue
        collected.nulls += nulls


def _read_psv(source: Source, collected: _Collected) -> None:
    for row, line in _lines(source, collected.problems):
        note, *codes = line.split("|")
        if len(codes) == 1 and not codes[0].strip():
            codes = []
        try:
            written, empty = codes_of_list(codes)
            collected.add_note(row, note_id(note), written)
        except CellError as error:
            collected.problems.add(row, str(error), "a cell that cannot be taken")
            continue
        collected.nulls += empty


def _lines(source: Source, problems: Problems) -> Iterator[tuple[int, str]]:
    for row, line in enumerate(source.lines(problems), start=1):
        if line.strip():
            yield row, line.strip()
