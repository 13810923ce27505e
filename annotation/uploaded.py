"""An uploaded file on its way in, and the report of what was wrong with it on its way out."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from files.problems import FileError, Group, refused
from files.source import over_limit

LONGEST_LINK = 1_000_000
"""Bytes of errors that a link on a page can carry; commands and the API give all."""


def uploaded_bytes(file: UploadedFile[bytes]) -> bytes:
    """What was uploaded. FileError where it is over the limit."""
    if (file.size or 0) > settings.UPLOAD_LIMIT:
        raise refused(over_limit(settings.UPLOAD_LIMIT))
    return bytes(file.read())


def refusal(error: FileError) -> dict[str, object]:
    """The answer of the API: every row, and the rows grouped by cause."""
    return {
        "total": error.total,
        "groups": [
            {
                "cause": group.cause,
                "mend": group.mend,
                "count": group.count,
                "rows": group.rows,
                "examples": [
                    {"message": message, "count": count} for message, count in group.examples
                ],
            }
            for group in error.groups
        ],
        "errors": [
            {"row": each.row, "message": each.message, "cause": each.cause} for each in error.errors
        ],
    }


@dataclass(frozen=True)
class Report:
    """What a page shows of a refused file."""

    total: int
    groups: list[Group]
    link: str
    """A link that holds the rows as CSV: nothing of a refused file is stored here."""
    linked: int
    """How many of the errors the link holds."""


def report_of(error: FileError) -> Report:
    """The report of a refused file for a page."""
    lines = error.to_csv().splitlines(keepends=True)
    text = ""
    linked = 0
    for line in lines:
        if len(text) + len(line) > LONGEST_LINK:
            break
        text += line
        linked += 1
    data = base64.b64encode(text.encode()).decode()
    return Report(
        error.total, error.groups, f"data:text/csv;charset=utf-8;base64,{data}", max(linked - 1, 0)
    )
