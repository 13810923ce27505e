"""Files of notes: CSV note_id,text[,codes], the same as xlsx, or JSONL {"note_id", "text",
"codes"?}.

Codes may stand in `codes`, separated by |, or, without their dots, in `dx_codes` and `proc_codes`.
A column `patient` says whose note it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from files.cells import (
    CODE_ALIASES,
    ID_LIMIT,
    CellError,
    Written,
    codes_of_list,
    note_id,
    patient_id,
    shown_id,
    split_codes,
)
from files.cells import unstorable as why_unstorable
from files.documents import Object
from files.objects import read_objects
from files.problems import FileError, Problems
from files.source import MOST_CHARACTERS, Source
from files.spreadsheet_csv import unguarded
from files.table import Columns, read_table
from icd.check import Answer, CodeCheck, Refused, Taken
from icd.codes import Kind
from icd.tally import CodeTally

OF_KIND: dict[str, Kind | None] = {"codes": None, "dx_codes": "dx", "proc_codes": "proc"}
"""Columns of codes -> the kind of the codes in them."""
PATIENT_ALIASES = dict.fromkeys(("subject_id", "patient_id"), "patient")
"""Names under which people write the column `patient`."""
NOTE_ALIASES = {
    **dict.fromkeys(("hadm_id", "doc_id", "document_id", "report_id"), "note_id"),
    **dict.fromkeys(("noteid", "encounter_id", "visit_id", "_id"), "note_id"),
    **dict.fromkeys(("note_text", "report_text", "discharge_summary"), "text"),
    **dict.fromkeys(("note", "report", "document"), "text"),
    "labels": "codes",
    "icd9_diag": "dx_codes",
    "icd9_proc": "proc_codes",
}
"""Names under which MIMIC, CAML, medical-coding-reproducibility and others write the columns."""
COLUMNS = Columns(
    needed=("note_id", "text"),
    optional=(*OF_KIND, "patient"),
    aliases=CODE_ALIASES | PATIENT_ALIASES | NOTE_ALIASES,
    example="note_id,text[,codes]",
)
ENDINGS = ("csv", "tsv", "jsonl", "ndjson", "xlsx", "parquet", "feather", "json")
BINARY = {"workbook": "an Excel workbook", "parquet": "Parquet", "feather": "Feather"}
"""What files that are no text are called."""
MOST_NOTES = 2_000_000
MOST_OF_BATCH = 200_000
"""Notes of the largest batch: with 200 MB each has a thousand characters."""


@dataclass(frozen=True)
class NoteRow:
    """One note of a batch; `codes` is None when the file says nothing about its codes."""

    note_id: str
    text: str
    codes: tuple[str, ...] | None
    patient: str = ""
    """The source's id of the patient; empty where it names none."""
    ranks: Mapping[str, int] | None = None
    """Code -> its place among the note's diagnoses or procedures, where the source ranks them."""


@dataclass(frozen=True)
class RawNote:
    """A note as the file has it; `codes` as they are written."""

    row: int
    note_id: str
    text: str
    codes: list[Written] | None
    patient: str
    good: bool
    """Whether nothing is wrong with it so far; its codes were not checked yet."""
    cells: Sequence[str] = ()
    """The row's cells, whole; none of a JSON object."""


@dataclass(frozen=True)
class CheckedNote:
    """A note whose codes were checked too."""

    raw: RawNote
    answers: Sequence[Answer]
    good: bool
    """Whether nothing is wrong with it."""

    @property
    def kinds(self) -> dict[str, Kind]:
        """Its codes that were taken, with their kinds."""
        found: dict[str, Kind] = {}
        for answer in self.answers:
            if isinstance(answer, Taken):
                found[answer.code] = answer.kind
        return found

    @property
    def row(self) -> NoteRow:
        """The note as it is stored."""
        codes = None
        if self.raw.codes is not None:
            codes = tuple(sorted(self.kinds))
        return NoteRow(self.raw.note_id, self.raw.text, codes, self.raw.patient)


@dataclass(frozen=True)
class NotesFile:
    """The notes of a file, and what is to be said of them."""

    rows: list[NoteRow]
    read_as: str
    """For example "CSV separated by semicolons; ignored: ward"."""
    remarks: list[str]
    """What was folded, dropped or marked, a sentence each."""
    kinds: dict[str, Kind] = field(default_factory=dict)
    """Code of any of the notes -> its kind."""


def parse_notes(source: Source, check: CodeCheck | None = None) -> NotesFile:
    """All rows, or FileError with everything that is wrong."""
    problems = Problems(source.name)
    tally = CodeTally()
    kinds: dict[str, Kind] = {}
    rows = []
    reader = NoteReader(source, problems, id_limit=ID_LIMIT, most=MOST_OF_BATCH)
    for note in reader.checked(check or CodeCheck()):
        for answer in note.answers:
            tally.add(answer)
        kinds.update(note.kinds)
        if note.good:
            rows.append(note.row)
    problems.refuse()
    tally.no_code += reader.nulls
    remarks = [*tally.remarks(), *reader.of_patients(rows)]
    return NotesFile(rows, reader.read_as, remarks, kinds)


class NoteReader:
    """Reads the notes of a file one after the other; what is wrong with them goes to `problems`."""

    def __init__(
        self,
        source: Source,
        problems: Problems,
        *,
        id_limit: int | None = None,
        most: int = MOST_NOTES,
        earlier: Collection[str] = (),
        mended: bool = False,
    ) -> None:
        """`most`: notes of the largest file. `mended`: these are rows of another file, mended
        (files.notes_mend); `earlier` are the ids of that file's good notes."""
        self.source = source
        self.problems = problems
        self.id_limit = id_limit
        self.most = most
        self.earlier = earlier
        self.mended = mended
        self.header: list[str] = []
        """The names of the columns as they are written; none of JSON."""
        self.spoilt: dict[int, list[str]] | None = None
        """Where it is set to a dict: the cells of rows of which one is not taken."""
        self.first_row: dict[str, int] = {}
        self.facts: list[str] = []
        self.nulls = 0
        """Codes of JSON that were null."""
        self.names_patients = False
        """Whether any row has a place for its patient."""

    def checked(self, check: CodeCheck) -> Iterator[CheckedNote]:
        """Each note, good or not, with its codes checked. FileError where the file cannot be read
        on, or has no notes."""
        empty = True
        for raw in self.notes():
            empty = False
            answers = [check.read(written.text, written.kind) for written in raw.codes or ()]
            good = raw.good
            for answer in answers:
                if isinstance(answer, Refused):
                    good = False
                    cause = f"a code {answer.cause}"
                    self.problems.add(raw.row, answer.words, cause, answer.mend)
            yield CheckedNote(raw, answers, good)
        if empty and not self.problems.total:
            raise self.problems.fatal(
                0, "the file has no notes: it is empty, or holds only a header"
            )

    @property
    def read_as(self) -> str:
        """What the file was understood as; complete when it was read."""
        return "; ".join([self.form, *self.facts])

    def of_patients(self, rows: Sequence[NoteRow]) -> Iterator[str]:
        """What is to be said of the patients that the file names."""
        if self.names_patients:
            named = [row.patient for row in rows if row.patient]
            yield patients_words(len(set(named)), len(named), len(rows))

    def notes(self) -> Iterator[RawNote]:
        """Each note, good or not. FileError where the file cannot be read on."""
        if self.source.form == "text" and self.source.ending not in ENDINGS:
            endings = ", ".join(f".{ending}" for ending in ENDINGS[:-1])
            raise self.problems.fatal(
                0, f"the file's name must end in {endings} or .json, or in one of these and .gz"
            )
        for raw in self._objects() if self.is_json else self._table():
            if len(self.first_row) > self.most:
                words = f"over {self.most:,} notes; split the file into several"
                raise self.problems.fatal(raw.row, words)
            yield raw

    @property
    def is_json(self) -> bool:
        """By its ending, or by its first character where a CSV file holds JSON."""
        if self.source.form != "text":
            return False
        named = self.source.ending in ("jsonl", "ndjson", "json")
        return named or self.source.first_line.startswith("{")

    @property
    def form(self) -> str:
        if self.source.form != "text":
            return BINARY.get(self.source.form, self.source.form)
        return "JSON" if self.is_json else "CSV"

    def _objects(self) -> Iterator[RawNote]:
        for row, value in read_objects(self.source, COLUMNS, self.problems):
            if "note_id" not in value or "text" not in value:
                self.problems.add(row, _lacking(value))
                continue
            yield self._read(row, value["note_id"], value["text"], value)
        self.facts = self.source.facts

    def _table(self) -> Iterator[RawNote]:
        table = read_table(self.source, COLUMNS, self.problems)
        table.spoilt = self.spoilt
        self.facts = table.facts
        self.header = table.header
        id_place, text_place = table.places["note_id"], table.places["text"]
        code_places = {name: table.places[name] for name in OF_KIND if name in table.places}
        for row, cells in table.rows(self.problems):
            if self.mended:
                cells = [unguarded(cell) for cell in cells]
            given: Object = {}
            for name, place in code_places.items():
                given[name] = split_codes(cells[place])
            if "patient" in table.places:
                given["patient"] = cells[table.places["patient"]]
            yield self._read(row, cells[id_place], cells[text_place], given, cells)

    def _read(
        self, row: int, given_id: object, text: object, given: Object, cells: Sequence[str] = ()
    ) -> RawNote:
        """The note, with all of its problems noted: one round of mending is to be enough."""
        before = self.problems.total
        found = self._id(row, given_id)
        problem = _text_problem(text)
        if problem:
            self.problems.add(row, problem)
        codes = self._codes(row, given)
        patient = self._patient(row, given)
        good = self.problems.total == before
        return RawNote(row, found, str(text), codes, patient, good, cells)

    def _id(self, row: int, given: object) -> str:
        try:
            found = note_id(given, limit=self.id_limit)
        except CellError as error:
            self.problems.add(row, str(error), "a note_id that cannot be taken")
            return ""
        if found in self.first_row:
            words = f"note_id {shown_id(found)} is already on row {self.first_row[found]}"
            self.problems.add(
                row, f"{words}; give each note its own id", "a note_id is given twice"
            )
        if found in self.earlier:
            words = f"note_id {shown_id(found)} is already among the good rows that wait here"
            self.problems.add(
                row,
                f"{words}; take this row out, or give it another id",
                "a note_id is given twice",
            )
        self.first_row.setdefault(found, row)
        return found

    def _patient(self, row: int, given: Object) -> str:
        """The patient that the row names; "" for none."""
        self.names_patients |= "patient" in given
        try:
            return patient_id(given.get("patient"), limit=self.id_limit)
        except CellError as error:
            self.problems.add(row, str(error), "a patient that cannot be taken")
            return ""

    def _codes(self, row: int, given: Object) -> list[Written] | None:
        """The codes of all columns of codes; None where there is no such column."""
        found: list[Written] | None = None
        for name, kind in OF_KIND.items():
            if given.get(name) is None:
                continue
            try:
                codes, nulls = codes_of_list(given[name], kind)
            except CellError as error:
                self.problems.add(row, str(error), "codes that cannot be read")
                continue
            self.nulls += nulls
            found = [*(found or []), *codes]
        return found


def patients_words(patients: int, named: int, notes: int) -> str:
    """The sentence on the patients of `notes` notes, of which `named` name theirs."""
    return (
        f"patients named: {patients:,}, of {named:,} notes; notes that name none: {notes - named:,}"
    )


def _lacking(value: Object) -> str:
    missing = [name for name in COLUMNS.needed if name not in value]
    return f'an object without {" and ".join(missing)}; write {{"note_id": ..., "text": ...}}'


def _text_problem(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        return "the text is empty"
    if len(text) > MOST_CHARACTERS:
        return f"the text has over {MOST_CHARACTERS:,} characters; no note is as long"
    problem = why_unstorable(text)
    return f"the text {problem}" if problem else ""


def stream_notes(
    source: Source, tell: Callable[[str], object] | None = None
) -> Iterator[tuple[str, str]]:
    """(note id, text) one after the other; FileError at the first that is wrong.

    At the end `tell` gets what was found out about the file, where it is not the plain form.
    """
    reader = NoteReader(source, Problems(source.name, at_once=True))
    for raw in reader.notes():
        yield raw.note_id, raw.text
    if tell is not None and reader.facts:
        tell(f"{source.name} was read as {reader.read_as}")


__all__ = ["FileError", "NoteRow", "NotesFile", "parse_notes", "stream_notes"]
