"""What the first bytes of a file tell: text, a workbook, Parquet, Feather, or what is refused."""

from __future__ import annotations

import zipfile
from typing import IO, Literal

from files.problems import refused

Form = Literal["text", "workbook", "parquet", "feather", "numpy"]
"""What a file is made of."""
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
PARQUET = b"PAR1"
FEATHER = b"ARROW1"
MOST_ENTRIES = 10_000
"""Files in a workbook: one of a thousand sheets has as many."""
MOST_UNZIPPED = 400 * 2**20
"""Bytes of a workbook, unzipped."""
NOT_TABLES = (
    (b"FEA1", "an old Feather file; save it again as Feather version 2, Parquet or CSV"),
    (b"%PDF", "a PDF; give the table as CSV or xlsx"),
    (b"\x89PNG", "a picture; give the table as CSV or xlsx"),
    (b"\xff\xd8\xff", "a picture; give the table as CSV or xlsx"),
    (b"\x89HDF", "an HDF5 file; save the table as CSV or Parquet"),
    (b"SQLite format 3", "a database of SQLite; export the table as CSV"),
    (b"\x93NUMPY", "an array of NumPy; save it as a table with note ids and codes"),
    (b"\x80\x02", "a pickle of Python, which is never opened; save the table as CSV or Parquet"),
    (b"\x80\x03", "a pickle of Python, which is never opened; save the table as CSV or Parquet"),
    (b"\x80\x04", "a pickle of Python, which is never opened; save the table as CSV or Parquet"),
    (b"\x80\x05", "a pickle of Python, which is never opened; save the table as CSV or Parquet"),
    (b"BZh", "packed with bzip2; unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "packed with xz; unpack it, or pack it with gzip"),
    (b"7z\xbc\xaf", "packed with 7-Zip; unpack it, or pack it with gzip"),
    (b"Rar!", "a RAR archive; unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it, or pack it with gzip"),
    (b"{\\rtf", "a document in RTF; give the table as CSV or xlsx"),
)
"""First bytes of what cannot be read, and what to do about it."""
WORD = "this is a Word document; give the table as CSV or xlsx"


def form_of(first: bytes, name: str) -> Form:
    """What a file is made of. FileError in words where it is nothing that can be read."""
    if first.startswith(ZIP):
        return "numpy" if _first_entry(first).endswith(b".npy") else "workbook"
    if first.startswith(PARQUET):
        return "parquet"
    if first.startswith(FEATHER):
        return "feather"
    if first.startswith(OLD_OFFICE):
        raise refused(_old_office(first), name)
    for start, words in NOT_TABLES:
        if first.startswith(start):
            raise refused(f"this is {words}", name)
    return "text"


def _first_entry(first: bytes) -> bytes:
    """The name of the first file in a zip."""
    length = int.from_bytes(first[26:28], "little")
    return first[30 : 30 + length]


def _old_office(first: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in first:
        return "the workbook is locked with a password; save it without one"
    if "WordDocument".encode("utf-16-le") in first:
        return WORD
    return (
        "this is an Excel workbook in the old form (.xls), or one that is locked with a password; "
        "save it as .xlsx without a password, or as CSV"
    )


def check_workbook(stream: IO[bytes], name: str) -> None:
    """FileError where a zip is no workbook, or one that would not fit into memory."""
    try:
        archive = zipfile.ZipFile(stream)
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise refused("the workbook is broken or not complete; save it again", name) from None
    names = {entry.filename.lower() for entry in entries}
    if "xl/workbook.xml" not in names:
        raise refused(_other_zip(names), name)
    if len(entries) > MOST_ENTRIES:
        raise refused(f"the workbook has over {MOST_ENTRIES:,} parts; save it as CSV", name)
    if sum(entry.file_size for entry in entries) > MOST_UNZIPPED:
        raise refused(
            f"the workbook is over {MOST_UNZIPPED // 2**20} MiB when unzipped; save it as CSV", name
        )
    for entry in entries:
        if entry.flag_bits & 1:
            raise refused("the workbook is locked with a password; save it without one", name)
    stream.seek(0)


def _other_zip(names: set[str]) -> str:
    if "mimetype" in names and "content.xml" in names:
        return "this is an OpenDocument file; save it as .xlsx or as CSV"
    if any(name.endswith("xl/workbook.bin") for name in names):
        return "this is a binary workbook (.xlsb); save it as .xlsx or as CSV"
    if "word/document.xml" in names:
        return WORD
    if "ppt/presentation.xml" in names:
        return "this is a presentation; give the table as CSV or xlsx"
    if any(name.endswith(".npy") for name in names):
        return "this is an archive of NumPy; save it as a table with note ids and codes"
    return "this is a zip archive; unpack it and give the file that is in it"
