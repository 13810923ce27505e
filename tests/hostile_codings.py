"""Files of codings that no door may take."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook

from tests.hostile import Bad, Shape, bytes_wrong, holding, many_rows, packed, repeating

CODINGS = Shape(
    header="note_id,code",
    row=lambda number: f"n{number},x ray {number}",
    object=lambda number: f'{{"note_id":"n{number}","codes":["x ray {number}"]}}',
)
"""Its rows are read, and what they have is no code: whole files of it are refused for that."""
NESTED = b'{"note_id":"n1","codes":' + b"[" * 200_000


def codes(*written: str, name: str = "f.csv") -> Callable[[Path], object]:
    return holding(CODINGS.table(*(f"n{at},{code}" for at, code in enumerate(written))))


def text(written: str) -> Callable[[Path], object]:
    return holding(written.encode())


def objects(*values: object) -> Callable[[Path], object]:
    return text("\n".join(json.dumps(value) for value in values))


def book(*rows: list[object]) -> Callable[[Path], object]:
    """A workbook with these rows."""

    def write(path: Path) -> None:
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        workbook.save(path)

    return write


def book_bomb(path: Path) -> None:
    """A workbook of some MB whose sheet is two GB."""
    buffer = io.BytesIO()
    book(["note_id", "code"], ["n1", "401.9"])(path)
    with (
        zipfile.ZipFile(path) as small,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as large,
    ):
        for entry in small.infolist():
            data = small.read(entry)
            if not entry.filename.endswith("sheet1.xml"):
                large.writestr(entry, data)
                continue
            with large.open(entry.filename, "w", force_zip64=True) as sheet:
                sheet.write(data[: data.rindex(b"</sheetData>")])
                for _ in range(2000):
                    sheet.write(b" " * 2**20)
    path.write_bytes(buffer.getvalue())


UNKNOWN = many_rows("note_id,code", "n{1},q{0}", 1_200_000, among=12)
ELSEWHERE = many_rows("note_id,code", "else{0},401.9", 1_500_000)


def many_raters(path: Path) -> None:
    with path.open("w") as out:
        out.write("note_id,rater,code\n")
        for number in range(500_000):
            out.write(f"n{number % 12},r{number % 10_000},401.9\n")


def wrong() -> dict[str, Bad]:
    """Files that are read, and hold what nobody's codings may be."""
    formula = '"=HYPERLINK(""http://x"",""y"")"'
    return {
        "a header alone": Bad("f.csv", ("no codings",), codes()),
        "no ids": Bad("f.csv", ("row 2", "no note_id"), text("note_id,code\n,401.9\n")),
        "a line in an id": Bad("f.csv", ("line break",), text('note_id,code\n"a\nb",401.9\n')),
        "a NUL in an id": Bad("f.csv", ("NUL",), text("note_id,code\na\0b,401.9\n")),
        "a NUL in a code": Bad("f.csv", ("NUL",), codes("4\x0001.9")),
        "half a letter": Bad(
            "f.jsonl", ("half a character",), text('{"note_id":"n1","codes":["\\ud800"]}')
        ),
        "notes of elsewhere": Bad(
            "f.csv",
            ("row 2", "not of this study", "leave such notes out"),
            text("note_id,code\nelsewhere,401.9\n"),
        ),
        "unknown codes": Bad("f.csv", ("row 2", "not in the code system", "drop"), codes("x1")),
        "spoilt codes": Bad("f.csv", ("250.00", "spreadsheet"), codes("250", "8.45", "66")),
        "codes without dots": Bad("f.csv", ("has no dot", "428.0"), codes("4280", "4019")),
        "codes of ICD-10": Bad("f.csv", ("ICD-10", "convert"), codes("I50.22", "E11.65")),
        "categories": Bad("f.csv", ("category", "038.0"), codes("038")),
        "text for codes": Bad("f.csv", ("free text", "drop"), codes("CONGESTIVE HEART FAILURE")),
        "formulas for codes": Bad("f.csv", ("row 2", "row 3"), codes("=1+1", formula)),
        "formulas in a workbook": Bad(
            "f.xlsx", ("row 2",), book(["note_id", "code"], ["n1", "=401+.9"])
        ),
        "numbers in a workbook": Bad(
            "f.xlsx", ("row 2", "250.00"), book(["note_id", "code"], ["n1", 250])
        ),
        "ids twice on lines": Bad(
            "f.jsonl",
            ("row 2", "already on row 1"),
            objects({"note_id": "n1", "codes": []}, {"note_id": "n1", "codes": ["401.9"]}),
        ),
        "ids twice in bars": Bad("f.psv", ("row 2", "already on row 1"), text("n1|401.9\nn1|x\n")),
        "no code and codes": Bad(
            "f.csv", ("no code here and codes elsewhere",), text("note_id,code\nn1,\nn1,401.9\n")
        ),
        "kinds swapped": Bad("f.csv", ("other kind",), text("note_id,code,kind\nn1,38.93,dx\n")),
        "a strange kind": Bad("f.csv", ("dx",), text("note_id,code,kind\nn1,0066,maybe\n")),
        "numbers for codes": Bad(
            "f.jsonl", ("quotes",), objects({"note_id": "n1", "codes": [250.0]})
        ),
        "a rater without a name": Bad(
            "f.csv", ("row 3", "rater"), text("note_id,rater,code\nn0,A,401.9\nn1,,401.9\n")
        ),
        "a long name of a rater": Bad(
            "f.csv", ("80",), text(f"note_id,rater,code\nn0,{'x' * 81},401.9\n")
        ),
        "a broken workbook": Bad("f.xlsx", ("workbook",), holding(b"PK\x03\x04" + bytes(60))),
        "an empty workbook": Bad("f.xlsx", ("header",), book()),
        "a broken parquet": Bad("f.parquet", ("Parquet",), holding(b"PAR1" + bytes(90) + b"PAR1")),
        "a broken feather": Bad("f.feather", ("Feather",), holding(b"ARROW1" + bytes(90))),
        "entities of XML": Bad(
            "f.xml",
            ("XML",),
            text('<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><docs>&b;</docs>'),
        ),
        "brackets in codes": Bad("f.jsonl", ("row 1",), holding(NESTED)),
        "a million unknown codes": Bad("f.csv", ("different codes",), UNKNOWN, large=True),
        "a million notes": Bad("f.csv", ("400,000 notes", "split"), ELSEWHERE, True),
        "ten thousand raters": Bad("f.csv", ("raters",), many_raters, large=True),
        "a column a code, 40,000 of them": Bad("f.csv", ("25,000 columns",), many_columns, True),
        "a workbook of two GB": Bad("f.xlsx", ("MiB",), book_bomb, large=True),
        "a bomb of bars": Bad(
            "f.psv.gz", ("5,000,000",), packed(b"n0", b"|401.9", 300_000_000), True
        ),
        "a line of bars": Bad(
            "f.psv", ("5,000,000",), repeating(b"n0", b"|401.9", 30_000_000), True
        ),
    }


def many_columns(path: Path) -> None:
    """A wide table of cells that say neither yes nor no."""
    rng = random.Random(0)
    with path.open("w") as out:
        out.write("note_id," + ",".join(f"{rng.randrange(1000)}.{n}" for n in range(40_000)) + "\n")
        for number in range(200):
            out.write(f"n{number}," + ",".join(["maybe"] * 40_000) + "\n")


OTHERWISE = {
    "a name without an ending": ("free text",),
    "a bomb of one row": ("repeat another one",),
    "two million columns": ("25,000 columns",),
    "100 million bad rows": ("100,000 errors",),
}
"""Files whose bytes are taken here, or refused in other words: their codes are no codes."""


def codings_hostile() -> dict[str, Bad]:
    """Every file of codings that no door may take."""
    found = {**bytes_wrong(CODINGS), **wrong()}
    for kind, words in OTHERWISE.items():
        found[kind] = replace(found[kind], words=words)
    return found
