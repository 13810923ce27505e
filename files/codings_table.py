"""Tables of codings: a code a row, a list in a cell, columns of codes, a column a code or a
rater."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from files.cells import (
    CellError,
    Written,
    code_text,
    codes_in_cell,
    kind_written,
    note_id,
    unwrapped,
)
from files.collected import Collected
from files.grid import Grid, Row
from files.layout import NO, YES, Layout, layout_of
from files.problems import Problems
from files.raters import Raters
from files.table import Table
from icd.codes import Kind

TOTALS = ("total", "totals", "sum", "grand total")
MOST_ROWS = 5_000_000
"""Rows of codings: MIMIC-III has 891,000."""
SAMPLE = 100
"""Rows that are looked at to find out what columns hold."""
KEPT_CELL = 16
"""Characters of a cell that is likely to stand in other rows as well."""
SYSTEMS = {
    **dict.fromkeys(("", "9", "9.0", "icd9", "icd9cm", "icd-9", "icd-9-cm", "icd 9 cm"), True),
    **dict.fromkeys(("10", "10.0", "icd10", "icd10cm", "icd-10", "icd-10-cm", "icd10pcs"), False),
}
"""How cells name a code system -> whether it is ICD-9-CM."""
CANNOT = "a cell that cannot be taken"


@dataclass
class TableReader:
    """Reads the rows of a table of codings into what its raters gave."""

    layout: Layout
    raters: Raters
    problems: Problems
    ids: dict[str, str] = field(default_factory=dict)
    """Cells of note ids -> the ids; most stand in many rows."""
    written: dict[Kind | None, dict[str, Sequence[Written]]] = field(default_factory=dict)
    """Kind -> cells of codes -> the codes; most stand in many rows."""
    lists: bool = False
    """Whether a row has all codes of its note."""
    formulas: bool = False
    """Whether a cell was a formula of nothing but a string."""
    kinds_found: bool = False
    """Whether the column of kinds has any."""

    def read(self, rows: Iterator[Row]) -> None:
        """All rows, and what is wrong with them."""
        self.lists = self.layout.slots or self.layout.shape in ("wide", "scores", "lists")
        whole = rows
        rows = islice(rows, MOST_ROWS)
        if self.layout.plain:
            self._read_plain(rows)
        elif self.layout.plain_scores:
            self._read_scored(rows)
        else:
            self._read_others(rows)
        if next(whole, None) is not None:
            raise self.problems.fatal(0, f"over {MOST_ROWS:,} rows; split the file")
        if self.lists:
            for collected in self.raters.found.values():
                collected.refuse_all_again()

    def _read_others(self, rows: Iterator[Row]) -> None:
        add = {
            "codes": self._codes,
            "wide": self._wide,
            "scores": self._scores,
            "raters": self._of_raters,
            "lists": self._lists,
        }[self.layout.shape]
        place = self.layout.note
        ids = self.ids
        for row, cells in rows:
            try:
                note = ids.get(cells[place]) or self._note(cells[place])
                add(row, note, cells)
            except CellError as error:
                self.problems.add(row, str(error), CANNOT)

    def _read_plain(self, rows: Iterator[Row]) -> None:
        """The plainest table, which most are: a note and its code in each row."""
        note_place = self.layout.note
        place, kind = self.layout.codes[0]
        collected = self.raters.named(None)
        codings, again, add = collected.codings, collected.again, collected.add
        ids = self.ids
        known = self.written.setdefault(kind, {})
        for row, cells in rows:
            try:
                note = ids.get(cells[note_place]) or self._note(cells[note_place])
                codes = known.get(cells[place])
                if codes is None:
                    codes = self._written(cells[place], kind)
                if note in codings and note not in again:
                    again[note] = row
                for code in codes:
                    add(row, note, code)
                if not codes:
                    collected.add_empty(row, note)
            except CellError as error:
                self.problems.add(row, str(error), CANNOT)

    def _read_scored(self, rows: Iterator[Row]) -> None:
        """A note, a code and its score in each row, and perhaps whether it is given."""
        layout = self.layout
        note_place, score_place, given_place = layout.note, layout.score or 0, layout.given
        place, kind = layout.codes[0]
        collected = self.raters.named(None)
        add = self.raters.score_rows(collected).add
        ids = self.ids
        known = self.written.setdefault(kind, {})
        for row, cells in rows:
            try:
                note = ids.get(cells[note_place]) or self._note(cells[note_place])
                codes = known.get(cells[place])
                if codes is None or len(codes) != 1:
                    self._scored(row, note, collected, kind, cells)
                    continue
                given = None if given_place is None else _yes(cells[given_place])
                add(row, note, codes[0], cells[score_place], given)
            except CellError as error:
                self.problems.add(row, str(error), CANNOT)

    def _note(self, cell: str) -> str:
        found = note_id(self._bare(cell))
        if found.lower() in TOTALS:
            raise CellError("a row of totals belongs to no note; remove it")
        self.ids[cell] = found
        return found

    def _codes(self, row: int, note: str, cells: Sequence[str]) -> None:
        """A row with columns of codes: one code, a list, or one of several."""
        layout = self.layout
        collected = self.raters.named(cells[layout.rater] if layout.rater is not None else None)
        if layout.system is not None and not _is_icd9(cells[layout.system]):
            words = "the row is of ICD-10; this code system is ICD-9-CM; leave such rows out"
            self.problems.add(row, words, "a row is of ICD-10")
            return
        kind = self._kind(cells)
        if layout.score is not None:
            self._scored(row, note, collected, kind, cells)
            return
        if layout.given is not None and not _yes(cells[layout.given]):
            collected.see(row, note)
            return
        if note in collected.codings:
            collected.again.setdefault(note, row)
        empty = True
        for place, column_kind in layout.codes:
            for code in self._written(cells[place], kind or column_kind):
                empty = False
                collected.add(row, note, code)
        if empty:
            collected.add_empty(row, note)

    def _scored(
        self, row: int, note: str, collected: Collected, kind: Kind | None, cells: Sequence[str]
    ) -> None:
        """A row with a code, its score, and perhaps whether it is given."""
        layout = self.layout
        codes: list[Written] = []
        for place, column_kind in layout.codes:
            codes += self._written(cells[place], kind or column_kind)
        if len(codes) > 1:
            raise CellError("one score beside several codes; write a row for each code")
        given = None
        if layout.given is not None:
            given = _yes(cells[layout.given])
        code = codes[0] if codes else Written("")
        score = cells[layout.score or 0]
        self.raters.score_rows(collected).add(row, note, code, score, given)

    def _scores(self, row: int, note: str, cells: Sequence[str]) -> None:
        """A row with the score of each code in a column of its own."""
        from files.score_tables import WideRows  # NumPy is needed for scores alone

        layout = self.layout
        collected = self.raters.named(cells[layout.rater] if layout.rater is not None else None)
        if collected.scored is None:
            codes = [layout.header[place].strip() for place in layout.columns]
            collected.scored = WideRows(codes, self.raters.asked, self.problems)
        if isinstance(collected.scored, WideRows):
            collected.scored.add(row, note, [cells[place] for place in layout.columns])

    def _written(self, cell: str, kind: Kind | None) -> Sequence[Written]:
        """The codes of a cell; none where it is empty."""
        known = self.written.setdefault(kind, {})
        if cell in known:
            return known[cell]
        codes = codes_in_cell(self._bare(cell), several=self.layout.plural)
        self.lists = self.lists or len(codes) > 1
        found = [Written(code_text(code), kind) for code in codes]
        if len(cell) <= KEPT_CELL:
            known[cell] = found
        return found

    def _bare(self, cell: str) -> str:
        """The cell without the formula that only holds it."""
        if not cell.lstrip().startswith("="):
            return cell
        bare = unwrapped(cell)
        self.formulas = self.formulas or bare != cell
        return bare

    def _kind(self, cells: Sequence[str]) -> Kind | None:
        """The kind that the row says. CellError where a column called kind has no kind."""
        place = self.layout.kind
        if place is None:
            return None
        try:
            found = kind_written(cells[place])
        except CellError:
            if self.layout.header[place].strip().lower() == "kind":
                raise
            return None
        self.kinds_found = self.kinds_found or found is not None
        return found

    def _wide(self, row: int, note: str, cells: Sequence[str]) -> None:
        """A row with a column a code."""
        layout = self.layout
        collected = self.raters.named(cells[layout.rater] if layout.rater is not None else None)
        if note in collected.codings:
            collected.again.setdefault(note, row)
            return
        collected.see(row, note)
        for place in layout.columns:
            if cells[place] != "0" and _yes(cells[place]):
                collected.add(row, note, Written(layout.header[place].strip()))

    def _of_raters(self, row: int, note: str, cells: Sequence[str]) -> None:
        """A row with a code, and a column a rater that says whether it gave it."""
        place, kind = self.layout.codes[0]
        for code in self._written(cells[place], self._kind(cells) or kind):
            for column in self.layout.columns:
                collected = self.raters.named(self.layout.header[column])
                collected.see(row, note)
                if _yes(cells[column]):
                    collected.add(row, note, code)

    def _lists(self, row: int, note: str, cells: Sequence[str]) -> None:
        """A row with a column of codes a rater."""
        for column in self.layout.columns:
            collected = self.raters.named(self.layout.header[column])
            collected.add_note(row, note, self._written(cells[column], None))


def read_table_of_codings(grid: Grid, raters: Raters, problems: Problems) -> TableReader:
    """Read a table of codings. FileError where its header cannot be understood."""
    sample = list(islice(grid.rows, SAMPLE))
    cells = [cells for _, cells in sample]
    layout = layout_of(grid.header, grid.header_row, cells, problems)
    rows = chain(sample, grid.rows)
    table = Table(grid.header, {}, len(grid.header), [], rows, layout.used)
    reader = TableReader(layout, raters, problems)
    reader.read(table.rows(problems))
    return reader


def _is_icd9(cell: str) -> bool:
    """Whether a cell names ICD-9-CM. What is no code system is left to the check of codes."""
    return SYSTEMS.get(cell.strip().lower(), True)


def _yes(cell: str) -> bool:
    """What a cell says. CellError where it says neither yes nor no."""
    plain = cell.strip().lower()
    if plain in NO:
        return False
    if plain in YES:
        return True
    raise CellError("a cell is neither 1 nor 0 (yes or no); write one of the two")
