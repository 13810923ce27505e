"""Limits of files that unpack into much, and workbooks that are not as Excel writes them."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from files import arrow, codings_table, magic, raters, workbook, workbook_limits
from files.arrow_sizes import unpacked_size
from files.codings import parse_codings
from files.problems import FileError
from files.source import from_bytes
from tests.files.measure import memory
from tests.files.written import arrow as written_arrow
from tests.files.written import book, shared_book

ROWS = [["note_id", "code"], ["n1", "428.0"], ["n2", "401.9"]]
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(FileError) as error:
        parse_codings(from_bytes(name, data))
    return str(error.value)


def with_part(
    part: str,
    old: bytes,
    new: bytes,
    data: bytes | None = None,
    packing: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A workbook one part of which says something else."""
    buffer = io.BytesIO()
    archive = zipfile.ZipFile(io.BytesIO(data or book(ROWS)))
    with zipfile.ZipFile(buffer, "w", packing) as changed:
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


@pytest.mark.parametrize("part", [SHEET, TEXTS, "xl/styles.xml", "xl/workbook.xml"])
@pytest.mark.parametrize(
    "definition",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_a_definition_in_any_part_is_refused(part: str, definition: bytes) -> None:
    data = with_part(part, b"?>", b"?>" + definition, shared_book(ROWS))
    assert "workbook is broken" in refusal("a.xlsx", data)


@pytest.mark.parametrize(
    ("module", "limit", "most", "words"),
    [
        (magic, "MOST_UNZIPPED", 2_000, "the workbook is over 0 MiB when unzipped"),
        (magic, "MOST_OF_PART", 300, "the sheet is over 0 MiB when unzipped"),
        (magic, "MOST_ENTRIES", 3, "over 3 parts"),
        (workbook_limits, "MOST_ELEMENTS", 30, "over 30 elements"),
        (workbook_limits, "MOST_TEXTS", 3, "over 3 texts"),
        (workbook_limits, "MOST_OTHERS", 20, "over 20 formats"),
        (workbook_limits, "MOST_IN_ROW", 3, "over 3 cells and texts in a row"),
        (workbook, "MOST_CELLS", 3, "over 3 cells"),
    ],
)
def test_a_workbook_of_too_much(
    module: ModuleType, limit: str, most: int, words: str, monkeypatch
) -> None:
    monkeypatch.setattr(module, limit, most)
    assert words in refusal("a.xlsx", shared_book(ROWS))


@pytest.mark.parametrize("letter", ["x", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("written", ["<t>{}", "<t a='{}'>", "<t><!--{}-->"])
def test_a_long_piece_of_a_sheet_is_never_in_memory(written: str, letter: str) -> None:
    long = written.format(letter * 3_000_000).encode()
    data = with_part(SHEET, b"<t>428.0", long)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    assert refusal("a.xlsx", data)
    assert memory("VmHWM") - before < 30 * 1024


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_in_another_way(packing: int) -> None:
    data = with_part(SHEET, b"428.0", b"401.9", packing=packing)
    assert "packed as Excel never does" in refusal("a.xlsx", data)


def test_a_formula_that_is_filled_down_is_not_translated() -> None:
    formula = b'<row r="%d"><c r="A%d"><f t="shared" si="0">%s</f><v>1</v></c></row>'
    rows = [formula % (4, 4, b"A1+" * 10_000)]
    rows += [formula % (number, number, b"") for number in range(5, 2_000)]
    data = with_part(SHEET, b"</sheetData>", b"".join(rows) + b"</sheetData>")
    start = time.process_time()
    said = refusal("a.xlsx", data)
    assert "row 4: a cell has a formula" in said and "1,995 more" in said
    assert time.process_time() - start < 5  # translated, each would take 20 ms


def test_a_sheet_named_twice() -> None:
    two = book(ROWS, others=1)
    data = with_part("xl/workbook.xml", b'r:id="rId2"', b'r:id="rId1"', two)
    assert "workbook is broken" in refusal("a.xlsx", data)
    data = with_part("[Content_Types].xml", b"/xl/workbook.xml", b"/xl/styles.xml", two)
    assert "workbook is broken" in refusal("a.xlsx", data)
    data = with_part("xl/_rels/workbook.xml.rels", b"sheet2.xml", b"sheet1.xml", two)
    assert "workbook is broken" in refusal("a.xlsx", data)


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
