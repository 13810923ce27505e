"""A study in one file: a zip of plain files and a manifest of their hashes. Pure: bytes in, bytes out.

The same content gives the same bytes. `unpack` believes nothing that the manifest does not vouch for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMAT = "coderbench-study-1"
MANIFEST = "manifest.json"
LARGEST = 2**30
"""Bytes of a bundle's files together, unpacked."""
THEN = (1980, 1, 1, 0, 0, 0)


class BundleError(ValueError):
    """Why a file is no bundle, or no longer the one that was exported; names the part."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files, sorted by name, with a manifest of their SHA-256."""
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    manifest = json.dumps({"format": FORMAT, "files": hashes}, indent=1).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [(MANIFEST, manifest), *((name, files[name]) for name in hashes)]:
            archive.writestr(zipfile.ZipInfo(name, THEN), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a bundle. BundleError where one is missing, changed or not in the manifest."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST:
                raise BundleError("the bundle is over 1 GiB unpacked")
            found = {info.filename: archive.read(info) for info in archive.infolist()}
        manifest = json.loads(found.pop(MANIFEST))
        hashes = dict(manifest["files"]) if manifest["format"] == FORMAT else None
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, NotImplementedError, EOFError) as error:
        raise error if isinstance(error, BundleError) else BundleError("this is no bundle of a study") from None
    if hashes is None:
        raise BundleError(f"this bundle is of format {manifest['format']!s:.40}; this version reads {FORMAT}")
    if hashes.keys() != found.keys():
        raise BundleError(f"files do not match the manifest: {', '.join(sorted(hashes.keys() ^ found.keys()))}")
    for name, content in found.items():
        if hashlib.sha256(content).hexdigest() != hashes[name]:
            raise BundleError(f"{name} is not what was exported: its SHA-256 differs from the manifest's")
    return found


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 CSV with a header; None is an empty field."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def csv_rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of a bundle. BundleError where it is missing."""
    if name not in files:
        raise BundleError(f"{name} is missing")
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def json_file(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
