"""Reading an uploaded file, and reporting what is wrong with it."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from files.problems import FileError, Group, refused
from files.source import over_limit


def refused_if_too_large(file: UploadedFile[bytes]) -> None:
    """FileError where what was uploaded is over the limit."""
    if (file.size or 0) > settings.UPLOAD_LIMIT:
        raise refused(over_limit(settings.UPLOAD_LIMIT))


def uploaded_stream(file: UploadedFile[bytes]) -> IO[bytes]:
    """What was uploaded, as an open file: a large one is never in memory whole. FileError where it
    is over the limit."""
    refused_if_too_large(file)
    stream: IO[bytes] = file.file  # type: ignore[assignment]  # the stubs know less
    return stream


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


def groups_of(error: FileError) -> dict[str, object]:
    """The errors by cause, for a page that is shown later."""
    groups = []
    for group in error.groups:
        groups.append({"cause": group.cause, "count": group.count, "said": str(group)})
    return {"total": error.total, "groups": groups}
