"""MIMIC-shaped folders as token ids on disk: read once, then mapped into memory by every training.

A corpus folder holds `tokens.bin` and `borders.bin` (int32, all notes end to end), `arrays.npz` (where each note
begins, its split and id, its codes in CSR form), `words.txt`, `codes.csv`, and `manifest.json` with the sha256 of
each. It is made from the notes and is patient data like them; the folder can be read by its owner alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from tqdm import tqdm

from files.output import OutputError, check_folder, remove_made
from icd.codes import CodeRow, Kind
from icd.titles import Title
from mimic.folder import SPLITS, read_admissions, read_titles, sources, split_summaries
from mimic.remarks import Remarks
from mimic.table import MimicError
from mimic.text import Ids, tokenise
from rac_model.data.code_list import code_rows, from_csv, to_csv

VERSION = 1
MANIFEST = "manifest.json"
FILES = ("tokens.bin", "borders.bin", "arrays.npz", "words.txt", "codes.csv")
VECTORS = re.compile(r"word2vec-[0-9a-f]{16}(\.part)?\.npy")
"""Word vectors, which trainings keep in the corpus folder."""


@dataclass(frozen=True)
class Corpus:
    """An opened corpus folder. `reference` (N, L) of ones over `codes`, all codes with a title or in a note."""

    folder: Path
    manifest: dict[str, Any]
    words: list[str]
    codes: list[CodeRow]
    tokens: Ids
    starts: NDArray[np.int64]
    borders: Ids
    border_starts: NDArray[np.int64]
    splits: NDArray[np.int8]
    hadm_ids: NDArray[np.int64]
    reference: csr_matrix

    @property
    def sha256(self) -> str:
        """Identity of the content."""
        return str(self.manifest["sha256"])

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each note (N,)."""
        return np.diff(self.starts)

    def where(self, split: str) -> NDArray[np.int64]:
        """Places of a split's notes, in the order of the source."""
        return np.flatnonzero(self.splits == SPLITS.index(split))

    def numbers(self, note: int, limit: int) -> Ids:
        """Word numbers of a note's first `limit` tokens."""
        start = self.starts[note]
        return self.tokens[start : min(start + limit, self.starts[note + 1])]

    def sentences(self, note: int) -> Ids:
        """Where the note's sentences begin, in tokens."""
        return self.borders[self.border_starts[note] : self.border_starts[note + 1]]


def opened(folders: Sequence[Path], beside: Path, progress: bool = True) -> Corpus:
    """The corpus of one or several MIMIC-shaped folders, made in `beside` if it is not there yet.

    A single folder that `prepare` wrote is opened as it is.
    """
    if len(folders) == 1 and manifest_of(folders[0]) is not None:
        return load(folders[0])
    folder = beside / _key(folders)[:12]
    if manifest_of(folder) is None:
        try:
            prepare(folders, folder, progress)
        except OutputError as error:
            raise OutputError(f"{error} (--prepared says where token ids are kept)") from error
    return load(folder)


def prepare(folders: Sequence[Path], out: Path, progress: bool = True) -> dict[str, Any]:
    """Tokenise the notes of the folders' splits into `out`, streaming; returns the manifest.

    Memory holds the distinct words, the codes of the notes and one chunk of text. Half-made folders are not left.
    OutputError, and nothing is gone, where `out` is, holds or lies in one of the folders, or holds anything that
    `prepare` did not write.
    """
    check_out(out, folders)
    out = out.resolve()
    with _scratch(out) as making:
        manifest = _write(folders, making, progress)
        _put_in_place(making, out)
    return manifest


def check_out(out: Path, folders: Sequence[Path]) -> None:
    """OutputError where `prepare` must not write to `out`."""
    check_folder(out, inputs=folders)
    if not out.is_dir() or not any(out.iterdir()):
        return
    others = sorted(entry.name for entry in out.iterdir() if not _made_here(entry))
    if manifest_of(out) is None or others:
        first = f" ({others[0]})" if others else ""
        raise OutputError(f"{out} holds files that prepare did not write{first}; give a new or empty folder")


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of a corpus folder; None for a folder that is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        ours = set(manifest["files"]) == set(FILES) and {"version", "sources", "sha256"} <= set(manifest)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None
    return manifest if ours else None


def _made_here(entry: Path) -> bool:
    """Whether a file of a corpus folder is one that we write there."""
    named = entry.name in (*FILES, MANIFEST) or VECTORS.fullmatch(entry.name)
    return bool(named) and entry.is_file() and not entry.is_symlink()


@contextlib.contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write in, which only we can read; it goes whatever happens.

    What a killed process left of its own is removed first. OutputError while another process is at it.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    making = out.with_name(f".{out.name}.part")
    for left in out.parent.glob(".*.part"):
        _clear(left, needed=left == making)
    for left in out.parent.glob(".*.old"):
        _clear(left, needed=False)
    making.mkdir(mode=0o700)
    lock = os.open(making, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield making
    finally:
        os.close(lock)
        if making.is_dir():
            remove_made(making, (*FILES, MANIFEST))


def _clear(left: Path, *, needed: bool) -> None:
    """Remove a half-made folder that no process works on. What is not ours stays; OutputError if it is `needed`."""
    if left.is_symlink() or not left.is_dir():
        if needed:
            raise OutputError(f"{left} is in the way; move it away")
        return
    lock = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        made = [entry.name for entry in left.iterdir() if _made_here(entry)]
        if needed or FILES[0] in made:
            remove_made(left, sorted(made, key=lambda name: name != FILES[0]))
    except BlockingIOError:
        if needed:
            raise OutputError(f"another process is writing {left}; wait until it is done") from None
    except OutputError:
        if needed:
            raise
    finally:
        os.close(lock)


def _put_in_place(making: Path, out: Path) -> None:
    """Give the finished folder its name; an earlier corpus of that name goes when the new one is there."""
    old = out.with_name(f".{out.name}.old")
    if out.is_dir() and any(out.iterdir()):
        out.rename(old)
    elif out.is_dir():
        out.rmdir()
    making.rename(out)
    _clear(old, needed=False)


def load(folder: Path, verify: bool = False) -> Corpus:
    """Open a corpus folder; `verify` also reads every byte against the manifest."""
    manifest = manifest_of(folder)
    if manifest is None:
        raise MimicError(f"{folder.name} is no corpus folder; give one that prepare wrote")
    if manifest.get("version") != VERSION:
        raise MimicError(f"{folder.name}: prepared by another version; delete it and prepare again")
    for name in FILES:
        path = folder / name
        if not path.is_file() or path.stat().st_size != manifest["files"][name]["bytes"]:
            raise MimicError(f"{folder.name}: {name} is missing or cut short; delete the folder and prepare again")
        if verify and _sha256(path) != manifest["files"][name]["sha256"]:
            raise MimicError(f"{folder.name}: {name} is damaged; delete the folder and prepare again")
    with np.load(folder / "arrays.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    codes = from_csv((folder / "codes.csv").read_text())
    indices, indptr = arrays["codes"], arrays["code_starts"]
    reference = csr_matrix((np.ones(len(indices), np.float32), indices, indptr), (len(indptr) - 1, len(codes)))
    return Corpus(
        folder=folder,
        manifest=manifest,
        words=(folder / "words.txt").read_text().splitlines(),
        codes=codes,
        tokens=_mapped(folder / "tokens.bin"),
        starts=arrays["starts"],
        borders=_mapped(folder / "borders.bin"),
        border_starts=arrays["border_starts"],
        splits=arrays["splits"],
        hadm_ids=arrays["hadm_ids"],
        reference=reference,
    )


def _write(folders: Sequence[Path], out: Path, progress: bool) -> dict[str, Any]:
    numbers: dict[str, int] = {}
    lengths, sentences, splits, hadm_ids = [], [], [], []
    codes: list[tuple[str, ...]] = []
    kinds: dict[str, Kind] = {}
    remarks = [Remarks() for _ in folders]
    notes = _notes(folders, remarks)
    with (out / "tokens.bin").open("wb") as token_file, (out / "borders.bin").open("wb") as border_file:
        for split, hadm_id, text, found in tqdm(notes, desc="reading notes", disable=not progress, unit=""):
            tokens = tokenise(text)
            ids = np.array([numbers.setdefault(word, len(numbers)) for word in tokens.words], np.int32)
            token_file.write(ids.tobytes())
            border_file.write(np.array(tokens.borders, np.int32).tobytes())
            lengths.append(len(ids))
            sentences.append(len(tokens.borders))
            splits.append(split)
            hadm_ids.append(hadm_id)
            codes.append(tuple(sorted(found)))
            kinds.update(found)
    if not any(codes):
        raise MimicError("no note has a code in DIAGNOSES_ICD or PROCEDURES_ICD; do these tables belong to the notes?")
    titles = _titles(folders)
    kinds.update({code: title.kind for code, title in titles.items()})
    rows = code_rows(kinds, titles)
    column = {row.code: i for i, row in enumerate(rows)}
    np.savez(
        out / "arrays.npz",
        starts=_starts(lengths),
        border_starts=_starts(sentences),
        splits=np.array(splits, np.int8),
        hadm_ids=np.array(hadm_ids, np.int64),
        codes=np.array([column[code] for found in codes for code in found], np.int32),
        code_starts=_starts([len(found) for found in codes]),
    )
    (out / "words.txt").write_text("".join(f"{word}\n" for word in numbers))
    (out / "codes.csv").write_text(to_csv(rows))
    told = [
        f"{folder.resolve().name}: {line}" for folder, one in zip(folders, remarks, strict=True) for line in one.lines()
    ]
    if progress:
        for line in told:
            print(line, file=sys.stderr)
    return _manifest(folders, out, splits, sum(lengths), told)


def _manifest(
    folders: Sequence[Path], out: Path, splits: list[int], tokens: int, remarks: Sequence[str]
) -> dict[str, Any]:
    files: dict[str, dict[str, Any]] = {
        name: {"bytes": (out / name).stat().st_size, "sha256": _sha256(out / name)} for name in FILES
    }
    manifest = {
        "version": VERSION,
        "sources": _key(folders),
        "synthetic": all((folder / "SYNTHETIC").is_file() for folder in folders),
        "notes": {name: splits.count(i) for i, name in enumerate(SPLITS)},
        "tokens": tokens,
        "remarks": list(remarks),
        "files": files,
        "sha256": hashlib.sha256("".join(files[name]["sha256"] for name in FILES).encode()).hexdigest(),
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def _notes(folders: Sequence[Path], remarks: Sequence[Remarks]) -> Iterator[tuple[int, int, str, Mapping[str, Kind]]]:
    """(split, admission, text, codes and their kinds) of every note of the splits, folder by folder."""
    for folder, told in zip(folders, remarks, strict=True):
        ids, _, counted = split_summaries(folder, SPLITS, told)
        split_of = {hadm: place for place, split in enumerate(SPLITS) for hadm in ids[split]}
        for admission in read_admissions(folder, counted=counted, remarks=told):
            yield split_of[admission.hadm_id], admission.hadm_id, admission.text, admission.kinds


def _titles(folders: Sequence[Path]) -> dict[str, Title]:
    return {code: title for folder in folders for code, title in read_titles(folder).items()}


def _key(folders: Sequence[Path]) -> str:
    """What tells one state of the source files from another: names, sizes and times of change."""
    facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for f in folders for path in sources(f)]
    return hashlib.sha256(json.dumps([VERSION, facts]).encode()).hexdigest()


def _starts(lengths: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))]).astype(np.int64)


def _mapped(path: Path) -> Ids:
    return np.memmap(path, np.int32, "r") if path.stat().st_size else np.zeros(0, np.int32)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
