"""From a file's bytes to its lines of text: unpacked, decoded, within limits.

A file may be plain or gzipped, in UTF-8 or UTF-16 with or without a byte-order mark, in UTF-32
with one, in Windows-1252, with line ends of any kind. A workbook, a Parquet or a Feather file is
handed on as it is. What is unusual about a file is listed in `Source.facts`.
"""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from files.magic import GZIP, Form, check_workbook, form_of
from files.problems import FileError, Problems, refused

MOST_CHARACTERS = 5_000_000
"""Characters of the longest line and of the longest cell: no note is as long."""
MOST_LINES = 25_000_000
"""Lines of the longest file: 200 MB have as many where a line has eight characters."""
HEAD = 65_536
PIECE = 1 << 20
# UTF-32 before UTF-16: the mark of UTF-32-LE begins with that of UTF-16-LE.
MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
WINDOWS = "cp1252"
IN_MEMORY = 8 * 2**20
"""Bytes of a packed workbook that are unpacked in memory; a larger one goes to a temporary file."""


@dataclass
class Source:
    """A file to read: its name, its lines, and what was found out about it."""

    name: str
    stream: IO[bytes]
    limit: int | None = None
    """Most bytes, unpacked; None for no limit."""
    facts: list[str] = field(default_factory=list)
    """What is not the usual: "UTF-16", "gzipped, although its name does not end in .gz"."""
    first: bytes = b""
    """The first bytes, unpacked and without the mark; `stream` goes on after them."""
    form: Form = "text"
    encoding: str = "utf-8"
    marked: bool = False
    """Whether a byte-order mark says which encoding it is."""
    line_end: str = "\n"
    assumed: str = ""
    """The ending to take instead of the name's: standard input has no name."""

    @property
    def ending(self) -> str:
        """The name's ending without .gz, in lower case: "csv"."""
        if self.assumed:
            return self.assumed
        return ending_of(self.name)

    @property
    def stem(self) -> str:
        return Path(self.name.removesuffix(".gz")).stem

    @property
    def first_line(self) -> str:
        """The first line that is not blank, as far as it was read; nothing is read on."""
        head = self.first.decode(self.encoding, "replace")
        return head.lstrip().partition(self.line_end)[0].strip()

    def lines(self, problems: Problems, texts: Iterator[str] | None = None) -> Iterator[str]:
        """The lines of the file, each with its line end; of `texts` where these were begun.
        FileError by way of `problems`, with the line's number."""
        seen = 0
        rest = ""
        for text in texts or self.texts(problems):
            lines = (rest + text).split(self.line_end)
            rest = lines.pop()
            if seen > MOST_LINES:
                raise problems.fatal(0, f"over {MOST_LINES:,} lines; split the file")
            for line in lines:
                if len(line) > MOST_CHARACTERS:
                    raise problems.fatal(seen + 1, _too_long())
                yield line + "\n"
                seen += 1
            if len(rest) > MOST_CHARACTERS:
                raise problems.fatal(seen + 1, _too_long())
        if rest:
            yield rest

    def text(self, problems: Problems) -> str:
        """The whole file as one string."""
        return "".join(self.texts(problems))

    def texts(self, problems: Problems) -> Iterator[str]:
        """The decoded text, piece by piece. FileError with the row where it is not in the
        encoding."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        newlines = 0
        may_be_windows = self.encoding == "utf-8" and not self.marked
        for piece, last in self._pieces(problems):
            try:
                text = decoder.decode(piece, final=last)
            except UnicodeDecodeError as error:
                row = newlines + error.object.count(b"\n", 0, error.start) + 1
                if not may_be_windows or not error.object[: error.start].isascii():
                    raise problems.fatal(row, self._not_decoded()) from None
                text = self._as_windows(error.object, row, problems)
                decoder = codecs.getincrementaldecoder(self.encoding)()
            may_be_windows = may_be_windows and text.isascii()
            newlines += text.count("\n")
            yield text

    def _as_windows(self, data: bytes, row: int, problems: Problems) -> str:
        """The bytes as Windows-1252, in which the file is read from here on: all before them was
        ASCII, and they are no UTF-8."""
        self.encoding = WINDOWS
        self.facts.append("Windows-1252 (Latin-1), as it is not UTF-8")
        try:
            return data.decode(WINDOWS)
        except UnicodeDecodeError:
            raise problems.fatal(row, self._not_decoded()) from None

    def _not_decoded(self) -> str:
        named = "UTF-8 nor Windows-1252" if self.encoding == WINDOWS else self.encoding.upper()
        word = "neither" if self.encoding == WINDOWS else "not"
        return f"{word} {named}; save the file as UTF-8"

    def binary(self) -> IO[bytes]:
        """The bytes of a workbook, a Parquet or a Feather file, at their beginning. FileError over
        the limit."""
        if _can_seek(self.stream) and not isinstance(self.stream, gzip.GzipFile):
            size = self.stream.seek(0, io.SEEK_END)
            self._refuse_over(size)
            self.stream.seek(0)
            return self.stream
        whole = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        piece = self.first
        while piece:
            whole.write(piece)
            self._refuse_over(whole.tell())
            piece = _read(self.stream, PIECE, self.name)
        whole.seek(0)
        self.stream = whole
        return self.stream

    def _refuse_over(self, size: int) -> None:
        if self.limit is not None and size > self.limit:
            raise refused(over_limit(self.limit), self.name)

    def _pieces(self, problems: Problems) -> Iterator[tuple[bytes, bool]]:
        """(bytes, whether they are the last), read as they come: from a pipe too."""
        read = 0
        piece = self.first
        while piece:
            read += len(piece)
            if self.limit is not None and read > self.limit:
                raise problems.fatal(0, over_limit(self.limit))
            yield piece, False
            piece = _read(self.stream, PIECE, self.name)
        yield b"", True


def _can_seek(stream: IO[bytes]) -> bool:
    asked = getattr(stream, "seekable", None)
    return asked is not None and bool(asked())


def ending_of(name: str) -> str:
    """The ending of a file's name without .gz, in lower case.

    >>> ending_of("Notes.CSV.gz"), ending_of("notes")
    ('csv', '')
    """
    return Path(name.lower().removesuffix(".gz")).suffix.removeprefix(".")


def from_path(path: Path, *, limit: int | None = None) -> Source:
    """A file on disk. FileError where it cannot be read."""
    return from_stream(path.name, opened(path), limit=limit)


def from_bytes(name: str, data: bytes, *, limit: int | None = None) -> Source:
    """An uploaded file."""
    return from_stream(name, io.BytesIO(data), limit=limit)


def from_standard_input(ending: str = "jsonl") -> Source:
    """What is piped in, as if it were a file with that ending."""
    source = from_stream("standard input", sys.stdin.buffer)
    source.assumed = ending
    return source


def opened(path: Path) -> IO[bytes]:
    """The file, open. FileError in words where it is a folder, is missing or may not be read."""
    if path.is_dir():
        raise refused(f"{path} is a folder; give a file")
    try:
        return path.open("rb")
    except OSError as error:
        raise refused(f"{path} cannot be read ({error.strerror}); check the path") from None


def read_bytes(path: Path) -> bytes:
    """What is in a file. FileError."""
    with opened(path) as file:
        try:
            return file.read()
        except OSError as error:
            raise refused(f"{path} cannot be read ({error.strerror}); check the path") from None


def over_limit(limit: int) -> str:
    """What is said of a file that is too large."""
    return f"the file is over the limit of {limit // 2**20} MiB; split it into several files"


def from_stream(name: str, stream: IO[bytes], *, limit: int | None = None) -> Source:
    """A source of a stream. Its first bytes tell whether it is gzipped, what it is made of, and
    in which encoding. Raises FileError."""
    # A file's name can hold bytes that no text can.
    shown = name.encode("utf-8", "replace").decode()
    source = Source(shown, stream, limit)
    source.first = _read(stream, HEAD, shown)
    _unpack(source)
    source.form = form_of(source.first, shown)
    if source.form == "text":
        _refuse_named_workbook(source)
        _find_encoding(source)
        _find_line_end(source)
    if source.form == "workbook":
        check_workbook(source.binary(), shown)
    return source


def _unpack(source: Source) -> None:
    packed = source.first.startswith(GZIP)
    named = source.name.lower().endswith(".gz")
    if named and not packed:
        raise refused(
            "the name ends in .gz but the file is not a gzip file; compress it again", source.name
        )
    if not packed:
        return
    if not named:
        source.facts.append("gzipped, although its name does not end in .gz")
    source.stream = _unpacked(source.first, source.stream)
    source.first = _read(source.stream, HEAD, source.name)


def _unpacked(first: bytes, stream: IO[bytes]) -> IO[bytes]:
    """The unpacked stream of a gzip file of which the first bytes were read already."""
    joined = io.BufferedReader(_Joined(first, stream))
    return gzip.GzipFile(fileobj=joined, mode="rb")  # type: ignore[return-value]


class _Joined(io.RawIOBase):
    """Bytes that were read already, then the rest of their stream."""

    def __init__(self, first: bytes, stream: IO[bytes]) -> None:
        self.first = first
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        if self.first:
            piece = self.first[:size]
            self.first = self.first[size:]
        else:
            piece = self.stream.read(size)
        buffer[: len(piece)] = piece
        return len(piece)


def _refuse_named_workbook(source: Source) -> None:
    if source.ending in ("xlsx", "xlsm", "xls"):
        raise refused(
            "the name is one of an Excel workbook, but this is none; save it again, or rename it",
            source.name,
        )


def _find_encoding(source: Source) -> None:
    for mark, encoding, words in MARKS:
        if source.first.startswith(mark):
            source.first = source.first[len(mark) :]
            source.encoding = encoding
            source.marked = True
            source.facts.append(words)
            return
    # Latin text in UTF-16 has a 0 in every other byte: the odd ones where the low byte comes first.
    even = source.first[0:400:2]
    odd = source.first[1:400:2]
    if len(even) < 2:
        return
    if odd.count(0) > len(odd) / 2 and not even.count(0):
        source.encoding = "utf-16-le"
    elif even.count(0) > len(even) / 2 and not odd.count(0):
        source.encoding = "utf-16-be"
    if source.encoding != "utf-8":
        source.facts.append("UTF-16 without a byte-order mark")


def _find_line_end(source: Source) -> None:
    """Lines of an old Mac end in CR alone."""
    head = source.first.decode(source.encoding, "replace")
    if "\r" in head.rstrip("\r") and "\n" not in head:
        source.line_end = "\r"
        source.facts.append("line ends of an old Mac")


def _read(stream: IO[bytes], size: int, name: str) -> bytes:
    """Up to `size` bytes, fewer where a pipe has no more just now. FileError for a gzip file
    that is broken."""
    read = getattr(stream, "read1", stream.read)
    try:
        return bytes(read(size))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise refused("the gzip file is broken or not complete; compress it again", name) from None
    except OSError as error:
        raise refused(f"the file cannot be read ({error.strerror or error})", name) from None


def _too_long() -> str:
    return (
        f"a line of over {MOST_CHARACTERS:,} characters; write a note a line, or check the quotes"
    )


__all__ = ["FileError", "Source", "from_bytes", "from_path", "from_standard_input", "read_bytes"]
