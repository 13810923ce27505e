"""A coder's page as a file to hand over: tables of figures and codes.

Never a note, nor another coder: the coder reads it, and may pass it on. Pure.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

from benchmark.metrics.certainty.influence import Estimate
from benchmark.metrics.tables.spreadsheet import MADE
from benchmark.tables.coder.codes import GroupLine
from benchmark.tables.coder.figures import FEW, Figures
from benchmark.tables.coder.page import CoderPage
from files.spreadsheet_csv import spreadsheet_csv

FORMATS = ("xlsx", "csv", "md")
Cell = str | int | float | None


@dataclass(frozen=True)
class Sheet:
    """A table of the file: a sheet of its own in a workbook."""

    name: str
    """Short enough for the tab of a sheet."""
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Codes are text, counts and shares numbers."""
    note: str = ""


@dataclass(frozen=True)
class Feedback:
    """The file."""

    title: str
    notes: tuple[str, ...]
    """What is said before the tables."""
    sheets: tuple[Sheet, ...]


def feedback_of(
    page: CoderPage,
    *,
    study: str,
    which: str,
    titles: Mapping[str, str],
    clock: str,
    simulated: bool,
) -> Feedback:
    """The page in tables. `which` codes count; `titles` of codes; `clock`: what it measures."""
    assert page.figures is not None  # the page says so before there is a file
    notes = [page.heading + "."]
    if page.figures.few:
        notes.append(f"Under {FEW} notes are too few to say what the figures show.")
    notes += [each.words for each in page.advice]
    notes.append(f"On {page.notes:,} notes, {which}, against {page.who.against}.")
    if page.withheld:
        notes.append(f"{page.withheld:,} notes that are being coded elsewhere are left out.")
    if page.course.notes:
        notes += [page.f1_words, page.pace_words]
    if page.course.measured and clock:
        notes.append(f"Minutes: {clock}.")
    if simulated:
        notes.append("A simulated coder is a program: its minutes say nothing about people.")
    sheets = [
        _figures_sheet(page),
        _codes_sheet("Wrong most", page.wrong, titles, page.column),
        _codes_sheet("Missed most", page.missed, titles, page.column),
        _codes_sheet("Added most", page.added, titles, page.column),
        _family_sheet(page, titles),
        _groups_sheet("By chapter", "Chapter", page.chapters, page.column),
        _course_sheet(page),
        _minutes_sheet(page),
    ]
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    return Feedback(f"{page.who.coder} in {study}: feedback", tuple(notes), filled)


def written(feedback: Feedback, extension: str) -> str | bytes:
    """The file as "xlsx", "csv" or "md"."""
    if extension == "xlsx":
        return _xlsx(feedback)
    if extension == "csv":
        return _csv(feedback)
    return _md(feedback)


def _figures_sheet(page: CoderPage) -> Sheet:
    """The coder and the models on the same notes. Shares in per cent."""
    head = ["Rater", "Notes"]
    for name in ("F1", "Recall", "Precision"):
        head += [name, f"{name} low", f"{name} high"]
    head += ["Codes a note", f"Codes a note of {page.who.against}", "Minutes a note, median"]
    rows = []
    for figures in filter(None, [page.figures, *page.models]):
        minutes = page.course.median_minutes if figures is page.figures else None
        rows.append(_figures_row(figures, minutes))
    return Sheet("Figures", tuple(head), tuple(rows), "Per cent, with 95% intervals.")


def _figures_row(figures: Figures, minutes: float | None) -> tuple[Cell, ...]:
    cells: list[Cell] = [figures.name, figures.notes]
    for estimate in (figures.f1, figures.recall, figures.precision):
        cells += _limits(estimate)
    cells += [_tenths(figures.codes_a_note), _tenths(figures.reference_a_note)]
    return (*cells, _tenths(minutes))


def _limits(estimate: Estimate) -> list[Cell]:
    """Value, low and high, in per cent."""
    if estimate.interval is None:
        return [_tenths(100 * estimate.value), None, None]
    low, high = estimate.interval.low, estimate.interval.high
    return [_tenths(100 * each) for each in (estimate.value, low, high)]


def _codes_sheet(
    name: str, lines: Sequence[GroupLine], titles: Mapping[str, str], beside: str
) -> Sheet:
    head = ["Code", "Title", "In the reference", "Found", "Missed", "Given", "Added"]
    if beside:
        head.append(f"Of the missed, found by {beside}")
    rows = []
    for line in lines:
        row: list[Cell] = [line.name, titles.get(line.name, "")]
        row += [line.reference, line.found, line.missed, line.given, line.added]
        if beside:
            row.append(line.beside.found_of_missed if line.beside else None)
        rows.append(tuple(row))
    return Sheet(name, tuple(head), tuple(rows))


def _family_sheet(page: CoderPage, titles: Mapping[str, str]) -> Sheet:
    head = ("Given", "Title", "In its place the reference has", "Its title", "Notes")
    rows = []
    for pair in page.family.confusions:
        given, right = titles.get(pair.given, ""), titles.get(pair.instead_of, "")
        rows.append((pair.given, given, pair.instead_of, right, pair.notes))
    return Sheet("Right category, wrong code", head, tuple(rows))


def _groups_sheet(name: str, corner: str, lines: Sequence[GroupLine], beside: str) -> Sheet:
    head = [corner, "Codes in the reference", "Found", "Found, per cent"]
    if beside:
        head.append(f"Found by {beside}, per cent")
    rows = []
    for line in lines:
        row: list[Cell] = [line.name, line.reference, line.found, _tenths(line.recall)]
        if beside:
            row.append(_tenths(line.recall_beside))
        rows.append(tuple(row))
    return Sheet(name, tuple(head), tuple(rows))


def _course_sheet(page: CoderPage) -> Sheet:
    """In the order of coding."""
    head = ("From note", "To note", "From", "To", "F1, per cent", "Minutes a note, median")
    rows = []
    for each in page.course.stretches:
        days = f"{each.begun:%Y-%m-%d}", f"{each.ended:%Y-%m-%d}"
        rows.append((each.first, each.last, *days, _tenths(100 * each.f1), _tenths(each.minutes)))
    return Sheet("First note to last", head, tuple(rows))


def _minutes_sheet(page: CoderPage) -> Sheet:
    rows = [(bar.low, bar.high, bar.notes) for bar in page.bars]
    return Sheet("Minutes a note", ("From", "Below", "Notes"), tuple(rows))


def _tenths(value: float | None) -> float | None:
    """As the page shows it."""
    if value is None:
        return None
    return round(value, 1)


def _csv(feedback: Feedback) -> str:
    """The tables below one another, an empty line between them."""
    rows: list[Sequence[object]] = [[feedback.title]]
    rows += [[note] for note in feedback.notes]
    for sheet in feedback.sheets:
        rows += [[], [sheet.name], sheet.head, *sheet.rows]
        if sheet.note:
            rows.append([sheet.note])
    return spreadsheet_csv(rows)


def _md(feedback: Feedback) -> str:
    lines = [f"# {_plain(feedback.title)}", ""]
    lines += [f"- {_plain(note)}" for note in feedback.notes]
    for sheet in feedback.sheets:
        lines += ["", f"## {_plain(sheet.name)}", ""]
        lines += [_md_row(sheet.head), _md_row(["---"] * len(sheet.head))]
        lines += [_md_row(row) for row in sheet.rows]
        if sheet.note:
            lines += ["", sheet.note]
    return "\n".join(lines) + "\n"


def _md_row(cells: Sequence[Cell]) -> str:
    shown = ["" if cell is None else _plain(str(cell)) for cell in cells]
    return f"| {' | '.join(shown)} |"


def _plain(text: str) -> str:
    """Without what Markdown would take for the end of a cell, a line, or for markup.

    >>> _plain("a|b <i>")
    'a\\\\|b &lt;i>'
    """
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _xlsx(feedback: Feedback) -> bytes:
    """The notes on the first sheet, each table on one of its own; text is text, never a formula."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"title": feedback.title, "created": MADE})
        bold = book.add_format({"bold": True})
        first = book.add_worksheet("Feedback")
        first.write_string(0, 0, feedback.title, bold)
        for line, note in enumerate(feedback.notes, start=2):
            first.write_string(line, 0, note)
        for sheet in feedback.sheets:
            page = book.add_worksheet(sheet.name)
            for place, name in enumerate(sheet.head):
                page.write_string(0, place, name, bold)
            for line, row in enumerate(sheet.rows, start=1):
                for place, cell in enumerate(row):
                    _write(page, line, place, cell)
            page.write_string(len(sheet.rows) + 2, 0, sheet.note)
            page.set_column(0, len(sheet.head), 16)
            page.freeze_panes(1, 1)
    return buffer.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, place: int, cell: Cell) -> None:
    """A number as a number, all else as text; None leaves the cell empty."""
    if isinstance(cell, str):
        sheet.write_string(line, place, cell)
    elif cell is not None:
        sheet.write_number(line, place, cell)
