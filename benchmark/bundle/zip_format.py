"""A study in one file: a zip of plain files and a manifest of their hashes.

Pure: bytes in, bytes out. The same content gives the same bytes. `unpack` trusts nothing that the
manifest does not vouch for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

FORMAT = "coderbench-study-1"
MANIFEST = "manifest.json"
LARGEST = 2**30
"""Bytes of a bundle's files together, unpacked."""
MADE = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the zip: the same content gives the same bytes."""
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
)
"""What a damaged zip makes Python's reader raise."""
MALFORMED = (TypeError, ValueError, AttributeError, IndexError, ArithmeticError, csv.Error)
"""What a file of other content than expected makes its readers raise."""


class BundleError(ValueError):
    """A file is no bundle, or no longer the one that was exported; the message names the part."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files, sorted by name, with a manifest of their SHA-256."""
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    manifest = json.dumps({"format": FORMAT, "files": hashes}, indent=1).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST, MADE), manifest, zipfile.ZIP_DEFLATED)
        for name in hashes:
            archive.writestr(zipfile.ZipInfo(name, MADE), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a bundle.

    BundleError where one is missing, doubled, changed or not in the manifest.
    """
    found = _members(data)
    if MANIFEST not in found:
        raise BundleError(f"this is no bundle of a study: it has no {MANIFEST}")
    with reading(MANIFEST):
        manifest = json.loads(found.pop(MANIFEST))
        if manifest["format"] != FORMAT:
            raise BundleError(
                f"this bundle is of format {manifest['format']!s:.40}; this version reads {FORMAT}"
            )
        hashes = {str(name): str(digest) for name, digest in manifest["files"].items()}
    if hashes.keys() != found.keys():
        differing = ", ".join(sorted(hashes.keys() ^ found.keys()))
        raise BundleError(f"files do not match the manifest: {differing:.200}")
    for name, content in found.items():
        if hashlib.sha256(content).hexdigest() != hashes[name]:
            raise BundleError(
                f"{name:.80} is not what was exported: its SHA-256 differs from the manifest's"
            )
    return found


def _members(data: bytes) -> dict[str, bytes]:
    """The files of a zip by name."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except UNREADABLE as error:
        raise BundleError("this is no bundle of a study: no zip") from error
    with archive:
        members = archive.infolist()
        if sum(info.file_size for info in members) > LARGEST:
            raise BundleError("the bundle is over 1 GiB unpacked")
        found = {}
        for info in members:
            if info.filename in found:
                raise BundleError(f"the bundle has two files of the name {info.filename:.80}")
            try:
                found[info.filename] = archive.read(info)
            except UNREADABLE as error:
                raise BundleError(
                    f"{info.filename:.80} is damaged: it cannot be unpacked"
                ) from error
    return found


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn whatever a file's content makes fail in this block into a BundleError that names it."""
    try:
        yield
    except BundleError:
        raise
    except KeyError as error:
        raise BundleError(
            f"{name} lacks {str(error.args[0])[:80]}, or names what the bundle does not have"
        ) from error
    except UnicodeDecodeError as error:
        raise BundleError(f"{name} is not UTF-8") from error
    except RecursionError as error:
        raise BundleError(f"{name} is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise BundleError(f"{name} is no JSON, line {error.lineno}") from error
    except MALFORMED as error:
        raise BundleError(f"{name} is malformed: {type(error).__name__}") from error


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 CSV with a header; None is an empty field."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def csv_rows(files: Mapping[str, bytes], name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """A CSV file's rows.

    BundleError where it is missing, lacks one of `columns`, or a row is short.
    """
    if name not in files:
        raise BundleError(f"{name} is missing")
    with reading(name):
        reader = csv.DictReader(io.StringIO(files[name].decode(), newline=""))
        header = reader.fieldnames or []
        lacking = [column for column in columns if column not in header]
        if lacking:
            raise BundleError(f"{name} lacks the column {', '.join(lacking)}")
        if len(set(header)) < len(header):
            raise BundleError(f"{name} has a column twice")
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise BundleError(
                    f"{name}, line {reader.line_num}: {len(header)} fields are wanted"
                )
            rows.append(row)
    return rows


def json_object(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """A JSON object of a bundle. BundleError where it is missing or is none."""
    if name not in files:
        raise BundleError(f"{name} is missing")
    with reading(name):
        found = json.loads(files[name])
    if not isinstance(found, dict):
        raise BundleError(f"{name} is no JSON object")
    return found


def json_file(content: Any) -> bytes:
    """JSON with sorted keys: the same content gives the same bytes."""
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
