"""Copies of the thirty-note folder with one thing changed each, and what must come of it."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections.abc import Callable
from pathlib import Path

Rows = list[list[str]]
MIMIC_30 = Path(__file__).resolve().parent.parent.parent / "fixtures" / "mimic_30"
NOTES, DIAGNOSES, PROCEDURES = "NOTEEVENTS", "DIAGNOSES_ICD", "PROCEDURES_ICD"
CODE, CATEGORY, TEXT, IS_ERROR, HADM = "ICD9_CODE", "CATEGORY", "TEXT", "ISERROR", "HADM_ID"


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(MIMIC_30, folder))


def table(folder: Path, name: str) -> tuple[list[str], Rows]:
    with (folder / f"{name}.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def write(folder: Path, name: str, header: list[str], rows: Rows) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    (folder / f"{name}.csv").write_text(buffer.getvalue(), newline="")


def column(
    name: str, field: str, change: Callable[[str], str], rows: slice = slice(None)
) -> Callable[[Path], None]:
    """Change one column of a table, in all rows or some."""

    def apply(folder: Path) -> None:
        header, found = table(folder, name)
        place = header.index(field)
        for row in found[rows]:
            row[place] = change(row[place])
        write(folder, name, header, found)

    return apply


def extra(name: str, **fields: str) -> Callable[[Path], None]:
    """Add a row like the first one, with these fields."""

    def apply(folder: Path) -> None:
        header, found = table(folder, name)
        row = list(found[0])
        for field, value in fields.items():
            row[header.index(field)] = value
        write(folder, name, header, [*found, row])

    return apply


def codes(name: str, *written: str) -> Callable[[Path], None]:
    """Add rows with these codes to the first admission."""

    def apply(folder: Path) -> None:
        for code in written:
            extra(name, **{CODE: code})(folder)

    return apply


def raw(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change a file's bytes."""

    def apply(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return apply


def both(first: Callable[[Path], None], second: Callable[[Path], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        first(folder)
        second(folder)

    return apply


def every_table(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the bytes of every file, id files too."""

    def apply(folder: Path) -> None:
        for path in folder.glob("*.csv"):
            path.write_bytes(change(path.read_bytes()))

    return apply


def as_integer(code: str) -> str:
    return str(int(code)) if code.isdigit() else code


def as_float(code: str) -> str:
    return f"{int(code)}.0" if code.isdigit() else code


def with_dot(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and code[0] != "E" else code


def header_alone(name: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        write(folder, name, table(folder, name)[0], [])

    return apply


def no_rows_with_codes(folder: Path) -> None:
    column(PROCEDURES, CODE, lambda code: "")(folder)


def swapped(folder: Path) -> None:
    (folder / "PROCEDURES_ICD.csv").rename(folder / "x")
    (folder / "DIAGNOSES_ICD.csv").rename(folder / "PROCEDURES_ICD.csv")
    (folder / "x").rename(folder / "DIAGNOSES_ICD.csv")


def other_ids(folder: Path) -> None:
    for split, first in (("train", 100), ("dev", 200), ("test", 300)):
        ids = "".join(f"{first + k}\n" for k in range(9))
        (folder / f"{split}_full_hadm_ids.csv").write_text(ids)


def no_id_files(folder: Path) -> None:
    for path in folder.glob("*_full_hadm_ids.csv"):
        path.unlink()


def half_without_note(folder: Path) -> None:
    with (folder / "test_full_hadm_ids.csv").open("a") as file:
        file.writelines(f"{k}\n" for k in range(500, 510))


def appended(folder: Path, *, header: bool = False) -> None:
    names, rows = table(folder, NOTES)
    again = [names] if header else []
    write(folder, NOTES, names, [*rows, *again, *rows])


def with_header_again(folder: Path) -> None:
    appended(folder, header=True)


def one_error(folder: Path) -> None:
    """A summary of the first admission that was marked as wrong."""
    row = {IS_ERROR: "1", TEXT: "Written for another patient.", "ROW_ID": "999999"}
    extra(NOTES, **row)(folder)


def gzipped(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        if not path.name.endswith("ids.csv"):
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()


def no_gzip(folder: Path) -> None:
    (folder / "NOTEEVENTS.csv").rename(folder / "NOTEEVENTS.csv.gz")


def half_a_gzip(folder: Path) -> None:
    content = gzip.compress((folder / "NOTEEVENTS.csv").read_bytes())
    (folder / "NOTEEVENTS.csv").unlink()
    (folder / "NOTEEVENTS.csv.gz").write_bytes(content[: len(content) // 2])


def renamed(change: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        for path in list(folder.glob("*.csv")):
            path.rename(path.with_name(change(path.name)))

    return apply


def twice_by_case(folder: Path) -> None:
    content = (folder / "NOTEEVENTS.csv").read_bytes()
    (folder / "NOTEEVENTS.csv").unlink()
    for name in ("noteevents.csv", "NoteEvents.csv"):
        (folder / name).write_bytes(content)


def backslash_quote(folder: Path) -> None:
    """One text has its quote escaped as programmers do, not as CSV does."""
    path = folder / "NOTEEVENTS.csv"
    content = path.read_bytes()
    place = content.index(b"Discharge Date", len(content) // 2)
    path.write_bytes(content[:place] + b'\\"stable\\", he said. ' + content[place:])


def open_quote(folder: Path) -> None:
    path = folder / "NOTEEVENTS.csv"
    path.write_bytes(path.read_bytes().rstrip().removesuffix(b'"'))


def lower_header(content: bytes) -> bytes:
    head, _, rest = content.partition(b"\n")
    return head.lower() + b"\n" + rest


def crlf(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def semicolons(content: bytes) -> bytes:
    head, _, rest = content.partition(b"\n")
    return head.replace(b",", b";") + b"\n" + rest


BOM = b"\xef\xbb\xbf"

TAKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing": (lambda folder: None, ""),
    "NULL and its like": (
        codes(DIAGNOSES, "NULL", "nan", "None", "\\N", "N/A"),
        "5 cells said that there is no code",
    ),
    "lower case": (
        column(DIAGNOSES, CODE, str.lower),
        r"spelling of codes changed: \d+ upper case",
    ),
    "blanks": (
        column(PROCEDURES, CODE, lambda code: f" {code} "),
        r"spelling of codes changed: \d+ blanks removed",
    ),
    "dots": (column(DIAGNOSES, CODE, with_dot), ""),
    "Discharge Summary": (column(NOTES, CATEGORY, lambda _: "Discharge Summary"), ""),
    "DISCHARGE SUMMARY": (column(NOTES, CATEGORY, str.upper), ""),
    "padded category": (column(NOTES, CATEGORY, lambda name: f"  {name} "), ""),
    "twice": (appended, r"taken once: summaries that the notes have twice: \d+"),
    "twice, header too": (
        with_header_again,
        r"taken once: summaries that the notes have twice: \d+",
    ),
    "ISERROR": (one_error, r"marked as errors \(ISERROR = 1\): 1"),
    "ISERROR 1.0": (
        both(one_error, column(NOTES, IS_ERROR, lambda value: "1.0" if value else value)),
        r"marked as errors \(ISERROR = 1\): 1",
    ),
    "no HADM_ID": (
        extra(NOTES, **{HADM: "NULL", "ROW_ID": "999999"}),
        "summaries that name no admission: 1",
    ),
    "ids as floats": (column(NOTES, HADM, as_float), ""),
    "ids as floats, codes": (column(DIAGNOSES, HADM, as_float), ""),
    "gzip": (gzipped, ""),
    "BOM in the ids": (raw("test_full_hadm_ids.csv", lambda content: BOM + content), ""),
    "BOM in the notes": (raw("NOTEEVENTS.csv", lambda content: BOM + content), ""),
    "BOM everywhere": (every_table(lambda content: BOM + content), ""),
    "CRLF ids": (raw("test_full_hadm_ids.csv", crlf), ""),
    "header in the ids": (
        raw("test_full_hadm_ids.csv", lambda content: b'"hadm_id"\n' + content),
        "",
    ),
    "lower names": (renamed(str.lower), ""),
    "upper endings": (renamed(lambda name: name.replace(".csv", ".CSV")), ""),
    "mixed names": (renamed(str.title), ""),
    "lower headers": (every_table(lower_header), ""),
    "a retired procedure": (codes(PROCEDURES, "3601"), r"1 code is not in version 32: 36\.01"),
    "an old heading": (codes(PROCEDURES, "324"), r"1 code is not in version 32: 32\.4"),
}
"""Change -> what is remarked.

What comes in is the same as from the folder itself, but for codes that are added.
"""
ADDS_CODES = {"a retired procedure", "an old heading"}

REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "procedures as integers": (
        column(PROCEDURES, CODE, as_integer),
        r"PROCEDURES_ICD.csv: \d+ of 132 codes cannot be taken"
        r".*leading zeros lost.*read the original",
    ),
    "diagnoses as integers": (
        column(DIAGNOSES, CODE, as_integer),
        r"DIAGNOSES_ICD.csv: \d+ of 353 codes.*leading zeros lost",
    ),
    "procedures as floats": (
        column(PROCEDURES, CODE, as_float),
        "PROCEDURES_ICD.csv: .*leading zeros lost",
    ),
    "one code as an integer": (
        codes(PROCEDURES, "309"),
        r"1 of 133 codes.*row 134.*leading zeros lost.*03\.09",
    ),
    "ICD-10": (
        codes(DIAGNOSES, "I5022", "E1165", "Z87891"),
        r"DIAGNOSES_ICD.csv: 3 of 356 codes.*ICD-10",
    ),
    "ICD-10 with dots": (codes(DIAGNOSES, "I50.22", "E11.65"), "2 of 355 codes.*ICD-10"),
    "free text": (codes(DIAGNOSES, "CONGESTIVE HEART FAILURE"), "1 of 354 codes.*free text"),
    "no diagnoses": (
        header_alone(DIAGNOSES),
        "DIAGNOSES_ICD.csv has a header and no rows; copy it again",
    ),
    "no procedures": (header_alone(PROCEDURES), "PROCEDURES_ICD.csv has a header and no rows"),
    "empty codes": (no_rows_with_codes, "PROCEDURES_ICD.csv has 133 rows and no code in any"),
    "swapped": (swapped, r"DIAGNOSES_ICD.csv: \d+ of its codes are procedures.*swapped"),
    "too many unknown": (
        codes(PROCEDURES, *["3601"] * 30),
        "30 of 162 codes are in no list of ICD-9-CM procedures",
    ),
    "other ids": (other_ids, "none of the 9 ids of the (test|train) split is in the folder"),
    "another category": (
        column(NOTES, CATEGORY, lambda _: "Nursing"),
        "none of the .* split is in the folder",
    ),
    "other ids in the codes": (
        both(column(DIAGNOSES, HADM, lambda _: "7"), column(PROCEDURES, HADM, lambda _: "7")),
        "has a code in DIAGNOSES_ICD or PROCEDURES_ICD",
    ),
    "no gzip": (no_gzip, "NOTEEVENTS.csv.gz is no gzip file"),
    "half a gzip": (half_a_gzip, "NOTEEVENTS.csv.gz is damaged or cut short"),
    "twice by case": (twice_by_case, "both NoteEvents.csv and noteevents.csv are there; keep one"),
    "a backslash before a quote": (
        backslash_quote,
        r'NOTEEVENTS.csv row \d+ .*write each " inside a text as ""',
    ),
    "a quote that never closes": (open_quote, r"NOTEEVENTS.csv row \d+ .*quotes do not match"),
    "a row too short": (
        raw("DIAGNOSES_ICD.csv", lambda x: x + b"1,2,3\n"),
        "row 355: 3 fields where .* has 5",
    ),
    "semicolons": (
        raw("DIAGNOSES_ICD.csv", semicolons),
        "no column HADM_ID, ICD9_CODE; .*semicolons",
    ),
    "an empty file": (raw("DIAGNOSES_ICD.csv", lambda _: b""), "the file is empty"),
    "UTF-16": (raw("NOTEEVENTS.csv", lambda x: x.decode().encode("utf-16")), "is not UTF-8"),
    "Latin-1": (raw("NOTEEVENTS.csv", lambda x: x.replace(b"Date", b"D\xe4te", 1)), "is not UTF-8"),
    "UTF-16 ids": (
        raw("test_full_hadm_ids.csv", lambda x: x.decode().encode("utf-16")),
        "is not UTF-8",
    ),
    "a word for an id": (
        column(NOTES, HADM, lambda _: "Fall", slice(1)),
        "row 1: HADM_ID is not a whole number",
    ),
    "two columns of one name": (
        raw("DIAGNOSES_ICD.csv", lambda x: x.replace(b'"SEQ_NUM"', b'"HADM_ID"', 1)),
        "the column HADM_ID is there twice",
    ),
    "one id file of three": (
        lambda folder: (folder / "dev_full_hadm_ids.csv").unlink(),
        "give all three id files",
    ),
}
"""Change -> words of the refusal."""
