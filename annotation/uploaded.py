"""Reading an uploaded file, and reporting what is wrong with it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from files.problems import FileError, Group, refused
from files.source import over_limit

LONGEST_LINK = 1_000_000
"""Characters of errors that a link on a page can carry; commands and the API give all errors."""


def refused_if_too_large(file: UploadedFile[bytes]) -> None:
    """FileError where what was uploaded is over the limit."""
    if (file.size or 0) > settings.UPLOAD_LIMIT:
        raise refused(over_limit(settings.UPLOAD_LIMIT))


def uploaded_bytes(file: UploadedFile[bytes]) -> bytes:
    """What was uploaded. FileError where it is over the limit."""
    refused_if_too_large(file)
    return bytes(file.read())


def refusal(error: FileError) -> dict[str, object]:
    """The API's answer to a file that is refused: its errors by cause, then row by row."""
    errors = []
    for each in error.errors:
        errors.append({"row": each.row, "message": each.message, "cause": each.cause})
    return {
        "total": error.total,
        "groups": [_group(group) for group in error.groups],
        "errors": errors,
    }


def _group(group: Group) -> dict[str, object]:
    """The errors of one cause."""
    examples = [{"message": message, "count": count} for message, count in group.examples]
    return {
        "cause": group.cause,
        "mend": group.mend,
        "count": group.count,
        "rows": group.rows,
        "examples": examples,
    }


@dataclass(frozen=True)
class Report:
    """What a page shows of a refused file."""

    total: int
    groups: list[Group]
    link: str
    """A link that contains the errors as CSV, since nothing of a refused file is stored here."""
    linked: int
    """How many of the errors are in the link."""


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
        total=error.total,
        groups=error.groups,
        link=f"data:text/csv;charset=utf-8;base64,{data}",
        linked=max(linked - 1, 0),  # the first line is the head
    )
