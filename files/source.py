"""From a file's bytes to its lines of text: unpacked, decoded, within limits.

A file may be plain or gzipped, in UTF-8 or UTF-16 with or without a byte-order mark, in UTF-32
with one, with LF or CRLF. What is unusual about it is listed in `Source.facts`.
"""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

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
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
GZIP = b"\x1f\x8b"


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
    encoding: str = "utf-8"
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
        return self.first.decode(self.encoding, "replace").lstrip().partition("\n")[0].strip()

    def lines(self, problems: Problems) -> Iterator[str]:
        """The lines of the file, each with its line end. FileError by way of `problems`, with
        the line's number."""
        seen = 0
        rest = ""
        for text in self.texts(problems):
            lines = (rest + text).split("\n")
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
        for piece, last in self._pieces(problems):
            try:
                text = decoder.decode(piece, final=last)
            except UnicodeDecodeError as error:
                row = newlines + error.object.count(b"\n", 0, error.start) + 1
                raise problems.fatal(
                    row, f"not {self.encoding.upper()}; save the file as UTF-8"
                ) from None
            newlines += text.count("\n")
            yield text

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
    """A source of a stream. Its first bytes tell whether it is gzipped, of Excel (refused), and
    in which encoding. Raises FileError."""
    # A file's name can hold bytes that no text can.
    shown = name.encode("utf-8", "replace").decode()
    source = Source(shown, stream, limit)
    source.first = _read(stream, HEAD, shown)
    _unpack(source)
    _refuse_excel(source)
    _find_encoding(source)
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


def _refuse_excel(source: Source) -> None:
    if source.first.startswith((ZIP, OLD_EXCEL)) or source.ending in ("xlsx", "xls"):
        raise refused(
            "this is an Excel workbook or a zip; save the sheet as CSV (UTF-8) and give that",
            source.name,
        )


def _find_encoding(source: Source) -> None:
    for mark, encoding, words in MARKS:
        if source.first.startswith(mark):
            source.first = source.first[len(mark) :]
            source.encoding = encoding
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
