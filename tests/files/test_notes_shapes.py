"""Files of notes by the same layer as files of codings: workbooks, Parquet, JSON of all kinds."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

from files.codings import parse_codings
from files.notes import parse_notes
from files.problems import FileError
from files.source import from_bytes
from tests.files.written import arrow, beside_book, book, frame, shared_book

TEXTS = {"n1": "CHF, exacerbation\nseen today", "n2": "café"}
CODES = {"n1": ("401.9", "428.0"), "n2": ()}
TABLE = [
    ["note_id", "text", "codes"],
    ["n1", TEXTS["n1"], "428.0|401.9"],
    ["n2", TEXTS["n2"], ""],
]
FRAME = pd.DataFrame(
    {"note_id": list(TEXTS), "text": list(TEXTS.values()), "codes": [["428.0", "401.9"], []]}
)
RECORDS = FRAME.to_dict(orient="records")
BY_NOTE = {row["note_id"]: {"text": row["text"], "codes": row["codes"]} for row in RECORDS}
KINDS: dict[str, tuple[str, bytes, str]] = {
    "workbook": ("n.xlsx", book(TABLE), "Excel"),
    "workbook with a title": ("n.xlsx", book([["Our notes"], [], *TABLE], others=1), "row 3"),
    "workbook with dates and formulas beside": (
        "n.xlsx",
        beside_book(TABLE[0], TABLE[1:]),
        "ignored",
    ),
    "workbook of shared texts": ("n.xlsx", shared_book(TABLE), "Excel"),
    "Parquet": ("n.parquet", arrow(FRAME, "parquet"), "Parquet"),
    "Feather": ("n.feather", arrow(FRAME, "feather"), "Feather"),
    "Windows-1252": (
        "n.csv",
        'note_id,text,codes\nn1,"CHF, exacerbation\nseen today",428.0|401.9\nn2,café,\n'.encode(
            "cp1252"
        ),
        "Windows-1252",
    ),
    "CAML's columns": (
        "n.csv",
        'SUBJECT_ID,HADM_ID,TEXT,LABELS\n7,n1,"CHF, exacerbation\nseen today",428.0;401.9\n'
        "8,n2,café,\n".encode(),
        "HADM_ID read as note_id",
    ),
    "one object": ("n.json", json.dumps(BY_NOTE).encode(), "a note id a key"),
    "one object over lines": ("n.json", json.dumps(BY_NOTE, indent=2).encode(), "a note id a key"),
    "pandas, records": ("n.json", json.dumps(RECORDS).encode(), "a list of objects"),
    "pandas, columns": ("n.json", FRAME.to_json().encode(), "columns"),
    "pandas, split": ("n.json", FRAME.to_json(orient="split").encode(), "columns and data"),
    "pandas, index": ("n.json", FRAME.to_json(orient="index").encode(), "rows by their number"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_notes_in_another_shape(kind: str) -> None:
    name, data, said = KINDS[kind]
    file = parse_notes(from_bytes(name, data))
    assert {row.note_id: row.text for row in file.rows} == TEXTS
    assert {row.note_id: row.codes for row in file.rows} == CODES
    assert said in file.read_as


NAMED = {
    "as in MIMIC": ("ROW_ID,SUBJECT_ID,HADM_ID,TEXT", "1,7,n1,Seen today", "ignored: ROW_ID"),
    "as CAML writes them": ("HADM_ID,TEXT,LABELS", "n1,Seen today,401.9;428.0", "LABELS read as"),
    "beside a note_id": ("note_id,hadm_id,text", "n1,7,Seen today", "ignored: hadm_id"),
    "in words": ("Document ID,Note", "n1,Seen today", "Document ID read as note_id"),
    "with kinds": ("_id,text,icd9_diag,icd9_proc", "n1,Seen today,4280,3893", "icd9_diag read as"),
}


@pytest.mark.parametrize("kind", NAMED)
def test_columns_by_other_names(kind: str) -> None:
    header, row, said = NAMED[kind]
    file = parse_notes(from_bytes("n.csv", f"{header}\n{row}\n".encode()))
    assert [(note.note_id, note.text) for note in file.rows] == [("n1", "Seen today")]
    assert said in file.read_as


def test_two_columns_that_may_be_the_note_ids_are_refused() -> None:
    with pytest.raises(FileError, match="note_id may be in hadm_id and doc_id; name the right"):
        parse_notes(from_bytes("n.csv", b"hadm_id,doc_id,text\n1,2,x\n"))


def test_texts_by_note_alone() -> None:
    file = parse_notes(from_bytes("n.json", json.dumps(TEXTS).encode()))
    assert {row.note_id: row.text for row in file.rows} == TEXTS


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_without_pyarrow_it_is_said_what_to_install(kind, monkeypatch) -> None:
    data = arrow(frame({"n1": {"428.0"}}), kind)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FileError, match=r"pip install -r requirements-parquet\.txt"):
        parse_codings(from_bytes(f"a.{kind}", data))


@pytest.mark.parametrize("cut", [0.3, 0.9])
@pytest.mark.parametrize("kind", ["workbook", "Parquet", "Feather"])
def test_a_file_that_is_not_complete_is_refused(kind: str, cut: float) -> None:
    name, data, _ = KINDS[kind]
    with pytest.raises(FileError, match="broken or not complete; save it again"):
        parse_notes(from_bytes(name, data[: int(len(data) * cut)]))


def test_a_spoilt_workbook_only_says_so() -> None:
    """Each byte in turn of a small workbook is another one."""
    data = bytearray(book(TABLE))
    for place in range(0, len(data), 97):
        spoilt = bytes(data[:place]) + bytes([data[place] ^ 0x55]) + bytes(data[place + 1 :])
        try:
            parse_notes(from_bytes("n.xlsx", spoilt))
        except FileError as error:
            assert str(error)


def test_a_number_format_of_words_leaves_the_number_as_it_is() -> None:
    data = book([["note_id", "code"], ["n1", 8.45]], formats='0.0" mg"')
    assert parse_codings(from_bytes("a.xlsx", data)).only().codings == {"n1": {"8.45"}}
