"""A table as an .xlsx file: figures as numbers, names as text.

So no spreadsheet reads a code as a number.
"""

from __future__ import annotations

import io
from datetime import datetime

import xlsxwriter

from benchmark.metrics.tables.rendering import Table

LONGEST_NAME = 31
MADE = datetime(2021, 1, 1)  # the same table gives the same bytes


def xlsx(table: Table) -> bytes:
    """One sheet: title, header, rows at full precision, footnotes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        book.set_properties({"title": table.title, "created": MADE})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(table.corner[:LONGEST_NAME])
        sheet.write_string(0, 0, table.title, bold)
        header = [table.corner, "kind"]
        for column in table.columns:
            header += column.headings
        for place, name in enumerate(header):
            sheet.write_string(2, place, name, bold)
        for line, row in enumerate(table.rows, start=3):
            sheet.write_string(line, 0, row.name)
            sheet.write_string(line, 1, row.kind)
            for place, value in enumerate(row.exact, start=2):
                _write(sheet, line, place, value)
        for line, note in enumerate(table.footnotes, start=len(table.rows) + 4):
            sheet.write_string(line, 0, note)
        sheet.set_column(0, 0, 34)
        sheet.set_column(2, len(header), 12)
        sheet.freeze_panes(3, 1)
    return buffer.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, place: int, value: str) -> None:
    """A number where the value is one, else text; an empty value leaves the cell empty."""
    try:
        sheet.write_number(line, place, float(value))
    except ValueError:
        if value:
            sheet.write_string(line, place, value)
