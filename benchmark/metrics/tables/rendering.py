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
    """A column: its name, the group that spans it in a two-level header ("" if none), its name in CSV.

    A cell that shows several figures names them in `parts`: in files each is a column of its own.
    """

    name: str
    group: str
    key: str
    parts: tuple[str, ...] = ("",)

    @property
    def keys(self) -> list[str]:
        """Its names in CSV, one a part.

        >>> Column("Recall", "micro", "recall", ("low", "high")).keys
        ['recall_low', 'recall_high']
        """
        return ["_".join(filter(None, (self.key, part))) for part in self.parts]

    @property
    def headings(self) -> list[str]:
        """Its names in a spreadsheet, one a part."""
        return [" ".join(filter(None, (self.group, self.name, part))) for part in self.parts]


@dataclass(frozen=True)
class Row:
    """A row: a name, then one cell a column; `exact` are the same at full precision, one a part, for files.

    `best` marks cells: with a star, bold in LaTeX. Empty: none is marked.
    """

    kind: RowKind
    name: str
    cells: tuple[str, ...]
    exact: tuple[str, ...]
    best: tuple[bool, ...] = ()

    @property
    def marked(self) -> list[tuple[str, bool]]:
        """Each cell, and whether it is marked."""
        return list(zip(self.cells, self.best or [False] * len(self.cells), strict=True))

    @property
    def starred(self) -> list[str]:
        """The cells, with a star where they are marked."""
        return [f"{cell}*" if best else cell for cell, best in self.marked]

    @property
    def label(self) -> str:
        """The name, with its mark if the row is the paper's."""
        return f"{self.name} (paper)" if self.kind == "paper" else self.name


@dataclass(frozen=True)
class Table:
    """What is printed. `common` are (name, value) pairs that hold for all raters, columns of their own in CSV."""

    title: str
    corner: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[str, ...] = ()
    common: tuple[tuple[str, str], ...] = ()

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The upper header, without the corner: (group, columns it spans)."""
        return [(group, len(list(members))) for group, members in groupby(self.columns, lambda column: column.group)]


def render(table: Table, output_format: str) -> str:
    """The table as "text", "md", "csv" or "tex", ending in a newline. ValueError for another format."""
    if output_format not in RENDERERS:
        raise ValueError(f"{output_format} is no format of tables; choose from {', '.join(RENDERERS)}")
    return RENDERERS[output_format](table)


def _text(table: Table) -> str:
    header = [table.corner, *(column.name for column in table.columns)]
    body = [[row.label, *cells] for row, cells in zip(table.rows, _under_one_another(table.rows), strict=True)]
    widths = [max(map(len, cells)) for cells in zip(header, *body, strict=True)]
    spans = _spans(table.groups, widths)
    lines = [table.title, "", " " * widths[0] + spans, _aligned(header, widths)]
    lines += ["-" * len(lines[-1]), *(_aligned(cells, widths) for cells in body)]
    return _joined([*lines, *(["", *table.footnotes] if table.footnotes else [])])


def _under_one_another(rows: Sequence[Row]) -> list[list[str]]:
    """Each row's cells, their digits in line: a blank where another row of the column has a star."""
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
    """The upper header's groups over their columns, widening a group's last column where its name needs it."""
    parts, start = [], 1
    for group, size in groups:
        width = sum(widths[start : start + size]) + 2 * (size - 1)
        if len(group) > width:
            widths[start + size - 1] += len(group) - width
            width = len(group)
        parts.append("  " + (group.center(width) if size > 1 else group.rjust(width)))
        start += size
    return "".join(parts)


def _md(table: Table) -> str:
    names = [f"{column.group} {column.name}".strip() for column in table.columns]
    rows = [[table.corner, *names], ["---", *("---:" for _ in names)]]
    rows += [[row.label, *row.starred] for row in table.rows]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in rows]
    return _joined([f"**{table.title}**", "", *lines, *(line for note in table.footnotes for line in ("", note))])


def _csv(table: Table) -> str:
    keys = [key for column in table.columns for key in column.keys]
    rows: list[Sequence[str]] = [["rater", "kind", *keys, *(name for name, _ in table.common)]]
    for row in table.rows:
        common = [value if row.kind == "rater" else "" for _, value in table.common]
        rows.append([row.name, row.kind, *row.exact, *common])
    return spreadsheet_csv(rows)


def _tex(table: Table) -> str:
    """A booktabs table; the footnotes follow the tabular."""
    lines = ["\\begin{table}", "\\centering", f"\\caption{{{_escaped(table.title)}}}"]
    lines += [f"\\begin{{tabular}}{{l{'r' * len(table.columns)}}}", "\\toprule"]
    lines.append("".join(f" & \\multicolumn{{{n}}}{{c}}{{{_escaped(g)}}}" for g, n in table.groups).strip() + " \\\\")
    lines += [*_rules(table.groups), _tex_row([table.corner, *(column.name for column in table.columns)])]
    blocks = [list(rows) for _, rows in groupby(table.rows, lambda row: row.kind)]
    for rows in blocks if len(blocks) <= 2 else [list(table.rows)]:
        lines += ["\\midrule", *map(_tex_body_row, rows)]
    lines += ["\\bottomrule", "\\end{tabular}"]
    lines += [f"\\par\\footnotesize {_escaped(note)}" for note in table.footnotes]
    return _joined([*lines, "\\end{table}"])


def _rules(groups: Sequence[tuple[str, int]]) -> Iterator[str]:
    start = 2
    for group, size in groups:
        if group:
            yield f"\\cmidrule(lr){{{start}-{start + size - 1}}}"
        start += size


def _tex_body_row(row: Row) -> str:
    cells = [f"\\textbf{{{_escaped(cell)}}}" if best else _escaped(cell) for cell, best in row.marked]
    return " & ".join([_escaped(row.label), *cells]) + " \\\\"


def _tex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_escaped, cells)) + " \\\\"


TEX = {**{c: f"\\{c}" for c in "&%$#_{}"}, "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\^{}"}


def _escaped(text: str) -> str:
    return "".join(TEX.get(character, character) for character in text)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


RENDERERS: dict[str, Callable[[Table], str]] = {"text": _text, "md": _md, "csv": _csv, "tex": _tex}
