"""What may already be where a command is told to write, and files that no door may take.

And a picture of a folder, to see that nothing is gone.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OTHERS = (
    "config.json", "manifest.json", "SHA256SUMS", "state.pt", "log.jsonl", "training.json",
    "codes.csv", "tokens.bin", "weights.safetensors", "vocabulary.txt", "metrics.json",
    "NOTEEVENTS.csv", "SYNTHETIC", "reference.csv", "notes.txt",
)  # fmt: skip
"""Names that our commands write too, in a folder that somebody else filled."""


def folder_of_others(path: Path, names: tuple[str, ...] = OTHERS) -> Path:
    """A folder with files and a folder in it that no command of ours made."""
    path.mkdir()
    for name in names:
        (path / name).write_text('{"theirs": true}\n')
    (path / "deep").mkdir()
    (path / "deep" / "thesis.txt").write_text("years of work\n")
    return path


def picture(root: Path) -> dict[str, bytes | str]:
    """Every file's bytes, every link's target and every folder under `root`."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = path.read_bytes() if path.is_file() else "folder"
    return found


@dataclass(frozen=True)
class Bad:
    """A file that no door may take, and words that say what is wrong and how to mend it."""

    name: str
    words: tuple[str, ...]
    write: Callable[[Path], object]
    """Writes it to that place."""
    large: bool = False
    """Over 20 MB, or as much when it is unpacked: with `make chaos`."""


@dataclass(frozen=True)
class Shape:
    """What a file of one kind is like: a header and a good row, as CSV and as JSON."""

    header: str
    row: Callable[[int], str]
    object: Callable[[int], str]

    def table(self, *rows: str) -> bytes:
        """A CSV file of the header and these rows."""
        return "\n".join([self.header, *rows, ""]).encode()


def holding(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def many_rows(header: str, row: str, times: int, among: int = 0) -> Callable[[Path], None]:
    """Writes a header and a row again and again: {0} in it is the number, {1} that of `among`."""

    def write(path: Path) -> None:
        with path.open("w") as out:
            out.write(f"{header}\n")
            for number in range(times):
                out.write(f"{row.format(number, number % (among or times))}\n")

    return write


def repeating(start: bytes, piece: bytes, times: int, end: bytes = b"") -> Callable[[Path], None]:
    """A large file, written piece by piece."""

    def write(path: Path) -> None:
        many = piece * 1000
        with path.open("wb") as out:
            out.write(start)
            for _ in range(times // 1000):
                out.write(many)
            out.write(end)

    return write


def packed(start: bytes, piece: bytes, times: int) -> Callable[[Path], None]:
    """The same, gzipped: small on disk, large when it is unpacked."""

    def write(path: Path) -> None:
        many = piece * 1000
        with gzip.open(path, "wb", compresslevel=1) as out:
            out.write(start)
            for _ in range(times // 1000):
                out.write(many)

    return write


def sparse(path: Path) -> None:
    """Two GB of nothing."""
    with path.open("wb") as out:
        out.truncate(2 * 2**30)


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def _workbook_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(2000):
                sheet.write(b" " * 2**20)


def bytes_wrong(shape: Shape) -> dict[str, Bad]:
    """Files whose bytes are wrong, whatever they are to hold."""
    good = shape.table(*(shape.row(number) for number in range(3)))
    text = good.decode()
    small = gzip.compress(good)
    spoilt = small[:-6] + bytes(6)
    objects = "\n".join(shape.object(number) for number in range(3))
    first = shape.object(0)
    latin = text + shape.row(3).replace("x", "é") + "\n"
    return {
        "empty": Bad("f.csv", ("header is missing",), holding(b"")),
        "blank lines alone": Bad("f.csv", ("header is missing",), holding(b"\n\r\n \n")),
        "a mark alone": Bad("f.csv", ("header is missing",), holding(b"\xef\xbb\xbf")),
        "NULs": Bad("f.csv", ("header",), holding(bytes(4000))),
        "a picture": Bad("f.csv", ("picture",), holding(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))),
        "a PDF": Bad("f.csv", ("header",), holding(b"%PDF-1.4\n1 0 obj\n")),
        "a zip named .csv": Bad("f.csv", ("zip",), holding(zipped("f.csv", good))),
        "a document named .csv": Bad(
            "f.csv", ("Word document",), holding(zipped("word/document.xml", b"<"))
        ),
        "an old workbook named .csv": Bad(
            "f.csv", ("Excel",), holding(b"\xd0\xcf\x11\xe0" + bytes(600))
        ),
        "a zip in gzip": Bad("f.csv.gz", ("zip",), holding(gzip.compress(zipped("f.csv", good)))),
        "gzip in gzip": Bad("f.csv.gz", ("UTF-8",), holding(gzip.compress(small))),
        "cut gzip": Bad("f.csv.gz", ("compress it again",), holding(small[:-9])),
        "gzip with a wrong sum": Bad("f.csv.gz", ("compress it again",), holding(spoilt)),
        "gzip and more": Bad("f.csv.gz", ("compress it again",), holding(small + b"more")),
        "no gzip": Bad("f.csv.gz", ("not a gzip file",), holding(good)),
        "letters of no encoding": Bad(
            "f.csv", ("row 5", "Windows-1252", "UTF-8"), holding(good + b"n,caf\x81,\n")
        ),
        "two encodings": Bad(
            "f.csv", ("row 6", "UTF-8"), holding(latin.encode() + b"n,caf\xe9,\n")
        ),
        "cut in a letter": Bad("f.csv", ("UTF-8",), holding(latin.encode()[:-2] + b"\xc3")),
        "half a UTF-16": Bad("f.csv", ("UTF-16",), holding(text.encode("utf-16") + b"x")),
        "a mark of UTF-16 before UTF-8": Bad("f.csv", ("header",), holding(b"\xff\xfe" + good)),
        "two line ends": Bad("f.csv", ("row 5", "old Mac"), holding(good + b"n,one\rtwo,\n")),
        "open quote": Bad("f.csv", ("row 5", "quote"), holding(good + b'q,"never closed\n')),
        "quote not doubled": Bad("f.csv", ("row 5", "quote"), holding(good + b'q,"a" b"\n')),
        "a cell too many": Bad("f.csv", ("row 5", "cells"), holding(good + b"q,a,b,c,d,e,f\n")),
        "no header": Bad("f.csv", ("header",), holding(shape.row(1).encode() * 3)),
        "a header twice": Bad(
            "f.csv",
            ("twice",),
            holding(good.replace(shape.header.encode(), b"note_id," + shape.header.encode())),
        ),
        "a name without an ending": Bad("f", ("must end in",), holding(good)),
        "a document": Bad("f.docx", ("must end in",), holding(b"text")),
        "deep JSON": Bad("f.jsonl", ("nested too deep",), holding(DEEP)),
        "long number": Bad("f.jsonl", ("digits",), holding(b'{"note_id":' + b"9" * 6000 + b"}")),
        "JSON cut": Bad("f.jsonl", ("row 4", "JSON"), holding(f"{objects}\n{first[:-3]}".encode())),
        "open list": Bad("f.json", ("not closed",), holding(f"[{first}".encode())),
        "a key twice": Bad(
            "f.jsonl", ("twice",), holding(first.replace("{", '{"note_id":"z",', 1).encode())
        ),
        "numbers for objects": Bad("f.jsonl", ("not an object",), holding(b"1\n2\n")),
        "two GB of nothing": Bad("f.csv", ("MiB",), sparse, large=True),
        "a bomb of blank lines": Bad(
            "f.csv.gz", ("MiB",), packed(good, b" " * 999 + b"\n", 2_000_000), large=True
        ),
        "a bomb as a workbook": Bad("f.xlsx", ("unzipped",), _workbook_bomb, large=True),
        "a bomb of one row": Bad(
            "f.csv.gz", ("errors",), packed(good, shape.row(1).encode() + b"\n", 50_000_000), True
        ),
        "a bomb of nothing": Bad("f.csv.gz", ("5,000,000",), packed(b"", bytes(2**20), 4000), True),
        "ten million columns": Bad("f.csv", ("5,000,000",), repeating(b"a", b",a", 10**7), True),
        "two million columns": Bad(
            "f.csv", ("25,000 columns",), repeating(b"a", b",a", 2_000_000), True
        ),
        "one line of 200 MB": Bad(
            "f.csv",
            ("row 2", "5,000,000"),
            repeating(f"{shape.header}\nq,".encode(), b"x y ", 50_000_000),
            True,
        ),
        "one cell of 190 MB": Bad(
            "f.csv",
            ("row 2", "5,000,000"),
            repeating(f'{shape.header}\nq,"'.encode(), b"x y\n", 47_000_000),
            True,
        ),
        "200 MB of line ends": Bad(
            "f.csv", ("header is missing",), repeating(b"", b"\n", 200_000_000), True
        ),
        "100 million bad rows": Bad(
            "f.csv",
            ("100,000 errors",),
            repeating(f"{shape.header}\n".encode(), b"x\n", 100_000_000),
            True,
        ),
        "100 MB of brackets": Bad("f.jsonl", ("JSONL",), repeating(b"", b"[", 10**8), True),
        "a list of 190 MB": Bad(
            "f.json", ("JSONL",), repeating(b"[", first.encode() + b",", 4_000_000), True
        ),
    }


DEEP = b'{"note_id":"n1","codes":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
NOTES = Shape(
    header="note_id,text,codes",
    row=lambda number: f"n{number},x ray {number},428.0",
    object=lambda number: f'{{"note_id":"n{number}","text":"x ray {number}","codes":["428.0"]}}',
)


def _coded(*cells: str) -> Callable[[Path], object]:
    return holding(NOTES.table(*(f"n{at},text {at},{cell}" for at, cell in enumerate(cells))))


def _json(**values: object) -> Callable[[Path], object]:
    return holding(json.dumps({"note_id": "n1", "text": "x", **values}).encode())


UNKNOWN = many_rows(NOTES.header, "n{0},text,q{0}", 1_200_000)
MANY = many_rows("note_id,text", "n{0},text {0}", 2_100_000)


def notes_wrong() -> dict[str, Bad]:
    """Files that are read, and hold what no note may have."""
    spoilt = "f.csv", ("row 2", "250.00", "spreadsheet")
    formula = '"=HYPERLINK(""http://x"",""y"")"'
    return {
        "ids twice": Bad("f.csv", ("row 3", "own id"), holding(NOTES.table("a,x,", "a,y,"))),
        "no ids": Bad("f.csv", ("row 2", "no note_id"), holding(NOTES.table(",x,"))),
        "a long id": Bad("f.csv", ("64 characters",), holding(NOTES.table("i" * 65 + ",x,"))),
        "a line in an id": Bad("f.csv", ("line break",), holding(NOTES.table('"a\nb",x,'))),
        "a NUL in an id": Bad("f.csv", ("NUL",), holding(NOTES.table("a\0b,x,"))),
        "a NUL in a text": Bad("f.csv", ("NUL",), holding(NOTES.table("a,x\0y,"))),
        "empty texts": Bad("f.csv", ("text is empty",), holding(NOTES.table("a, ,", "b,,"))),
        "half a letter": Bad("f.jsonl", ("half a character",), _json(text="x\ud800")),
        "a header alone": Bad("f.csv", ("no notes",), holding(NOTES.table())),
        "unknown codes": Bad("f.csv", ("row 2", "not in the code system"), _coded("36.01", "x1")),
        "spoilt codes": Bad(*spoilt, _coded("250", "8.45", "66")),
        "codes without dots": Bad("f.csv", ("has no dot", "428.0"), _coded("4280|4019")),
        "codes of ICD-10": Bad("f.csv", ("ICD-10", "convert"), _coded("I50.22|E11.65")),
        "categories": Bad("f.csv", ("category", "038.0"), _coded("038")),
        "text for codes": Bad("f.csv", ("free text",), _coded("CONGESTIVE HEART FAILURE")),
        "formulas for codes": Bad("f.csv", ("row 2", "row 3"), _coded("=1+1", formula)),
        "kinds swapped": Bad(
            "f.csv", ("other kind",), holding(b"note_id,text,dx_codes\na,x,38.93\n")
        ),
        "numbers for codes": Bad("f.jsonl", ("zeros and all",), _json(codes=[250.0])),
        "one string for codes": Bad("f.jsonl", ("must be a list",), _json(codes="428.0")),
        "a number for a text": Bad("f.jsonl", ("text is empty",), _json(text=7)),
        "a list for an id": Bad("f.jsonl", ("not a string",), _json(note_id=[1])),
        "a long patient": Bad("f.jsonl", ("64 characters",), _json(patient="p" * 65)),
        "no text": Bad("f.jsonl", ('"text"',), holding(b'{"note_id": "a"}\n')),
        "a million unknown codes": Bad(
            "f.csv",
            ("100,000",),
            UNKNOWN,
            large=True,
        ),
        "two million notes": Bad(
            "f.csv",
            ("split the file",),
            MANY,
            large=True,
        ),
    }


def notes_hostile() -> dict[str, Bad]:
    """Every file of notes that no door may take."""
    return {**bytes_wrong(NOTES), **notes_wrong()}
