"""Files of notes to fill in: an empty table, and an example of three invented notes."""

from __future__ import annotations

import io
import json
from datetime import datetime

EXAMPLE = "notes"
"""Name of the files, without the ending."""
HEADER = ("note_id", "text", "codes")
NOTES = (
    ("n1", "Admitted with congestive heart failure.\nKnown hypertension.", ("428.0", "401.9")),
    ("n2", "Sepsis, treated; central line placed.", ("038.9", "38.93")),
    ("n3", "Seen for a routine visit, nothing found.", ()),
)
HELP = (
    "One row a note. Columns: note_id, text, codes; all but codes are needed.",
    "note_id: your own number of the note, up to 64 characters, each once.",
    "codes: ICD-9-CM with their dots, separated by | as in 428.0|401.9; empty: none.",
    "The cells are formatted as text, so that 038.9 keeps its zero. Leave them so.",
    "A cell holds up to 32,767 characters: give longer notes as CSV or JSONL.",
)
MADE = datetime(2021, 1, 1)  # the same template gives the same bytes


def empty_csv() -> bytes:
    """The header alone."""
    return (",".join(HEADER) + "\n").encode()


def example_jsonl() -> bytes:
    """Three notes, one object a line."""
    lines = []
    for note_id, text, codes in NOTES:
        lines.append(json.dumps({"note_id": note_id, "text": text, "codes": codes}) + "\n")
    return "".join(lines).encode()


def template_xlsx() -> bytes:
    """An empty sheet whose cells are text, and one that says how to fill it in."""
    import xlsxwriter  # only here: most readers of files never need it

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.set_properties({"title": "Notes", "created": MADE})
        bold = book.add_format({"bold": True, "num_format": "@"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("notes")
        for place, name in enumerate(HEADER):
            sheet.write_string(0, place, name, bold)
        for place, width in enumerate((18, 80, 30)):
            sheet.set_column(place, place, width, text)
        sheet.freeze_panes(1, 0)
        how = book.add_worksheet("how to fill it in")
        for line, sentence in enumerate(HELP):
            how.write_string(line, 0, sentence)
        how.set_column(0, 0, 90)
    return buffer.getvalue()
