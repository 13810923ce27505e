"""Tables as values, and their text, Markdown, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from files.spreadsheet_csv import spreadsheet_csv

RowKind = Literal["rater", "paper"]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    group: str
    """What spans it in a header of two levels; "" if nothing does."""
    key: str
    """Its name in CSV."""
    parts: tuple[str, ...] = ("",)
    """The figures of a cell that shows several: in files each is a column of its own."""

    @property
    def keys(self) -> list[str]:
        """Its names in CSV, one a part.

        >>> Column("Recall", "micro", "recall", ("low", "high")).keys
        ['recall_low', 'recall_high']
        """
        return ["_".join(_filled(self.key, part)) for part in self.parts]

    @property
    def headings(self) -> list[str]:
        """Its names in a spreadsheet, one a part."""
        return [" ".join(_filled(self.group, self.name, part)) for part in self.parts]


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    kind: RowKind
    name: str
    cells: tuple[str, ...]
    """As shown, one a column."""
    exact: tuple[str, ...]
    """The same at full precision, for files: one a part of a column."""
    best: tuple[bool, ...] = ()
    """Which cells are marked, with a star or bold in LaTeX. Empty: none is."""

    @property
    def marked(self) -> list[tuple[str, bool]]:
        """Each cell, and whether it is marked."""
        return list(zip(self.cells, self.best or [False] * len(self.cells), strict=True))

    @property
    def starred(self) -> list[str]:
        """The cells, with a star where they are marked."""
        found = []
        for cell, best in self.marked:
            if best:
                cell += "*"
            found.append(cell)
        return found

    @property
    def label(self) -> str:
        """The name, with its mark if the row is the paper's."""
        if self.kind == "paper":
            return f"{self.name} (paper)"
        return self.name


@dataclass(frozen=True)
class Table:
    """A table, in no format yet: `render` prints it."""

    title: str
    corner: str
    """What the names of the rows are, such as "Rater"."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[str, ...] = ()
    common: tuple[tuple[str, str], ...] = ()
    """(name, value) pairs that hold for all raters: columns of their own in CSV."""

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The upper header, without the corner: (group, columns it spans)."""
        found = []
        for group, members in groupby(self.columns, lambda column: column.group):
            found.append((group, len(list(members))))
        return found


def render(table: Table, output_format: str) -> str:
    """The table as "text", "md", "csv" or "tex", ending in a newline.

    ValueError for another format.
    """
    if output_format not in RENDERERS:
        raise ValueError(
            f"{output_format} is no format of tables; choose from {', '.join(RENDERERS)}"
        )
    return RENDERERS[output_format](table)


def _text(table: Table) -> str:
    """Columns in line, for a terminal."""
    header = _header(table)
    body = []
    for row, cells in zip(table.rows, _under_one_another(table.rows), strict=True):
        body.append([row.label, *cells])
    widths = [max(map(len, cells)) for cells in zip(header, *body, strict=True)]
    spans = _spans(table.groups, widths)
    lines = [table.title, "", " " * widths[0] + spans, _aligned(header, widths)]
    lines.append("-" * len(lines[-1]))
    for cells in body:
        lines.append(_aligned(cells, widths))
    if table.footnotes:
        lines += ["", *table.footnotes]
    return _joined(lines)


def _header(table: Table) -> list[str]:
    """The lower header: the corner and the columns' names."""
    return [table.corner, *(column.name for column in table.columns)]


def _under_one_another(rows: Sequence[Row]) -> list[list[str]]:
    """Each row's cells, their digits in line.

    A cell without a star gets a blank where another row of its column has one.
    """
    starred: set[int] = set()
    for row in rows:
        starred.update(place for place, best in enumerate(row.best) if best)
    found = []
    for row in rows:
        cells = row.starred
        for place in starred:
            if not cells[place].endswith("*"):
                cells[place] += " "
        found.append(cells)
    return found


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
    return "  ".join([cells[0].ljust(widths[0]), *numbers])


def _spans(groups: Sequence[tuple[str, int]], widths: list[int]) -> str:
    """The upper header: groups over their columns.

    Widens a group's last column in `widths` where the group's name needs it.
    """
    parts = []
    start = 1
    for group, size in groups:
        width = sum(widths[start : start + size]) + 2 * (size - 1)
        if len(group) > width:
            widths[start + size - 1] += len(group) - width
            width = len(group)
        if size > 1:
            parts.append("  " + group.center(width))
        else:
            parts.append("  " + group.rjust(width))
        start += size
    return "".join(parts)


def _md(table: Table) -> str:
    names = [f"{column.group} {column.name}".strip() for column in table.columns]
    rows = [[table.corner, *names], ["---", *["---:"] * len(names)]]
    for row in table.rows:
        rows.append([row.label, *row.starred])
    lines = [f"**{table.title}**", ""]
    for cells in rows:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    for note in table.footnotes:
        lines += ["", note]
    return _joined(lines)


def _csv(table: Table) -> str:
    """Rows at full precision; what holds for all raters is repeated beside each."""
    header = ["rater", "kind"]
    for column in table.columns:
        header += column.keys
    header += [name for name, _ in table.common]
    rows: list[Sequence[str]] = [header]
    for row in table.rows:
        if row.kind == "rater":
            common = [value for _, value in table.common]
        else:
            common = [""] * len(table.common)
        rows.append([row.name, row.kind, *row.exact, *common])
    return spreadsheet_csv(rows)


def _tex(table: Table) -> str:
    """A booktabs table; the footnotes follow the tabular."""
    alignment = "l" + "r" * len(table.columns)
    lines = ["\\begin{table}", "\\centering", f"\\caption{{{_escaped(table.title)}}}"]
    lines += [f"\\begin{{tabular}}{{{alignment}}}", "\\toprule", _tex_groups(table.groups)]
    lines += [*_rules(table.groups), _tex_row(_header(table))]
    for rows in _blocks(table.rows):
        lines += ["\\midrule", *map(_tex_body_row, rows)]
    lines += ["\\bottomrule", "\\end{tabular}"]
    lines += [f"\\par\\footnotesize {_escaped(note)}" for note in table.footnotes]
    return _joined([*lines, "\\end{table}"])


def _tex_groups(groups: Sequence[tuple[str, int]]) -> str:
    """The upper header in LaTeX."""
    cells = [f"& \\multicolumn{{{size}}}{{c}}{{{_escaped(group)}}}" for group, size in groups]
    return " ".join(cells) + " \\\\"


def _blocks(rows: Sequence[Row]) -> list[list[Row]]:
    """The raters' rows and the paper's apart; together where each rater has its row of the paper
    below it."""
    blocks = [list(block) for _, block in groupby(rows, lambda row: row.kind)]
    if len(blocks) > 2:
        return [list(rows)]
    return blocks


def _rules(groups: Sequence[tuple[str, int]]) -> Iterator[str]:
    """A line under each group of the upper header."""
    start = 2
    for group, size in groups:
        if group:
            yield f"\\cmidrule(lr){{{start}-{start + size - 1}}}"
        start += size


def _tex_body_row(row: Row) -> str:
    cells = [_escaped(row.label)]
    for cell, best in row.marked:
        if best:
            cells.append(f"\\textbf{{{_escaped(cell)}}}")
        else:
            cells.append(_escaped(cell))
    return " & ".join(cells) + " \\\\"


def _tex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_escaped, cells)) + " \\\\"


TEX = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\^{}",
}


def _escaped(text: str) -> str:
    return "".join(TEX.get(character, character) for character in text)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _filled(*words: str) -> list[str]:
    """Those of the words that are not empty."""
    return [word for word in words if word]


RENDERERS: dict[str, Callable[[Table], str]] = {"text": _text, "md": _md, "csv": _csv, "tex": _tex}
