"""A file that somebody gives, by whatever door: read from its start as often as is needed, and
never held in memory whole."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from files.problems import refused
from files.source import PIECE, Source, from_stream, opened, over_limit

IN_MEMORY = 2**22
"""Bytes of a pipe that are kept in memory; what is more goes to a temporary file."""


@dataclass(frozen=True)
class GivenFile:
    """A file's name, and a stream of its bytes that can be read again from the start."""

    name: str
    stream: IO[bytes]

    @property
    def shown(self) -> str:
        """The name as messages show it: it can have bytes that no text can."""
        return self.name.encode("utf-8", "replace").decode()

    @property
    def size(self) -> int:
        """Bytes, as they are in the file: packed."""
        return self.stream.seek(0, os.SEEK_END)

    def sha256(self) -> str:
        self.stream.seek(0)
        return hashlib.file_digest(self.stream, "sha256").hexdigest()  # type: ignore[arg-type]

    def source(self, limit: int) -> Source:
        """The file to read. FileError where it has more than `limit` bytes, or cannot be read."""
        if self.size > limit:
            raise refused(over_limit(limit), self.shown)
        self.stream.seek(0)
        return from_stream(self.name, self.stream, limit=limit)


def given(name: str, data: bytes | IO[bytes]) -> GivenFile:
    """A file by its name and its bytes, or by its name and the file itself, open."""
    if isinstance(data, bytes):
        return GivenFile(name, io.BytesIO(data))
    return GivenFile(name, data)


def given_path(path: Path, limit: int) -> GivenFile:
    """A file on disk, or a pipe, of which up to `limit` bytes are read. FileError."""
    stream = opened(path)
    if stream.seekable():
        return GivenFile(path.name, stream)
    kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - as long as the process needs it
    while kept.tell() <= limit and (piece := stream.read(PIECE)):
        kept.write(piece)
    return GivenFile(path.name, kept)
