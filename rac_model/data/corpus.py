"""MIMIC-shaped folders as token ids on disk: read once, then mapped into memory by every training.

A corpus folder holds `tokens.bin` and `borders.bin` (int32, all notes end to end), `arrays.npz`
(where each note begins, its split and id, its codes in CSR form), `words.txt`, `codes.csv`, and
`manifest.json` with the sha256 of each. It is made from the notes and is patient data like them;
the folder can be read by its owner alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from tqdm import tqdm

from files.output import OutputError, check_folder, remove_made
from icd.codes import CodeRow, Kind
from icd.titles import Title
from mimic.folder import SPLITS, Admission, read_admissions, read_titles, sources, split_summaries
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
    """An opened corpus folder of N notes.

    `tokens` are numbers of `words`; note i has those from `starts[i]` to `starts[i + 1]`, and its
    sentences begin at `borders[border_starts[i]:border_starts[i + 1]]`. `reference` (N, L) has ones
    where a note has a code; `codes` are all that have a title or are in a note.
    """

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

    Memory holds the distinct words, the codes of the notes and one chunk of text. Half-made folders
    are not left. OutputError, and nothing is gone, where `out` is, holds or lies in one of the
    folders, or holds anything that `prepare` did not write.
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
        raise OutputError(
            f"{out} holds files that prepare did not write{first}; give a new or empty folder"
        )


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of a corpus folder; None for a folder that is none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        has_files = set(manifest["files"]) == set(FILES)
        has_keys = {"version", "sources", "sha256"} <= set(manifest)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None
    if not has_files or not has_keys:
        return None
    return dict(manifest)


def _made_here(entry: Path) -> bool:
    """Whether a file of a corpus folder is one that we write there."""
    named = entry.name in (*FILES, MANIFEST) or VECTORS.fullmatch(entry.name)
    return bool(named) and entry.is_file() and not entry.is_symlink()


@contextlib.contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write in, which only we can read; it is removed whatever happens.

    What a killed process left is removed first. OutputError while another process writes there.
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
    """Remove a half-made folder that no process works on.

    What is not ours stays; OutputError where its name is `needed`.
    """
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
    """Give the finished folder its name; an earlier corpus of that name is removed after that."""
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
            raise MimicError(
                f"{folder.name}: {name} is missing or cut short; "
                "delete the folder and prepare again"
            )
        if verify and _sha256(path) != manifest["files"][name]["sha256"]:
            raise MimicError(
                f"{folder.name}: {name} is damaged; delete the folder and prepare again"
            )
    with np.load(folder / "arrays.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    codes = from_csv((folder / "codes.csv").read_text())
    columns = arrays["codes"]
    starts = arrays["code_starts"]
    ones = np.ones(len(columns), np.float32)
    reference = csr_matrix((ones, columns, starts), (len(starts) - 1, len(codes)))
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
    """Write the files of a corpus folder; returns its manifest."""
    numbers: dict[str, int] = {}
    """Word -> its number, in the order in which words are met."""
    lengths: list[int] = []
    sentences: list[int] = []
    splits: list[int] = []
    hadm_ids: list[int] = []
    codes: list[list[str]] = []
    kinds: dict[str, Kind] = {}
    remarks = [Remarks() for _ in folders]
    notes = _notes(folders, remarks)
    bar = tqdm(notes, desc="reading notes", disable=not progress, unit="")
    with (
        (out / "tokens.bin").open("wb") as token_file,
        (out / "borders.bin").open("wb") as border_file,
    ):
        for split, note in bar:
            tokens = tokenise(note.text)
            ids = [numbers.setdefault(word, len(numbers)) for word in tokens.words]
            token_file.write(np.array(ids, np.int32).tobytes())
            border_file.write(np.array(tokens.borders, np.int32).tobytes())
            lengths.append(len(ids))
            sentences.append(len(tokens.borders))
            splits.append(split)
            hadm_ids.append(note.hadm_id)
            codes.append(sorted(note.kinds))
            kinds.update(note.kinds)
    if not any(codes):
        raise MimicError(
            "no note has a code in DIAGNOSES_ICD or PROCEDURES_ICD; "
            "do these tables belong to the notes?"
        )
    titles = _titles(folders)
    for code, title in titles.items():
        kinds[code] = title.kind
    rows = code_rows(kinds, titles)
    column_of = {row.code: column for column, row in enumerate(rows)}
    columns = [column_of[code] for code in chain.from_iterable(codes)]
    np.savez(
        out / "arrays.npz",
        starts=_starts(lengths),
        border_starts=_starts(sentences),
        splits=np.array(splits, np.int8),
        hadm_ids=np.array(hadm_ids, np.int64),
        codes=np.array(columns, np.int32),
        code_starts=_starts([len(of_note) for of_note in codes]),
    )
    (out / "words.txt").write_text("".join(f"{word}\n" for word in numbers))
    (out / "codes.csv").write_text(to_csv(rows))
    remark_lines = _remark_lines(folders, remarks)
    if progress:
        for line in remark_lines:
            print(line, file=sys.stderr)
    return _manifest(folders, out, splits, sum(lengths), remark_lines)


def _remark_lines(folders: Sequence[Path], remarks: Sequence[Remarks]) -> list[str]:
    """What was left out, folded or marked in each folder, as sentences."""
    lines = []
    for folder, of_folder in zip(folders, remarks, strict=True):
        name = folder.resolve().name
        lines += [f"{name}: {line}" for line in of_folder.lines()]
    return lines


def _manifest(
    folders: Sequence[Path], out: Path, splits: list[int], tokens: int, remarks: Sequence[str]
) -> dict[str, Any]:
    """Write manifest.json; `splits` is the split of each note, by its place in SPLITS."""
    files: dict[str, dict[str, Any]] = {}
    for name in FILES:
        path = out / name
        files[name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    all_hashes = "".join(files[name]["sha256"] for name in FILES)
    manifest = {
        "version": VERSION,
        "sources": _key(folders),
        "synthetic": all((folder / "SYNTHETIC").is_file() for folder in folders),
        "notes": {name: splits.count(place) for place, name in enumerate(SPLITS)},
        "tokens": tokens,
        "remarks": list(remarks),
        "files": files,
        "sha256": hashlib.sha256(all_hashes.encode()).hexdigest(),
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def _notes(folders: Sequence[Path], remarks: Sequence[Remarks]) -> Iterator[tuple[int, Admission]]:
    """Every note of the splits, folder by folder, with its split by its place in SPLITS."""
    for folder, of_folder in zip(folders, remarks, strict=True):
        ids, _, counted = split_summaries(folder, SPLITS, of_folder)
        split_of: dict[int, int] = {}
        for place, split in enumerate(SPLITS):
            split_of.update(dict.fromkeys(ids[split], place))
        for admission in read_admissions(folder, counted=counted, remarks=of_folder):
            yield split_of[admission.hadm_id], admission


def _titles(folders: Sequence[Path]) -> dict[str, Title]:
    """Titles by dotted code; where two folders have one, the last one's."""
    titles: dict[str, Title] = {}
    for folder in folders:
        titles.update(read_titles(folder))
    return titles


def _key(folders: Sequence[Path]) -> str:
    """What tells one state of the source files from another: names, sizes and times of change."""
    facts = []
    for folder in folders:
        for path in sources(folder):
            found = path.stat()
            facts.append((path.name, found.st_size, found.st_mtime_ns))
    return hashlib.sha256(json.dumps([VERSION, facts]).encode()).hexdigest()


def _starts(lengths: list[int]) -> NDArray[np.int64]:
    """Where each of some runs of these lengths begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))]).astype(np.int64)


def _mapped(path: Path) -> Ids:
    """A file of int32, which is read where it is looked at; an empty one cannot be mapped."""
    if not path.stat().st_size:
        return np.zeros(0, np.int32)
    return np.memmap(path, np.int32, "r")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
