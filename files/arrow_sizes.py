"""How large a Feather file (Arrow's IPC form) is when unpacked, from what its parts say of
themselves, before anything is unpacked.

The format: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format. Its headers are
FlatBuffers: a table is a list of offsets, a vector a length and its items.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MAGIC = b"ARROW1"
DICTIONARIES, BATCHES = 2, 3
"""Fields of the footer."""
HEADER_TYPE, HEADER = 1, 2
"""Fields of a message."""
BUFFERS, COMPRESSION = 2, 3
"""Fields of a batch."""
DATA = 1
"""Field of a batch of a dictionary that has the batch itself."""
OF_DICTIONARY = 2
"""The type of message that is a batch of a dictionary."""
LARGEST_HEADER = 32 * 2**20


@dataclass(frozen=True)
class _Table:
    """A table of FlatBuffers."""

    data: bytes
    place: int

    def field(self, number: int) -> int | None:
        """Where a field is; None where the table has none."""
        vtable = self.place - _i32(self.data, self.place)
        slot = 4 + 2 * number
        if slot + 2 > struct.unpack_from("<H", self.data, vtable)[0]:
            return None
        offset = struct.unpack_from("<H", self.data, vtable + slot)[0]
        return self.place + offset if offset else None

    def table(self, number: int) -> _Table | None:
        place = self.field(number)
        return None if place is None else _Table(self.data, place + _i32(self.data, place))

    def structs(self, number: int, size: int, layout: str) -> Iterator[tuple[int, ...]]:
        """The items of a vector of structs."""
        place = self.field(number)
        if place is None:
            return
        place += _i32(self.data, place)
        for item in range(_i32(self.data, place)):
            yield struct.unpack_from(layout, self.data, place + 4 + item * size)


def unpacked_size(stream: IO[bytes]) -> int:
    """Bytes of all batches, unpacked. ValueError for a file that is not as it should be."""
    try:
        return sum(_sizes(stream))
    except (struct.error, IndexError) as error:
        raise ValueError("the file is broken") from error


def _sizes(stream: IO[bytes]) -> Iterator[int]:
    footer = _Table(*_root(_footer(stream)))
    for field in (DICTIONARIES, BATCHES):
        for offset, header_size, body_size in footer.structs(field, 24, "<qi4xq"):
            stream.seek(offset)
            header = stream.read(min(header_size, LARGEST_HEADER))
            yield from _of_batch(stream, header, offset + header_size)
            yield body_size


def _footer(stream: IO[bytes]) -> bytes:
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(end - 10, 0))
    tail = stream.read(10)
    size = _i32(tail, 0)
    if tail[4:] != MAGIC or not 0 < size <= min(end - 10, LARGEST_HEADER):
        raise ValueError("the file has no footer")
    stream.seek(end - 10 - size)
    return stream.read(size)


def _of_batch(stream: IO[bytes], header: bytes, body: int) -> Iterator[int]:
    """The sizes that a batch's packed parts say they have when unpacked."""
    start = 8 if header[:4] == b"\xff\xff\xff\xff" else 4
    message = _Table(*_root(header[start:]))
    batch = message.table(HEADER)
    kind = message.field(HEADER_TYPE)
    if batch is not None and kind is not None and message.data[kind] == OF_DICTIONARY:
        batch = batch.table(DATA)
    if batch is None or batch.field(COMPRESSION) is None:
        return
    for offset, length in batch.structs(BUFFERS, 16, "<qq"):
        if length >= 8:
            stream.seek(body + offset)
            yield max(0, struct.unpack("<q", stream.read(8))[0])


def _root(data: bytes) -> tuple[bytes, int]:
    return data, _i32(data, 0)


def _i32(data: bytes, place: int) -> int:
    if place < 0:
        raise ValueError("the file is broken")
    return int(struct.unpack_from("<i", data, place)[0])
