"""A trained model as a folder: settings, weights, vocabulary and code list, with their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from files.code_files import CountsFile, parse_counts, written_counts
from files.output import write_whole
from files.source import from_bytes
from icd.codes import CodeRow
from rac_model.config import Coder, ConfigError
from rac_model.data.code_list import codes_sha256, from_csv, to_csv
from rac_model.models.registry import deviations, from_dict

FILES = ("config.json", "weights.safetensors", "vocabulary.txt", "codes.csv", "metrics.json")
COUNTS = "training_counts.csv"
"""Is there where training counted its notes; checkpoints of before have none."""
SUMS = "SHA256SUMS"
ALL_FILES = (*FILES, COUNTS, SUMS)
"""Every name that `save` writes."""


class CheckpointError(ValueError):
    """A folder that is no checkpoint, or one whose parts do not belong together."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds.

    A code is given where its probability is above `threshold`.
    """

    name: str
    config: Coder
    codes: list[CodeRow]
    vocabulary: list[str]
    weights: Mapping[str, Tensor]
    metrics: Mapping[str, Any]
    threshold: float = 0.5
    note_words: int = 0
    """How many words of the vocabulary notes have; those after them only titles have."""
    counts: CountsFile | None = None
    """How many of the notes it learned from have each of its codes; None where nobody counted."""


def save(checkpoint: Checkpoint, folder: Path) -> str:
    """Write the folder, over an earlier save; returns its sha256.

    The same content gives the same bytes. Each file is there whole or not at all, and SHA256SUMS
    comes last: it vouches for nothing that is half-written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in checkpoint.weights.items()}
    contents = {
        "config.json": _json(_settings(checkpoint)),
        "weights.safetensors": save_tensors(weights),
        "vocabulary.txt": "".join(f"{word}\n" for word in checkpoint.vocabulary).encode(),
        "codes.csv": to_csv(checkpoint.codes).encode(),
        "metrics.json": _json(checkpoint.metrics),
    }
    if checkpoint.counts is not None:
        counts = checkpoint.counts
        contents[COUNTS] = written_counts(counts.counts, counts.notes).encode()
    else:
        (folder / COUNTS).unlink(missing_ok=True)  # an earlier save's
    for name, content in contents.items():
        write_whole(folder / name, content)
    sums = "".join(f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in contents)
    write_whole(folder / SUMS, sums.encode())
    return hashlib.sha256(sums.encode()).hexdigest()


def load(folder: Path) -> Checkpoint:
    """Read and check the folder; CheckpointError says which file is damaged or does not belong."""
    contents = _verified(folder)
    try:
        settings = json.loads(contents["config.json"])
        config = from_dict(settings["model"])
        codes = from_csv(contents["codes.csv"].decode())
        weights = load_tensors(contents["weights.safetensors"])
        metrics = json.loads(contents["metrics.json"])
        words = contents["vocabulary.txt"].decode().splitlines()
        counts = None
        if COUNTS in contents:
            counts = parse_counts(from_bytes(COUNTS, contents[COUNTS]))
        checkpoint = Checkpoint(
            name=str(settings["name"]),
            config=config,
            codes=codes,
            vocabulary=words,
            weights=weights,
            metrics=metrics,
            threshold=float(settings["threshold"]),
            note_words=int(settings["note_words"]),
            counts=counts,
        )
        codes_hash = settings["codes_sha256"]
        words_hash = settings["vocabulary_sha256"]
    except (KeyError, TypeError, ValueError, ConfigError, SafetensorError) as error:
        raise CheckpointError(
            f"{folder.name} is not a checkpoint of this version: {error}"
        ) from None
    _check_lists(folder, checkpoint, codes_hash, words_hash)
    return checkpoint


def settings_in(folder: Path) -> dict[str, Any] | None:
    """What a folder's config.json says of its checkpoint; None where `save` did not write it."""
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        ours = {"name", "model", "codes_sha256", "vocabulary_sha256"} <= set(settings)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not ours:
        return None
    return dict(settings)


def sha256(folder: Path) -> str:
    """Identity of a checkpoint: the hash of its SHA256SUMS, once every file agrees with it."""
    _verified(folder)
    return hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()


def _settings(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "name": checkpoint.name,
        "model": asdict(checkpoint.config),
        "deviations": deviations(checkpoint.config),
        "threshold": checkpoint.threshold,
        "note_words": checkpoint.note_words,
        "codes_sha256": codes_sha256([row.code for row in checkpoint.codes]),
        "vocabulary_sha256": codes_sha256(checkpoint.vocabulary),
    }


def _check_lists(folder: Path, checkpoint: Checkpoint, codes_hash: str, words_hash: str) -> None:
    """CheckpointError where the lists are not those that the weights belong to."""
    codes = [row.code for row in checkpoint.codes]
    if codes_sha256(codes) != codes_hash:
        raise CheckpointError(
            f"{folder.name}: codes.csv is not the list of {len(codes)} codes that the weights were "
            "trained for; restore the checkpoint's own codes.csv"
        )
    if codes_sha256(checkpoint.vocabulary) != words_hash:
        raise CheckpointError(
            f"{folder.name}: vocabulary.txt is not the one the weights were trained with; "
            "restore it"
        )


def _verified(folder: Path) -> dict[str, bytes]:
    """Bytes of each file, all checked against SHA256SUMS."""
    if not (folder / SUMS).is_file():
        raise CheckpointError(
            f"{folder.name} is no checkpoint: it has no {SUMS}; give a folder that `train` wrote"
        )
    sums: dict[str, str] = {}
    for line in (folder / SUMS).read_text().splitlines():
        found, separator, name = line.partition("  ")
        if separator:
            sums[name] = found
    contents: dict[str, bytes] = {}
    wanted = [*FILES]
    if COUNTS in sums:
        wanted.append(COUNTS)
    for name in wanted:
        if name not in sums or not (folder / name).is_file():
            raise CheckpointError(
                f"{folder.name}: {name} is missing; copy the checkpoint again, whole"
            )
        contents[name] = (folder / name).read_bytes()
        if hashlib.sha256(contents[name]).hexdigest() != sums[name]:
            raise CheckpointError(
                f"{folder.name}: {name} is damaged (its sha256 is not the one in {SUMS}); "
                "copy it again"
            )
    return contents


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
