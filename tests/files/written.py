"""Codings made here, and how people write them.

The codings are made from the tables of ICD-9-CM, seeded; nobody's notes are behind them.
"""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

import pandas as pd
import xlsxwriter
from openpyxl import Workbook

from files.codings import Asked
from icd.codes import caml_reading, caml_text, undotted
from icd.tables import kinds, known_kinds

Raters = dict[str, dict[str, set[str]]]


def made(notes: int = 6, seed: int = 15) -> dict[str, set[str]]:
    """Codings of a few notes, each with diagnoses and procedures; the last has no code."""
    random.seed(seed)
    dx = sorted(code for code, kind in kinds().items() if kind == "dx" and "." in code)
    proc = sorted(code for code, kind in kinds().items() if kind == "proc")
    found: dict[str, set[str]] = {}
    for number in range(notes - 1):
        given = {*random.sample(dx, 4), *random.sample(proc, 2)}
        found[f"n{number}"] = given
    found["n0"] |= {"250.00", "V10.3", "00.66", "E849.0", "042"}
    found[f"n{notes - 1}"] = set()
    return found


CODINGS = made()
CODED = {note: codes for note, codes in CODINGS.items() if codes}
"""Of formats that have no way to say that a note has no code."""
DIAGNOSES = {note: {c for c in codes if kinds()[c] == "dx"} for note, codes in CODED.items()}
PROCEDURES = {note: {c for c in codes if kinds()[c] == "proc"} for note, codes in CODED.items()}
ALL_CODES = sorted(set().union(*CODINGS.values()))
TWO: Raters = {
    "Ada": CODED,
    "Ben": {note: set(sorted(codes)[:3]) for note, codes in CODED.items()},
}


@dataclass(frozen=True)
class Shape:
    """A file, and the pairs that it holds or the words by which it is refused."""

    name: str
    data: bytes
    raters: Raters | None = None
    words: tuple[str, ...] = ()
    """Of the refusal; or what is said of a file that is taken."""
    asked: Asked | None = None


def pairs(codings: dict[str, set[str]], *, empty: bool = True) -> list[tuple[str, str]]:
    found = []
    for note, codes in codings.items():
        found += [(note, code) for code in sorted(codes)]
        if not codes and empty:
            found.append((note, ""))
    return found


def text(rows: Iterable[Sequence[str]], separator: str = ",", **options: str) -> str:
    buffer = io.StringIO()
    options = {"lineterminator": "\n"} | options
    csv.writer(buffer, delimiter=separator, **options).writerows(rows)  # type: ignore[arg-type]
    return buffer.getvalue()


def long(header: str = "note_id,code", separator: str = ",", **options: str) -> str:
    return text([header.split(","), *pairs(CODINGS)], separator, **options)


def taken(
    name: str,
    data: str | bytes,
    codings: dict[str, set[str]] | None = None,
    *words: str,
    asked: Asked | None = None,
) -> Shape:
    raw = data if isinstance(data, bytes) else data.encode()
    return Shape(name, raw, {"": CODINGS if codings is None else codings}, words, asked)


def refused(name: str, data: str | bytes, *words: str, asked: Asked | None = None) -> Shape:
    return Shape(name, data if isinstance(data, bytes) else data.encode(), None, words, asked)


def of_two(name: str, data: str | bytes, *words: str) -> Shape:
    return Shape(name, data if isinstance(data, bytes) else data.encode(), TWO, words)


def lists(join: Callable[[list[str]], str], header: str = "note_id,codes", sep: str = ",") -> str:
    rows = [[note, join(sorted(codes))] for note, codes in CODINGS.items()]
    return text([header.split(","), *rows], sep)


def wide(yes: str, no: str, header: str = "hadm_id") -> str:
    rows = [[header, *ALL_CODES]]
    for note, codes in CODINGS.items():
        rows.append([note, *(yes if code in codes else no for code in ALL_CODES)])
    return text(rows)


def book(rows: Sequence[Sequence[object]], others: int = 0, formats: str = "") -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    for number in range(others):
        sheet.append(["about", "this file"])
        sheet = workbook.create_sheet(f"Codes {number}")
    for row in rows:
        sheet.append(row)
    if formats:
        for cell in sheet["B"][1:]:
            cell.number_format = formats
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def shared_book(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook whose cells share their texts, as Excel itself writes it; the first is in two
    fonts."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet("Codes")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    first = str(rows[0][0])
    sheet.write_rich_string(0, 0, workbook.add_format({"bold": True}), first[:2], first[2:])
    workbook.close()
    return buffer.getvalue()


def dated_book() -> bytes:
    """A code that Excel took for a date."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, ["note_id", "code"])
    sheet.write(1, 0, "n1")
    day = workbook.add_format({"num_format": "dd.mm.yy"})
    sheet.write_datetime(1, 1, datetime(2020, 10, 12), day)
    workbook.close()
    return buffer.getvalue()


def zipped(parts: Mapping[str, str]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, words in parts.items():
            archive.writestr(name, words)
    return buffer.getvalue()


def beside_book(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with a title that is a formula, and beside each row a date, a formula and an
    error of Excel."""
    beside = [datetime(2020, 10, 12), "=LEN(A1)", "#N/A"]
    whole = [[*row, *beside] for row in rows]
    return book([["=TODAY()"], [*header, "admitted", "length", "ward"], *whole])


def frame(codings: dict[str, set[str]]) -> pd.DataFrame:
    return pd.DataFrame(pairs(codings), columns=["hadm_id", "icd9_code"])


def arrow(table: pd.DataFrame, kind: str) -> bytes:
    buffer = io.BytesIO()
    getattr(table, f"to_{kind}")(buffer)
    return buffer.getvalue()


def mimic(codings: dict[str, set[str]]) -> str:
    """DIAGNOSES_ICD or PROCEDURES_ICD as MIMIC-III has it."""
    rows = [["ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE"]]
    for number, (note, code) in enumerate(pairs(codings)):
        rows.append([str(number), "7", note, "1", undotted(code)])
    return text(rows, quoting=csv.QUOTE_ALL)  # type: ignore[arg-type]


def claims() -> str:
    rows = [["note_id", *(f"dx{n}" for n in range(1, 13)), *(f"pr{n}" for n in range(1, 7))]]
    for note in CODINGS:
        dx = sorted(map(undotted, DIAGNOSES.get(note, ())))
        proc = sorted(map(undotted, PROCEDURES.get(note, ())))
        rows.append([note, *dx, *[""] * (12 - len(dx)), *proc, *[""] * (6 - len(proc))])
    return text(rows)


def by_rater(codings: Raters, column: str = "rater") -> str:
    rows = [["note_id", column, "code", "ward"]]
    for rater, given in codings.items():
        rows += [[note, rater, code, "7"] for note, code in pairs(given, empty=False)]
    return text(rows)


def column_a_rater() -> str:
    rows = [["note_id", "code", *TWO]]
    for note, codes in CODED.items():
        for code in sorted(codes):
            rows.append([note, code, *("1" if code in TWO[r][note] else "0" for r in TWO)])
    return text(rows)


def list_a_rater() -> str:
    rows = [["note_id", *TWO]]
    rows += [[note, *(";".join(sorted(TWO[r][note])) for r in TWO)] for note in CODED]
    return text(rows)


def xml(codings: Raters, words: str = "Cough and fever.") -> str:
    """As the Computational Medicine Center's challenge of 2007 gave it."""
    docs = []
    for note in next(iter(codings.values())):
        codes = []
        for rater, given in codings.items():
            for code in sorted(given.get(note, ())):
                codes.append(f'<code origin="{rater}" type="ICD-9-CM">{escape(code)}</code>')
        docs.append(
            f'<doc id="{note}" type="RADIOLOGY_REPORT"><codes>{"".join(codes)}</codes>'
            f'<texts><text origin="CCHMC_RADIOLOGY" type="IMPRESSION">{words}</text></texts></doc>'
        )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<docs>\n{chr(10).join(docs)}\n</docs>\n'


def label_studio() -> str:
    tasks = []
    for note in CODED:
        annotations = []
        for rater in TWO:
            value = {"choices": sorted(TWO[rater][note])}
            result = {"from_name": "codes", "type": "choices", "value": value}
            annotations.append({"completed_by": {"email": rater}, "result": [result]})
        data = {"note_id": note, "text": "Seen today."}
        tasks.append({"id": 1, "data": data, "annotations": annotations})
    return json.dumps(tasks)


def caml(codings: dict[str, set[str]], write: Callable[[str], str]) -> str:
    """The predictions as CAML writes them: no header, CRLF, `id|` for a note without a code."""
    return "".join(
        f"{note}|{'|'.join(write(code) for code in sorted(codes))}\r\n"
        for note, codes in codings.items()
    )


def in_caml(code: str) -> str:
    return caml_reading(code, known_kinds()[code])


def in_camls_text(code: str) -> str:
    return caml_text(code) if known_kinds()[code] == "proc" else code


ONE_MEANING = {
    "n1": {"401.9", "V10.3", "96.71", "01.13", "00.47", "99.20"},
    "n2": set(),
    "n3": {"250.00", "02.39", "780.6"},
}
"""Codes of which CAML's tables write no two alike."""
JSON = {note: sorted(codes) for note, codes in CODINGS.items()}
OBJECTS = [{"note_id": note, "codes": codes} for note, codes in JSON.items()]
ROWS = [{"note_id": note, "code": code} for note, code in pairs(CODED)]
KINDED = [["id", "code", "kind", "SEQ_NUM"]] + [
    [note, undotted(code), kinds()[code], "1"] for note, code in pairs(CODED)
]
WARD = [["hadm_id", "code", "ward"], *([*pair, "Café"] for pair in pairs(CODINGS))]
LISTED = pd.DataFrame(
    {
        "_id": list(CODED),
        "target": [["999.9"]] * len(CODED),
        "icd9_diag": [sorted(map(undotted, DIAGNOSES[note])) for note in CODED],
        "icd9_proc": [sorted(map(undotted, PROCEDURES[note])) for note in CODED],
    }
)
LABELS = [["SUBJECT_ID", "HADM_ID", "TEXT", "LABELS"]] + [
    ["7", note, f"seen, {note}; fever", ";".join(sorted(codes))] for note, codes in CODED.items()
]
UNDOTTED = text([["hadm_id", "icd_code"], *((n, undotted(c)) for n, c in pairs(DIAGNOSES))])
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
