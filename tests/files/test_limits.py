"""Limits of files that unpack into much, and workbooks that are not as Excel writes them."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest

from files import arrow, codings_table, magic, raters, workbook_xml
from files.arrow_sizes import unpacked_size
from files.codings import parse_codings
from files.problems import FileError
from files.source import from_bytes
from tests.files.written import arrow as written_arrow
from tests.files.written import book, shared_book

ROWS = [["note_id", "code"], ["n1", "428.0"], ["n2", "401.9"]]
SHEET = "xl/worksheets/sheet1.xml"


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(FileError) as error:
        parse_codings(from_bytes(name, data))
    return str(error.value)


def with_part(part: str, old: bytes, new: bytes, data: bytes | None = None) -> bytes:
    """A workbook one part of which says something else."""
    buffer = io.BytesIO()
    archive = zipfile.ZipFile(io.BytesIO(data or book(ROWS)))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new, 1)
            changed.writestr(name, content)
    return buffer.getvalue()


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet '
    data = with_part(SHEET, b"<worksheet ", bomb)
    assert "workbook is broken" in refusal("a.xlsx", data)
    xml = b'<!DOCTYPE x [<!ENTITY a "428.0">]><docs><doc id="1"><code>&a;</code></doc></docs>'
    assert "entities" in refusal("a.xml", xml)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'r="B2"', b'r="A2"', "broken"),
        (b'r="B2"', b'r="ZZZ2"', "broken"),
        (b'<row r="2">', b'<row r="1048577">', "over 1,048,576 rows"),
        (b"<t>428.0</t>", b"<t>" + b"x" * 40_000 + b"</t>", "32,767 characters"),
        (b"</sheetData>", b"</sheet>", "broken"),
    ],
)
def test_a_sheet_that_excel_would_not_write(old: bytes, new: bytes, words: str) -> None:
    assert words in refusal("a.xlsx", with_part(SHEET, old, new))


def test_a_text_that_is_not_there() -> None:
    data = with_part(SHEET, b"<v>1</v>", b"<v>99</v>", shared_book(ROWS))
    assert "broken" in refusal("a.xlsx", data)


def test_a_sheet_without_its_size_is_read() -> None:
    data = with_part(SHEET, b'<dimension ref="A1:B3"/>', b"")
    assert parse_codings(from_bytes("a.xlsx", data)).only().codings == {
        "n1": {"428.0"},
        "n2": {"401.9"},
    }


def test_a_zip_that_unpacks_into_too_much(monkeypatch) -> None:
    monkeypatch.setattr(magic, "MOST_UNZIPPED", 2_000)
    assert "MiB when unzipped" in refusal("a.xlsx", book(ROWS))


def test_too_many_texts(monkeypatch) -> None:
    monkeypatch.setattr(workbook_xml, "MOST_STRINGS", 3)
    assert "over 3 texts" in refusal("a.xlsx", shared_book(ROWS))


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_table_that_unpacks_into_too_much(kind: str, monkeypatch) -> None:
    notes = [f"n{number}" for number in range(20_000)]
    data = written_arrow(pd.DataFrame({"note_id": notes, "code": "428.0"}), kind)
    assert parse_codings(from_bytes(f"a.{kind}", data)).only().codings["n7"] == {"428.0"}
    monkeypatch.setattr(arrow, "MOST_UNPACKED", 100_000)
    assert "when unpacked" in refusal(f"a.{kind}", data)


def test_the_size_of_a_feather_is_known_before_it_is_unpacked() -> None:
    frame = pd.DataFrame({"note_id": ["n1"] * 50_000})
    data = written_arrow(frame, "feather")
    unpacked = frame["note_id"].str.len().sum() + 4 * 50_000
    assert unpacked <= unpacked_size(io.BytesIO(data)) < 3 * unpacked + 100_000


def test_too_many_raters(monkeypatch) -> None:
    monkeypatch.setattr(raters, "MOST_RATERS", 2)
    rows = "note_id,rater,code\nn1,A,428.0\nn1,B,428.0\nn1,C,428.0\n"
    assert "over 2 raters" in refusal("a.csv", rows.encode())


def test_too_many_rows(monkeypatch) -> None:
    monkeypatch.setattr(codings_table, "MOST_ROWS", 2)
    rows = "note_id,code\n" + "".join(f"n{number},428.0\n" for number in range(200))
    assert "over 2 rows" in refusal("a.csv", rows.encode())
