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

from tests.files.written import shared_book
from tests.hostile import Bad, Shape, bytes_wrong, holding, packed, repeating

CODINGS = Shape(
    header="note_id,code",
    row=lambda number: f"n{number},x ray {number}",
    object=lambda number: f'{{"note_id":"n{number}","codes":["x ray {number}"]}}',
)
"""Its rows are read, and what they have is no code: whole files of it are refused for that."""
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
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


def book_holding(
    part: str,
    piece: bytes,
    times: int,
    *,
    start: bytes = b"",
    end: bytes = b"",
    sized: bool = True,
) -> Callable[[Path], object]:
    """A workbook that has a piece many times behind the rows of its sheet, or behind its texts.
    Without `sized` the sheet does not say how large it is."""
    last = b"</sheetData>" if part == SHEET else b"</sst>"

    def write(path: Path) -> None:
        small = zipfile.ZipFile(io.BytesIO(shared_book([["note_id", "code"], ["n1", "401.9"]])))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as large:
            for name in small.namelist():
                data = small.read(name)
                if not sized:
                    data = data.replace(b'<dimension ref="A1:B2"/>', b"")
                if name != part:
                    large.writestr(name, data)
                    continue
                before, _, after = data.partition(last)
                with large.open(name, "w", force_zip64=True) as out:
                    out.write(before + start)
                    for _ in range(times):
                        out.write(piece)
                    out.write(end + last + after)

    return write


def books() -> dict[str, Bad]:
    """Workbooks that would cost much more than their bytes."""
    row = b"<row>" + b'<c t="inlineStr"><is><t>x</t></is></c>' * 16_384 + b"</row>"
    text = b"<si><t>" + b"seen today " * 900 + b"</t></si>"
    found = {}
    for sized in (True, False):
        kinds = {
            "a workbook of two GB": ("MiB", SHEET, b" " * 2**20, 2000, b"", b""),
            "tiny rows": ("1,048,576 rows", SHEET, b"<row/>" * 1000, 3000, b"", b""),
            "a wide row": ("in a row", SHEET, b"<c/>" * 1000, 1000, b"<row>", b"</row>"),
            "wide rows": ("row 3", SHEET, row, 12, b"", b""),
            "texts": ("310,000 texts", TEXTS, b"<si><t>a</t></si>" * 1000, 1000, b"", b""),
            "texts of 100 MB": ("MiB", TEXTS, text, 10_000, b"", b""),
        }
        for kind, (words, part, piece, times, start, end) in kinds.items():
            write = book_holding(part, piece, times, start=start, end=end, sized=sized)
            name = kind if sized else f"{kind}, without its size"
            found[name] = Bad("f.xlsx", (words,), write, large=True)
    return found


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
        "a million unknown codes": Bad("f.csv", ("different codes",), unknown_codes, large=True),
        "a million notes": Bad("f.csv", ("400,000 notes", "split"), notes_elsewhere, True),
        "ten thousand raters": Bad("f.csv", ("raters",), many_raters, large=True),
        "a column a code, 40,000 of them": Bad("f.csv", ("25,000 columns",), many_columns, True),
        "a bomb of bars": Bad(
            "f.psv.gz", ("5,000,000",), packed(b"n0", b"|401.9", 300_000_000), True
        ),
        "a line of bars": Bad(
            "f.psv", ("5,000,000",), repeating(b"n0", b"|401.9", 30_000_000), True
        ),
    }


def unknown_codes(path: Path) -> None:
    with path.open("w") as out:
        out.write("note_id,code\n")
        for number in range(1_200_000):
            out.write(f"n{number % 12},q{number}\n")


def notes_elsewhere(path: Path) -> None:
    with path.open("w") as out:
        out.write("note_id,code\n")
        for number in range(1_500_000):
            out.write(f"else{number},401.9\n")


def many_raters(path: Path) -> None:
    with path.open("w") as out:
        out.write("note_id,rater,code\n")
        for number in range(500_000):
            out.write(f"n{number % 12},r{number % 10_000},401.9\n")


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
    found = {**bytes_wrong(CODINGS), **wrong(), **books()}
    for kind, words in OTHERWISE.items():
        found[kind] = replace(found[kind], words=words)
    return found
