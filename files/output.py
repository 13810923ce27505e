"""Where a command may write. It never destroys what it did not make, and leaves nothing half-made.

Every command that writes a file or a folder for its user asks here first. OutputError says in words
what is in the way, and then nothing has changed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

SUMS = ".SHA256SUMS"
STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/")
MENDS = {
    errno.ENOSPC: "the disk is full; make room and run it again",
    errno.EDQUOT: "the disk quota is used up; make room and run it again",
    errno.EFBIG: "the file is larger than may be; make room or choose another place",
    errno.EROFS: "the folder is read-only; choose another",
    errno.EACCES: "there is no permission; choose another place, or change whose it is",
    errno.EPERM: "there is no permission; choose another place, or change whose it is",
    errno.ENOENT: "there is no such file or folder",
    errno.EEXIST: "it is there already",
    errno.EISDIR: "it is a folder, and a file is wanted",
    errno.ENOTDIR: "a part of the path is no folder",
}


class OutputError(ValueError):
    """A place that must not be written to; the message says why and what to do."""


def check_folder(out: Path, *, inputs: Sequence[Path] = (), holds: bool = True) -> None:
    """Refuse a link, a file, and a folder that is, lies in or (with `holds`) holds one of the
    inputs."""
    if out.is_symlink():
        raise OutputError(f"{out} is a link; give the folder itself, or a new one")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; give a new or empty folder")
    for given in inputs:
        if _lies_in(out, given):
            raise OutputError(
                f"{out} is, or lies in, {given}, which is read; give a folder outside it"
            )
        if holds and _lies_in(given, out):
            raise OutputError(f"{out} holds {given}, which is read; give a folder of its own")


def check_names(out: Path, names: Iterable[str], *, ours: bool, writer: str) -> None:
    """Refuse a folder in which one of the names to be written is a link or a folder or, unless
    `ours`, is there."""
    for name in names:
        path = out / name
        if path.is_symlink() or path.is_dir():
            raise OutputError(
                f"{path} is a link or a folder and would be written over; give another folder"
            )
        if path.exists() and not ours:
            raise OutputError(
                f"{out} holds {name}, which {writer} did not write; give a new or empty folder"
            )


def check_file(out: Path, *, marks: Collection[str], inputs: Sequence[Path] = ()) -> None:
    """Refuse a folder, a link, a file among the inputs, and a file that this command did not write.

    `marks` are words that one of its own outputs carries at its head. A device (`/dev/stdout`,
    `/dev/null`) and a pipe can be written to: they keep nothing that could be lost.
    """
    if _is_stream(out):
        return
    if out.is_dir():
        raise OutputError(f"{out} is a folder; give a file's name in it")
    if out.is_symlink():
        raise OutputError(f"{out} is a link; give the file itself, or a new name")
    if not out.resolve().parent.is_dir():
        raise OutputError(f"{out}: its folder is not there; make it first")
    for given in inputs:
        if _lies_in(out, given):
            raise OutputError(f"{out} is, or lies in, {given}, which is read; give another name")
    if out.exists() and not _carries(out.read_bytes(), marks):
        raise OutputError(
            f"{out} is there already and is no earlier output of this command; give another name"
        )


def write_file(out: Path, content: bytes) -> None:
    """Write a file that `check_file` let pass, whole or not at all."""
    if _is_stream(out):
        with out.open("wb") as file:
            file.write(content)
    else:
        write_whole(out, content)


def check_listed(folder: Path, names: Collection[str]) -> None:
    """Refuse to write over a file of the folder that `write_listed` did not write, or that was
    changed since."""
    check_folder(folder)
    listed = _listed(folder)
    for name in names:
        path = folder / name
        if not path.exists() and not path.is_symlink():
            continue
        if path.is_symlink() or not path.is_file() or listed.get(name) != _sha256(path):
            raise OutputError(
                f"{path} is there already and is not as this command wrote it; give another folder"
            )


def write_listed(folder: Path, name: str, content: bytes) -> None:
    """Write a file of a folder for its owner alone, and its hash into a list there, out of the way
    of `*`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / name, content, private=True)
    listed = {**_listed(folder), name: hashlib.sha256(content).hexdigest()}
    lines = [f"{digest}  {named}\n" for named, digest in sorted(listed.items())]
    write_whole(folder / SUMS, "".join(lines).encode())


def _listed(folder: Path) -> dict[str, str]:
    """Name -> hash, as the folder's list has it."""
    path = folder / SUMS
    if not path.is_file():
        return {}
    lines = [line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line[1]: line[0] for line in lines if len(line) == 2}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put the content in place at once: a kill, or a full disk, leaves what was there before."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        scratch = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            if not private:
                scratch.chmod(0o666 & ~_umask())
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        error.filename = str(path)  # not the scratch file's, which nobody asked for
        raise


def in_words(error: OSError) -> str:
    """What the system would not do, for a person: the file, the reason, the mend.

    >>> in_words(OSError(errno.ENOSPC, "No space left on device", "out.zip"))
    'out.zip: the disk is full; make room and run it again'
    >>> in_words(FileNotFoundError("no NOTEEVENTS.csv in the folder"))
    'no NOTEEVENTS.csv in the folder'
    """
    if error.errno is None:
        return str(error) or type(error).__name__
    words = MENDS.get(error.errno, (error.strerror or type(error).__name__).lower())
    return f"{error.filename}: {words}" if error.filename else words


def remove_made(folder: Path, made: Sequence[str]) -> None:
    """Remove a folder of these file names, the last named first.

    OutputError, and nothing is gone, where it holds anything else.
    """
    for entry in folder.iterdir():
        if entry.name not in made or entry.is_symlink() or not entry.is_file():
            raise OutputError(f"{folder} holds {entry.name}, which we did not write; move it away")
    for name in reversed(made):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def _lies_in(path: Path, folder: Path) -> bool:
    """Whether the path is the folder or something in it: through links and `..`, and where case is
    ignored."""
    real = Path(os.path.realpath(path))
    for part in (real, *real.parents):
        with contextlib.suppress(OSError):
            if part.samefile(folder):
                return True
    return False


def _is_stream(out: Path) -> bool:
    """Whether this is a device or a pipe rather than something that keeps what is written."""
    if str(out).startswith(STREAMS):
        return True
    return out.exists() and not out.is_file() and not out.is_dir()


def _carries(content: bytes, marks: Collection[str]) -> bool:
    """Whether a file's head has one of the marks; an empty file is anybody's."""
    if not content:
        return True
    try:
        head = _head(content)
    except (ValueError, KeyError, zipfile.BadZipFile):
        return False
    return any(mark in head for mark in marks)


def _head(content: bytes) -> str:
    """What a file says of itself.

    A spreadsheet's properties, a bundle's manifest, the keys and the format of a JSON document,
    else four lines.
    """
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = (
                "docProps/core.xml"
                if "docProps/core.xml" in archive.namelist()
                else "manifest.json"
            )
            return archive.read(name).decode()
    text = content.decode()
    if text.startswith("{"):
        document = json.loads(text)
        return "\n".join([*document, str(document.get("format", ""))])
    return "\n".join(text.split("\n", 4)[:4])


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
