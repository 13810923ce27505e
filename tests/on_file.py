"""The test's database moved into a real SQLite file with its log, as an installation has it.

The test database is in memory; what is asked of files needs files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections


@contextmanager
def database_file(path: Path) -> Iterator[Path]:
    """Copy all that the test has stored to `path`, and go on there, each statement committed."""
    memory = connections["default"]
    path.write_bytes(memory.connection.serialize())
    fresh = type(memory)({**memory.settings_dict, "NAME": str(path)}, "default")
    connections["default"] = fresh
    try:
        yield path
    finally:
        fresh.close()
        connections["default"] = memory


def holding(folder: Path, words: list[str]) -> list[tuple[str, str]]:
    """The files below `folder` whose bytes hold one of the words: (file, word)."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for word in words:
            if word.encode() in data:
                found.append((path.name, word))
    return found
