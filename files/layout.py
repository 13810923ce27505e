"""How a table of codings is laid out: which column has what, found out from its header and its
first rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from files.cells import looks_like_code, split_codes
from files.grid import NOT_TAKEN
from files.naming import OF_SOMEBODY, is_slot, meaning, of_role
from files.problems import Problems
from files.score_cells import is_number
from files.table import shown_header, shown_names
from icd.codes import KIND_NAMES, Kind

Shape = Literal["codes", "wide", "scores", "raters", "lists"]
"""codes: columns of codes. wide: a column a code. scores: a column of scores a code.
raters: a column of codes, and a column a rater that says which of them it gave. lists: a column of
codes a rater."""
YES = frozenset(("1", "1.0", "true", "t", "yes", "y", "x", "✓"))
NO = frozenset(("0", "0.0", "false", "f", "no", "n", "", "-", "nan", "none", "null", "na", "n/a"))
"""What cells say of whether a code is given, without case."""
FLAGS = (
    "primary", "principal", "poa", "present", "seq", "rank", "order", "flag", "active", "main",
    "is_", "has_", "chronic", "acute", "valid", "billable", "confirmed", "history", "secondary",
)  # fmt: skip
"""Beginnings of names of columns that tell something of a code, and are no raters."""
EXAMPLE = "note_id,code"
SHOWN_RATERS = 6


@dataclass
class Layout:
    """What each column of a table holds."""

    header: Sequence[str]
    row: int
    """The header's row."""
    note: int
    shape: Shape = "codes"
    codes: list[tuple[int, Kind | None]] = field(default_factory=list)
    """Columns of codes, with the kind that their names say."""
    columns: list[int] = field(default_factory=list)
    """wide: a code each; raters and lists: a rater each."""
    kind: int | None = None
    system: int | None = None
    rater: int | None = None
    score: int | None = None
    given: int | None = None

    def name(self, place: int) -> str:
        """A column's name, for people."""
        return shown_names([self.header[place]]) or "a column without a name"

    @property
    def used(self) -> set[int]:
        """The columns that are read."""
        found = {self.note, *self.columns, *(place for place, _ in self.codes)}
        others = [self.kind, self.system, self.rater, self.given]
        if self.shape == "codes":
            others.append(self.score)
        for place in others:
            if place is not None:
                found.add(place)
        return found

    @property
    def ignored(self) -> list[str]:
        """The names of the columns that are not read."""
        names = []
        for place, name in enumerate(self.header):
            if place not in self.used:
                names.append(name.strip() or "a column without a name")
        return names

    @property
    def plain(self) -> bool:
        """Whether a row has a note and its code, or codes, and nothing else that is read."""
        return self.shape == "codes" and len(self.used) == 2

    @property
    def plain_scores(self) -> bool:
        """Whether a row has a note, a code and its score, and nothing else but whether it is
        given."""
        others = (self.kind, self.system, self.rater)
        if self.shape != "codes" or self.score is None or len(self.codes) != 1:
            return False
        return all(place is None for place in others)

    @property
    def slots(self) -> bool:
        """Whether a row has its codes in several columns, or one that is numbered."""
        return len(self.codes) > 1 or any(is_slot(self.header[place]) for place, _ in self.codes)

    @cached_property
    def plural(self) -> bool:
        """Whether the column of codes is named for several codes: codes, labels, code_list."""
        names = [self.header[place].strip().lower() for place, _ in self.codes]
        return all(name.endswith(("s", "list")) for name in names)

    def said(self, dotless: bool, kind: Kind | None) -> Iterator[str]:
        """A few words on each kind of column. `dotless`: no code of the file had a dot. `kind`:
        what is known of all codes without one."""
        yield f"note ids in {self.name(self.note)}"
        yield ", ".join([self._where_codes(), *self._of_codes(dotless, kind)])
        if self.shape == "codes" and self.score is not None:
            yield f"scores in {self.name(self.score)}"
        if self.given is not None:
            yield f"given where {self.name(self.given)} says so"
        if self.shape in ("raters", "lists"):
            names = [self.name(place) for place in self.columns]
            yield f"{len(names)} raters, a column each: {_listed(names)}"

    def _where_codes(self) -> str:
        names = [self.name(place) for place, _ in self.codes]
        if self.shape == "wide":
            return f"a column a code, {len(self.columns):,} codes"
        if self.shape == "scores":
            return f"scores in a column a code, {len(self.columns):,} codes"
        if self.shape == "lists":
            return "codes in the raters' columns"
        if len(names) <= SHOWN_RATERS:
            return f"codes in {', '.join(names)}"
        return f"codes in {len(names)} columns, {names[0]} to {names[-1]}"

    def _of_codes(self, dotless: bool, kind: Kind | None) -> Iterator[str]:
        if dotless:
            yield "undotted"
        if self.kind is not None:
            yield f"their kinds in {self.name(self.kind)}"
        elif kind is not None and dotless:
            yield KIND_NAMES[kind]


def layout_of(
    header: Sequence[str], row: int, sample: Sequence[Sequence[str]], problems: Problems
) -> Layout:
    """The layout of a table with this header. `sample`: its first rows. FileError where there is
    no header, or where columns may mean more than one thing."""
    _refuse_doubles(header, row, problems)
    notes = of_role("note", header, row, problems)
    codes = of_role("code", header, row, problems, apart=True)
    if not notes:
        raise problems.fatal(row, _without_notes(header, bool(codes)))
    layout = Layout(header, row, notes[0])
    _find_others(layout, problems)
    if layout.score is not None and not _numbers(sample, [layout.score]):
        layout.score = None  # it tells something else in words
    unknown = [place for place, name in enumerate(header) if meaning(name) is None]
    named_codes = [place for place in unknown if looks_like_code(header[place])]
    if named_codes and len(named_codes) > len(codes) and _binary(sample, named_codes):
        layout.shape = "wide"
        layout.columns = named_codes
    elif len(named_codes) > max(1, len(codes)) and _numbers(sample, named_codes):
        layout.shape = "scores"
        layout.columns = named_codes
    elif codes and not _of_several(header, codes, unknown, sample):
        layout.codes = [(place, _kind_of(header[place])) for place in codes]
        _find_raters(layout, unknown, sample, problems)
    else:
        _find_lists(layout, sorted([*unknown, *codes]), sample, problems)
    return layout


def _of_several(
    header: Sequence[str],
    codes: Sequence[int],
    unknown: Sequence[int],
    sample: Sequence[Sequence[str]],
) -> bool:
    """Whether several columns have codes of one rater each: target and prediction, or labels
    beside a column with the name of a model."""
    found = meaning(header[codes[0]])
    if found is None or found.rank != OF_SOMEBODY or found.kind is not None:
        return False
    return len(codes) > 1 or any(_holds_codes(sample, place) for place in unknown)


def _find_others(layout: Layout, problems: Problems) -> None:
    header, row = layout.header, layout.row
    layout.kind = _first(of_role("kind", header, row, problems))
    layout.system = _first(of_role("system", header, row, problems))
    layout.rater = _first(of_role("rater", header, row, problems))
    layout.score = _first(of_role("score", header, row, problems))
    layout.given = _first(of_role("given", header, row, problems))


def _find_raters(
    layout: Layout, unknown: Sequence[int], sample: Sequence[Sequence[str]], problems: Problems
) -> None:
    """A column a rater: two columns or more beside one of codes, and nothing in them but yes and
    no. FileError for one such column, which may say either of two things."""
    if len(layout.codes) != 1 or layout.rater is not None or layout.given is not None:
        return
    columns = []
    for place in unknown:
        flag = layout.header[place].strip().lower().startswith(FLAGS)
        if not flag and _says(sample, place):
            columns.append(place)
    if len(columns) > 1:
        layout.shape = "raters"
        layout.columns = columns
    elif columns and not _says(sample, columns[0]) <= YES:
        name = layout.name(columns[0])
        words = f"{name} says yes or no of each code; name it given where it says which are given"
        raise problems.fatal(layout.row, f"{words}, and remove it where it says something else")


def _find_lists(
    layout: Layout, unknown: Sequence[int], sample: Sequence[Sequence[str]], problems: Problems
) -> None:
    """Columns that hold codes, though their names do not say so: the codes, or a rater each."""
    columns = [place for place in unknown if _holds_codes(sample, place)]
    if not columns:
        raise problems.fatal(layout.row, _without_codes(layout.header))
    if len(columns) == 1:
        layout.codes = [(columns[0], None)]
        return
    layout.shape = "lists"
    layout.columns = columns


def _first(places: Sequence[int]) -> int | None:
    return places[0] if places else None


def _kind_of(name: str) -> Kind | None:
    found = meaning(name)
    return found.kind if found else None


def _refuse_doubles(header: Sequence[str], row: int, problems: Problems) -> None:
    names = Counter(name.strip().lower() for name in header)
    doubled = sorted(name for name, times in names.items() if name and times > 1)
    if doubled:
        words = f"the header has {shown_names(doubled)} twice; name each column once"
        raise problems.fatal(row, words)


def _binary(sample: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Whether these columns say nothing but yes and no, as far as the sample goes."""
    spoilt = filled = False
    for cells in sample:
        for place in places:
            if place >= len(cells):
                continue
            cell = cells[place].strip().lower()
            if cell == NOT_TAKEN:
                spoilt = True
            elif cell in YES or cell in NO:
                filled = filled or bool(cell)
            else:
                return False
    return filled or not spoilt


def _says(sample: Sequence[Sequence[str]], place: int) -> set[str]:
    """What a column says, where it says nothing but yes and no; with a yes among it."""
    said = {cells[place].strip().lower() for cells in sample if place < len(cells)}
    said.discard(NOT_TAKEN)
    return said if said & YES and said <= YES | NO else set()


def _numbers(sample: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Whether these columns hold numbers, as far as the sample goes, and at least one."""
    any_number = False
    for cells in sample:
        for place in places:
            if place < len(cells) and cells[place].strip() not in ("", NOT_TAKEN):
                if not is_number(cells[place]):
                    return False
                any_number = True
    return any_number


def _holds_codes(sample: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column holds codes and nothing else, most of them with a dot or a letter."""
    marked = 0
    codes = 0
    for cells in sample:
        if place >= len(cells) or cells[place] == NOT_TAKEN:
            continue
        for code in split_codes(cells[place]):
            if not looks_like_code(code):
                return False
            codes += 1
            marked += not code.isdigit()
    return marked * 2 > codes


def _without_notes(header: Sequence[str], codes: bool) -> str:
    shown = shown_header(header)
    if not shown:
        return f"the header is missing; write {EXAMPLE} above the rows"
    if codes:
        return f"the header is {shown}; no column of note ids: name it note_id"
    return (
        f"the header is missing: the first row is {shown}; write {EXAMPLE} above it, "
        "or name your columns so"
    )


def _without_codes(header: Sequence[str]) -> str:
    shown = shown_header(header) or f"one of {len(header)} columns"
    return f"the header is {shown}; no column of codes: name it code"


def _listed(names: Sequence[str]) -> str:
    if len(names) <= SHOWN_RATERS:
        return ", ".join(names)
    return f"{', '.join(names[:SHOWN_RATERS])} ..."
